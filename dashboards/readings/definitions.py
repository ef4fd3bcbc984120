"""What the page of definitions reads out of the catalogue and the queues' settings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboards.look.words import mark, say

Row = Mapping[str, Any]
UNITS = {
    "count": mark("a count"),
    "seconds": mark("seconds"),
    "ratio": mark("a share, 0 to 100 %"),
    "money": mark("money"),
    "state": mark("a state"),
}
#: What a queue does with short abandons.
SHORT_ABANDONS = {
    "counted": mark("count like others"),
    "excluded": mark("left out of the ratios"),
    "not_offered": mark("not counted as contacts"),
}
_SEARCHED = ("name", "title", "formula", "description", "source")


def found(rows: Iterable[Row], text: str | None) -> list[Row]:
    """The definitions in which every word of ``text`` stands, also in the viewer's language; all if there is none."""
    words = (text or "").casefold().split()
    return [row for row in rows if all(word in _text_of(row) for word in words)]


def _text_of(row: Row) -> str:
    return " ".join([say(row["title"]), *(str(row[name]) for name in _SEARCHED)]).casefold()


def direction(higher_is_better: bool | None) -> str:
    """Which way is good, in words."""
    if higher_is_better is None:
        return say("neither up nor down is better")
    return say("higher is better") if higher_is_better else say("lower is better")


@dataclass(frozen=True, slots=True)
class InForce:
    """The settings of one queue: ``state`` says in words whether they hold at the moment that is shown."""

    row: Row
    state: str
    is_now: bool


def settings_of(rows: Sequence[Row], at: datetime) -> list[InForce]:
    """The rows of ``IN_FORCE``, those in force of each queue first."""
    held = [InForce(row, _state(row, at), bool(row["in_force"])) for row in rows]
    return sorted(held, key=lambda each: (each.row["client"], each.row["queue"], not each.is_now))


def _state(row: Row, at: datetime) -> str:
    if not row["described"]:
        return say("the defaults: not described")
    if row["in_force"]:
        return say("● in force")
    return say("◷ later") if row["valid_from"] is not None and row["valid_from"] > at else say("◌ before")
