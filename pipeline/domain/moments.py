"""Event times inside the pipeline are whole microseconds since 1970 in UTC: they compare, sum and merge exactly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970 of an aware datetime."""
    # timestamp() is a double: below 2**53 microseconds (the year 2255) the rounding recovers the exact microsecond.
    return round(moment.timestamp() * 1_000_000)


def from_micros(micros: int) -> datetime:
    """The aware UTC datetime of whole microseconds since 1970."""
    return _EPOCH + micros * _MICROSECOND
