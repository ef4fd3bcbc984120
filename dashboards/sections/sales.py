"""Sales: by queue, out of what, for how much, and what was cancelled since."""

from __future__ import annotations

from dashboards import frame
from dashboards.data.view import View
from dashboards.frame import CALM_SECONDS, panel
from dashboards.look import cells, formats, grid, tables
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.queries import sales
from dashboards.readings.picked import Picked
from dashboards.readings.sales import queue_rows, sales_readings

_WIDTHS = ((1, 2, 1), (2, 2, 1))


def show(picked: Picked) -> None:
    """The whole section."""
    _tiles(picked)
    _queues(picked)


def _view(picked: Picked) -> View:
    return frame.look(sales.SALES, as_of=picked.as_of, period=picked.period)


@panel(CALM_SECONDS)
def _tiles(picked: Picked) -> None:
    view = _view(picked)
    grid.show(_WIDTHS, sales_readings(view, picked), view, name="sales")


@panel(CALM_SECONDS)
def _queues(picked: Picked) -> None:
    columns = [
        Column(say("Queue"), "left strong"),
        Column(say("Sales"), "strong"),
        Column(say("Upsells")),
        Column(say("Cancelled")),
        Column(say("Offered"), "wide"),
        Column(say("Answered"), "wide"),
        Column(say("Leads"), "wide"),
        Column(say("Sales per offered")),
        Column(say("per answered")),
        Column(say("per lead")),
        Column(say("per dial")),
        Column(say("per agent hour")),
        Column(say("Revenue"), "strong"),
        Column(say("Revenue per contact")),
    ]
    rows = []
    for row, money in queue_rows(_view(picked), picked):
        rows.append(
            [
                Cell(row["queue"] or say("no queue"), below="" if picked.client else row["client"]),
                cells.count(row["sales"]),
                cells.count(row["upsells"]),
                cells.count(row["cancelled"]),
                cells.count(row["offered"]),
                cells.count(row["answered"]),
                cells.count(row["leads"]),
                cells.percent(row["conversion_per_offered"]),
                cells.percent(row["conversion_per_answered"]),
                cells.percent(row["conversion_per_lead"]),
                cells.percent(row["conversion_per_dial"]),
                cells.decimal(row["sales_per_agent_hour"], 2),
                cells.amounts(money, "revenue"),
                cells.amounts(money, "revenue_per_answered"),
            ]
        )
    tables.show(say("Sales by queue · {period}", period=picked.words), columns, rows, formats.nothing())
