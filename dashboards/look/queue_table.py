"""The table of queues, or of what they are grouped by: each with its state in words, worst first."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from babel import Locale

from dashboards.data.connection import Rows
from dashboards.data.shared import shared
from dashboards.data.view import View
from dashboards.look import formats, tables, viewer
from dashboards.look.states import Level
from dashboards.look.tables import Cell, Column
from dashboards.look.words import mark, say
from dashboards.readings.live import READ, ROLLING, Choice, Line, lines
from dashboards.readings.places import Row

TITLES = {
    "queue": mark("Queues"),
    "client": mark("Clients"),
    "line": mark("Lines"),
    "channel": mark("Channels"),
    "language": mark("Languages"),
    "skill": mark("Skills"),
    "site": mark("Sites"),
}
_ONE = {
    "queue": mark("Queue"),
    "client": mark("Client"),
    "line": mark("Line"),
    "channel": mark("Channel"),
    "language": mark("Language"),
    "skill": mark("Skill"),
    "site": mark("Site"),
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
        Column(say("In progress"), "wide"),
        Column(say("Answer time"), "wide"),
    )


def show(view: View, choice: Choice) -> None:
    """Draw the table."""
    st.html(shared(_markup, (choice, viewer.locale()), *(view.rows(name) for name in READ)))


def _markup(choice: Choice, _: Locale, *answers: Rows) -> str:
    found = lines(dict(zip(READ, answers, strict=True)), choice)
    title = say("{things}, worst first · {period}", things=say(TITLES[choice.dimension]), period=choice.period_words)
    split = {line.row["place"] for line in found if line.is_deferred} & {
        line.row["place"] for line in found if not line.is_deferred
    }
    rows = [_cells(line, choice, line.row["place"] in split) for line in found]
    return tables.markup(title, _columns(choice.dimension), rows, formats.nothing())


def _cells(line: Line, choice: Choice, is_split: bool) -> Sequence[Cell]:
    row = line.row
    waits, asa = row["longest_wait_seconds"], row.get("asa_seconds")
    below = row["of_client"] if choice.dimension == "queue" and not choice.filters.client else ""
    if is_split:
        below = say("email and work items") if line.is_deferred else say("calls and chats")
    return [
        Cell(row["place"] if row["place"] is not None else say("not described"), below=below or ""),
        _state(line),
        Cell(formats.count(row["waiting"]), "" if row["waiting"] else "muted"),
        _wait(waits, row["waiting"], line.wait_level),
        Cell("", "muted") if row["available"] is None else Cell(formats.count(row["available"])),
        _level(line),
        _abandoned(row),
        Cell(formats.count(row["in_progress"])),
        Cell(formats.duration(asa), "muted" if asa is None else ""),
    ]


def _state(line: Line) -> Cell:
    if line.worst is not Level.QUIET:
        return Cell(f"{line.worst.icon}{line.words}", line.worst.value, below=line.number)
    if line.row.get("service_level") is None:
        return Cell(formats.nothing(), "muted")
    return Cell(say("on target") if line.terms.target is not None else say("targets differ"), "muted")


def _level(line: Line) -> Cell:
    """Of the period; below it that of now, in which a wait past its threshold counts, and what is promised."""
    value, now, target = line.row.get("service_level"), line.row.get(ROLLING), line.terms.target
    below = [] if now is None else [say("now {percent}", percent=formats.percent(now))]
    mark = "" if target is None else tables.bar(value, target, line.service_level.value)
    return Cell(
        formats.percent(value),
        "muted" if value is None else "",
        mark,
        " · ".join([*below, line.terms.name]).strip(" ·"),
    )


def _wait(seconds: float | None, waiting: int | None, level: Level) -> Cell:
    if seconds is None:
        return Cell(formats.nothing() if waiting is None else say("none"), "muted")
    return Cell(formats.duration(seconds), level.value)


def _abandoned(row: Row) -> Cell:
    """Of how many that entered the queue."""
    if not row.get("offered"):
        return Cell(formats.nothing(), "muted")
    words = say(
        "{abandoned} of {offered}", abandoned=formats.count(row["abandoned"]), offered=formats.count(row["offered"])
    )
    return Cell(words, "" if row["abandoned"] else "muted", below=formats.percent(row["abandonment_rate"]))
