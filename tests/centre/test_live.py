"""The centre in ``live.duckdb``: there from the first publication, and new at the next one after a change."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.centre.kept import apply_centre
from pipeline.centre.tables import SCHEMAS
from pipeline.clock import ManualClock
from pipeline.store import live
from pipeline.store.layout import StoreLayout
from pipeline.store.process import FileProcessor
from pipeline.store.reader import run_query
from tests.centre.files import EXAMPLE, SMALL
from tests.support.calls import call

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def ask(store: Path, sql: str) -> list[tuple[Any, ...]]:
    return run_query(store, sql)[1]


def test_without_a_centre_the_tables_are_there_and_empty(tmp_path: Path) -> None:
    with FileProcessor(tmp_path, ManualClock(NOW)) as processor:
        processor.process(call(1, NOW))
    for table in SCHEMAS:
        assert ask(tmp_path, f"SELECT count(*) FROM {table}") == [(0,)], table


def test_a_new_centre_is_there_at_the_next_publication_without_opening_the_store_again(tmp_path: Path) -> None:
    layout = StoreLayout(tmp_path)
    thresholds = "SELECT queue, threshold_us FROM centre_queues WHERE valid_to IS NULL ORDER BY ALL"
    with FileProcessor(tmp_path, ManualClock(NOW)) as processor:
        processor.process(call(1, NOW))
        assert ask(tmp_path, thresholds) == []
        apply_centre(layout, SMALL.encode(), "c.yaml")
        processor.publish()
        assert ask(tmp_path, thresholds) == [("sales", 20_000_000)]
        apply_centre(layout, SMALL.replace("voice}", "voice, settings: [{threshold_seconds: 30}]}").encode(), "c.yaml")
        processor.process(call(2, NOW))
        assert ask(tmp_path, thresholds) == [("sales", 30_000_000)]
        # Facts and centre join.
        sql = "SELECT s.queue, line, count(*) FROM segments s JOIN centre_queues USING (client, queue) GROUP BY ALL"
        assert ask(tmp_path, sql) == [("sales", "inbound-sales", 2)]
        layout.centre.unlink()
        processor.publish()
        assert ask(tmp_path, thresholds) == []


def test_an_invalid_file_in_the_store_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    layout = StoreLayout(tmp_path)
    apply_centre(layout, SMALL.encode(), "c.yaml")
    with FileProcessor(tmp_path, ManualClock(NOW)) as processor:
        processor.publish()
        layout.centre.write_text("version: 1\nqueues: [\n")
        processor.process(call(1, NOW))
        processor.publish()
        assert ask(tmp_path, "SELECT queue FROM centre_queues") == [("sales",)]
        assert ask(tmp_path, "SELECT count(*) FROM segments") == [(1,)]
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1


def test_the_window_of_business_hours_moves_with_the_day(tmp_path: Path) -> None:
    apply_centre(StoreLayout(tmp_path), EXAMPLE, "c.yaml")
    clock = ManualClock(NOW)
    last = "SELECT max(covered_to) FROM centre_calendars WHERE calendar <> 'always'"
    with FileProcessor(tmp_path, clock) as processor:
        processor.publish()
        ((today,),) = ask(tmp_path, last)
        clock.sleep(86_400)
        processor.publish()
        assert ask(tmp_path, last) == [(today + timedelta(days=1),)]


def test_a_publication_makes_the_tables_only_when_the_centre_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    tables = live.centre_tables
    monkeypatch.setattr(live, "centre_tables", lambda centre, now: made.append(centre) or tables(centre, now))
    apply_centre(StoreLayout(tmp_path), EXAMPLE, "c.yaml")
    clock = ManualClock(NOW)
    with FileProcessor(tmp_path, clock) as processor:
        for number in range(5):
            clock.sleep(1)
            processor.process(call(number, NOW))
        assert len(made) == 1
        apply_centre(StoreLayout(tmp_path), SMALL.encode(), "c.yaml")
        for _ in range(5):
            processor.publish()
        assert len(made) == 2


def test_a_centre_that_changes_while_the_file_is_built_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever swaps the file has seen what was there at the end of building it, not only at the beginning."""
    layout = StoreLayout(tmp_path)
    last_step = live.small_tables

    def build_slowly(*arguments: Any) -> None:
        last_step(*arguments)
        apply_centre(layout, SMALL.encode(), "c.yaml")

    with FileProcessor(tmp_path, ManualClock(NOW)) as processor:
        processor.process(call(1, NOW))
        monkeypatch.setattr(live, "small_tables", build_slowly)
        processor.publish()
    assert ask(tmp_path, "SELECT queue FROM centre_queues") == [("sales",)]
