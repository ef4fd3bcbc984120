"""Email and other work that waits: open items by age against their promise, and what was closed in time."""

from __future__ import annotations

from dashboards import frame
from dashboards.data.view import View
from dashboards.frame import CALM_SECONDS, SLOW_SECONDS, panel
from dashboards.look import cells, formats, grid, tables
from dashboards.look.states import Level
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.queries import backlog
from dashboards.readings.backlog import backlog_readings, promise_level, promise_words
from dashboards.readings.picked import Picked, Row

_WIDTHS = ((1, 1, 2), (1, 1, 1, 1))


def show(picked: Picked) -> None:
    """The whole section."""
    _tiles(picked)
    _open(picked)
    _moved(picked)


def _view(picked: Picked) -> View:
    return frame.look(backlog.BACKLOG, backlog.CLEARED, as_of=picked.as_of, period=picked.period)


@panel(CALM_SECONDS)
def _tiles(picked: Picked) -> None:
    view = _view(picked)
    grid.show(_WIDTHS, backlog_readings(view, picked), view, name="backlog")


def _late_first(row: Row) -> tuple[int, int, float, str, str]:
    late, soon = row["open_past_promise"], row["open_at_risk"]
    return -late, -soon, -float(row["oldest_item_seconds"] or 0), row["client"], row["queue"] or ""


@panel(CALM_SECONDS)
def _open(picked: Picked) -> None:
    columns = [
        Column(say("Queue"), "left strong"),
        Column(say("State"), "left"),
        Column(say("Open"), "strong"),
        Column(say("Oldest")),
        Column(say("Under half")),
        Column(say("Half")),
        Column(say("Three quarters")),
        Column(say("Late"), "strong"),
        Column(say("Due in an hour")),
        Column(say("No promise"), "wide"),
    ]
    rows = [
        [
            _name(row, picked),
            cells.state(promise_level(row), promise_words(row)),
            cells.count(row["open_items"]),
            Cell(formats.age(float(row["oldest_item_seconds"]))),
            cells.count(row["open_under_half_of_promise"]),
            cells.count(row["open_half_of_promise"]),
            cells.count(row["open_at_risk"], Level.WARNING if row["open_at_risk"] else Level.QUIET),
            cells.count(row["open_past_promise"], Level.SERIOUS if row["open_past_promise"] else Level.QUIET),
            cells.count(row["open_due_next_hour"]),
            cells.count(row["open_without_promise"]),
        ]
        for row in sorted(picked.things(_view(picked), "backlog", "queue"), key=_late_first)
    ]
    tables.show(say("Open now, by the share of the promise that is used"), columns, rows, say("Nothing is open."))


@panel(SLOW_SECONDS)
def _moved(picked: Picked) -> None:
    columns = [
        Column(say("Queue"), "left strong"),
        Column(say("Received")),
        Column(say("Closed")),
        Column(say("Reopened"), "wide"),
        Column(say("Closed within promise"), "strong"),
        Column(say("Kept of what was due"), "strong"),
        Column(say("First response")),
        Column(say("Turnaround")),
        Column(say("Units in"), "wide"),
        Column(say("Units out"), "wide"),
        Column(say("Audio minutes in"), "wide"),
        Column(say("Audio minutes out"), "wide"),
        Column(say("Days of backlog")),
    ]
    rows = [
        [
            _name(row, picked),
            cells.count(row["items_received"]),
            cells.count(row["items_closed"]),
            cells.count(row["items_reopened"]),
            cells.percent(row["closed_within_promise_share"]),
            cells.percent(row["due_within_promise_share"]),
            cells.duration(row["item_response_average_seconds"]),
            cells.duration(row["turnaround_average_seconds"]),
            cells.count(row["units_in"]),
            cells.count(row["units_out"]),
            cells.decimal(row["audio_minutes_in"] or None),
            cells.decimal(row["audio_minutes_out"] or None),
            cells.decimal(row["backlog_days"]),
        ]
        for row in picked.things(_view(picked), "cleared", "queue")
    ]
    tables.show(say("Received and closed · {period}", period=picked.words), columns, rows, formats.nothing())


def _name(row: Row, picked: Picked) -> Cell:
    client = "" if picked.client else f"{row['client']} · "
    return Cell(row["queue"] or say("no queue"), below=f"{client}{row['channel'].replace('_', ' ')}")
