"""The last hours as two charts over one time axis: Vega-Lite as plain dicts, which costs half of Altair objects.

Times stand in the zone of the page, which need not be the browser's: so a chart gets wall-clock times that say they
are UTC (``wall``), and draws them as UTC.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pyarrow as pa
import streamlit as st

from dashboards.look import chart_locale, theme
from dashboards.look.words import mark, say

_TIME: pa.DataType = pa.timestamp("ms", tz="UTC")
QUARTER = timedelta(minutes=15)
#: What stands in the volume chart, from back to front.
MEASURES = (
    ("offered", mark("Offered"), theme.DIM),
    ("answered", mark("Answered"), theme.BLUE),
    ("abandoned", mark("Abandoned"), theme.AMBER),
)

#: That of the page; text within a chart would else have the browser's own.
_FONT = '"Source Sans", sans-serif'
#: What all charts have in common.
CONFIG: dict[str, Any] = {
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelColor": theme.MUTED,
        "titleColor": theme.MUTED,
        "gridColor": theme.LINE,
        "domainColor": theme.LINE,
        "tickColor": theme.LINE,
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
    },
    "legend": {"labelColor": theme.TEXT, "labelFontSize": 13, "title": None, "orient": "top", "symbolType": "square"},
}
#: Both charts have the same axis, so that they stand exactly below each other; only the lower one is labelled.
_X = {
    "field": "quarter",
    "type": "temporal",
    "timeUnit": {"unit": "utcyearmonthdatehoursminutes", "step": 15},
    "scale": {"type": "utc"},
    "bandPosition": 0.5,
    "title": None,
    "axis": {"format": "%H:%M", "tickCount": 8, "grid": False},
}
_BARE_X = {**_X, "axis": {"labels": False, "ticks": False, "grid": False}}
_WIDTH_OF_LABELS = {"minExtent": 44, "maxExtent": 44}

SERVICE_LEVEL_HEIGHT = 120
VOLUME_HEIGHT = 215


def draw(data: pa.Table, spec: Mapping[str, Any], *, height: int, key: str, alt: str) -> None:
    """A chart in the viewer's colours and number format; ``height`` in pixels, so that nothing below it jumps.

    A screen reader is told ``alt``, and not each mark, which Vega would name by its coordinates or not at all.
    """
    given = spec.get("config", {})
    silent = {"aria": False, "mark": {**given.get("mark", {}), "aria": False}}
    config = {"font": _FONT, **given, "locale": chart_locale.of_viewer(), **silent}
    drawn = theme.in_colours({**spec, "config": config})
    st.vega_lite_chart(data, drawn, height=height, theme=None, key=key, alt=alt)


def wall(moment: datetime, zone: tzinfo) -> datetime:
    """What the clock of ``zone`` shows at a moment, as if it were UTC: what the time axes of the charts take."""
    return moment.astimezone(zone).replace(tzinfo=UTC, fold=0)


def service_level_spec(target: float | None) -> dict[str, Any]:
    """The line of the service level with its target; a quarter without traffic is a gap."""
    y = {
        "field": "service_level",
        "type": "quantitative",
        "title": say("Service level"),
        "scale": {"domain": [0, 1]},
        "axis": {"format": "%", "values": sorted({0, target or 0, 1}), "labelOverlap": False, **_WIDTH_OF_LABELS},
    }
    tooltip = [
        _from(),
        {"field": "service_level", "type": "quantitative", "format": ".1%", "title": say("Service level")},
    ]
    return {
        "config": CONFIG,
        "padding": {"left": 4, "right": 12, "top": 6, "bottom": 4},
        "layer": [
            *([] if target is None else [_rule(target)]),
            {
                "mark": {
                    "type": "line",
                    "color": theme.TEXT,
                    "strokeWidth": 2.5,
                    "invalid": "break-paths-show-domains",
                    "point": {"color": theme.TEXT, "size": 36},
                },
                "encoding": {"x": _BARE_X, "y": y, "tooltip": tooltip},
            },
        ],
    }


def _from() -> dict[str, Any]:
    unit = "utcyearmonthdatehoursminutes"
    return {"field": "quarter", "type": "temporal", "timeUnit": unit, "format": "%H:%M", "title": say("From")}


def _rule(target: float) -> dict[str, Any]:
    mark = {"type": "rule", "strokeDash": [5, 4], "color": theme.MUTED}
    return {"mark": mark, "encoding": {"y": {"datum": target}}}


def volume_spec() -> dict[str, Any]:
    """Offered as the ground, answered and abandoned stacked before it: what is left between them waits or left."""
    names = [say(title) for _, title, _ in MEASURES]
    colours = [colour for _, _, colour in MEASURES]
    colour = {"field": "measure", "type": "nominal", "scale": {"domain": names, "range": colours}}
    tooltip = [
        _from(),
        {"field": "measure", "type": "nominal", "title": say("Segments")},
        {"field": "count", "type": "quantitative", "format": ",d", "title": say("Count")},
    ]
    y = {
        "field": "count",
        "type": "quantitative",
        "title": say("Per 15 minutes"),
        "axis": {"tickCount": 4, "format": ",d", **_WIDTH_OF_LABELS},
    }
    shared = {"x": _X, "color": colour, "tooltip": tooltip}
    ground = f"datum.measure === {json.dumps(names[0])}"
    bar = {"type": "bar", "width": {"band": 0.8}, "cornerRadiusEnd": 2}
    return {
        "config": CONFIG,
        "padding": {"left": 4, "right": 12, "top": 4, "bottom": 4},
        "layer": [
            {
                "transform": [{"filter": ground}],
                "mark": {**bar, "width": {"band": 0.92}},
                "encoding": {**shared, "y": {**y, "stack": None}},
            },
            {
                "transform": [{"filter": f"!({ground})"}],
                "mark": bar,
                "encoding": {
                    **shared,
                    "y": {**y, "stack": "zero"},
                    "order": {"field": "measure", "sort": "descending"},
                },
            },
        ],
    }


def quarters(rows: Sequence[Mapping[str, Any]], start: datetime, stop: datetime) -> list[Mapping[str, Any]]:
    """One row for each quarter of an hour; one without a row in the store has NULL in everything."""
    known = {row["quarter"]: row for row in rows}
    found = []
    moment = start
    while moment < stop:
        found.append(known.get(moment, {"quarter": moment}))
        moment += QUARTER
    return found


def service_level_data(grid: Sequence[Mapping[str, Any]], definition: str, zone: tzinfo = UTC) -> pa.Table:
    """``quarter`` on the clock of ``zone``, ``service_level``."""
    rows = [{"quarter": wall(row["quarter"], zone), "service_level": row.get(definition)} for row in grid]
    schema = pa.schema([("quarter", _TIME), ("service_level", pa.float64())])
    return pa.Table.from_pylist(rows, schema=schema)


def volume_data(grid: Sequence[Mapping[str, Any]], zone: tzinfo = UTC) -> pa.Table:
    """``quarter`` on the clock of ``zone``, ``measure``, ``count``."""
    rows = [
        {"quarter": wall(row["quarter"], zone), "measure": say(title), "count": row.get(name)}
        for row in grid
        for name, title, _ in MEASURES
    ]
    schema = pa.schema([("quarter", _TIME), ("measure", pa.string()), ("count", pa.int64())])
    return pa.Table.from_pylist(rows, schema=schema)
