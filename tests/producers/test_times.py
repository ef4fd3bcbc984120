"""Cells to moments where the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.producers.adapters.times import CellError, TimeStyle, time_of_day

BERLIN = TimeStyle(ZoneInfo("Europe/Berlin"), "time_of_day", timedelta(0))
CLOCKS_BACK = date(2025, 10, 26)
CLOCKS_FORWARD = date(2025, 3, 30)


def test_a_time_that_occurs_twice_is_the_first() -> None:
    assert BERLIN.moment("2:30:00", CLOCKS_BACK, None).moment == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


def test_a_time_that_occurs_twice_is_the_second_where_the_first_is_before_the_row() -> None:
    start = BERLIN.moment("2:50:00", CLOCKS_BACK, None)
    assert BERLIN.moment("2:10:00", CLOCKS_BACK, start).moment - start.moment == timedelta(minutes=20)


def test_a_time_that_does_not_exist_cannot_be_read() -> None:
    with pytest.raises(CellError, match="Europe/Berlin did not have"):
        BERLIN.moment("2:30:00", CLOCKS_FORWARD, None)
    assert BERLIN.moment("3:00:00", CLOCKS_FORWARD, None).moment == datetime(2025, 3, 30, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "1", "10:60", "10:00:60", "48:00:00", "-1:00", "10:00:00 AM", "١٠:٠٠"])
def test_what_is_not_a_time_of_day(text: str) -> None:
    with pytest.raises(CellError):
        time_of_day(text)


@pytest.mark.parametrize(
    ("text", "mark", "seconds"),
    [("90", ".", 90), ("1.5", ".", 1.5), ("1,5", ",", 1.5), ("1:30", ".", 90), ("2:00:01", ".", 7201)],
)
def test_durations(text: str, mark: str, seconds: float) -> None:
    style = TimeStyle(ZoneInfo("UTC"), "iso", timedelta(0), mark)
    assert style.seconds(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("text", "mark"), [("1.000", ","), ("1,000", "."), ("NaN", "."), ("1e3", "."), ("", ".")])
def test_what_is_not_a_duration(text: str, mark: str) -> None:
    with pytest.raises(CellError):
        TimeStyle(ZoneInfo("UTC"), "iso", timedelta(0), mark).seconds(text)
