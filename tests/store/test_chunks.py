"""Rows of tables that only grow: in the table, in a chunk, in a merged chunk, sealed; always once, whoever crashes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.clock import ManualClock
from pipeline.store import chunks
from pipeline.store.chunks import Chunks
from pipeline.store.layout import StoreLayout
from pipeline.store.partition import PartitionStore
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live
from pipeline.store.tables import EVENTS
from pipeline.store.verify import verify

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
NOW = START + timedelta(days=20)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 10)
    monkeypatch.setattr(chunks, "MERGE_CHUNKS", 3)


def arrivals(first: int, number: int, step: timedelta = timedelta(minutes=1)) -> Iterator[bytes]:
    """Contacts that begin; all of one interaction, so that they lie in one partition."""
    for n in range(first, first + number):
        data = {"client": "acme", "interaction": "i", "segment": f"s{n}", "channel": "voice", "direction": "inbound"}
        event = {"specversion": "1.0", "type": "interaction.queued.v1", "source": "pbx", "id": f"e{n}"}
        yield json.dumps({**event, "time": (START + n * step).isoformat(), "data": {**data, "queue": "q"}}).encode()


def process(store: Path, lines: Iterator[bytes], hot_days: int = 9) -> None:
    with FileProcessor(store, ManualClock(NOW), hot_days=hot_days) as processor:
        processor.process(lines)


def ids(store: Path) -> list[str]:
    con = open_live(store)
    try:
        return [each for (each,) in con.execute("SELECT id FROM events ORDER BY time").fetchall()]
    finally:
        con.close()


def files(store: Path) -> list[Path]:
    return sorted((store / "chunks").rglob("events-*.parquet"))


def true(store: Path) -> bool:
    return not [check for check in verify(store).checks if not check.ok]


def test_small_batches_wait_in_the_table_until_they_are_worth_a_file(tmp_path: Path) -> None:
    process(tmp_path, arrivals(0, 6))
    assert files(tmp_path) == []
    process(tmp_path, arrivals(6, 3))
    assert files(tmp_path) == []
    process(tmp_path, arrivals(9, 1))
    assert len(files(tmp_path)) == 1
    assert ids(tmp_path) == [f"e{n}" for n in range(10)]
    process(tmp_path, arrivals(10, 5))
    assert ids(tmp_path) == [f"e{n}" for n in range(15)]
    assert true(tmp_path)


def test_a_large_batch_is_a_file_at_once(tmp_path: Path) -> None:
    process(tmp_path, arrivals(0, 25))
    assert len(files(tmp_path)) == 1
    assert ids(tmp_path) == [f"e{n}" for n in range(25)]


def test_rows_that_are_few_and_large_are_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 100)
    process(tmp_path, arrivals(0, 2))
    assert len(files(tmp_path)) == 1


def test_chunks_of_one_size_become_one_and_the_old_ones_stay_for_their_readers(tmp_path: Path) -> None:
    with FileProcessor(tmp_path, ManualClock(NOW), hot_days=9) as processor:
        for first in range(0, 30, 10):
            processor.process(arrivals(first, 10))
        con = open_live(tmp_path)  # opened before the merging
        for _ in range(50):
            processor.publish()
        assert len(files(tmp_path)) == 4
        assert con.execute("SELECT count(DISTINCT id) FROM events").fetchall() == [(30,)]
        con.close()
    with PartitionStore(StoreLayout(tmp_path), "calls", next(p for p in range(4) if held(tmp_path, p))) as store:
        (chunk,) = store.chunks.of(EVENTS)
        assert chunk.rows == 30
    assert ids(tmp_path) == [f"e{n}" for n in range(30)]
    assert true(tmp_path)


def held(store: Path, partition: int) -> bool:
    return bool(list((store / "chunks" / f"calls-{partition}").glob("events-*")))


def test_a_repetition_of_what_lies_in_a_chunk_is_counted_once(tmp_path: Path) -> None:
    process(tmp_path, arrivals(0, 25))
    process(tmp_path, arrivals(20, 10))
    assert ids(tmp_path) == [f"e{n}" for n in range(30)]
    con = open_live(tmp_path)
    assert con.execute("SELECT sum(stored), sum(duplicates) FROM offsets").fetchall() == [(30, 5)]
    assert con.execute("SELECT count(*) FROM duplicates WHERE NOT conflicting").fetchall() == [(5,)]
    con.close()
    assert true(tmp_path)


def test_sealing_takes_a_day_out_of_chunks_and_leaves_the_rest(tmp_path: Path) -> None:
    hourly = timedelta(hours=1)
    process(tmp_path, arrivals(0, 30, hourly))
    process(tmp_path, arrivals(30, 35, hourly), hot_days=1)
    assert ids(tmp_path) == [f"e{n}" for n in range(65)]
    sealed = [file.name[:10] for file in (tmp_path / "sealed").rglob("events/*.parquet")]
    assert sorted(sealed) == ["2026-03-02", "2026-03-03", "2026-03-04"]
    process(tmp_path, arrivals(65, 2, hourly), hot_days=1)
    assert ids(tmp_path) == [f"e{n}" for n in range(67)]
    assert true(tmp_path)


def test_a_file_without_its_transaction_is_as_if_it_had_never_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a worker that is killed after the file was written and before the offset moved."""
    process(tmp_path, arrivals(0, 5))

    def killed(*_: object) -> None:
        raise SystemExit(9)

    with monkeypatch.context() as crash:
        crash.setattr(Chunks, "add", killed)
        with pytest.raises(SystemExit):
            process(tmp_path, arrivals(5, 20))
    (orphan,) = files(tmp_path)
    assert ids(tmp_path) == [f"e{n}" for n in range(5)]
    monkeypatch.setattr("pipeline.store.strays.GRACE_SECONDS", 0.0)
    process(tmp_path, arrivals(5, 20))
    assert ids(tmp_path) == [f"e{n}" for n in range(25)]
    assert orphan not in files(tmp_path)
    assert true(tmp_path)
