"""Queues and rows of groupings: which belong together, and what is promised of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.data.asking import Filters
from dashboards.look.definitions import Definition

#: The two paces of work: what is measured in seconds, and email, letters and work items, measured in hours.
LIVE, DEFERRED = "live", "deferred"
Row = Mapping[str, Any]


def values_of(rows: Sequence[Mapping[str, Any]], name: str, chosen: Mapping[str, str | None]) -> list[str]:
    """The values of an attribute among the places that fit the other choices."""
    fits = [
        row
        for row in rows
        if all(row.get(other) == value for other, value in chosen.items() if other != name and value and other in row)
    ]
    return sorted({row[name] for row in fits if row.get(name) is not None})


def includes(filters: Filters, row: Mapping[str, Any]) -> bool:
    """Whether a row of ``common.PLACES`` is among what is chosen."""
    return all(row.get(name) == value for name, value in filters.parameters().items() if value and name in row)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised of some queues: each value once. Queues that differ have no common target."""

    targets: frozenset[float]
    thresholds: frozenset[float]

    @property
    def target(self) -> float | None:
        """The one target, if there is one."""
        return next(iter(self.targets)) if len(self.targets) == 1 else None

    @property
    def name(self) -> str:
        """``80/20``; nothing where the queues differ."""
        if self.target is None or len(self.thresholds) != 1:
            return ""
        threshold = next(iter(self.thresholds))
        return f"{self.target * 100:.4g}/{threshold:.4g}"


def contracts_of(rows: Iterable[Row], filters: Filters) -> list[Row]:
    """The chosen queues of the answer of ``floor.CONTRACTS``."""
    return [row for row in rows if includes(filters, row)]


def pace_of(contracts: Sequence[Row]) -> str:
    """Which of the two the headline numbers are of: calls and chats, unless only deferred work is chosen."""
    return DEFERRED if contracts and all(row["pace"] == DEFERRED for row in contracts) else LIVE


def terms_of(
    contracts: Iterable[Row], known: Definition, threshold_seconds: float, column: str = "service_level_target"
) -> Terms:
    """What is promised of these queues; what their settings do not say is the catalogue's and the default threshold."""
    rows = list(contracts)
    targets = {float(known.target or 0) if row[column] is None else float(row[column]) for row in rows}
    thresholds = {
        threshold_seconds if row["threshold_seconds"] is None else float(row["threshold_seconds"]) for row in rows
    }
    return Terms(frozenset(targets or {float(known.target or 0)}), frozenset(thresholds or {threshold_seconds}))


def row_of(rows: Iterable[Row], pace: str | None, dimension: str = "all") -> Row:
    """The row of everything; empty if there is none."""
    return next((row for row in rows if row["dimension"] == dimension and row["pace"] == pace), {})


def key_of(row: Row) -> tuple[Any, ...]:
    """What tells one row of a grouping from another."""
    return row["dimension"], row["of_client"], row["place"], row["pace"]


def belongs(contract: Row, row: Row) -> bool:
    """Whether a queue is part of a row of a grouping."""
    if contract["pace"] != row["pace"] or (row["of_client"] is not None and contract["client"] != row["of_client"]):
        return False
    return bool(row["dimension"] == "all" or contract[row["dimension"]] == row["place"])
