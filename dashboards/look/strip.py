"""How one interaction's time was spent, as a strip: a lane for each pass through a queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import pyarrow as pa

from dashboards.look import charts, formats, theme
from dashboards.look.words import say
from dashboards.readings.interactions import BEFORE, HOLD, PHASES, TALK, WAIT, WRAP, Span

_COLOURS = {BEFORE: theme.LINE, WAIT: theme.AMBER, TALK: theme.BLUE, HOLD: theme.SERIES[4], WRAP: theme.MUTED}
_LANE_PIXELS = 34
_REST_PIXELS = 96
_TIME: pa.DataType = pa.timestamp("ms", tz="UTC")


def draw(spans: Sequence[Span], zone: tzinfo) -> None:
    """Draw it in the current container."""
    lanes = list(dict.fromkeys(span.lane for span in spans))
    charts.draw(
        data(spans, zone),
        spec(lanes),
        height=_REST_PIXELS + _LANE_PIXELS * len(lanes),
        key="chart-strip",
        alt=say("How the time of this interaction was spent; the table below says the same in numbers"),
    )


def data(spans: Sequence[Span], zone: tzinfo) -> pa.Table:
    """``lane``, ``phase`` (in words), ``start`` and ``stop`` on the clock of ``zone``, ``time`` (in words)."""
    rows = [
        {
            "lane": span.lane,
            "phase": say(PHASES[span.phase]),
            "start": charts.wall(span.start, zone),
            "stop": charts.wall(span.stop, zone),
            "time": formats.duration((span.stop - span.start).total_seconds())
            + (f" {say('so far')}" if span.is_open else ""),
        }
        for span in spans
    ]
    text = pa.string()
    return pa.Table.from_pylist(
        rows,
        schema=pa.schema([("lane", text), ("phase", text), ("start", _TIME), ("stop", _TIME), ("time", text)]),
    )


def spec(lanes: Sequence[str]) -> dict[str, Any]:
    """Lanes from top to bottom in the order of ``lanes``."""
    names = [say(title) for title in PHASES.values()]
    tooltip = [
        {"field": "phase", "type": "nominal", "title": say("Time")},
        {"field": "time", "type": "nominal", "title": say("Lasted")},
        {"field": "start", "type": "temporal", "format": "%H:%M:%S", "title": say("From")},
        {"field": "stop", "type": "temporal", "format": "%H:%M:%S", "title": say("Until")},
    ]
    return {
        "config": charts.CONFIG,
        "padding": {"left": 4, "right": 12, "top": 4, "bottom": 4},
        # Half a second of hold must still be seen.
        "mark": {"type": "bar", "height": {"band": 0.7}, "minBandSize": 2, "cornerRadius": 2},
        "encoding": {
            "y": {"field": "lane", "type": "nominal", "sort": list(lanes), "title": None, "axis": {"labelLimit": 260}},
            "x": {
                "field": "start",
                "type": "temporal",
                "scale": {"type": "utc"},
                "title": None,
                "axis": {"format": "%H:%M:%S", "tickCount": 6, "labelOverlap": True},
            },
            "x2": {"field": "stop"},
            "color": {
                "field": "phase",
                "type": "nominal",
                "scale": {"domain": names, "range": [_COLOURS[phase] for phase in PHASES]},
                # In two rows, which a phone has room for.
                "legend": {"columns": 3},
            },
            "tooltip": tooltip,
        },
    }
