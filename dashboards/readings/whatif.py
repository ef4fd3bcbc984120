"""What "what if" reads out of its answers: service level at another threshold, agents needed for the load. Pure.

No number is given that rests on too little: what is missing is said instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.definitions import definitions
from dashboards.look.states import Level
from dashboards.look.tiles import Reading, Tile
from dashboards.look.words import say
from dashboards.queries.whatif import RECENT_HOURS
from dashboards.readings.live import kpi_of
from dashboards.readings.places import Row, row_of
from pipeline.domain.definitions import THRESHOLD_SECONDS
from pipeline.planning.erlang import Demand, agents_needed, answered_within, occupancy

#: Handled contacts from which on their mean is a handle time to plan with.
FEWEST_HANDLED = 30
#: Abandons from which on they say how patient people are.
FEWEST_ABANDONED = 10
INTERVAL_SECONDS = 900
#: The name under which the page asks for the service level under the queues' own thresholds.
OWN = "own"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the viewer asks: this definition of service level at this threshold; ``target`` None: queues differ."""

    definition: str
    threshold: int
    target: float | None
    period_words: str


def curve_of(view: View, pace: str) -> list[Row]:
    """The points of the curve, by threshold."""
    return [row for row in view.rows("whatif_curve") if row["pace"] == pace]


def level_readings(view: View, asked: Asked, pace: str) -> list[tuple[Tile, Reading]]:
    """Service level at the queues' own threshold, at the chosen one, and where the target would be met."""
    curve = curve_of(view, pace)
    own = row_of(view.rows(OWN), pace)
    chosen = next((row for row in curve if row["threshold"] == asked.threshold), {})
    reached = next(
        (
            row
            for row in curve
            if asked.target is not None and row["service_level"] is not None and row["service_level"] >= asked.target
        ),
        {},
    )
    kpi = kpi_of(asked.definition)
    where = (("dimension", "all"), ("pace", pace))
    at = (("threshold", str(asked.threshold)), ("pace", pace))
    tiles = [
        Tile(kpi, OWN, ("service_level",), where, say("At the queues' own thresholds"), asked.period_words, name="own"),
        Tile(
            kpi, "whatif_curve", ("service_level",), at, say("At {seconds} s", seconds=asked.threshold),
            asked.period_words, name="other",
        ),
    ]  # fmt: skip
    readings = [_counted(own), _counted(chosen, own.get("service_level"))]
    if reached:
        found = (("threshold", str(reached["threshold"])), ("pace", pace))
        tiles.append(
            Tile(kpi, "whatif_curve", ("threshold",), found, say("Target met at"), asked.period_words, name="reached")
        )
        goal = formats.percent(asked.target, 0)
        readings.append(Reading(say("{seconds} s", seconds=reached["threshold"]), say("target {goal}", goal=goal)))
    return list(zip(tiles, readings, strict=True))


def _counted(row: Row, own: float | None = None) -> Reading:
    value = row.get("service_level")
    if value is None:
        return Reading(formats.percent(None))
    words = say(
        "{numerator} of {denominator}",
        numerator=formats.count(row["numerator"]),
        denominator=formats.count(row["denominator"]),
    )
    if own is not None:
        points = (float(value) - float(own)) * 100
        words += " · " + say("{points} points", points=f"{'' if points < 0 else '+'}{formats.decimal(points)}")
    return Reading(formats.percent(value), words)


@dataclass(frozen=True, slots=True)
class Need:
    """What a quarter of an hour needs; None where there is no answer."""

    quarter: datetime
    offered: float | None
    erlang_a: int | None = None
    erlang_c: int | None = None

    @property
    def agents(self) -> int | None:
        """With patience where it is known, else without."""
        return self.erlang_c if self.erlang_a is None else self.erlang_a


@dataclass(frozen=True, slots=True)
class Staffing:
    """A queue: its load, the agents that its target needs, and those who are there. ``problem``: why no answer."""

    client: str
    queue: str
    target: float
    threshold_seconds: float
    needs: Sequence[Need] = ()
    basis: str = ""
    handle_seconds: float | None = None
    patience_seconds: float | None = None
    handled: int = 0
    abandoned: int = 0
    problem: str = ""
    #: None: nobody who is signed in is known to have the queue's skill.
    working: int | None = None
    signed_in: int | None = None
    #: Of the next quarter with those who work now.
    level: float | None = None
    busy: float | None = None

    @property
    def gap(self) -> int | None:
        """How many more work now than the worst of the next intervals needs; negative: so many are missing."""
        needed = [need.agents for need in self.needs if need.agents is not None]
        return self.working - max(needed) if self.working is not None and needed else None

    @property
    def attention(self) -> Level:
        """Nobody missing, some, or more than a fifth of those needed."""
        if self.gap is None or self.gap >= 0 or self.working is None:
            return Level.QUIET
        return Level.SERIOUS if -self.gap * 5 > self.working - self.gap else Level.WARNING


