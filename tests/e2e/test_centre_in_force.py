"""A contract that changes on a day: the centre in force over events, under the definition of its time or another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.centre.kept import apply_centre
from pipeline.clock import ManualClock
from pipeline.store.layout import StoreLayout
from pipeline.store.process import FileProcessor
from pipeline.store.reader import run_query
from pipeline.store.verify import verify
from tests.support.calls import call

#: The client's contract: 20 s until the end of June in Berlin, then less than 30 s, and another definition.
CENTRE = b"""
version: 1
clients:
  acme: {title: Acme, time_zone: Europe/Berlin, currency: EUR}
queues:
  acme:
    sales:
      line: inbound-sales
      channel: voice
      language: de
      settings:
        - threshold_seconds: 20
        - from: 2026-07-01
          threshold_seconds: 30
          threshold_boundary: exclusive
          service_level: abandons_ignored
"""
#: The last minute under the old contract: midnight in Berlin is 22:00 UTC.
OLD = datetime(2026, 6, 30, 21, 59, tzinfo=UTC)
NEW = OLD + timedelta(minutes=1)
WAITS = (20, 25, 30)


def lines_at(minute: datetime, first: int) -> list[bytes]:
    """Three calls answered after 20, 25 and 30 seconds, and one abandoned after 10."""
    answered = [call(first + n, minute, answered_after_seconds=wait) for n, wait in enumerate(WAITS)]
    return [line for lines in (*answered, call(first + 9, minute, abandoned_after_seconds=10)) for line in lines]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    apply_centre(StoreLayout(folder), CENTRE, "centre.yaml")
    with FileProcessor(folder, ManualClock(NEW + timedelta(days=1))) as processor:
        processor.process([*lines_at(OLD, 0), *lines_at(NEW, 100)])
    return folder


def ask(store: Path, sql: str) -> list[tuple[Any, ...]]:
    return run_query(store, sql)[1]


def test_each_minute_is_counted_under_the_contract_of_its_time(store: Path) -> None:
    found = ask(
        store, "SELECT minute, answered, answered_in_target, abandoned_in_target FROM kpi_minute ORDER BY minute"
    )
    assert found == [(OLD, 3, 1, 1), (NEW, 3, 2, 1)]  # at most 20 s; then less than 30 s


def test_history_can_be_read_under_the_new_contract_and_the_new_one_under_the_old(store: Path) -> None:
    sql = "SELECT answered_in_target FROM kpi_between('{}', '{}', definitions_at := TIMESTAMPTZ '{}')"
    old, new = (f"{OLD}", f"{NEW}"), (f"{NEW}", f"{NEW + timedelta(minutes=1)}")
    assert ask(store, sql.format(*old, NEW)) == [(2,)]
    assert ask(store, sql.format(*new, OLD)) == [(1,)]


def test_the_contracts_own_definition_is_named_by_its_time(store: Path) -> None:
    def contract(start: datetime) -> list[tuple[Any, ...]]:
        window = f"'{start}', '{start + timedelta(minutes=1)}'"
        where = "definition = 'contract' AND queue = 'sales'"
        return ask(store, f"SELECT numerator, denominator FROM service_levels({window}) WHERE {where}")

    assert contract(OLD) == [(1, 4)]  # abandons_negative: 1 of 3 + 1
    assert contract(NEW) == [(2, 3)]  # abandons_ignored: 2 of 3 + 1 - 1


def test_verify_reads_the_same_settings(store: Path) -> None:
    report = verify(store)
    assert report.ok, report
