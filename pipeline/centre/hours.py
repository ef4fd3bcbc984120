"""Business hours: when a place is open, and how much business time lies between two moments. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pipeline.centre.local_time import MINUTES_OF_DAY, moment_of

_RANGE = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")
_ONE_DAY = timedelta(days=1)
_DAYS = 7


@dataclass(frozen=True, slots=True, order=True)
class TimeRange:
    """Part of a local day, in minutes after midnight: open from ``opens`` until just before ``closes`` (up to 1440)."""

    opens: int
    closes: int

    def __str__(self) -> str:
        """As it stands in the file: 08:00-12:30."""
        return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (self.opens, self.closes))


def parse_range(text: str) -> TimeRange:
    """``"08:00-12:30"`` as a range.

    Raises:
        ValueError: it is not one; the message says what is wrong and what to do.
    """
    found = _RANGE.fullmatch(text)
    if not found:
        raise ValueError(f"'{text}' is no time range; write it like 08:00-17:30")
    opens, closes = (60 * int(hour) + int(minute) for hour, minute in (found.group(1, 2), found.group(3, 4)))
    if max(opens, closes) > MINUTES_OF_DAY:
        raise ValueError(f"'{text}' is later than 24:00; a day ends at 24:00")
    if opens >= closes:
        raise ValueError(f"'{text}' ends before it begins; end it at 24:00 and go on at 00:00 of the next day")
    return TimeRange(opens, closes)


def check_day(ranges: Sequence[TimeRange]) -> None:
    """Raise ValueError unless the ranges of a day follow each other without overlap."""
    for earlier, later in zip(ranges, ranges[1:], strict=False):
        if later.opens < earlier.closes:
            raise ValueError(f"{later} begins before {earlier} ends; put them in order, without overlap")


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a place is open. ``week``: the ranges of Monday to Sunday, ``None``: always, whatever ``holidays`` says.

    ``holidays``: the ranges of single dates, none meaning closed; they take the place of the weekday's.
    """

    name: str
    zone: ZoneInfo
    week: tuple[tuple[TimeRange, ...], ...] | None = None
    holidays: Mapping[date, tuple[TimeRange, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A week has seven days."""
        if self.week is not None and len(self.week) != _DAYS:
            raise ValueError(f"a week has {_DAYS} days, not {len(self.week)}")

    def ranges_on(self, day: date) -> tuple[TimeRange, ...]:
        """The open ranges of a local date."""
        if self.week is None:
            return (TimeRange(0, MINUTES_OF_DAY),)
        return self.holidays.get(day, self.week[day.weekday()])


def open_intervals(calendar: Calendar, start: datetime, stop: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open intervals between two aware moments: in UTC, in order, apart from each other, cut off at both ends.

    On the day of a clock change a place keeps to its wall clock: one that opens or closes in the missing hour does so
    at the change, and one that closes in the repeated hour closes the second time.
    """
    start, stop = start.astimezone(UTC), stop.astimezone(UTC)
    if calendar.week is None:
        if start < stop:
            yield start, stop
        return
    held: tuple[datetime, datetime] | None = None
    # A day early: where a change of clocks takes us over midnight, the day of ``start`` is not the only one it touches.
    day, last_day = start.astimezone(calendar.zone).date() - _ONE_DAY, stop.astimezone(calendar.zone).date()
    while day <= last_day:
        for each in calendar.ranges_on(day):
            opens = max(start, moment_of(day, each.opens, calendar.zone))
            closes = min(stop, moment_of(day, each.closes, calendar.zone, last=True))
            if opens >= closes:
                continue
            if held and opens <= held[1]:
                held = held[0], max(held[1], closes)
                continue
            if held:
                yield held
            held = opens, closes
        day += _ONE_DAY
    if held:
        yield held


def business_seconds(calendar: Calendar, start: datetime, stop: datetime) -> float:
    """Seconds between two aware moments at which the place was open.

    Raises:
        ValueError: ``stop`` is before ``start``.
    """
    if stop < start:
        raise ValueError(f"business time runs forwards: {stop.isoformat()} is before {start.isoformat()}")
    total = sum((closes - opens for opens, closes in open_intervals(calendar, start, stop)), timedelta())
    return total.total_seconds()
