"""What the agents' page reads out of its answers: who comes first, what each tile says, one agent's day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.definitions import definitions
from dashboards.look.states import Level, Limits
from dashboards.look.tiles import Reading, Tile
from dashboards.look.words import mark, say
from dashboards.queries.agents import STATES
from dashboards.readings.floor import Judge, Memory
from dashboards.readings.places import Row

STATE_WORDS = {
    "available": mark("Available"),
    "on_contact": mark("On contact"),
    "wrap_up": mark("Wrap-up"),
    "break": mark("Break"),
    "unavailable": mark("Unavailable"),
}
#: After the agents over a limit: who could be called back first, who is free last.
_ORDER = ("unavailable", "break", "wrap_up", "on_contact", "available")
_ALL = (("dimension", "all"),)


def tiles_of(period_words: str) -> tuple[Tile, ...]:
    """The tiles in their order; ``period_words`` says of which time those of the second row are."""

    def of_period(name: str, column: str, label: str) -> Tile:
        return Tile(name, "agents_period", (column,), _ALL, label, period_words)

    return (
        Tile("agents_over_limit", "agents_now", ("over_limit",), _ALL, say("Over a limit now"), hero=True),
        Tile("agents_by_state", "agents_now", STATES, _ALL, say("Agents")),
        Tile("unfinished_agents", "agents_left_out", ("agents",), _ALL, say("No sign-out"), hero=True),
        of_period("occupancy_connect", "occupancy_connect", say("Occupancy")),
        of_period("adherence", "adherence", say("Adherence")),
        of_period("agent_handled", "handled", say("Handled")),
        of_period("agent_aht_seconds", "agent_aht_seconds", say("Handle time")),
        of_period("sales_per_answered", "sales_per_answered", say("Conversion")),
    )


def agent_readings(view: View, period_words: str, memory: Memory, key: tuple[Any, ...]) -> list[tuple[Tile, Reading]]:
    """Each tile with what it reads; ``memory`` of levels is updated under ``key``."""
    judge = Judge(definitions(view.rows("catalogue")), memory, key)
    now, period, silent = (_whole(view.rows(name)) for name in ("agents_now", "agents_period", "agents_left_out"))
    readings = (_over(now), _by_state(now), _silent(silent), *_of_period(period, judge))
    return list(zip(tiles_of(period_words), readings, strict=True))


def _whole(rows: Iterable[Row]) -> Row:
    return next(row for row in rows if row["dimension"] == "all")


def _over(now: Row) -> Reading:
    words = say("of {count} signed in", count=formats.count(now["signed_in"]))
    level = Level.WARNING if now["over_limit"] else Level.QUIET
    return Reading(formats.count(now["over_limit"]), words, level)


def _by_state(now: Row) -> Reading:
    words = say("{count} signed in", count=formats.count(now["signed_in"]))
    if not now["signed_in"]:
        words = say("nobody signed in, or no agent events")
    return Reading("", words, parts=[(say(STATE_WORDS[state]), formats.count(now[state])) for state in STATES])


def _silent(silent: Row) -> Reading:
    if not silent["agents"]:
        return Reading(formats.count(0), say("nobody is left out"))
    return Reading(formats.count(silent["agents"]), say("silent too long, in no number here"), Level.WARNING)


def _of_period(period: Row, judge: Judge) -> Sequence[Reading]:
    occupancy, planned = period["occupancy_connect"], period["agents_planned"]
    words, level = judge.level("occupancy_connect", occupancy)
    handled, sales = formats.count(period["handled"] or 0), formats.count(period["sales"] or 0)
    answered = formats.count(period["answered"] or 0)
    return (
        Reading(formats.percent(occupancy), words, level),
        Reading(
            formats.percent(period["adherence"]),
            say("{count} agents with a plan", count=formats.count(planned)) if planned else say("nobody has a plan"),
        ),
        Reading(formats.count(period["handled"]), say("contacts that ended")),
        Reading(formats.duration(period["agent_aht_seconds"]), say("of {count} contacts", count=handled)),
        Reading(
            formats.percent(period["sales_per_answered"]),
            say("{sales} sales of {answered} answered", sales=sales, answered=answered),
        ),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: an agent or a team. ``now`` is empty for who is not signed in, ``period`` without numbers."""

    client: str
    team: str | None
    agent: str | None
    now: Mapping[str, Any]
    period: Mapping[str, Any]
    level: Level = Level.QUIET
    words: str = ""


def agent_lines(view: View, *, everybody: bool = False) -> list[Line]:
    """Who is signed in, over a limit first, then by state, longest first; ``everybody``: also who has gone by now.

    Who fell silent without a sign-out has not gone: such agents have a list of their own.
    """
    silent = {(row["client"], row["agent"]) for row in view.rows("agents_left_out")}
    found = [_agent_line(now, period) for now, period in _pairs(view, "agent") if now or everybody]
    return sorted((line for line in found if line.now or (line.client, line.agent) not in silent), key=_worst_first)


def team_lines(view: View) -> list[Line]:
    """The teams, most agents over a limit first, then by name."""
    found = []
    for now, period in _pairs(view, "team"):
        row = now or period
        level = Level.WARNING if now.get("over_limit") else Level.QUIET
        found.append(Line(row["client"], row["team"], None, now, period, level))
    return sorted(found, key=lambda line: (-line.now.get("over_limit", 0), line.client, line.team or "\uffff"))


def _pairs(view: View, dimension: str) -> list[tuple[Row, Row]]:
    """Rows of now and of the period of the same agent or team; an empty one where there is none."""
    parts = [
        {(row["client"], row["team"], row["agent"]): row for row in view.rows(name) if row["dimension"] == dimension}
        for name in ("agents_now", "agents_period")
    ]
    return [(parts[0].get(key, {}), parts[1].get(key, {})) for key in parts[0].keys() | parts[1].keys()]


def _agent_line(now: Row, period: Row) -> Line:
    row = now or period
    limit = now.get("limit_seconds")
    if limit is None:
        return Line(row["client"], row["team"], row["agent"], now, period)
    limits = Limits(float(limit), 2 * float(limit), "seconds")
    level = limits.level(now["seconds_in_state"])
    words = limits.words(now["seconds_in_state"], level)
    return Line(row["client"], row["team"], row["agent"], now, period, level, words)


def _worst_first(line: Line) -> tuple[bool, bool, float, int, float, str, str]:
    # By when it began and not by how long it lasts: rows that are not over a limit do not change places by waiting.
    limit = line.now.get("limit_seconds")
    over = float(line.now["seconds_in_state"]) / float(limit) if limit else 0.0
    state = line.now.get("state")
    return (
        not line.now,
        limit is None,
        -over,
        _ORDER.index(state) if state in _ORDER else len(_ORDER),
        line.now["since"].timestamp() if line.now else 0.0,
        line.client,
        line.agent or "",
    )


def key_of(client: str, agent: str) -> str:
    """How the address names an agent: two clients may use the same name."""
    return f"{client}/{agent}"


def state_seconds(day: Sequence[Row], at: datetime) -> list[tuple[str, int, float, float]]:
    """State, how often, seconds together and the longest, of an agent's day until ``at``."""
    found = []
    for state in STATES:
        lengths = [
            (min(row["ended_at"], at) - row["started_at"]).total_seconds()
            for row in day
            if row["lane"] == "state" and row["what"] == state
        ]
        if lengths:
            found.append((state, len(lengths), sum(lengths), max(lengths)))
    return found
