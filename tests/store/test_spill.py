"""What DuckDB puts aside is the process's own, and goes after a kill with the start of the next process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pipeline.store import spill

_KILLED = """
import os, signal, sys
from pipeline.store.spill import spill_folder
folder = spill_folder()
folder.mkdir()
(folder / "put-aside.tmp").write_bytes(b"rows")
print(folder.parent, flush=True)
sys.stdin.read()
"""


def test_what_a_killed_process_put_aside_is_removed_and_that_of_a_living_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    children = []
    for _ in range(2):
        child = subprocess.Popen(
            [sys.executable, "-c", _KILLED],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        )
        assert child.stdout is not None
        children.append((child, Path(child.stdout.readline().strip())))
    (dead, left), (living, kept) = children
    dead.send_signal(signal.SIGKILL)
    dead.wait()
    own = spill.spill_folder()
    assert left.exists(), "it is young: its lock may be about to be taken"
    for folder in (left, kept, own.parent):
        os.utime(folder, (time.time() - 3600,) * 2)
    spill.spill_folder()
    assert not left.exists()
    assert (kept / "spill" / "put-aside.tmp").exists()
    assert own.parent.exists()
    living.kill()
    for child, _ in children:
        child.communicate()
