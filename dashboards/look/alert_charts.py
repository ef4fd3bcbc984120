"""Two small charts of the alerts: the values before one was raised, and when a rule would have told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from dashboards.look import theme
from dashboards.look.words import say

_TIME: pa.DataType = pa.timestamp("ms", tz="UTC")
EVIDENCE_HEIGHT = 160
_ROW_HEIGHT = 26
_AXIS_HEIGHT = 40
#: A longer axis is told in days.
_HOURS_UP_TO = timedelta(days=3)
#: More rows than this are no picture any more.
MOST_ROWS = 12

_AXIS = {
    "labelColor": theme.MUTED, "titleColor": theme.MUTED, "gridColor": theme.LINE, "domainColor": theme.LINE,
    "tickColor": theme.LINE, "labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal",
}  # fmt: skip
_CONFIG: dict[str, Any] = {"background": "transparent", "view": {"stroke": None}, "axis": _AXIS}


def evidence_data(values: Sequence[tuple[datetime, float]]) -> pa.Table:
    """``moment``, ``value``."""
    schema = pa.schema([("moment", _TIME), ("value", pa.float64())])
    return pa.Table.from_pylist([{"moment": moment, "value": value} for moment, value in values], schema=schema)


def evidence_spec(threshold: float, unit: str) -> dict[str, Any]:
    """A line with the limit."""
    y = {
        "field": "value", "type": "quantitative", "title": None,
        "axis": {"tickCount": 4, "format": ".0%" if unit == "ratio" else "~g"},
        "scale": {"zero": True},
    }  # fmt: skip
    x = {
        "field": "moment",
        "type": "temporal",
        "title": None,
        "axis": {"format": "%H:%M", "grid": False, "tickCount": 6},
    }
    return {
        "config": _CONFIG,
        "layer": [
            {
                "mark": {"type": "rule", "strokeDash": [5, 4], "color": theme.AMBER},
                "encoding": {"y": {"datum": threshold}},
            },
            {
                "mark": {"type": "line", "color": theme.TEXT, "strokeWidth": 2.5, "point": {"color": theme.TEXT}},
                "encoding": {"x": x, "y": y},
            },
        ],
    }


def strip_data(alerts: Sequence[tuple[str, datetime, datetime, str]]) -> pa.Table:
    """``place``, ``raised``, ``cleared``, ``worst`` of each alert."""
    schema = pa.schema([("place", pa.string()), ("raised", _TIME), ("cleared", _TIME), ("worst", pa.string())])
    rows = [dict(zip(("place", "raised", "cleared", "worst"), alert, strict=True)) for alert in alerts]
    return pa.Table.from_pylist(rows, schema=schema)


def strip_height(places: int) -> int:
    """Fixed by how many places there are."""
    return _AXIS_HEIGHT + _ROW_HEIGHT * max(1, places)


def strip_spec(start: datetime, stop: datetime) -> dict[str, Any]:
    """A row for each place, a bar for each alert; a short one is still seen as a tick."""
    # Without a format Vega writes the clock in twelve hours.
    form = "%d %b" if stop - start > _HOURS_UP_TO else "%d %b %H:%M"
    axis = {"grid": True, "tickCount": 6, "format": form, "labelOverlap": True}
    x = {
        "field": "raised", "type": "temporal", "title": None, "axis": axis,
        "scale": {"domain": [int(start.timestamp() * 1000), int(stop.timestamp() * 1000)]},
    }  # fmt: skip
    y = {"field": "place", "type": "nominal", "title": None, "axis": {"labelLimit": 220, "grid": False}}
    tooltip = [
        {"field": "place", "type": "nominal", "title": say("Where")},
        {"field": "raised", "type": "temporal", "title": say("Raised"), "format": "%Y-%m-%d %H:%M"},
        {"field": "cleared", "type": "temporal", "title": say("Over"), "format": "%Y-%m-%d %H:%M"},
        {"field": "worst", "type": "nominal", "title": say("Worst")},
    ]
    return {
        "config": _CONFIG,
        "layer": [
            {
                "mark": {"type": "bar", "color": theme.AMBER, "height": 12},
                "encoding": {"x": x, "x2": {"field": "cleared"}, "y": y, "tooltip": tooltip},
            },
            {
                "mark": {"type": "tick", "color": theme.AMBER, "thickness": 2, "size": 12},
                "encoding": {"x": x, "y": y, "tooltip": tooltip},
            },
        ],
    }
