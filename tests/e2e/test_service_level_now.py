"""The rolling service level counts who still waits past the threshold, at any moment; from events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.clock import ManualClock
from pipeline.store.process import FileProcessor
from tests.e2e.published import one, rows
from tests.oracle import QueueSettings
from tests.support.calls import call
from tests.support.settings import settle

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
COLUMNS = (
    "answered_in_time, completed, decided, waiting_past_threshold, service_level_with_expired, service_level_completed"
)
SECOND_US = 1_000_000


def publish(folder: Path, lines: list[bytes]) -> Path:
    with FileProcessor(folder, ManualClock(AT + timedelta(days=1))) as processor:
        processor.process(lines)
    return folder


def now(store: Path, seconds: float, window_minutes: int = 30, where: str = "queue = 'sales'") -> Any:
    """The columns above ``seconds`` after the start, or None if the queue is not named."""
    at = (AT + timedelta(seconds=seconds)).isoformat(" ")
    found = rows(store, f"SELECT {COLUMNS} FROM service_level_now('{at}', {window_minutes}) WHERE {where}")
    return found[0] if found else None


@pytest.fixture
def burning(tmp_path: Path) -> Path:
    """One is answered after 10 s; then one gives up after 40 s, one is answered after 300 s, and one waits on."""
    calls = [
        call(1, AT, answered_after_seconds=10),
        call(2, AT, abandoned_after_seconds=40),
        call(3, AT, answered_after_seconds=300),
        call(4, AT),
    ]
    return publish(tmp_path, [line for lines in calls for line in lines])


def test_whoever_waits_past_the_threshold_counts_from_the_moment_it_expires(burning: Path) -> None:
    assert now(burning, 9.999999) is None
    assert now(burning, 10) == (1, 1, 1, 0, 1.0, 1.0)
    # An answer at exactly 20 s would still be in time.
    assert now(burning, 20) == (1, 1, 1, 0, 1.0, 1.0)
    # The three who wait are lost one microsecond later. The number of those who were served goes on looking perfect.
    assert now(burning, 20.000001) == (1, 1, 4, 3, 0.25, 1.0)
    assert now(burning, 40) == (1, 2, 4, 2, 0.25, 0.5)
    assert now(burning, 300) == (1, 3, 4, 1, 0.25, 1 / 3)


def test_a_threshold_that_a_wait_must_be_less_than_expires_when_it_is_reached(burning: Path) -> None:
    settle(burning, QueueSettings(threshold_inclusive=False, threshold_us=20 * SECOND_US))
    assert now(burning, 19.999999) == (1, 1, 1, 0, 1.0, 1.0)
    assert now(burning, 20) == (1, 1, 4, 3, 0.25, 1.0)
    settle(burning, QueueSettings(threshold_inclusive=False, threshold_us=10 * SECOND_US))
    assert now(burning, 10) == (0, 1, 4, 3, 0.0, 0.0)


def test_each_contact_counts_once_and_leaves_the_window_when_its_decision_does(burning: Path) -> None:
    minute = 60
    # Decided at 10 s (the answer) and 20.000001 s (three expiries): a minute later they are history, but for one.
    assert now(burning, 10 + minute, 1) == (0, 1, 3, 2, 0.0, 0.0)
    assert now(burning, 20.000001 + minute, 1) == (0, 1, 2, 2, 0.0, 0.0)
    # Late, the third was answered within this window: completed there, but decided long ago.
    assert now(burning, 300 + minute - 1, 1) == (0, 1, 1, 1, 0.0, 0.0)
    # The fourth has waited for an hour: it is never forgotten while it waits.
    assert now(burning, 3600) == (0, 0, 1, 1, 0.0, None)


def test_contacts_that_leave_otherwise_count_only_if_they_waited_too_long(tmp_path: Path) -> None:
    early = call(1, AT, left_after_seconds=15, left_reason="callback")
    late = call(2, AT, left_after_seconds=60)
    publish(tmp_path, [*early, *late, *call(3, AT, answered_after_seconds=5)])
    assert now(tmp_path, 59) == (1, 1, 2, 1, 0.5, 1.0)
    assert now(tmp_path, 61) == (1, 1, 2, 0, 0.5, 1.0)


def test_short_abandons_that_are_left_out_are_left_out_here_too(tmp_path: Path) -> None:
    publish(tmp_path, [*call(1, AT, abandoned_after_seconds=4), *call(2, AT, answered_after_seconds=5)])
    assert now(tmp_path, 6) == (1, 2, 2, 0, 0.5, 0.5)
    for behaviour in ("excluded", "excluded_from_service_level", "not_offered"):
        settle(tmp_path, QueueSettings(short_abandons=behaviour))
        assert now(tmp_path, 6) == (1, 1, 1, 0, 1.0, 1.0)


def test_per_queue_per_client_and_over_all(tmp_path: Path) -> None:
    calls = [
        call(1, AT, answered_after_seconds=5),
        call(2, AT, "gold"),
        call(3, AT, client="zenith", answered_after_seconds=50),
    ]
    publish(tmp_path, [line for lines in calls for line in lines])
    at = (AT + timedelta(minutes=2)).isoformat(" ")
    found = rows(tmp_path, f"SELECT client, queue, decided, service_level_with_expired FROM service_level_now('{at}')")
    assert found == [
        ("acme", "gold", 1, 0.0),
        ("acme", "sales", 1, 1.0),
        ("acme", None, 2, 0.5),
        ("zenith", "sales", 1, 0.0),
        ("zenith", None, 1, 0.0),
        (None, None, 3, 1 / 3),
    ]
    nothing = (AT - timedelta(hours=1)).isoformat(" ")
    assert one(tmp_path, f"FROM service_level_now('{nothing}')") == (None, None, 0, 0, 0, 0, None, None)


def test_many_moments_in_one_query(burning: Path) -> None:
    found = rows(
        burning,
        f"""
        SELECT moment, decided FROM (
          SELECT TIMESTAMPTZ '{AT.isoformat(" ")}' + to_seconds(n) AS moment FROM range(0, 60, 10) AS t(n)),
          LATERAL (FROM service_level_now(moment)) WHERE queue = 'sales' ORDER BY moment
        """,
    )
    assert [((moment - AT).total_seconds(), decided) for moment, decided in found] == [
        (10, 1),
        (20, 1),
        (30, 4),
        (40, 4),
        (50, 4),
    ]
