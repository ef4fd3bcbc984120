"""What the page of live queues reads out of its answers for one viewer's choice. Pure: nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboards.data.asking import Filters, Period, last
from dashboards.data.connection import Rows
from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.definitions import definitions
from dashboards.look.states import Level
from dashboards.look.tiles import Reading, Tile
from dashboards.look.words import mark, say
from dashboards.queries.floor import ROLLING_MINUTES, STATES
from dashboards.readings.floor import LONGEST_WAIT, Judge, missed, trend
from dashboards.readings.places import (
    DEFERRED,
    LIVE,
    Row,
    Terms,
    belongs,
    contracts_of,
    key_of,
    pace_of,
    row_of,
    terms_of,
)
from pipeline.domain.definitions import THRESHOLD_SECONDS

STATE_TITLES = {
    "available": mark("Available"),
    "on_contact": mark("On contact"),
    "wrap_up": mark("Wrap-up"),
    "break": mark("Break"),
}
#: The names under which the page asks for the service level of the periods that are always shown.
INTERVAL, TODAY, CHOSEN = "interval", "today", "chosen"
ROLLING = "service_level_with_expired"
CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the viewer chose. ``as_of`` None is now."""

    filters: Filters = field(default_factory=Filters)
    #: The queue's attribute that the table has a row for each value of.
    dimension: str = "queue"
    definition: str = CONTRACT
    period: Period = last(30)
    period_words: str = ""
    as_of: datetime | None = None


def kpi_of(definition: str) -> str:
    """The name in the catalogue of a definition of service level, with its target."""
    return definition if definition == CONTRACT else f"service_level_{definition}"


def clients_of(view: View) -> list[str]:
    """Every client that the viewer may see, by name; the view has the answers of ``common``."""
    return sorted({row["client"] for name in ("places", "zones") for row in view.rows(name)})


def live_tiles(choice: Choice, pace: str, terms: Terms) -> tuple[Tile, ...]:
    """The tiles of the page in their order."""
    whole = (("dimension", "all"), ("pace", pace))
    # On a phone only a short label is not cut off.
    rolling = " · ".join(filter(None, (terms.name, say("rolling {minutes} min", minutes=ROLLING_MINUTES))))
    kpi, share = kpi_of(choice.definition), say("service level")

    def of(
        name: str, query: str, column: str, label: str, period: str = "", *, hero: bool = False, key: str = ""
    ) -> Tile:
        return Tile(name, query, (column,), whole, label, period, hero, key)

    return (
        of("waiting_by_rule", "floor_waiting", "waiting", say("Waiting now"), hero=True, key="waiting"),
        of(LONGEST_WAIT, "floor_waiting", "longest_wait_seconds", say("Longest wait now"), hero=True),
        of(ROLLING, "floor_rolling", ROLLING, say("Service level"), rolling, hero=True),
        of("abandonment_rate", "floor_period", "abandonment_rate", say("Abandonment"), choice.period_words, hero=True),
        of(
            kpi,
            INTERVAL,
            "service_level",
            say("Interval {target}", target=terms.name).strip(),
            share,
            key="level-interval",
        ),
        of(kpi, TODAY, "service_level", say("Today {target}", target=terms.name).strip(), share, key="level-today"),
        Tile(
            "waiting_by_rule",
            "floor_waiting",
            ("waiting", "longest_wait_seconds"),
            (("dimension", "all"), ("pace", DEFERRED)),
            say("Deferred work"),
            say("email and work items"),
            name="deferred",
        ),
        Tile("occupancy", "floor_occupancy", ("occupancy",), (), say("Occupancy"), choice.period_words),
        Tile("agents_by_state", "floor_staff", STATES, (("dimension", "all"),), say("Agents")),
    )


