"""How Vega writes numbers and times for the viewer: the locale of d3, made of Babel's."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol

from dashboards.look import viewer

_SUNDAY = 6


def of_viewer() -> dict[str, Any]:
    """What stands as ``locale`` in the configuration of a chart."""
    return _of(viewer.locale())


@lru_cache(64)
def _of(locale: Locale) -> dict[str, Any]:
    numbers = {
        "decimal": get_decimal_symbol(locale),
        "thousands": get_group_symbol(locale),
        "grouping": [3],
        "currency": ["", ""],
        "percent": "\N{NO-BREAK SPACE}%",
    }
    days = [_SUNDAY, *range(_SUNDAY)]
    months = range(1, 13)
    names = locale.days["stand-alone"], locale.months["stand-alone"]
    times = {
        "dateTime": "%Y-%m-%d %H:%M:%S",
        "date": "%Y-%m-%d",
        "time": "%H:%M:%S",
        "periods": ["AM", "PM"],
        "days": [names[0]["wide"][day] for day in days],
        "shortDays": [names[0]["abbreviated"][day] for day in days],
        "months": [names[1]["wide"][month] for month in months],
        "shortMonths": [names[1]["abbreviated"][month] for month in months],
    }
    return {"number": numbers, "time": times}
