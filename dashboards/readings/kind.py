"""What a kind of rows behind numbers is: its query, of which numbers it is, and what is shown of a row. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from dashboards.queries.scoped import Query
from pipeline.kpis.catalogue import catalogue

#: The names of a number's parts, and how they make it, in their names.
Parts = tuple[tuple[str, ...], str]
NOTHING: Parts = ((), "")

#: Attributes of queues by which rows can be narrowed.
PLACES = ("client", "line", "channel", "queue", "language", "skill", "site")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one sort."""

    #: It has a row for each contact, span or thing of ``$part``.
    query: Query
    #: The queries whose tiles' numbers are of these rows.
    of: tuple[str, ...]
    #: The parts of a number of the catalogue, under a definition of service level if there is one.
    parts: Callable[[str, str], Parts]
    #: What a row is: a pass through a queue, a span of an agent, or something else with ``columns``.
    rows: Literal["entries", "agents", "things"] = "entries"
    #: What of filters and tiles' rows can be said of these rows.
    places: tuple[str, ...] = PLACES
    columns: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """The columns by which pages of rows are turned, besides the time and the client."""
        return {
            "entries": ("interaction", "segment"),
            "agents": ("agent", "state"),
            "things": ("interaction", "thing"),
        }[self.rows]


def named(**numbers: tuple[str, ...] | Parts) -> Callable[[str, str], Parts]:
    """The parts of numbers by their names; the formula is the catalogue's, if it is in their terms, else that given."""
    given: dict[str, Parts] = {}
    for kpi, said in numbers.items():
        if len(said) == 2 and isinstance(said[0], tuple):  # noqa: PLR2004 - parts and formula
            given[kpi] = (said[0], str(said[1]))
        else:
            names = tuple(map(str, said))
            given[kpi] = (names, _formula_of(kpi, names))
    return lambda kpi, _: given.get(kpi, NOTHING)


def _formula_of(kpi: str, parts: tuple[str, ...]) -> str:
    formula: str = catalogue()[kpi].formula
    if set(_NAME.findall(formula)) <= set(parts):
        return formula
    return parts[0] if len(parts) == 1 else ""
