"""Where DuckDB puts aside what does not fit into its memory, and what killed processes left of that."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_PREFIX = "callboard-duckdb-"
_LOCK = "lock"
#: A folder that is younger may not have its lock yet.
_YOUNG_SECONDS = 60.0


def spill_folder() -> Path:
    """A folder of this process's own for as long as it lives; removes those of processes that are no more.

    On the machine's own disk and not in the store, which may be a slow one and is what people back up.
    """
    _remove_left()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    # Never closed: the system lets the lock go when the process ends, however it ends.
    fcntl.flock(os.open(folder / _LOCK, os.O_WRONLY | os.O_CREAT), fcntl.LOCK_EX)
    return folder / "spill"


def _remove_left() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another user's, or just being removed by another process
            if time.time() - folder.stat().st_mtime > _YOUNG_SECONDS and not _is_held(folder):
                shutil.rmtree(folder)


def _is_held(folder: Path) -> bool:
    lock = folder / _LOCK
    if not lock.exists():
        return False
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
