"""What a wall shows: six numbers of everything that is chosen, or of one part after the other. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboards.data.asking import Filters
from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.definitions import definitions
from dashboards.look.states import Level
from dashboards.look.tiles import Reading, Tile
from dashboards.look.words import say
from dashboards.queries.floor import ROLLING_MINUTES
from dashboards.readings.floor import LONGEST_WAIT, Judge, missed
from dashboards.readings.live import CONTRACT, ROLLING, TODAY
from dashboards.readings.places import DEFERRED, Row, belongs, contracts_of, pace_of, terms_of
from pipeline.domain.definitions import THRESHOLD_SECONDS

#: What a wall can go round; the first is no rotation.
ROTATIONS = ("none", "queue", "client", "line", "channel", "site")
#: Seconds that each part is shown, unless the address says otherwise.
EVERY_SECONDS = 15
_LEAST_SECONDS, _MOST_SECONDS = 5, 3600


@dataclass(frozen=True, slots=True)
class Subject:
    """What the numbers are of: the key of a row of each answer of the floor."""

    dimension: str
    place: str | None
    of_client: str | None
    pace: str

    def row(self, rows: Iterable[Row]) -> Row:
        """The row of an answer; empty if there is none."""
        return next((row for row in rows if self == subject_of(row)), {})

    def staff(self, rows: Sequence[Row]) -> Row:
        """As ``row``, of people: those of a client or a site do one kind of work and the other."""
        both = Subject(self.dimension, self.place, self.of_client, "")
        return next((row for row in rows if subject_of(row) in (self, both)), {})

    def where(self) -> tuple[tuple[str, str | None], ...]:
        """For the SQL of a tile."""
        return ("dimension", self.dimension), ("place", self.place), ("of_client", self.of_client), ("pace", self.pace)

    @property
    def key(self) -> str:
        """For the keys of tiles: numbers of different parts have levels of their own."""
        return "/".join(part or "" for part in (self.dimension, self.of_client, self.place, self.pace))


def subject_of(row: Row) -> Subject:
    """What a row is of; agents of both kinds of work have the pace ``""``."""
    return Subject(row["dimension"], row["place"], row["of_client"], row["pace"] or "")


def seconds_of(text: str | None) -> int:
    """How long each part is shown: the address's number, within reason."""
    try:
        return min(max(int(text or EVERY_SECONDS), _LEAST_SECONDS), _MOST_SECONDS)
    except ValueError:
        return EVERY_SECONDS


def subjects(rows: Iterable[Row], rotation: str, pace: str) -> list[Subject]:
    """What a wall goes round, of the rows of ``floor.WAITING``: every part that had traffic, by name."""
    whole = Subject("all", None, None, pace)
    parts = [
        subject_of(row)
        for row in rows
        if row["dimension"] == rotation and row["waiting"] is not None and row["place"] is not None
    ]
    return sorted(parts, key=lambda part: (part.of_client or "", part.place or "", part.pace == DEFERRED)) or [whole]


def turn(parts: Sequence[Subject], moment: datetime, every_seconds: int) -> int:
    """Which of the parts it is the turn of: the same one on every wall of the room."""
    return int(moment.timestamp()) // every_seconds % len(parts)


def title(subject: Subject, filters: Filters) -> str:
    """What the numbers are of, in words."""
    if subject.dimension == "all":
        chosen = [value for value in filters.parameters().values() if value]
        return " · ".join(chosen) or say("The whole floor")
    words = subject.place or say("not described")
    if subject.dimension == "queue" and subject.of_client and not filters.client:
        words = f"{words} · {subject.of_client}"
    if subject.pace == DEFERRED and subject.dimension not in ("queue", "channel"):
        words = say("{place}: email and work items", place=words)
    return words


