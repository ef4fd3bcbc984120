"""The cells of VICIDIAL's tables as times, durations and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from pipeline.producers.adapters.times import CellError, TimeStyle

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = 946_684_800, 4_102_444_800  # the years 2000 and 2100: before VICIDIAL, and no time any more
_LONGEST_SECONDS = 7 * 86_400

Values = Mapping[str, str]


class Moments:
    """Reads the moments of rows: epoch seconds, or local times of the database where only those are there."""

    def __init__(self, zone: ZoneInfo | None) -> None:
        """``zone`` is the database server's; None: not told."""
        self._style = None if zone is None else TimeStyle(zone, "iso", timedelta(0))

    def at(self, values: Values, epoch: str, local: str) -> datetime:
        """A moment that must be there.

        Raises:
            CellError: it is not, or it is local and nobody said where.
        """
        found = epoch_at(values, epoch)
        if found is not None:
            return found
        text = values.get(local, "")
        if not text or text.startswith("0000"):
            raise CellError("empty", f"{epoch}, {local}")
        if self._style is None:
            raise CellError("a local time: say in which zone with --zone, such as America/New_York", local)
        try:
            return self._style.moment(text, None, None).moment
        except CellError as error:
            raise CellError(str(error), local) from None


def epoch_at(values: Values, name: str) -> datetime | None:
    """A moment of epoch seconds; None where there is none, or it cannot be one."""
    number = whole(values, name)
    return _EPOCH + timedelta(seconds=number) if number is not None and _EARLIEST < number < _LATEST else None


def whole(values: Values, name: str) -> int | None:
    """A whole number from 0; None where there is none."""
    text = values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(_LATEST)) else None


def lasting(values: Values, name: str) -> timedelta | None:
    """A duration in seconds, to the hundredth where the column has it; None for one that cannot be."""
    try:
        seconds = Decimal(values.get(name, ""))
    except InvalidOperation:
        return None
    if not seconds.is_finite() or not 0 <= seconds <= _LONGEST_SECONDS:
        return None
    return timedelta(microseconds=int(seconds * 1_000_000))


def ms(duration: timedelta | None) -> int | None:
    """A duration in whole milliseconds, not below 0."""
    return None if duration is None else max(0, duration // timedelta(milliseconds=1))
