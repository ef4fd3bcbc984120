"""What can be asked of the feed: a query, whose scope, which moment, which period, which filters. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from dashboards.access.scope import Scope
from dashboards.queries.scoped import Query

_QUARTER_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Filters:
    """What a viewer narrows the board to; None is all. Each is a parameter ``$name`` of the queries that know it."""

    client: str | None = None
    line: str | None = None
    queue: str | None = None
    channel: str | None = None
    direction: str | None = None
    language: str | None = None
    skill: str | None = None
    site: str | None = None
    team: str | None = None
    campaign: str | None = None

    def parameters(self) -> dict[str, str | None]:
        """By name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Period:
    """The time that numbers are of: up to the moment that is shown, or between two moments.

    ``kind``: ``last`` (``minutes`` back), ``quarters`` (the same, back from the beginning of a quarter of an hour),
    ``interval`` (since the quarter of an hour began), ``today`` (since midnight in ``zone``), ``between`` (``start`` to
    ``stop``). Periods begin on whole minutes, the grain of the KPIs.
    """

    kind: str
    minutes: int = 0
    zone: str = "UTC"
    start: datetime | None = None
    stop: datetime | None = None

    def bounds(self, at: datetime) -> tuple[datetime, datetime]:
        """First and last moment, the last one not included, for the moment ``at``."""
        if self.kind == "between":
            if self.start is None or self.stop is None:
                raise ValueError("a period between two moments needs both")
            return self.start, self.stop
        return self._start(at.replace(second=0, microsecond=0)), at

    def _start(self, minute: datetime) -> datetime:
        if self.kind == "last":
            return minute - timedelta(minutes=self.minutes)
        quarter = minute.replace(minute=minute.minute // _QUARTER_MINUTES * _QUARTER_MINUTES)
        if self.kind == "interval":
            return quarter
        if self.kind == "quarters":
            return quarter - timedelta(minutes=self.minutes)
        if self.kind == "today":
            local = minute.astimezone(ZoneInfo(self.zone))
            return local.replace(hour=0, minute=0, fold=0).astimezone(minute.tzinfo)
        raise ValueError(f"there is no period {self.kind!r}")


def last(minutes: int) -> Period:
    """The last ``minutes``."""
    return Period("last", minutes)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. Equal ones have one answer, however many viewers ask; what a query does not use is left out."""

    query: Query
    scope: Scope
    #: None: now.
    as_of: datetime | None
    #: (name, value) of every parameter of the query but the moments, by name; lists as tuples.
    values: tuple[tuple[str, Any], ...] = ()
    period: Period | None = None

    @property
    def lasts(self) -> bool:
        """The answer changes with the store only, not with the time."""
        return not self.query.parameters & {"at", "start", "stop"}

    def moments(self, at: datetime) -> dict[str, datetime]:
        """The values of ``$at``, ``$start`` and ``$stop``, if the query has them."""
        moments = {"at": at}
        if self.period is not None:
            moments["start"], moments["stop"] = self.period.bounds(at)
        return {name: moment for name, moment in moments.items() if name in self.query.parameters}

    def bound(self, at: datetime) -> dict[str, Any]:
        """The values of all parameters of the text for the moment ``at``."""
        return {**dict(self.values), **self.moments(at)}


def ask(
    query: Query,
    scope: Scope,
    *,
    as_of: datetime | None = None,
    period: Period | None = None,
    filters: Filters = Filters(),
    arguments: Mapping[str, Any] = MappingProxyType({}),
) -> Ask:
    """A question, with those values that its query uses.

    Raises:
        ValueError: the query needs a value that is not given.
    """
    needed = query.parameters - {"at", "start", "stop"}
    given = {**filters.parameters(), **arguments}
    if missing := needed - given.keys():
        raise ValueError(f"query {query.name} needs {', '.join(sorted(missing))}")
    timed = bool(query.parameters & {"start", "stop"})
    if timed and period is None:
        raise ValueError(f"query {query.name} needs a period")
    values = tuple((name, _hashable(given[name])) for name in sorted(needed))
    return Ask(query, scope, as_of, values, period if timed else None)


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | set | frozenset) else value


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a question at a moment."""

    at: datetime
    rows: tuple[Mapping[str, Any], ...] = field(repr=False)
