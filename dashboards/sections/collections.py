"""Collections: promises and what became of them, money by currency, and what falls due when."""

from __future__ import annotations

from dashboards import frame
from dashboards.data.view import View
from dashboards.frame import CALM_SECONDS, SLOW_SECONDS, panel
from dashboards.look import cells, formats, grid, tables
from dashboards.look.states import Level
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.queries import collections
from dashboards.readings.collections import collections_readings
from dashboards.readings.picked import Picked, Row, rows_at

_WIDTHS = ((1, 1, 1, 1), (1, 1, 1, 1))


def show(picked: Picked) -> None:
    """The whole section."""
    _tiles(picked)
    _due(picked)
    _queues(picked)


def _view(picked: Picked) -> View:
    return frame.look(
        collections.PROMISES, collections.MONEY, collections.DUE_DAYS, as_of=picked.as_of, period=picked.period
    )


@panel(CALM_SECONDS)
def _tiles(picked: Picked) -> None:
    view = _view(picked)
    grid.show(_WIDTHS, collections_readings(view, picked), view, name="collections")


@panel(SLOW_SECONDS)
def _due(picked: Picked) -> None:
    view = _view(picked)
    zone = frame.viewer_zone()
    columns = [
        Column(say("Due on"), "left strong"),
        Column(say("State"), "left"),
        Column(say("Promises"), "strong"),
        Column(say("Amount")),
        Column(say("Kept")),
        Column(say("May still be kept")),
        Column(say("Broken")),
    ]
    rows = [
        [
            Cell(formats.day(row["due_on"], zone), below="" if picked.client else row["client"]),
            Cell(say("due") if row["is_due"] else say("to come"), "muted"),
            cells.count(row["promises"]),
            cells.money(row["amount"], row["currency"]),
            cells.count(row["kept"]),
            cells.count(row["undecided"]),
            cells.count(row["broken"], Level.WARNING if row["broken"] else Level.QUIET),
        ]
        for row in view.rows("promises_by_day")
        if picked.includes(row)
    ]
    title = say("Promises by the day they are due: the last {before} days and the next {after}",
                before=collections.DAYS_BEFORE, after=collections.DAYS_AFTER)  # fmt: skip
    tables.show(title, columns, rows, say("No promise falls due in these days."))


@panel(SLOW_SECONDS)
def _queues(picked: Picked) -> None:
    view = _view(picked)
    columns = [
        Column(say("Queue"), "left strong"),
        Column(say("Right-party contacts")),
        Column(say("Promises"), "strong"),
        Column(say("Promise rate")),
        Column(say("Due")),
        Column(say("Kept")),
        Column(say("Broken")),
        Column(say("Kept rate"), "strong"),
        Column(say("Promised")),
        Column(say("Collected")),
        Column(say("Recovery"), "wide"),
        Column(say("Liquidation"), "wide"),
    ]
    rows = []
    for row in picked.things(view, "promises_made", "queue"):
        where = (("level", "queue"), ("client", row["client"]), ("queue", row["queue"]))
        money = rows_at(view, "collected_money", where)

        rates: Row = money[0] if len(money) == 1 else {}  # a rate of money is of one currency
        rows.append(
            [
                Cell(row["queue"] or say("no queue"), below="" if picked.client else row["client"]),
                cells.count(row["right_party_contacts"]),
                cells.count(row["promises"]),
                cells.percent(row["promise_rate"]),
                cells.count(row["due"]),
                cells.count(row["kept"]),
                cells.count(row["broken"]),
                cells.percent(row["kept_rate"]),
                cells.amounts(money, "amount_promised"),
                cells.amounts(money, "amount_collected"),
                cells.percent(rates.get("recovery_rate")),
                cells.percent(rates.get("liquidation_rate")),
            ]
        )
    tables.show(say("Collections by queue · {period}", period=picked.words), columns, rows, formats.nothing())
