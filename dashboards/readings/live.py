"""What the live page reads out of a view for one viewer's choice. Pure: nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboards.data.feed import View
from dashboards.look import formats
from dashboards.look.definitions import Definition, definitions
from dashboards.look.formats import Number
from dashboards.look.states import Level, Limits
from dashboards.look.tiles import Reading, Tile
from dashboards.look.words import mark, plural, say

AGENT_STATES = (
    ("available", mark("Available")),
    ("on_contact", mark("On contact")),
    ("wrap_up", mark("Wrap-up")),
    ("break", mark("Break")),
)
LONGEST_WAIT = "longest_wait_now_seconds"
#: Columns that are not named like the definition of what stands in them.
_COLUMNS = {LONGEST_WAIT: "longest_wait_seconds"}

Row = Mapping[str, Any]
#: The level that each number had before, which keeps one at its limit from blinking.
Memory = dict[tuple[str, str | None, int], Level]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the viewer chose. ``client`` None is all of them; ``as_of`` None is now."""

    client: str | None
    minutes: int
    service_level: str
    as_of: datetime | None = None

    def includes(self, row: Row) -> bool:
        """Whether a row belongs to the chosen client."""
        return self.client is None or row["client"] == self.client


def clients_of(view: View) -> list[str]:
    """Every client that the viewer may see, by name; the view has the answers of ``common``."""
    return sorted({row["client"] for name in ("places", "zones") for row in view.rows(name)})


def total(view: View, query: str, client: str | None) -> Row:
    """The row of a query for a client over all queues; empty if there is none."""
    for row in view.rows(query):
        if row["client"] == client and row.get("queue") is None:
            return row
    return {}


def limits_of(definition: Definition) -> Limits:
    """From where on a number with a target is an exception, and from where on a serious one.

    Ten points below a target that is to be reached or beyond one that is to be kept about; twice a limit to stay under.
    """
    target = definition.target
    if target is None:
        raise ValueError(f"{definition.name} has no target")
    if definition.higher_is_better:
        return Limits(target, target - 0.1, definition.unit)
    return Limits(target, target + 0.1 if definition.higher_is_better is None else 2 * target, definition.unit)


def live_tiles(choice: Choice, known: Mapping[str, Definition]) -> tuple[Tile, ...]:
    """The tiles of the page in their order."""
    last = say("last {minutes} min", minutes=choice.minutes)
    target = known[choice.service_level].target or 0.0
    whole = (("client", choice.client), ("queue", None))
    of_client = (("client", choice.client),)

    def of(name: str, query: str, label: str = "", period: str = "", *, hero: bool = False) -> Tile:
        return Tile(name, query, (_COLUMNS.get(name, name),), whole, label, period, hero)

    return (
        of("waiting", "moment", hero=True),
        of(LONGEST_WAIT, "moment", hero=True),
        of(
            choice.service_level,
            "window",
            say("Service level {target}/20", target=f"{target * 100:.0f}"),
            last,
            hero=True,
        ),
        of("abandonment_rate", "window", say("Abandonment"), last, hero=True),
        of("in_progress", "moment"),
        Tile("occupancy", "occupancy", ("occupancy",), of_client, say("Occupancy"), last),
        of("sales_per_answered", "window", say("Conversion"), last),
        Tile("agents_by_state", "agents", ("state", "agents"), of_client),
    )


def live_readings(view: View, choice: Choice, memory: Memory) -> list[tuple[Tile, Reading]]:
    """Each tile with what it reads; ``memory`` is updated."""
    known = definitions(view.rows("catalogue"))

    def judged(name: str, value: Number | None) -> tuple[str, Level]:
        limits, key = limits_of(known[name]), (name, choice.client, choice.minutes)
        memory[key] = limits.level(value, memory.get(key, Level.QUIET))
        return limits.words(value, memory[key]), memory[key]

    def ratio(name: str, row: Row) -> Reading:
        return Reading(formats.percent(row.get(name)), *judged(name, row.get(name)))

    moment = total(view, "moment", choice.client)
    period = total(view, "window", choice.client)
    queues = [row for row in view.rows("moment") if row["queue"] and choice.includes(row)]
    longest = moment.get("longest_wait_seconds")
    readings = (
        Reading(formats.count(moment.get("waiting")), _where(queues, "waiting")),
        _nobody(moment) if longest is None else Reading(formats.duration(longest), *judged(LONGEST_WAIT, longest)),
        ratio(choice.service_level, period),
        ratio("abandonment_rate", period),
        Reading(formats.count(moment.get("in_progress")), _where(queues, "in_progress")),
        ratio("occupancy", total(view, "occupancy", choice.client)),
        _sales(period),
        _agents({row["state"]: row["agents"] for row in view.rows("agents") if row["client"] == choice.client}),
    )
    return list(zip(live_tiles(choice, known), readings, strict=True))


def _where(queues: Sequence[Row], column: str) -> str:
    busy = sum(1 for row in queues if row[column])
    some = formats.count(busy) if busy else say("none")
    return (
        plural(len(queues), "in {some} of {number} queue", "in {some} of {number} queues", some=some) if queues else ""
    )


def _nobody(moment: Row) -> Reading:
    return Reading(say("none"), say("nobody waits")) if moment.get("waiting") == 0 else Reading(formats.nothing())


def _sales(period: Row) -> Reading:
    if not period.get("answered"):
        return Reading(formats.nothing())
    answered = formats.count(period["answered"])
    words = plural(
        period["sales"],
        "{number} sale of {answered} answered",
        "{number} sales of {answered} answered",
        answered=answered,
    )
    return Reading(formats.percent(period["sales_per_answered"]), words)


def _agents(agents: Mapping[str, int]) -> Reading:
    if not agents:
        return Reading(formats.nothing(), say("nobody signed in, or no agent events"))
    signed_in = sum(agents.values())
    away = signed_in - sum(agents.get(state, 0) for state, _ in AGENT_STATES)
    words = say("{number} signed in", number=formats.count(signed_in))
    if away:
        words += say(", {number} unavailable", number=formats.count(away))
    parts = [(say(title), formats.count(agents.get(state, 0))) for state, title in AGENT_STATES]
    return Reading("", words, parts=parts)


def queue_rows(view: View, choice: Choice) -> list[Row]:
    """One row for each queue, worst first: by the longest wait now, then by the service level of the period."""
    periods = {(row["client"], row["queue"]): row for row in view.rows("window")}
    rows = [
        {**periods.get((row["client"], row["queue"]), {}), **row}
        for row in view.rows("moment")
        if row["queue"] and choice.includes(row)
    ]

    def worst_first(row: Row) -> tuple[float, float, str, str]:
        level = row.get(choice.service_level)
        return -float(row["longest_wait_seconds"] or 0), 2.0 if level is None else level, row["client"], row["queue"]

    return sorted(rows, key=worst_first)
