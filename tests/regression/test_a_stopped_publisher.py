"""A worker that was stopped (SIGSTOP) inside a publication held the lock, and nobody else could publish any more."""

from __future__ import annotations

import fcntl
import time
from datetime import UTC, datetime
from pathlib import Path

from pipeline.clock import ManualClock
from pipeline.store.layout import StoreLayout
from pipeline.store.live import publish_live
from pipeline.store.process import FileProcessor
from pipeline.store.reader import run_query

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_a_lock_that_is_never_let_go_delays_a_publication_and_does_not_stop_it(tmp_path: Path) -> None:
    with FileProcessor(tmp_path, ManualClock(NOW)) as processor:
        processor.process([b"not an event"])
    layout = StoreLayout(tmp_path)
    layout.live.unlink()
    with layout.publish_lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        began = time.monotonic()
        publish_live(layout, NOW)
        assert time.monotonic() - began < 5
    assert run_query(tmp_path, "SELECT rejected FROM meta")[1] == [(1,)]
    assert not list(tmp_path.glob(".live*"))
