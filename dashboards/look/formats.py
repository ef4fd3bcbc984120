"""Numbers and times as the viewer's locale writes them. NULL is "no traffic": never 0, never 100 %.

In English, dates are those of ISO 8601, for 03/04 is two days; the clock has 24 hours in every language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, tzinfo
from datetime import time as time_of_day
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_currency, format_decimal, format_percent

from dashboards.look import viewer, words
from dashboards.look.words import mark, say

#: The key of what NULL is called; shown by ``nothing``.
NO_TRAFFIC = mark("no traffic")

Number = int | float | Decimal
_MINUTE = 60
_HOUR = 3600
_DAY = 86_400
#: Sixty viewers look at the same numbers.
_REMEMBERED = lru_cache(16_384)
_NBSP = "\N{NO-BREAK SPACE}"


def nothing() -> str:
    """What NULL is called."""
    return say(NO_TRAFFIC)


def count(value: Number | None) -> str:
    """``1,234``."""
    return nothing() if value is None else _decimal(value, 0, viewer.locale())


def decimal(value: Number | None, digits: int = 1) -> str:
    """``1,234.5``: always that many digits after the point."""
    return nothing() if value is None else _decimal(value, digits, viewer.locale())


def exact(value: Decimal | None) -> str:
    """``1234.05``: all digits that there are, and none that are not."""
    if value is None:
        return nothing()
    return format_decimal(value, "0.##", viewer.locale(), decimal_quantization=False)


def percent(ratio: Number | None, digits: int = 1) -> str:
    """``81.3 %`` of 0.813."""
    return nothing() if ratio is None else _percent(ratio, digits, viewer.locale())


def money(amount: Number | None, currency: str | None) -> str:
    """``€1,234.50``, with as many digits as the currency (ISO 4217) has; without one, the amount alone."""
    if amount is None:
        return nothing()
    return _money(amount, currency, viewer.locale()) if currency else decimal(amount, 2)


def duration(seconds: Number | None) -> str:
    """``0:07``, ``12:05`` or ``1:02:03``; whole seconds, cut off like a clock."""
    if seconds is None:
        return nothing()
    whole = int(seconds)
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def age(seconds: float) -> str:
    """``3 s``, ``12 min``, ``5 h`` or ``9 d``."""
    if seconds < 2 * _MINUTE:
        return say("{number} s", number=f"{seconds:.0f}")
    if seconds < 2 * _HOUR:
        return say("{number} min", number=f"{seconds / _MINUTE:.0f}")
    if seconds < 2 * _DAY:
        return say("{number} h", number=f"{seconds / _HOUR:.0f}")
    return say("{number} d", number=count(seconds / _DAY))


def clock(moment: datetime | None, zone: tzinfo) -> str:
    """``10:22:31``."""
    return _in_zone(moment, zone, lambda local, locale: _time(local, "Hms", locale))


def time(moment: datetime | None, zone: tzinfo) -> str:
    """``10:22``."""
    return _in_zone(moment, zone, lambda local, locale: _time(local, "Hm", locale))


def day(moment: datetime | date | None, zone: tzinfo) -> str:
    """``2026-11-20``; a date without a time is that date in every zone."""
    if moment is not None and not isinstance(moment, datetime):
        return _date(moment, viewer.locale())
    return _in_zone(moment, zone, lambda local, locale: _date(local.date(), locale))


def minute(moment: datetime | None, zone: tzinfo) -> str:
    """``2026-11-20 10:22``."""
    return _in_zone(moment, zone, lambda local, locale: f"{_date(local.date(), locale)} {_time(local, 'Hm', locale)}")


def second(moment: datetime | None, zone: tzinfo) -> str:
    """``2026-11-20 10:22:31``."""
    return _in_zone(moment, zone, lambda local, locale: f"{_date(local.date(), locale)} {_time(local, 'Hms', locale)}")


def stamp(moment: datetime | None, zone: tzinfo) -> str:
    """``2026-11-20 10:22:31 CET``."""

    def write(local: datetime, locale: Locale) -> str:
        return f"{_date(local.date(), locale)} {_time(local, 'Hms', locale)} {_zone_name(local, locale)}"

    return _in_zone(moment, zone, write)


def plural(number: int, one: str, many: str | None = None) -> str:
    """``1 queue``, ``3 queues``."""
    return f"{count(number)} {words.plural(number, one, many or one + 's')}"


def _in_zone(moment: datetime | None, zone: tzinfo, write: Callable[[datetime, Locale], str]) -> str:
    return say("never") if moment is None else write(moment.astimezone(zone), viewer.locale())


@_REMEMBERED
def _decimal(value: Number, digits: int, locale: Locale) -> str:
    pattern = locale.decimal_formats[None].pattern.partition(".")[0]
    return format_decimal(value, pattern + ("." + "0" * digits if digits else ""), locale)


@_REMEMBERED
def _percent(ratio: Number, digits: int, locale: Locale) -> str:
    pattern = locale.percent_formats[None].pattern
    if locale.language == viewer.ENGLISH:
        pattern = pattern.replace("%", f"{_NBSP}%")
    return format_percent(ratio, re.sub(r"(#[#,]*0)", r"\1." + "0" * digits, pattern) if digits else pattern, locale)


@_REMEMBERED
def _money(amount: Number, currency: str, locale: Locale) -> str:
    return format_currency(amount, currency, locale=locale)


@_REMEMBERED
def _date(when: date, locale: Locale) -> str:
    if locale.language == viewer.ENGLISH:
        return when.isoformat()
    pattern = locale.date_formats["short"].pattern
    return format_date(when, pattern if "yyyy" in pattern else re.sub("y+", "yyyy", pattern), locale)


def _time(local: datetime, skeleton: str, locale: Locale) -> str:
    return _clock_time(local.time().replace(microsecond=0), skeleton, locale)


@_REMEMBERED
def _clock_time(when: time_of_day, skeleton: str, locale: Locale) -> str:
    if locale.language == viewer.ENGLISH:
        return f"{when:%H:%M:%S}" if skeleton == "Hms" else f"{when:%H:%M}"
    return format_time(when, locale.datetime_skeletons[skeleton].pattern, locale=locale)


def _zone_name(local: datetime, locale: Locale) -> str:
    # In English the names of the time zone database are the known ones, and CLDR has an offset for many of them.
    return f"{local:%Z}" if locale.language == viewer.ENGLISH else get_timezone_name(local, "short", locale=locale)
