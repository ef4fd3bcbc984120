"""Cells to moments in UTC: times of day, full timestamps and durations, across midnight and clock changes.

* The first time of day of a row belongs to the row's date, or to the day after where it is before ``day_starts_at``.
  Every other time of day of the row falls on the day that brings it nearest to that first one: a call that starts at
  23:59:50 and is answered at 0:00:10 waits 20 seconds, and a clock that runs back a second does not cost a day.
  Hours from 24 to 47, as some systems write them, are the day after and nothing else.
* A local time that occurs twice, when clocks go back, is the first of the two, unless that is before the row's first.
* A local time that does not exist, when clocks go forward, cannot be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_LAST_HOUR = 47
_MINUTES = 60
_TIME_OF_DAY = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?", re.ASCII)
_DURATION = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})", re.ASCII)
# Digits are limited so that no cell can ask for a number of absurd size.
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,9})?", re.ASCII)
_DATE_DIRECTIVES = re.compile(r"%[aAdbBmyYjUWcxGVus]")


class CellError(ValueError):
    """A cell cannot be read. It never repeats the cell; ``column`` names it where it is known."""

    def __init__(self, what: str, column: str = "") -> None:
        """``what`` is for a person, ``column`` may be several, separated by commas."""
        super().__init__(what)
        self.column = column


@dataclass(frozen=True, slots=True)
class Start:
    """The first time of a row: in UTC, and on the wall clock it was written from."""

    moment: datetime
    local: datetime


@dataclass(frozen=True, slots=True)
class TimeStyle:
    """How the cells of one file are to be read as times."""

    zone: ZoneInfo
    format: str
    day_starts_at: timedelta
    decimal_mark: str = "."

    @property
    def needs_date(self) -> bool:
        """Whether the times are times of day, so that a date must come from elsewhere."""
        if self.format in ("iso", "epoch_seconds"):
            return False
        return self.format == "time_of_day" or not _DATE_DIRECTIVES.search(self.format)

    def moment(self, text: str, day: date | None, start: Start | None) -> Start:
        """Read one time.

        ``day`` is the row's date and is needed for times of day; ``start`` is the row's first time, None for the first
        itself. Raises CellError.
        """
        if self.needs_date:
            if day is None:
                raise CellError("a time of day without a date")
            local = self._on_day(text, day, start)
        elif self.format == "epoch_seconds":
            moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=_microseconds(text, self.decimal_mark))
            return Start(moment, moment)
        else:
            local = self._timestamp(text)
        if local.tzinfo is not None:
            return Start(local.astimezone(UTC), local.replace(tzinfo=None))
        return Start(self._to_utc(local, start), local)

    def seconds(self, text: str) -> timedelta:
        """Read a duration: a number of seconds or [H:]MM:SS. Raises CellError."""
        match = _DURATION.fullmatch(text)
        if match is None:
            duration = timedelta(microseconds=_microseconds(text, self.decimal_mark))
        else:
            hours, minutes, seconds = (int(part or 0) for part in match.groups())
            duration = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        if duration < timedelta(0):
            raise CellError("a negative number of seconds")
        return duration

    def _on_day(self, text: str, day: date, start: Start | None) -> datetime:
        if self.format == "time_of_day":
            since_midnight = time_of_day(text)
        else:
            parsed = _strptime(text, self.format)
            since_midnight = parsed - datetime.combine(parsed.date(), datetime.min.time(), parsed.tzinfo)
        midnight = datetime.combine(day, datetime.min.time())
        local = midnight + since_midnight
        if since_midnight >= _DAY:
            return local
        if start is None:
            return local + _DAY if since_midnight < self.day_starts_at else local
        days = [local - _DAY, local, local + _DAY, local + 2 * _DAY]
        return min(days, key=lambda candidate: abs(candidate - start.local))

    def _timestamp(self, text: str) -> datetime:
        if self.format != "iso":
            return _strptime(text, self.format)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise CellError("not an ISO 8601 timestamp") from None

    def _to_utc(self, local: datetime, start: Start | None) -> datetime:
        first = local.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        if first.astimezone(self.zone).replace(tzinfo=None, fold=0) != local:
            raise CellError(f"a local time that {self.zone.key} did not have, for its clocks went forward")
        second = local.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        return second if start is not None and first < start.moment else first


def time_of_day(text: str) -> timedelta:
    """H:MM[:SS[.ffffff]] as the time since midnight, below 48 hours. Raises CellError."""
    match = _TIME_OF_DAY.fullmatch(text)
    if match is None:
        raise CellError("not a time of day (H:MM:SS)")
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
    if hours > _LAST_HOUR or minutes >= _MINUTES or seconds >= _MINUTES:
        raise CellError("not a time of day (H:MM:SS)")
    return timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=int((match[4] or "").ljust(6, "0")))


def parse_date(text: str, pattern: str) -> date:
    """A date by a strptime pattern. Raises CellError."""
    return _strptime(text, pattern).date()


def _strptime(text: str, pattern: str) -> datetime:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller puts it into the file's zone
    except ValueError:
        raise CellError(f"does not fit the pattern {pattern}") from None


def _microseconds(text: str, decimal_mark: str) -> int:
    return int((parse_number(text, decimal_mark) * 1_000_000).to_integral_value())


def parse_number(text: str, decimal_mark: str) -> Decimal:
    """A number with that decimal mark and no marks between thousands. Raises CellError."""
    if _NUMBER.fullmatch(plain := text if decimal_mark == "." else text.replace(".", "x").replace(decimal_mark, ".")):
        return Decimal(plain)
    raise CellError("not a number")
