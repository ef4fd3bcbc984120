"""Replay keeps the events' spacing, at any speed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.clock import ManualClock
from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.producers.pacing import paced
from tests.producers.conftest import NOW, ReadCsv


@pytest.fixture
def events(read_csv: ReadCsv) -> list[Event]:
    """At 0, 0, 10, 60 and 360 seconds."""
    return read_csv("1,s,,LOST,10:00:00,10,,\n").events + read_csv("2,s,a,OK,10:01:00,,10:06:00,10:06:00\n").events


@pytest.mark.parametrize("speed", [1, 60, 0.5])
def test_each_event_comes_at_its_own_distance_divided_by_the_speed(events: list[Event], speed: float) -> None:
    clock = ManualClock(NOW)
    came = [(clock.monotonic(), event) for event in paced(events, speed, clock)]
    first = events[0].time
    assert [event for _, event in came] == events
    for seconds, event in came:
        assert seconds == pytest.approx((event.time - first).total_seconds() / speed)
    assert came[-1][0] == pytest.approx(360 / speed)


def test_time_spent_elsewhere_is_made_up(events: list[Event]) -> None:
    clock = ManualClock(NOW)
    for _ in paced(events, 1, clock):
        clock.sleep(50)  # the broker was slow
    assert clock.monotonic() == 360 + 2 * 50


def test_without_a_speed_nothing_waits(events: list[Event]) -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    assert list(paced(events, None, clock)) == events
    assert clock.now() - NOW == timedelta(0)


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_speed_that_is_none(events: list[Event], speed: float) -> None:
    with pytest.raises(CallboardError, match="--speed must be above 0"):
        list(paced(events, speed, ManualClock(NOW)))
