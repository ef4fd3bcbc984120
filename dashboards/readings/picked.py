"""What a viewer of sales or of digital work picked, and how its rows are found in the answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboards.data.asking import Period
from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.formats import Number
from dashboards.look.tiles import Reading, Tile

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Picked:
    """``client`` None is all of them; ``campaign`` is one of that client; ``words`` say what the period is."""

    client: str | None
    period: Period
    words: str
    as_of: datetime | None = None
    campaign: str | None = None

    @property
    def total(self) -> tuple[tuple[str, str | None], ...]:
        """Where the totals of the choice stand in an answer with ``level``."""
        if self.client is None:
            return (("level", "all"),)
        return (("level", "client"), ("client", self.client))

    @property
    def campaign_row(self) -> tuple[tuple[str, str | None], ...]:
        """The same in an answer by campaign."""
        if self.client is None or self.campaign is None:
            return self.total
        return (("level", "campaign"), ("client", self.client), ("campaign", self.campaign))

    def includes(self, row: Row) -> bool:
        """Whether a row is of what was picked."""
        if self.campaign is not None and "campaign" in row and row["campaign"] != self.campaign:
            return False
        return self.client is None or row["client"] == self.client

    def things(self, view: View, query: str, level: str) -> list[Row]:
        """The rows of single things of an answer, in its order."""
        return [row for row in view.rows(query) if row["level"] == level and self.includes(row)]


def rows_at(view: View, query: str, where: Sequence[tuple[str, str | None]]) -> list[Row]:
    """The rows of an answer with these values."""
    return [row for row in view.rows(query) if all(row[name] == value for name, value in where)]


def row_at(view: View, query: str, where: Sequence[tuple[str, str | None]]) -> Row:
    """The one row with these values; empty if there is none."""
    return next(iter(rows_at(view, query, where)), {})


def money_reading(rows: Sequence[Row], column: str, words: str = "") -> Reading:
    """An amount for each currency: amounts of several are never one number."""
    amounts = [(row["currency"], row[column]) for row in rows if row[column]]
    if not amounts:
        return Reading(formats.nothing())
    if len(amounts) == 1:
        ((currency, amount),) = amounts
        return Reading(formats.money(amount, currency), words)
    return Reading("", words, parts=[(currency or "", formats.money(amount, None)) for currency, amount in amounts])


def counted(row: Row, column: str, *, of: Sequence[str] = (), words: str = "") -> Reading:
    """A count; no traffic if that and all of the columns ``of`` are nothing."""
    value: Number | None = row.get(column)
    if not value and not any(row.get(name) for name in of):
        return Reading(formats.nothing())
    return Reading(formats.count(value or 0), words)


def pair(reading: Reading, definition: str, query: str, columns: Sequence[str],
         row: Sequence[tuple[str, str | None]], *, label: str = "", period: str = "", hero: bool = False,
         ) -> tuple[Tile, Reading]:  # fmt: skip
    """A tile with what it reads."""
    return Tile(definition, query, tuple(columns), tuple(row), label, period, hero), reading