def live_readings(view: View, choice: Choice, memory: dict[tuple[Any, ...], Level]) -> list[tuple[Tile, Reading]]:
    """Each tile with what it reads; ``memory`` is updated.

    The view has the answers of the floor's queries under their names, and of ``LEVELS`` as ``interval`` and ``today``.
    """
    known = definitions(view.rows("catalogue"))
    contracts = contracts_of(view.rows("floor_contracts"), choice.filters)
    pace = pace_of(contracts)
    of_pace = [row for row in contracts if row["pace"] == pace]
    kpi = kpi_of(choice.definition)
    terms = terms_of(of_pace, known[kpi], THRESHOLD_SECONDS)
    lost = terms_of(of_pace, known["abandonment_rate"], THRESHOLD_SECONDS, "abandonment_target")
    judge = Judge(known, memory, (choice.filters, choice.period, choice.definition))

    now, later = (row_of(view.rows("floor_waiting"), which) for which in (pace, DEFERRED))
    rolling = row_of(view.rows("floor_rolling"), pace)
    period = row_of(view.rows("floor_period"), pace)
    before = next((row for row in view.rows("floor_hour_before") if row["pace"] == pace), {})

    def level_of(rows: Sequence[Row], column: str, name: str, shown: str = "") -> Reading:
        value = row_of(rows, pace).get(column)
        failed = missed(rows, contracts, known[kpi], column, pace)
        words, level = judge.under(name, value, terms, failed, shown)
        return Reading(formats.percent(value), words, level)

    expired = level_of(view.rows("floor_rolling"), ROLLING, ROLLING)
    readings = (
        Reading(
            formats.count(now.get("waiting")),
            _where(now),
            trend=trend(now.get("waiting"), before.get("waiting"), "count"),
        ),
        _longest(now, pace, judge),
        Reading(
            expired.text,
            expired.words,
            expired.level,
            trend=_beside(rolling, trend(rolling.get(ROLLING), before.get(ROLLING), "ratio")),
        ),
        _ratio(period.get("abandonment_rate"), *_abandonment(judge, period.get("abandonment_rate"), lost)),
        level_of(view.rows(INTERVAL), "service_level", kpi, INTERVAL),
        level_of(view.rows(TODAY), "service_level", kpi, TODAY),
        _deferred(later),
        _occupancy(view, judge),
        _agents(row_of(view.rows("floor_staff"), None)),
    )
    return list(zip(live_tiles(choice, pace, terms), readings, strict=True))


def _beside(rolling: Row, moved: str) -> str:
    """Of the waits that are over alone, which is what most boards show: the difference is who is stuck."""
    ended = rolling.get("service_level_completed")
    beside = "" if ended is None else say("ended waits {percent}", percent=formats.percent(ended))
    return " · ".join(filter(None, (beside, moved)))


def _ratio(value: Any, words: str, level: Level) -> Reading:
    return Reading(formats.percent(value), words, level)


def _abandonment(judge: Judge, value: Any, terms: Terms) -> tuple[str, Level]:
    if terms.target is None:
        return say("each queue has its own target"), Level.QUIET
    return judge.level("abandonment_rate", value, terms.target)


def _where(now: Row) -> str:
    if not now.get("queues"):
        return ""
    queues = formats.plural(now["queues"], "queue")
    words = say(
        "in {busy} of {queues}",
        busy=now["queues_waiting"] or say("none", context="in none of the queues"),
        queues=queues,
    )
    if now["waiting_left_out"]:
        words += " · " + say("{count} left out, see below", count=formats.count(now["waiting_left_out"]))
    return words


def _longest(now: Row, pace: str, judge: Judge) -> Reading:
    longest = now.get("longest_wait_seconds")
    if longest is None:
        return Reading(say("none"), say("nobody waits")) if now.get("waiting") == 0 else Reading(formats.nothing())
    if pace == DEFERRED:  # a limit of minutes says nothing of work that is promised in hours
        return Reading(formats.duration(longest), say("the oldest item in the queue"))
    return Reading(formats.duration(longest), *judge.level(LONGEST_WAIT, longest))


def _deferred(later: Row) -> Reading:
    if later.get("longest_wait_seconds") is None:
        return Reading(formats.count(later.get("waiting")), say("nothing waits") if later.get("waiting") == 0 else "")
    oldest = formats.duration(later["longest_wait_seconds"])
    return Reading(formats.count(later["waiting"]), say("the oldest for {time}", time=oldest))


