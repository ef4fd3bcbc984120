"""Numbers as people read them. NULL is "no traffic": never 0, never 100 %."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from decimal import Decimal

NO_TRAFFIC = "no traffic"

Number = int | float | Decimal
_MINUTE = 60
_HOUR = 3600
_DAY = 86_400


def count(value: Number | None) -> str:
    """``1,234``."""
    return NO_TRAFFIC if value is None else f"{value:,.0f}"


def percent(ratio: Number | None) -> str:
    """``81.3 %`` of 0.813."""
    return NO_TRAFFIC if ratio is None else f"{ratio * 100:.1f}\N{NO-BREAK SPACE}%"


def decimal(value: Number | None, digits: int = 1) -> str:
    """``1,234.5``: always that many digits after the point."""
    return NO_TRAFFIC if value is None else f"{value:,.{digits}f}"


def money(amount: Number | None, currency: str | None) -> str:
    """``1,234.50 EUR``; without a currency, the amount alone."""
    if amount is None:
        return NO_TRAFFIC
    return f"{amount:,.2f}" + (f"\N{NO-BREAK SPACE}{currency}" if currency else "")


def duration(seconds: Number | None) -> str:
    """``0:07``, ``12:05`` or ``1:02:03``; whole seconds, cut off like a clock."""
    if seconds is None:
        return NO_TRAFFIC
    whole = int(seconds)
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def age(seconds: float) -> str:
    """``3 s``, ``12 min``, ``5 h`` or ``9 d``."""
    if seconds < 10 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < 2 * _DAY:
        return f"{seconds / _HOUR:.0f} h"
    return f"{seconds / _DAY:.0f} d"


def clock(moment: datetime | None, zone: tzinfo) -> str:
    """``10:22:31``."""
    return "never" if moment is None else f"{moment.astimezone(zone):%H:%M:%S}"


def stamp(moment: datetime | None, zone: tzinfo) -> str:
    """``2026-11-20 10:22:31 CET``."""
    return "never" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def day(moment: datetime | date | None, zone: tzinfo) -> str:
    """``2026-11-20``; a date without a time is that date in every zone."""
    if moment is None:
        return "never"
    return f"{moment.astimezone(zone) if isinstance(moment, datetime) else moment:%Y-%m-%d}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """``1 queue``, ``3 queues``."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"
