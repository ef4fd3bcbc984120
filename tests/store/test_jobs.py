"""Files that are written in the background: a failure, or a partition that is let go, must not stop the commits."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from pipeline.clock import ManualClock
from pipeline.store import jobs, slices
from pipeline.store.batch_rows import Record
from pipeline.store.layout import StoreLayout
from pipeline.store.owner import PartitionOwner
from pipeline.store.process import FILE_LOG_ID, FileProcessor
from pipeline.store.reader import run_query
from pipeline.store.seal import Sealing
from pipeline.store.stop import Stop, StoppedError
from pipeline.store.verify import verify
from tests.store.test_chunks import arrivals

NOW = datetime(2026, 4, 2, tzinfo=UTC)
HOURLY = timedelta(hours=1)
TOO_LITTLE = duckdb.OutOfMemoryException("Out of Memory Error: could not allocate\nPossible solutions: more")


def sealed_days(store: Path) -> list[str]:
    return sorted(file.name[:10] for file in (store / "sealed").rglob("events/*.parquet"))


def leftovers(store: Path) -> list[Path]:
    return [file for kind in ("sealed", "published", "chunks") for file in (store / kind).rglob("*.tmp")]


@pytest.mark.parametrize("step", ["write", "move"])
def test_a_sealing_that_fails_is_told_once_and_done_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, step: str
) -> None:
    original = getattr(Sealing, step)

    def failing(*args: Any) -> None:
        original(*args)
        raise TOO_LITTLE

    clock = [time.monotonic()]
    monkeypatch.setattr("pipeline.store.jobs.time", SimpleNamespace(monotonic=lambda: clock[0]))
    caplog.set_level(logging.INFO)
    with FileProcessor(tmp_path, ManualClock(NOW), hot_days=1) as processor:
        with monkeypatch.context() as memory:
            memory.setattr(Sealing, step, failing)
            processor.process(arrivals(0, 30, HOURLY))
            assert run_query(tmp_path, "SELECT count(*) FROM events")[1] == [(30,)]
            clock[0] += 2 * jobs.RETRY_SECONDS
            processor.process(arrivals(30, 10, HOURLY))
            assert run_query(tmp_path, "SELECT count(*), count(DISTINCT id) FROM events")[1] == [(40, 40)]
            told = [record.getMessage() for record in caplog.records if "sealing failed" in record.getMessage()]
            assert len(told) == 1, told
            assert "Possible solutions" not in told[0]
            if step == "move":
                assert sealed_days(tmp_path) == [], "what could not be used is removed"
        clock[0] += 2 * jobs.RETRY_SECONDS
        processor.process(arrivals(40, 2, HOURLY))
        assert "2026-03-02" in sealed_days(tmp_path)
    assert run_query(tmp_path, "SELECT count(*), count(DISTINCT id) FROM events")[1] == [(42, 42)]
    assert leftovers(tmp_path) == []
    assert verify(tmp_path).ok


def test_commits_go_on_while_a_day_is_sealed_and_what_they_change_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first contacts end, late, after their day was written and before it is moved."""
    original = Sealing.move

    def late(first: int, number: int) -> Iterator[bytes]:
        for line in arrivals(first, number, HOURLY):
            text = line.decode().replace("queued.v1", "ended.v1").replace('"id": "e', '"id": "end')
            yield text.replace(', "queue": "q"', "").encode()

    with FileProcessor(tmp_path, ManualClock(NOW), hot_days=1) as processor:
        meanwhile: list[int] = []

        def moved(sealing: Sealing, con: duckdb.DuckDBPyConnection) -> None:
            if not meanwhile:
                meanwhile.append(1)
                con.execute("ROLLBACK")
                processor._apply(list(late(0, 5)))  # noqa: SLF001
                con.execute("BEGIN")
            original(sealing, con)

        monkeypatch.setattr(Sealing, "move", moved)
        processor.process(arrivals(0, 30, HOURLY))
        assert meanwhile
        assert "2026-03-02" in sealed_days(tmp_path)
    ended = "SELECT count(*) FILTER (ended_at IS NOT NULL), count(*) FROM segments"
    assert run_query(tmp_path, ended)[1] == [(5, 30)]
    with FileProcessor(tmp_path, ManualClock(NOW), hot_days=1) as processor:
        processor.process(arrivals(30, 30, HOURLY))
    assert run_query(tmp_path, ended)[1] == [(5, 60)]
    assert verify(tmp_path).ok


def test_a_partition_is_let_go_while_a_large_file_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of many slices, of which each takes its time: the owner waits for one of them, not for all."""
    background = ThreadPoolExecutor(1)
    owner = PartitionOwner(StoreLayout(tmp_path), "calls", 0, background, hot_days=1)
    owner.store.begin_epoch(FILE_LOG_ID)
    began = threading.Event()
    newest_rows = slices.newest_rows

    def slow(*args: Any) -> Iterator[Any]:
        for rows in newest_rows(*args):
            began.set()
            time.sleep(0.2)
            yield rows

    monkeypatch.setattr(slices, "SLICE_ENTITIES", 1)
    monkeypatch.setattr("pipeline.store.base.newest_rows", slow)
    lines = arrivals(0, 200, timedelta(minutes=15))
    owner.apply([Record(offset, None, line) for offset, line in enumerate(lines)], NOW)
    owner.publish(NOW)
    assert began.wait(10)
    at = time.monotonic()
    owner.close()
    background.shutdown()
    assert time.monotonic() - at < 5, "40 s if it waited for all"
    monkeypatch.undo()
    assert leftovers(tmp_path) == []
    with FileProcessor(tmp_path, ManualClock(NOW), hot_days=1) as again:
        again.process([])
    assert verify(tmp_path).ok


def test_a_job_that_was_asked_to_stop_reads_no_further() -> None:
    stop = Stop()
    read = []
    with pytest.raises(StoppedError):
        for portion in stop.watched(range(100)):
            read.append(portion)
            if portion == 3:
                stop.ask()
    assert read == [0, 1, 2, 3]


def test_a_job_that_had_not_begun_never_does(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as background:
        busy = threading.Event()
        background.submit(busy.wait, 10)
        ran: list[Stop] = []
        job = jobs.Job("merging", background, ran.append)  # type: ignore[arg-type]
        job.abandon()
        busy.set()
    assert ran == []