def _occupancy(view: View, judge: Judge) -> Reading:
    rows = view.rows("floor_occupancy")
    value = rows[0]["occupancy"] if rows else None
    return _ratio(value, *judge.level("occupancy", value))


def _agents(staff: Row) -> Reading:
    if not staff:
        return Reading(formats.nothing(), say("nobody signed in, or no agent events"))
    words = say("{count} signed in", count=formats.count(staff["signed_in"]))
    if staff["unavailable"]:
        words += ", " + say("{count} unavailable", count=formats.count(staff["unavailable"]))
    parts = [(say(STATE_TITLES[state]), formats.count(staff[state])) for state in STATES]
    return Reading("", words, parts=parts)


_ORDER = (Level.SERIOUS, Level.WARNING, Level.QUIET)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: the counts of all queries, what was promised, and how it stands."""

    row: Mapping[str, Any]
    terms: Terms
    wait_level: Level
    service_level: Level
    #: The worst of its numbers: its level, its words, and which number it is.
    worst: Level
    words: str = ""
    number: str = ""

    @property
    def is_deferred(self) -> bool:
        """Email, letters, work items."""
        return bool(self.row["pace"] == DEFERRED)


#: The answers that the table is made of.
READ = ("catalogue", "floor_contracts", "floor_waiting", "floor_rolling", "floor_period", "floor_staff", CHOSEN)


def lines(answers: Mapping[str, Rows], choice: Choice) -> list[Line]:
    """The rows of the table, worst first: by level, then the longest wait of live contacts, then the service level.

    ``answers``: those of ``READ``, by name.
    """
    known = definitions(answers["catalogue"])
    contracts = contracts_of(answers["floor_contracts"], choice.filters)
    kpi = kpi_of(choice.definition)
    others = [
        {key_of(row): row for row in answers[name] if row["dimension"] == choice.dimension}
        for name in ("floor_period", "floor_rolling", CHOSEN)
    ]
    free = {
        (row["of_client"], row["place"], row["pace"]): row["available"]
        for row in answers["floor_staff"]
        if row["dimension"] == choice.dimension
    }
    found = []
    for row in answers["floor_waiting"]:
        if row["dimension"] != choice.dimension:
            continue
        whole: dict[str, Any] = {}
        for rows in others:
            whole |= rows.get(key_of(row), {})
        whole |= row
        place = (row["of_client"], row["place"])
        whole["available"] = free.get((*place, row["pace"]), free.get((*place, None)))
        members = [contract for contract in contracts if belongs(contract, row)]
        terms = terms_of(members, known[kpi], THRESHOLD_SECONDS)
        failed = missed(answers["floor_rolling"], members, known[kpi], ROLLING, row["pace"])
        found.append(_line(whole, terms, failed, Judge(known, {}), kpi))
    return sorted(found, key=_worst_first)


def _line(row: Mapping[str, Any], terms: Terms, failed: tuple[int, int], judge: Judge, kpi: str) -> Line:
    """The first of the worst: a long wait is what can be acted on now, a stuck queue comes before a bad half hour."""
    quiet = ("", Level.QUIET)
    wait = judge.level(LONGEST_WAIT, row["longest_wait_seconds"]) if row["pace"] == LIVE else quiet
    now = judge.under(ROLLING, row.get(ROLLING), terms, failed)
    period = quiet if terms.target is None else judge.level(kpi, row.get("service_level"), terms.target)
    found = (
        (*wait, say("longest wait")),
        (*now, say("service level now")),
        (*period, say("service level")),
    )
    words, worst, number = min(found, key=lambda one: _ORDER.index(one[1]))
    return Line(row, terms, wait[1], period[1], worst, words, number)


def _worst_first(line: Line) -> tuple[int, bool, float, float, str, str]:
    level = line.row.get("service_level")
    return (
        _ORDER.index(line.worst),
        line.is_deferred,
        -float(line.row["longest_wait_seconds"] or 0),
        2.0 if level is None else float(level),
        line.row["of_client"] or "",
        line.row["place"] or "",
    )
