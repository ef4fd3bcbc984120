"""Which rows stand behind a tile's number, and the address of the page that shows them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from dashboards.data.asking import Ask, Filters
from dashboards.readings.kind import Kind
from dashboards.readings.kinds import KINDS, kind_of
from pipeline.kpis.catalogue import catalogue

_PACES = ("live", "deferred")
_QUESTIONS = {"csat": "csat", "nps": "nps", "ces_mean": "ces"}
#: What places a tile's row in its answer without narrowing what it counts, or is said by the number itself.
_SAID_OTHERWISE = ("dimension", "place", "of_client", "pace", "level", "part", "question")
#: Arguments of a question under which its numbers are not of these rows.
_OTHERWISE = ("definitions_at",)
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
    def sort(self) -> Kind:
        """What its rows are."""
        return KINDS[self.kind]

    @property
    def question(self) -> str | None:
        """Of a score: the question of surveys that it is of."""
        return _QUESTIONS.get(self.kpi)


def behind_of(kind: str, kpi: str, definition: str = "") -> Behind | None:
    """The rows behind a number of the catalogue; None if there are none to show."""
    names = {each.name for each in catalogue().all()}
    if kpi not in names or kind not in KINDS:
        return None
    parts, formula = KINDS[kind].parts(kpi, definition)
    return Behind(kind, kpi, parts, formula, definition) if parts else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked to show: the rows behind a number, of which queues, period and moment."""

    behind: Behind
    filters: Filters
    pace: str | None
    start: datetime | None
    stop: datetime | None
    part: str

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of its query, besides the part and the page."""
        return {"pace": self.pace, "definition": self.behind.definition, "question": self.behind.question}


def asked(values: Mapping[str, str]) -> Asked | None:
    """What an address (``address``) asks for; None if it asks for nothing that there is."""
    found = behind_of(values.get("of", ""), values.get("behind", ""), values.get("definition", ""))
    if found is None:
        return None
    chosen = Filters(**{name: values[name][:_MAX] for name in found.sort.places if values.get(name)})
    start, stop = (_moment(values.get(name, "")) for name in ("start", "stop"))
    if {"start", "stop"} & found.sort.query.parameters and (start is None or stop is None):
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
    found = behind_of(kind_of(question.query.name, kpi, definition) or "", kpi, definition)
    narrowed = None if found is None else _narrowed(given, dict(row), found.sort.places)
    if found is None or narrowed is None:
        return None
    values = {"behind": kpi, "of": found.kind, **narrowed, "as_of": at.isoformat()}
    if definition and found.kind == "levels":
        values["definition"] = definition
    if found.sort.rows != "entries" and (part := next((name for name in columns if name in found.parts), None)):
        values["part"] = part
    if question.period is not None:
        start, stop = question.period.bounds(at)
        values |= {"start": start.isoformat(), "stop": stop.isoformat()}
    return f"interactions?{urlencode(values)}"


def _narrowed(given: Mapping[str, Any], row: Mapping[str, str | None], places: Sequence[str]) -> dict[str, str] | None:
    """The filters of the question and of the row in it; None if one of them cannot be said of rows."""
    others = {field.name for field in fields(Filters)} - set(places)
    if any(given.get(name) is not None for name in (*others, *_OTHERWISE)):
        return None
    found = {name: str(given[name]) for name in places if given.get(name) is not None}
    place = {name: value for name, value in row.items() if name not in _SAID_OTHERWISE}
    if row.get("dimension", "all") not in (None, "all"):
        place |= {"client": row.get("of_client"), str(row["dimension"]): row.get("place")}
        if row.get("place") is None:
            return None  # what is not described has no value to narrow by
    for name, value in place.items():
        if value is None:
            continue
        if name not in places or found.get(name, value) != value:
            return None
        found[name] = value
    return found | ({"pace": str(row["pace"])} if row.get("pace") else {})


_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def with_numbers(formula: str, numbers: Mapping[str, str]) -> str:
    """A formula with the numbers of its parts in place of their names: ``(21 - 0) / (312 - 0)``."""
    return _NAME.sub(lambda name: numbers.get(name[0], name[0]), formula)
