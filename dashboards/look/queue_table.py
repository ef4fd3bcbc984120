"""The table of queues: each with its state in words, so that the eye finds the one that needs help."""

from __future__ import annotations

from collections.abc import Mapping

from dashboards.data.feed import View
from dashboards.look import formats, tables
from dashboards.look.definitions import Definition, definitions
from dashboards.look.states import Level
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.readings.live import LONGEST_WAIT, Choice, Row, limits_of, queue_rows

COLUMNS = (
    Column("Queue", "left strong"),
    Column("State", "left"),
    Column("Waiting", "strong"),
    Column("Longest wait", "strong"),
    Column("In progress", "wide"),
    Column("Service level"),
    Column("Offered"),
    Column("Answered", "wide"),
    Column("Abandoned"),
    Column("ASA", "wide"),
)


def show(view: View, choice: Choice) -> None:
    """Draw the table."""
    known = definitions(view.rows("catalogue"))
    rows = [_cells(row, choice, known) for row in queue_rows(view, choice)]
    title = say("Queues, worst first · last {minutes} min", minutes=choice.minutes)
    tables.show(title, COLUMNS, rows, formats.nothing())


def _cells(row: Row, choice: Choice, known: Mapping[str, Definition]) -> list[Cell]:
    waits, service, asa = row["longest_wait_seconds"], row.get(choice.service_level), row.get("asa_seconds")
    wait_limits, service_limits = limits_of(known[LONGEST_WAIT]), limits_of(known[choice.service_level])
    wait_level, service_level = wait_limits.level(waits), service_limits.level(service)
    if wait_level is not Level.QUIET:
        state = Cell(f"{wait_level.icon}{wait_limits.words(waits)}", wait_level.value, below=say("longest wait"))
    elif service_level is not Level.QUIET:
        words = f"{service_level.icon}{service_limits.words(service)}"
        state = Cell(words, service_level.value, below=say("service level"))
    else:
        state = Cell(formats.nothing() if service is None else say("on target"), "muted")
    return [
        Cell(row["queue"], below="" if choice.client else row["client"]),
        state,
        Cell(formats.count(row["waiting"]), "" if row["waiting"] else "muted"),
        Cell(say("none"), "muted") if waits is None else Cell(formats.duration(waits), wait_level.value),
        Cell(formats.count(row["in_progress"])),
        Cell(
            formats.percent(service),
            "muted" if service is None else "",
            tables.bar(service, service_limits.target, service_level.value),
        ),
        *(Cell(formats.count(row.get(name) or 0)) for name in ("offered", "answered", "abandoned")),
        Cell(formats.duration(asa), "muted" if asa is None else ""),
    ]
