"""Cells of tables that are written the same everywhere: what is NULL or nothing is muted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashboards.look import formats, tables
from dashboards.look.formats import Number
from dashboards.look.states import Level
from dashboards.look.tables import Cell

#: A number that there is none of, in a table full of numbers.
NONE = "–"


def count(value: Number | None, level: Level = Level.QUIET) -> Cell:
    """A count; nothing of it is muted, an exception has the sign of its level."""
    if not value:
        return Cell(NONE if value is None else formats.count(value), "muted")
    return Cell(f"{level.icon}{formats.count(value)}", level.value)


def percent(ratio: Number | None, level: Level = Level.QUIET) -> Cell:
    """A share."""
    return Cell(NONE, "muted") if ratio is None else Cell(f"{level.icon}{formats.percent(ratio)}", level.value)


def bar(ratio: float | None) -> Cell:
    """A share with its bar."""
    return Cell(NONE, "muted") if ratio is None else Cell(formats.percent(ratio), "", tables.bar(ratio, None, ""))


def duration(seconds: Number | None, level: Level = Level.QUIET) -> Cell:
    """A time that something took."""
    return Cell(NONE, "muted") if seconds is None else Cell(f"{level.icon}{formats.duration(seconds)}", level.value)


def decimal(value: Number | None, digits: int = 1) -> Cell:
    """A number with digits after the point."""
    return Cell(NONE, "muted") if value is None else Cell(formats.decimal(value, digits))


def money(amount: Number | None, currency: str | None) -> Cell:
    """An amount of one currency."""
    return Cell(NONE, "muted") if not amount else Cell(formats.money(amount, currency))


def amounts(rows: Iterable[Mapping[str, Any]], column: str) -> Cell:
    """Amounts of a column, one for each currency of the rows, side by side."""
    texts = [formats.money(row[column], row["currency"]) for row in rows if row[column]]
    return Cell(" + ".join(texts)) if texts else Cell(NONE, "muted")


def state(level: Level, words: str) -> Cell:
    """What is to be done about a row, in words."""
    return Cell(f"{level.icon}{words}", "muted" if level is Level.QUIET else level.value)
