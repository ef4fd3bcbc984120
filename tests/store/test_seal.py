"""Sealing whole days to Parquet changes where rows lie, not what they say."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.clock import ManualClock
from pipeline.contract.events import encode
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.simulation import simulate
from pipeline.store import day_files, parquet, slices
from pipeline.store.details import DETAIL_KINDS
from pipeline.store.details import DETAILS as DETAILS_TABLE
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live
from pipeline.store.verify import verify
from tests import oracle
from tests.strategies import line
from tests.support.details import detail_events

START = datetime(2026, 3, 2, tzinfo=UTC)
NOW = START + timedelta(days=30)
DETAILS = tuple(table.name for table in DETAIL_KINDS.values())
FACTS = ("segments", "interactions", "agent_spans", "kpi_minute", "kpi_day", "wait_histogram", "rejects")
VIEWS = (*FACTS, *DETAILS)


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """Four days in batches that come late by days now and then, some twice; among them details of every type."""
    events = [encode(event) for event in simulate(default_centre(0.02), 7, START, 96.0)]
    for nth, detail in enumerate(detail_events(96, START, timedelta(hours=1))):
        events.insert(nth * len(events) // 960, line(detail))
    rng = random.Random(11)
    late = [line for line in events if rng.random() < 0.02]
    held = set(late)
    rng.shuffle(late)
    on_time = [line for line in events if line not in held]
    return [*on_time, *late, *events[1000:1200]]


def rows(store: Path, view: str) -> list[tuple[Any, ...]]:
    con = open_live(store)
    try:
        return sorted(con.execute(f"FROM {view}").fetchall(), key=repr)
    finally:
        con.close()


def build(store: Path, lines: list[bytes], hot_days: int, parts: int = 6) -> None:
    size = len(lines) // parts + 1
    for at in range(0, len(lines), size):
        with FileProcessor(store, ManualClock(NOW), hot_days=hot_days) as processor:
            processor.process(lines[at : at + size])


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> Path:
    """A store that has sealed what is older than a day, late events of sealed days included."""
    folder = tmp_path_factory.mktemp("sealed")
    build(folder, lines, hot_days=1)
    return folder


def test_a_sealed_store_says_the_same_as_a_hot_one(tmp_path: Path, sealed: Path, lines: list[bytes]) -> None:
    build(tmp_path, lines, hot_days=1000)
    assert list((sealed / "sealed").rglob("*.parquet")), "nothing was sealed"
    assert not (tmp_path / "sealed").exists()
    for view in VIEWS:
        assert rows(sealed, view) == rows(tmp_path, view), view
    facts = oracle.facts(lines, NOW)
    con = open_live(sealed)
    assert oracle.compare(con, facts) == []
    con.close()


@pytest.mark.thorough
def test_it_says_the_same_in_however_small_portions_it_was_sealed(
    tmp_path: Path, sealed: Path, lines: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE_ENTITIES", 7)
    monkeypatch.setattr(parquet, "_READ_ROWS", 11)
    monkeypatch.setattr(parquet, "_ROW_GROUP_ROWS", 13)
    monkeypatch.setattr(day_files, "_WAITING_ROWS", 5)
    build(tmp_path, lines, hot_days=1, parts=2)
    assert list((tmp_path / "sealed").rglob("*.parquet")), "nothing was sealed"
    for view in VIEWS:
        assert rows(sealed, view) == rows(tmp_path, view), view
    assert [check.name for check in verify(tmp_path).checks if not check.ok] == []


def test_sealed_days_leave_the_hot_tables(sealed: Path) -> None:
    days = set()
    for file in (sealed / "partitions").glob("calls-*.duckdb"):
        con = duckdb.connect(str(file), read_only=True)
        days |= {day for (day,) in con.execute("SELECT DISTINCT time::DATE FROM events").fetchall()}
        assert con.execute("SELECT count(*) FROM sealed_files WHERE table_name = 'segments'").fetchone() > (0,)
        con.close()
    assert len(days) < 4


def test_a_row_lies_in_one_sealed_file_only(sealed: Path) -> None:
    for table, names in (("segments", "entity_no"), ("spans", "entity_no"), ("details", "(source, id)")):
        for folder in (sealed / "sealed").glob(f"*/{table}"):
            known = duckdb.connect()
            partition = sealed / "partitions" / f"{folder.parent.name}.duckdb"
            known.execute(f"ATTACH '{partition}' AS p (READ_ONLY)")
            found = known.execute("SELECT file FROM p.sealed_files WHERE table_name = ?", [table]).fetchall()
            files = [str(sealed / file) for (file,) in found]
            total, distinct = known.sql(
                f"SELECT count(*), count(DISTINCT {names}) FROM read_parquet($files)", params={"files": files}
            ).fetchone() or (0, 0)
            known.close()
            assert total == distinct > 0


def first_day_files(store: Path) -> int:
    return len(list((store / "sealed").glob(f"*/{DETAILS_TABLE.name}/{START:%Y-%m-%d}-*.parquet")))


def test_a_detail_that_comes_late_to_a_sealed_day_is_kept_once_by_the_next_owner(tmp_path: Path) -> None:
    """Sealed by the first owner; the second takes the late ones and repetitions, and seals them beside the others."""
    rounds = [line(detail) for detail in detail_events(96, START, timedelta(hours=1))]
    late = [line(detail) for detail in detail_events(1, START + timedelta(minutes=30), timedelta(), source="late")]
    with FileProcessor(tmp_path, ManualClock(NOW), hot_days=1) as first:
        first.process(rounds)
    before = first_day_files(tmp_path)
    assert before, "the first day was not sealed"
    with FileProcessor(tmp_path, ManualClock(NOW), hot_days=1) as second:
        done = second.process([*late, *rounds[:20]])
    assert (done.stored, done.duplicates) == (len(DETAILS), 20)
    for view in DETAILS:
        assert len(rows(tmp_path, view)) == 96 + 1, view
    assert first_day_files(tmp_path) > before
    con = open_live(tmp_path)
    assert oracle.compare(con, oracle.facts([*rounds, *late, *rounds[:20]], NOW)) == []
    con.close()
    assert [check.name for check in verify(tmp_path).checks if not check.ok] == []
