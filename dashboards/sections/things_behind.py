"""Rows behind a number that are no passes through a queue and no spans of agents: dials, promises, answers, items."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo

from dashboards.look import formats, tables
from dashboards.look.tables import Cell, Column
from dashboards.look.words import mark, say

#: Parts that are sums of money, currency by currency.
MONEY: frozenset[str] = frozenset()
#: What the catalogue has no name for.
PARTS: Mapping[str, str] = {}
_STATES: Mapping[str, str] = {}
_HEADS = {
    "time": mark("Time and interaction"),
    "moment": mark("Time"),
    "queue": mark("Queue"),
    "campaign": mark("Campaign"),
    "channel": mark("Channel"),
    "agent": mark("Agent"),
    "state": mark("State"),
    "detail": mark("Detail"),
    "until": mark("Until"),
    "value": mark("Counted"),
}


def part_words(part: str) -> str:
    """What a part is called."""
    return say(PARTS[part]) if part in PARTS else part.replace("_", " ")


def total(part: str, row: tables.Row) -> str:
    """What the rows of a part come to."""
    if part in MONEY:
        found = [formats.money(each["total"], each["currency"]) for each in row["amounts"] or () if each["total"]]
        return " + ".join(found) or formats.count(0)
    return value(part, row["total"] or 0)


def value(part: str, number: formats.Number | None, currency: str | None = None) -> str:
    """What one row adds to a part."""
    if number is None:
        return "–"
    if part in MONEY:
        return formats.money(number, currency)
    if part.endswith("_seconds"):
        return formats.duration(number)
    if part.endswith("_hours"):
        return formats.decimal(number, 2)
    return formats.count(number)


def show(
    names: Sequence[str], part: str, rows: Sequence[tables.Row], zone: tzinfo, link_to: Callable[[tables.Row], str]
) -> None:
    """Draw the table with the columns ``names``; ``link_to`` gives the timeline of a row's interaction."""
    columns = [Column(say(_HEADS[name]), "" if name == "value" else "left") for name in names]
    cells = [[_cell(name, part, row, zone, link_to) for name in names] for row in rows]
    tables.show(part_words(part), columns, cells, say("Nothing was found."))


def _cell(name: str, part: str, row: tables.Row, zone: tzinfo, link_to: Callable[[tables.Row], str]) -> Cell:
    if name in ("time", "moment"):
        moment = formats.second(row["began_at"], zone)
        return Cell(moment, below=row["interaction"], link=link_to(row)) if row["interaction"] else Cell(moment)
    if name == "value":
        return Cell(value(part, row["value"], row["currency"]))
    if name == "until":
        return Cell("–" if row["until"] is None else formats.stamp(row["until"], zone))
    if name == "state":
        return Cell(say(_STATES[row["state"]]) if row["state"] in _STATES else row["state"] or "–")
    below = row["client"] if name in ("queue", "campaign") else ""
    return Cell(row[name] or "–", below=below)
