"""Which rows stand behind a tile's number, and the address of the page that shows them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from dashboards.data.asking import Ask, Filters
from dashboards.queries import behind, floor
from dashboards.queries.scoped import Query
from pipeline.kpis.catalogue import Ratio, catalogue

#: How the numbers of a query come about. A tile of another query has no rows to show: its number may be made otherwise.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "floor_waiting": "open",
        "floor_rolling": "rolling",
        "floor_period": "cells",
        "floor_levels": "levels",
        "floor_staff": "staff",
        "floor_occupancy": "spans",
    }
)
#: Also of a past moment, whose numbers have a text of their own.
_KINDS = {
    **KINDS,
    **{query.past.name: KINDS[query.name] for query in floor.QUERIES if query.past and query.name in KINDS},
}
_QUERIES = {
    "open": behind.OPEN_ROWS,
    "rolling": behind.ROLLING_ROWS,
    "cells": behind.CELL_ROWS,
    "levels": behind.LEVEL_ROWS,
    "staff": behind.STAFF_ROWS,
    "spans": behind.SPAN_ROWS,
}
_OPEN_PARTS: Mapping[str, tuple[str, ...]] = {
    "waiting_by_rule": ("waiting",),
    "longest_wait_now_seconds": ("waiting",),
    "in_progress": ("in_progress",),
}
_ROLLING_PARTS: Mapping[str, tuple[str, ...]] = {
    "service_level_with_expired": ("answered_in_time", "decided"),
    "service_level_completed": ("answered_in_time", "completed"),
}
#: Attributes of queues by which rows can be narrowed; others (a team, a campaign) cannot be said here yet.
_PLACES = ("client", "line", "channel", "queue", "language", "skill", "site")
_PACES = ("live", "deferred")
_MAX = 200


@dataclass(frozen=True, slots=True)
class Behind:
    """Rows behind a number: those of each of its parts, such as both sides of a quotient."""

    kind: str
    kpi: str
    #: Names of measures, of sides or of states.
    parts: tuple[str, ...]
    #: How the parts make the number, in their names.
    formula: str
    #: Of service level: which definition; else "".
    definition: str = ""

    @property
    def query(self) -> Query:
        """It has a row for each contact or span of ``$part``."""
        return _QUERIES[self.kind]

    @property
    def is_of_agents(self) -> bool:
        """Its rows are spans of agents, not queue entries."""
        return self.kind in ("staff", "spans")


def behind_of(kind: str, kpi: str, definition: str = "") -> Behind | None:
    """The rows behind a number of the catalogue; None if there are none to show."""
    names = {each.name for each in catalogue().all()}
    if kpi not in names or kind not in _QUERIES:
        return None
    parts, formula = _parts(kind, kpi, definition)
    return Behind(kind, kpi, parts, formula, definition) if parts else None


def _parts(kind: str, kpi: str, definition: str) -> tuple[tuple[str, ...], str]:
    if kind == "cells":
        return _cell_parts(kpi)
    if kind == "levels":
        known = {each.name for each in catalogue().definitions} | {"contract"}
        return (behind.SIDES, " / ".join(behind.SIDES)) if definition in known else ((), "")
    if kind == "rolling":
        parts: tuple[str, ...] = _ROLLING_PARTS.get(kpi, ())
        return parts, " / ".join(parts)
    if kind == "open":
        parts = _OPEN_PARTS.get(kpi, ())
        return parts, f"max({parts[0]})" if kpi.startswith("longest") else "".join(parts)
    if kind == "staff":
        return (behind.STAFF, "") if kpi == "agents_by_state" else ((), "")
    return _ratio_parts(kpi) if kpi == "occupancy" else ((), "")


def _cell_parts(kpi: str) -> tuple[tuple[str, ...], str]:
    if kpi in behind.MEASURES:
        return (kpi,), kpi
    return _ratio_parts(kpi)


def _ratio_parts(kpi: str) -> tuple[tuple[str, ...], str]:
    found = catalogue()[kpi]
    if not isinstance(found, Ratio):
        return (), ""
    if found.percentile is not None:
        return ("waits",), ""
    return tuple(dict.fromkeys(found.inputs)), found.formula


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked to show: the rows behind a number, of which queues, period and moment."""

    behind: Behind
    filters: Filters
    pace: str | None
    start: datetime | None
    stop: datetime | None
    part: str


def asked(values: Mapping[str, str]) -> Asked | None:
    """What an address (``address``) asks for; None if it asks for nothing that there is."""
    found = behind_of(values.get("of", ""), values.get("behind", ""), values.get("definition", ""))
    if found is None:
        return None
    chosen = Filters(**{name: values[name][:_MAX] for name in _PLACES if values.get(name)})
    start, stop = (_moment(values.get(name, "")) for name in ("start", "stop"))
    if {"start", "stop"} & found.query.parameters and (start is None or stop is None):
        return None
    pace = values.get("pace", "")
    part = values.get("part", "")
    return Asked(
        found,
        chosen,
        pace if pace in _PACES else None,
        start,
        stop,
        part if part in found.parts else found.parts[0],
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment


def address(
    kpi: str, question: Ask, at: datetime, row: Sequence[tuple[str, str | None]] = (), columns: Sequence[str] = ()
) -> str | None:
    """Where the rows behind a tile's number are: of the same queues, period and moment; None if that cannot be said.

    ``row`` and ``columns``: where in the answer of ``question`` the number stands, as in ``Tile``.
    """
    given: dict[str, Any] = dict(question.values)
    definition = str(given.get("definition") or "")
    found = behind_of(_KINDS.get(question.query.name, ""), kpi, definition)
    narrowed = _narrowed(given, dict(row))
    if found is None or narrowed is None:
        return None
    values = {"behind": kpi, "of": found.kind, **narrowed, "as_of": at.isoformat()}
    if definition and found.kind == "levels":
        values["definition"] = definition
    if found.is_of_agents and (part := next((name for name in columns if name in found.parts), None)):
        values["part"] = part
    if question.period is not None:
        start, stop = question.period.bounds(at)
        values |= {"start": start.isoformat(), "stop": stop.isoformat()}
    return f"interactions?{urlencode(values)}"


def _narrowed(given: Mapping[str, Any], row: Mapping[str, str | None]) -> dict[str, str] | None:
    """The filters of the question and of the row in it; None if one of them cannot be said of rows."""
    others = {field.name for field in fields(Filters)} - set(_PLACES)
    if any(given.get(name) is not None for name in others):
        return None
    found = {name: str(given[name]) for name in _PLACES if given.get(name) is not None}
    place = {name: value for name, value in row.items() if name not in ("dimension", "place", "of_client", "pace")}
    if row.get("dimension", "all") not in (None, "all"):
        place |= {"client": row.get("of_client"), str(row["dimension"]): row.get("place")}
        if row.get("place") is None:
            return None  # what is not described has no value to narrow by
    for name, value in place.items():
        if value is None:
            continue
        if name not in _PLACES or found.get(name, value) != value:
            return None
        found[name] = value
    return found | ({"pace": str(row["pace"])} if row.get("pace") else {})


_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def with_numbers(formula: str, numbers: Mapping[str, str]) -> str:
    """A formula with the numbers of its parts in place of their names: ``(21 - 0) / (312 - 0)``."""
    return _NAME.sub(lambda name: numbers.get(name[0], name[0]), formula)