def staffing(view: View) -> list[Staffing]:
    """Every chosen queue of calls, those with most agents missing first, those without an answer last."""
    target = float(definitions(view.rows("catalogue"))["contract"].target or 0)
    measured = {(row["client"], row["queue"]): row for row in view.rows("whatif_measured")}
    staff = {(row["of_client"], row["place"]): row for row in view.rows("floor_staff") if row["dimension"] == "queue"}
    expected: dict[tuple[str, str], list[Row]] = {}
    for row in view.rows("whatif_expected"):
        expected.setdefault((row["client"], row["queue"]), []).append(row)
    found = [
        _queue(key, measured.get(key), expected.get(key, []), staff.get(key), target)
        for key in sorted(measured.keys() | expected.keys())
    ]
    return sorted(found, key=lambda one: (one.gap is None, one.gap or 0, one.client, one.queue))


def _queue(
    key: tuple[str, str], measured: Row | None, expected: Sequence[Row], staff: Row | None, target: float
) -> Staffing:
    row = measured or {}
    goal = target if row.get("service_level_target") is None else float(row["service_level_target"])
    threshold = float(THRESHOLD_SECONDS if row.get("threshold_seconds") is None else row["threshold_seconds"])
    handled, abandoned = row.get("handled") or 0, row.get("abandoned") or 0
    there: dict[str, Any] = {}
    if staff:
        working = sum(staff[state] for state in ("available", "on_contact", "wrap_up"))
        there = {"working": working, "signed_in": staff["signed_in"]}
    facts = {"handled": handled, "abandoned": abandoned, **there}
    if not 0 < goal < 1:
        problem = say("a target of {goal} has no answer", goal=formats.percent(goal))
        return Staffing(*key, goal, threshold, problem=problem, **facts)
    if handled < FEWEST_HANDLED:
        problem = say("too few handled: {count}", count=formats.count(handled))
        return Staffing(*key, goal, threshold, problem=problem, **facts)
    handle = float(row["handle_seconds"]) / handled
    waited = float(row["waited_seconds"])
    patience = waited / abandoned if abandoned >= FEWEST_ABANDONED and waited > 0 else None
    loads = [(one["quarter"], load_of(one)) for one in expected]
    if not any(load is not None for _, load in loads) or handle <= 0:
        return Staffing(*key, goal, threshold, problem=say("the load is unknown"), **facts)
    needs = [_need(quarter, load, handle, patience, goal, threshold) for quarter, load in loads]
    level = busy = None
    first = loads[0][1]
    if there and first is not None and there["working"] > 0:
        demand = Demand(first / INTERVAL_SECONDS, handle, patience)
        level = answered_within(demand, there["working"], threshold)
        busy = occupancy(demand, there["working"])
    return Staffing(*key, goal, threshold, needs, basis_of(expected), handle, patience, level=level, busy=busy, **facts)


def load_of(row: Mapping[str, Any]) -> float | None:
    """Contacts expected in a quarter: the mean of such days before, else of the last hours; None: unknown."""
    if row["days"]:
        return float(row["offered"] / row["days"])
    if row["recent_quarters"] and row["recent_offered"]:
        return float(row["recent_offered"] / row["recent_quarters"])
    return None


def basis_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the expected contacts of some quarters rest on, in words."""
    days = sorted({row["days"] for row in rows if row["days"]})
    words = []
    if days and days[0] == days[-1]:
        words.append(formats.plural(days[0], "such day", "such days"))
    elif days:
        words.append(say("{fewest} to {most} such days", fewest=days[0], most=days[-1]))
    recent = [row for row in rows if not row["days"] and load_of(row) is not None]
    if recent and recent[0]["recent_quarters"] < RECENT_HOURS * 4:
        words.append(say("the last {minutes} min", minutes=recent[0]["recent_quarters"] * 15))
    elif recent:
        words.append(say("the last {hours} hours", hours=RECENT_HOURS))
    return ", ".join(words)


def _need(
    quarter: datetime, load: float | None, handle: float, patience: float | None, goal: float, threshold: float
) -> Need:
    if load is None:
        return Need(quarter, None)
    rate = load / INTERVAL_SECONDS
    return Need(
        quarter,
        load,
        agents_needed(Demand(rate, handle, patience), goal, threshold) if patience is not None else None,
        agents_needed(Demand(rate, handle), goal, threshold),
    )
