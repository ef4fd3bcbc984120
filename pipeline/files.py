"""Reading and writing whole files: nobody ever sees half of one, and one that cannot be read is one clear line."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from pipeline.errors import CallboardError

#: What filesystems without hard links say, each in its own way: FAT and exFAT, network and container mounts.
_NO_LINKS = frozenset({errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
#: Holding the lock takes microseconds; a holder that was stopped must not stop others for ever.
_PATIENCE_SECONDS = 10.0
_RETRY_SECONDS = 0.02


def read_whole(path: Path, what: str = "") -> bytes:
    """A file's content; ``what`` it is stands before its name in the error.

    Raises:
        CallboardError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CallboardError(f"cannot read {what}{path}: {error.strerror}") from None


def write_whole(path: Path, content: bytes, sync: bool = True) -> None:
    """Write a file so that a reader sees the old content or the new, never a part (``sync``: also after power loss)."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        file.write(content)
        if sync:
            file.flush()
            os.fsync(file.fileno())
    os.replace(temporary, path)


def place_new(whole: Path, path: Path) -> None:
    """Give the file ``whole`` the name ``path`` in the same folder, unless there is one of that name: then it stays.

    Of several processes that try at once one does it, and none sees a part of the file. ``whole`` is gone after it.

    Raises:
        CallboardError: the filesystem has no hard links, and another process keeps the lock that takes their place.
    """
    try:
        with suppress(FileExistsError):
            os.link(whole, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _rename_if_absent(whole, path)
    finally:
        whole.unlink(missing_ok=True)


def _rename_if_absent(whole: Path, path: Path) -> None:
    """As a link would: a rename takes the place of what is there, so looking and renaming are one step under a lock."""
    lock = path.with_name(f".{path.name}.lock")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with lock.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go by the system if this process is killed
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise CallboardError(
                        f"{path} cannot be made: another process has held {lock.name} for "
                        f"{_PATIENCE_SECONDS:.0f} s; end it and start again"
                    ) from None
                time.sleep(_RETRY_SECONDS)
        # The lock's file stays: who waits for a lock on a file that is removed would hold a lock on nothing.
        if not path.exists():
            os.rename(whole, path)
