"""Service level over the threshold, with the target and the chosen threshold marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from dashboards.look import theme
from dashboards.look.words import say

CURVE_HEIGHT = 440
#: A mark that stands once, and not once for each point of the curve.
_ONCE: dict[str, Any] = {"data": {"values": [{}]}}
_SECONDS: pa.DataType = pa.int64()
_SHARE: pa.DataType = pa.float64()
_SCHEMA = pa.schema([("threshold", _SECONDS), ("service_level", _SHARE)])


def curve_data(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """``threshold`` in seconds, ``service_level`` from 0 to 1."""
    return pa.Table.from_pylist([{name: row[name] for name in _SCHEMA.names} for row in rows], schema=_SCHEMA)


def curve_spec(target: float | None, chosen: int, longest: int) -> dict[str, Any]:
    """The curve; ``target`` None: the queues have different ones, so there is no line."""
    x = {
        "field": "threshold", "type": "quantitative", "title": say("Answered within so many seconds"),
        "scale": {"domain": [0, longest]}, "axis": {"tickCount": 8, "grid": False},
    }  # fmt: skip
    y = {
        "field": "service_level", "type": "quantitative", "title": say("Service level"),
        "scale": {"domain": [0, 1]}, "axis": {"format": "%", "tickCount": 5, "minExtent": 44},
    }  # fmt: skip
    tooltip = [
        {"field": "threshold", "type": "quantitative", "title": say("Seconds")},
        {"field": "service_level", "type": "quantitative", "format": ".1%", "title": say("Service level")},
    ]
    rule = {"type": "rule", "strokeDash": [5, 4]}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "line", "color": theme.BLUE, "strokeWidth": 2.5, "point": {"color": theme.BLUE}},
            "encoding": {"x": x, "y": y, "tooltip": tooltip},
        },
        {**_ONCE, "mark": {**rule, "color": theme.TEXT}, "encoding": {"x": {"datum": chosen}}},
        _label({"x": {"datum": chosen}, "y": {"value": 10}}, say("{seconds} s", seconds=chosen), 6),
    ]
    if target is not None:
        layers += [
            {**_ONCE, "mark": {**rule, "color": theme.MUTED}, "encoding": {"y": {"datum": target}}},
            _label({"x": {"value": "width"}, "y": {"datum": target}}, say("Target"), -6, 12, "right"),
        ]
    return {
        "config": {
            "background": "transparent",
            "view": {"stroke": None},
            "axis": {
                "labelColor": theme.MUTED, "titleColor": theme.MUTED, "gridColor": theme.LINE,
                "domainColor": theme.LINE, "tickColor": theme.LINE, "labelFontSize": 13, "titleFontSize": 13,
                "titleFontWeight": "normal",
            },
        },
        "padding": {"left": 4, "right": 16, "top": 8, "bottom": 4},
        "layer": layers,
    }  # fmt: skip


def _label(where: Mapping[str, Any], text: str, dx: int, dy: int = 0, align: str = "left") -> dict[str, Any]:
    mark = {"type": "text", "text": text, "align": align, "dx": dx, "dy": dy, "color": theme.TEXT, "fontSize": 13}
    return {**_ONCE, "mark": mark, "encoding": where}
