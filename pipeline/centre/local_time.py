"""From a place's wall clock to moments in UTC, on days of 23, 24 and 25 hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES_OF_DAY = 24 * 60
_SECOND = timedelta(seconds=1)


def moment_of(day: date, minute: int, zone: ZoneInfo, last: bool = False) -> datetime:
    """The moment, in UTC, at which the clocks of ``zone`` show ``minute`` minutes after midnight of ``day``.

    A time that the clocks skip is the moment of the change. A time that they show twice is the first one, or the
    second with ``last``. 24:00 is the start of the next day.
    """
    if minute >= MINUTES_OF_DAY:
        return start_of_day(day + timedelta(days=1), zone)
    wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
    # Where the time is skipped, the two readings of it lie on either side of the change, the later one first.
    first, second = (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first > second:
        return _change_between(second, first, zone)
    return second if last else first


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a local date, in UTC: midnight, or a little later where the clocks skip midnight."""
    return moment_of(day, 0, zone)


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the offset changes; clocks change on whole seconds."""
    old = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
