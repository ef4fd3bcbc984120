"""The table of queues, or of what they are grouped by: each with its state in words, worst first."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.data.feed import View
from dashboards.look import formats, tables
from dashboards.look.states import Level
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.readings.live import Choice, Line, lines

TITLES = {
    "queue": "Queues",
    "client": "Clients",
    "line": "Lines",
    "channel": "Channels",
    "language": "Languages",
    "skill": "Skills",
    "site": "Sites",
}
_ONE = {
    "queue": "Queue",
    "client": "Client",
    "line": "Line",
    "channel": "Channel",
    "language": "Language",
    "skill": "Skill",
    "site": "Site",
}


def _columns(dimension: str) -> tuple[Column, ...]:
    return (
        Column(say(_ONE[dimension]), "left strong"),
        Column(say("State"), "left"),
        Column(say("Waiting"), "strong"),
        Column(say("Longest"), "strong"),
        Column(say("Free")),
        Column(say("Service level")),
        Column(say("Abandoned")),
        Column(say("Offered"), "wide"),
        Column(say("In progress"), "wide"),
        Column(say("Answer time"), "wide"),
    )


def show(view: View, choice: Choice) -> None:
    """Draw the table."""
    found = lines(view, choice)
    title = say("{things}, worst first · {period}", things=say(TITLES[choice.dimension]), period=choice.period_words)
    split = {line.row["place"] for line in found if line.is_deferred} & {
        line.row["place"] for line in found if not line.is_deferred
    }
    rows = [_cells(line, choice, line.row["place"] in split) for line in found]
    tables.show(title, _columns(choice.dimension), rows, say(formats.NO_TRAFFIC))


def _cells(line: Line, choice: Choice, is_split: bool) -> Sequence[Cell]:
    row, target = line.row, line.terms.target
    waits, service, asa = row["longest_wait_seconds"], row.get("service_level"), row.get("asa_seconds")
    below = row["of_client"] if choice.dimension == "queue" and not choice.filters.client else ""
    if is_split:
        below = say("email and work items") if line.is_deferred else say("calls and chats")
    return [
        Cell(row["place"] if row["place"] is not None else say("not described"), below=below or ""),
        _state(line),
        Cell(formats.count(row["waiting"]), "" if row["waiting"] else "muted"),
        _wait(waits, row["waiting"], line.wait_level),
        Cell("", "muted") if row["available"] is None else Cell(formats.count(row["available"])),
        Cell(
            formats.percent(service),
            "muted" if service is None else "",
            "" if target is None else tables.bar(service, target, line.level_level.value),
            line.terms.name and say("target {target}", target=line.terms.name),
        ),
        _abandoned(row.get("abandoned"), row.get("abandonment_rate")),
        Cell(formats.count(row.get("offered") or 0)),
        Cell(formats.count(row["in_progress"])),
        Cell(formats.duration(asa), "muted" if asa is None else ""),
    ]


def _state(line: Line) -> Cell:
    """The worse of the two: how long somebody waits, and the service level."""
    if line.worst is Level.QUIET:
        if line.row.get("service_level") is None:
            return Cell(say(formats.NO_TRAFFIC), "muted")
        return Cell(say("on target") if line.terms.target is not None else say("targets differ"), "muted")
    if line.wait_level is line.worst:
        return Cell(f"{line.wait_level.icon}{line.wait_words}", line.wait_level.value, below=say("longest wait"))
    return Cell(f"{line.level_level.icon}{line.level_words}", line.level_level.value, below=say("service level"))


def _wait(seconds: float | None, waiting: int | None, level: Level) -> Cell:
    if seconds is None:
        return Cell(say(formats.NO_TRAFFIC) if waiting is None else say("none"), "muted")
    return Cell(formats.duration(seconds), level.value)


def _abandoned(count: int | None, rate: float | None) -> Cell:
    return Cell(
        formats.count(count or 0), "" if count else "muted", below="" if rate is None else formats.percent(rate)
    )