def wall_readings(
    view: View, filters: Filters, subject: Subject, memory: dict[tuple[Any, ...], Level]
) -> list[tuple[Tile, Reading]]:
    """The six tiles with what they read; ``memory`` is updated.

    The view has the answers of the floor's queries under their names (``PERIOD`` of today), and of ``LEVELS`` of the
    contract as ``today``.
    """
    known = definitions(view.rows("catalogue"))
    contracts = contracts_of(view.rows("floor_contracts"), filters)
    where = subject.where()
    mine = [row for row in contracts if belongs(row, dict(where))]
    terms = terms_of(mine, known[CONTRACT], THRESHOLD_SECONDS)
    lost = terms_of(mine, known["abandonment_rate"], THRESHOLD_SECONDS, "abandonment_target")
    judge = Judge(known, memory, (filters, subject))
    now = subject.row(view.rows("floor_waiting"))
    staff = subject.staff(view.rows("floor_staff"))
    level = say("Service level {target}", target=terms.name).strip()

    def of(name: str, query: str, column: str, label: str, period: str = "", key: str = "") -> Tile:
        return Tile(name, query, (column,), where, label, period, hero=True, name=f"{key or name}/{subject.key}")

    def served(query: str, column: str, name: str) -> Reading:
        rows = view.rows(query)
        value = subject.row(rows).get(column)
        failed = missed(rows, mine, known[CONTRACT], column, subject.pace)
        return Reading(formats.percent(value), *judge.under(name, value, terms, failed, query))

    rate = subject.row(view.rows("floor_period")).get("abandonment_rate")
    abandonment = (
        Reading(formats.percent(rate), say("each queue has its own target"))
        if lost.target is None
        else Reading(formats.percent(rate), *judge.level("abandonment_rate", rate, lost.target))
    )
    rolling = say("last {minutes} min", minutes=ROLLING_MINUTES)
    free = Tile(
        "agents_by_state", "floor_staff", ("available",), _where_staff(where, staff), say("Agents free"), hero=True,
        name=f"free/{subject.key}",
    )  # fmt: skip
    return [
        (of("waiting_by_rule", "floor_waiting", "waiting", say("Waiting"), key="waiting"), _waiting(now, staff)),
        (of(LONGEST_WAIT, "floor_waiting", "longest_wait_seconds", say("Longest wait")), _longest(now, subject, judge)),
        (of(ROLLING, "floor_rolling", ROLLING, level, rolling), served("floor_rolling", ROLLING, ROLLING)),
        (of(CONTRACT, TODAY, "service_level", level, say("today"), "today"), served(TODAY, "service_level", CONTRACT)),
        (of("abandonment_rate", "floor_period", "abandonment_rate", say("Abandonment"), say("today")), abandonment),
        (free, _free(staff)),
    ]


def _where_staff(where: tuple[tuple[str, str | None], ...], staff: Row) -> tuple[tuple[str, str | None], ...]:
    return (*where[:3], ("pace", staff.get("pace")))


def _waiting(now: Row, staff: Row) -> Reading:
    if now.get("waiting") is None:
        return Reading(formats.nothing())
    free = staff.get("available")
    if now["waiting"] and free == 0:
        return Reading(formats.count(now["waiting"]), say("nobody is free"), Level.WARNING)
    return Reading(formats.count(now["waiting"]), say("{count} in progress", count=formats.count(now["in_progress"])))


def _longest(now: Row, subject: Subject, judge: Judge) -> Reading:
    longest = now.get("longest_wait_seconds")
    if longest is None:
        return Reading(say("none"), say("nobody waits")) if now.get("waiting") == 0 else Reading(formats.nothing())
    if subject.pace == DEFERRED:
        return Reading(formats.duration(longest), say("the oldest item"))
    return Reading(formats.duration(longest), *judge.level(LONGEST_WAIT, longest))


def _free(staff: Row) -> Reading:
    if not staff:
        return Reading(formats.nothing(), say("nobody signed in"))
    return Reading(
        formats.count(staff["available"]), say("of {count} signed in", count=formats.count(staff["signed_in"]))
    )


def pace_for(view: View, filters: Filters) -> str:
    """The pace of the whole."""
    return pace_of(contracts_of(view.rows("floor_contracts"), filters))
