"""One number of the history over time, with the period it is compared with, or by group; one bar each without time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from dashboards.look import theme
from dashboards.look.charts import CONFIG
from dashboards.look.definitions import Definition
from dashboards.look.words import say
from dashboards.readings.history import Choice, Line

HEIGHT = 260
#: More lines than this cannot be told apart.
GROUPS = 6
_COLOURS = theme.SERIES
_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("from", pa.timestamp("ms")), ("when", pa.string()), ("series", pa.string()), ("value", pa.float64()),
]  # fmt: skip
_SCHEMA = pa.schema(_COLUMNS)


def groups_of(choice: Choice, lines: Sequence[Line]) -> list[tuple[str | None, str | None]]:
    """The groups that are drawn: those with the most contacts, in their order."""
    size: dict[tuple[str | None, str | None], int] = {}
    for line in lines:
        key = line.client, line.part
        size[key] = size.get(key, 0) + int(line.values.get("offered", line.values.get("answered")) or 0)
    return sorted(size, key=lambda key: (-size[key], str(key)))[:GROUPS]


def data(choice: Choice, lines: Sequence[Line], name: str, words: dict[int, str]) -> pa.Table:
    """``from`` on the clocks of the zone, ``when`` in words, ``series``, ``value``; a gap where there is no number.

    ``words``: how each line's bucket is said, by its place in ``lines``.
    """
    shown = set(groups_of(choice, lines))
    rows = []
    for number, line in enumerate(lines):
        if (line.client, line.part) not in shown:
            continue
        start = line.bucket.astimezone(choice.span.zone).replace(tzinfo=None)
        point = {"from": start, "when": words[number]}
        rows.append({**point, "series": series_of(choice, line), "value": _float(line.values.get(name))})
        if choice.compare != "none" and choice.grouping == "all":
            rows.append({**point, "series": before_words(choice), "value": _float(line.before.get(name))})
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def series_of(choice: Choice, line: Line) -> str:
    """What a line of the chart is called."""
    if choice.grouping == "all":
        return say("This period")
    part = line.part or say("not said")
    return part if choice.grouping == "client" or choice.filters.client else f"{part} · {line.client}"


def series(choice: Choice, lines: Sequence[Line]) -> list[str]:
    """What the lines that are drawn are called, those with the most contacts first."""
    names = {(line.client, line.part): series_of(choice, line) for line in lines}
    return list(dict.fromkeys(names[group] for group in groups_of(choice, lines)))


def before_words(choice: Choice) -> str:
    """What the period compared with is called."""
    return say("A week before") if choice.compare == "week" else say("The days before")


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def spec(choice: Choice, definition: Definition, series: Sequence[str]) -> dict[str, Any]:
    """Bars for counts, a line for everything else; the period before is grey and dashed."""
    unit = {"ratio": "%", "count": "d"}.get(definition.unit, ",.0f")
    y: dict[str, Any] = {
        "field": "value", "type": "quantitative", "title": definition.shown,
        "axis": {"format": unit, "tickCount": 4, "minExtent": 44, "maxExtent": 60}, "stack": None,
    }  # fmt: skip
    colours = list(_COLOURS[: len(series)])
    if choice.compare != "none" and choice.grouping == "all":
        colours = [_COLOURS[0], theme.MUTED]
    colour = {"field": "series", "type": "nominal", "scale": {"domain": list(series), "range": colours}}
    value = {"field": "value", "type": "quantitative", "title": definition.shown,
             "format": ".1%" if definition.unit == "ratio" else ",.0f"}  # fmt: skip
    tooltip = [
        {"field": "when", "type": "nominal", "title": say("From")},
        {"field": "series", "type": "nominal", "title": say("What")},
        value,
    ]
    padding = {"left": 4, "right": 12, "top": 6, "bottom": 4}
    if choice.grain == "whole":
        bar = {"type": "bar", "cornerRadiusEnd": 2, "height": {"band": 0.7}}
        across = {"field": "series", "type": "nominal", "title": None, "sort": list(series),
                  "axis": {"labelLimit": 220}}  # fmt: skip
        encoding = {"x": y, "y": across, "color": {"value": theme.BLUE}, "tooltip": tooltip}
        return {"config": CONFIG, "padding": padding, "mark": bar, "encoding": encoding}
    # The clocks' own times, so that no browser moves them into its zone.
    form = "%d %b" if choice.grain in ("day", "week", "month") else "%d %b %H:%M"
    x = {"field": "from", "type": "temporal", "title": None, "axis": {"format": form, "tickCount": 8, "grid": False,
         "labelOverlap": True}}  # fmt: skip
    dash = {"condition": {"test": f"datum.series === {before_words(choice)!r}", "value": [5, 4]}, "value": [1, 0]}
    mark = {"type": "line", "strokeWidth": 2.5, "point": {"size": 36}, "invalid": "break-paths-show-domains"}
    return {
        "config": CONFIG,
        "padding": padding,
        "mark": mark,
        "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash, "tooltip": tooltip},
    }
