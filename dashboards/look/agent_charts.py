"""An agent's day as a strip: the plan, the contacts, and a lane for each state, over one time axis.

The lane says the state, so that no colour has to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

import pyarrow as pa

from dashboards.look import charts, theme
from dashboards.look.words import say
from dashboards.readings.agents import STATE_WORDS

_TIME: pa.DataType = pa.timestamp("ms", tz="UTC")
_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("lane", "kind", "what", "detail", "lasted")]
    + [("start", _TIME), ("stop", _TIME), ("share", pa.float64())]
)
#: A planned activity has its name written into it if there is room: so many pixels for each letter, and around them.
_LETTER_PIXELS, _AROUND_PIXELS = 7, 10
_LANE_PIXELS = 28
DAY_HEIGHT = 7 * _LANE_PIXELS + 34


def lanes() -> list[str]:
    """The lanes from top to bottom, in the viewer's words."""
    return [say("Plan"), say("Contacts"), *(say(words) for words in STATE_WORDS.values())]


def day_data(rows: Sequence[Mapping[str, Any]], at: datetime, zone: tzinfo, lasted: Callable[[float], str]) -> pa.Table:
    """The spans of ``agents.DAY``, on the clock of ``zone``; ``lasted`` writes seconds. What is open ends at ``at``."""
    found = []
    for row in rows:
        lane = {"plan": say("Plan"), "contact": say("Contacts")}.get(row["lane"])
        stop = row["ended_at"] if row["lane"] == "plan" else min(row["ended_at"], at)
        seconds = (stop - row["started_at"]).total_seconds()
        found.append(
            {
                "lane": lane or say(STATE_WORDS.get(row["what"], row["what"])),
                "kind": row["lane"],
                "what": row["what"],
                "detail": row["detail"] or "",
                "lasted": lasted(seconds),
                "start": charts.wall(row["started_at"], zone),
                "stop": charts.wall(stop, zone),
            }
        )
    if found:
        whole = max(each["stop"] for each in found) - min(each["start"] for each in found)
        for each in found:
            each["share"] = (each["stop"] - each["start"]) / whole if whole else 0.0
    return pa.Table.from_pylist(found, schema=_SCHEMA)


def day_spec(at: datetime, zone: tzinfo) -> dict[str, Any]:
    """The strip, with a line at the moment."""
    x = {
        "field": "start", "type": "temporal", "title": None, "scale": {"type": "utc"},
        "axis": {"format": "%H:%M", "tickCount": 10, "gridColor": theme.LINE, "labelOverlap": True},
    }  # fmt: skip
    y = {
        "field": "lane", "type": "nominal", "title": None, "sort": lanes(), "scale": {"domain": lanes()},
        "axis": {"domain": False, "ticks": False, "labelColor": theme.TEXT, "labelLimit": 110, "minExtent": 84},
    }  # fmt: skip
    colour = {
        "field": "kind", "type": "nominal", "legend": None,
        "scale": {"domain": ["plan", "contact", "state"], "range": [theme.DIM, theme.MUTED, theme.BLUE]},
    }  # fmt: skip
    tooltip = [
        {"field": "lane", "type": "nominal", "title": say("Lane")},
        {"field": "what", "type": "nominal", "title": say("What")},
        {"field": "detail", "type": "nominal", "title": say("Detail")},
        *(
            {"field": name, "type": "temporal", "title": title, "timeUnit": "utchoursminutesseconds",
             "format": "%H:%M:%S"}
            for name, title in (("start", say("From")), ("stop", say("Until")))
        ),
        {"field": "lasted", "type": "nominal", "title": say("Lasted")},
    ]  # fmt: skip
    # ``width`` is what Vega calls the chart's own.
    room = f"datum.share * width >= {_LETTER_PIXELS} * length(datum.what) + {_AROUND_PIXELS}"
    moment = charts.wall(at, zone)
    now = {
        "utc": True, "year": moment.year, "month": moment.month, "date": moment.day,
        "hours": moment.hour, "minutes": moment.minute,
    }  # fmt: skip
    return {
        "config": {
            "background": "transparent",
            "view": {"stroke": None},
            "axis": {"labelColor": theme.MUTED, "domainColor": theme.LINE, "tickColor": theme.LINE,
                     "labelFontSize": 13},
        },
        "padding": {"left": 4, "right": 12, "top": 4, "bottom": 4},
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.72}, "cornerRadius": 2},
                "encoding": {"x": x, "x2": {"field": "stop"}, "y": y, "color": colour, "tooltip": tooltip},
            },
            {
                "transform": [{"filter": f"datum.kind === 'plan' && {room}"}],
                "mark": {"type": "text", "align": "left", "dx": 5, "color": theme.TEXT, "fontSize": 12, "clip": True},
                "encoding": {"x": x, "y": y, "text": {"field": "what"}},
            },
            {
                # Once, and not once for each span.
                "data": {"values": [{}]},
                "mark": {"type": "rule", "strokeDash": [5, 4], "color": theme.TEXT},
                "encoding": {"x": {"datum": now}},
            },
        ],
    }  # fmt: skip
