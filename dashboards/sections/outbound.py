"""Outbound: campaigns, drops against the campaign's rule, lists."""

from __future__ import annotations

from dashboards import frame
from dashboards.data.asking import last
from dashboards.data.view import View
from dashboards.frame import CALM_SECONDS, SLOW_SECONDS, panel
from dashboards.look import cells, formats, grid, tables
from dashboards.look.states import Level
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.queries import outbound
from dashboards.readings.outbound import drop_rows, outbound_readings, revenue_of
from dashboards.readings.picked import Picked, Row

_DAY_MINUTES = 24 * 60
_WIDTHS = ((1, 1, 1, 1), (2, 1, 1))


def show(picked: Picked) -> None:
    """The whole section."""
    _tiles(picked)
    _drops(picked)
    _campaigns(picked)
    _lists(picked)


def _view(picked: Picked) -> View:
    asks = frame.asks_for(
        outbound.CAMPAIGNS, outbound.CAMPAIGN_REVENUE, outbound.DROPS, outbound.LISTS,
        as_of=picked.as_of, period=picked.period,
    )  # fmt: skip
    asks |= frame.asks_for(outbound.ESTIMATED_DROPS, as_of=picked.as_of, period=last(_DAY_MINUTES))
    return frame.look_at(asks, picked.as_of)


@panel(CALM_SECONDS)
def _tiles(picked: Picked) -> None:
    view = _view(picked)
    grid.show(_WIDTHS, outbound_readings(view, picked), view, name="outbound")


@panel(CALM_SECONDS)
def _drops(picked: Picked) -> None:
    columns = [
        Column(say("Campaign"), "left strong"),
        Column(say("State"), "left"),
        Column(say("Rule"), "left"),
        Column(say("Answered by a person")),
        Column(say("Drops")),
        Column(say("Drop rate"), "strong"),
        Column(say("Limit")),
        Column(say("Drops left"), "strong"),
        Column(say("In a day")),
        Column(say("Estimate, 24 h"), "wide"),
    ]
    rows = [
        [
            _name(row, picked),
            cells.state(level, words),
            Cell(_rule(row), "muted"),
            cells.count(row["live_answers"]),
            cells.count(row["drops"]),
            Cell(cells.percent(row["drop_rate_30d"]).text, level.value if level is not Level.QUIET else ""),
            Cell(formats.percent(row["drop_rate_limit"]), "muted"),
            Cell(cells.NONE, "muted") if row["drops_left"] is None else Cell(formats.count(row["drops_left"])),
            cells.percent(row["projected_drop_rate"]),
            cells.percent(estimate.get("drop_rate_ofcom")),
        ]
        for row, estimate, level, words in drop_rows(_view(picked), picked)
    ]
    tables.show(say("Dropped calls, rolling 30 days, worst first"), columns, rows, formats.nothing())


def _rule(row: Row) -> str:
    return {"ftc": "FTC, FCC", "ofcom": "Ofcom"}.get(row["drop_rule"], say("none"))


@panel(CALM_SECONDS)
def _campaigns(picked: Picked) -> None:
    view = _view(picked)
    columns = [
        Column(say("Campaign"), "left strong"),
        Column(say("Dials")),
        Column(say("Connects"), "wide"),
        Column(say("Contacts")),
        Column(say("Right party")),
        Column(say("Follow-ups"), "wide"),
        Column(say("Not to be called"), "wide"),
        Column(say("Sales"), "strong"),
        Column(say("Sales per dial")),
        Column(say("per contact")),
        Column(say("per lead")),
        Column(say("per agent hour")),
        Column(say("Contacts per hour"), "wide"),
        Column(say("Revenue")),
    ]
    rows = [
        [
            _name(row, picked),
            cells.count(row["dials"]),
            cells.percent(row["connect_rate"]),
            _with_share(row, "contacts", "contact_rate"),
            _with_share(row, "right_party_contacts", "right_party_per_contact"),
            cells.count(row["follow_ups"]),
            cells.count(row["do_not_calls"]),
            cells.count(row["sales"]),
            cells.percent(row["sales_per_dial"]),
            cells.percent(row["sales_per_dial_contact"]),
            cells.percent(row["sales_per_lead_dialled"]),
            cells.decimal(row["outbound_sales_per_hour"], 2),
            cells.decimal(row["outbound_contacts_per_hour"]),
            cells.amounts(revenue_of(view, row), "sales_revenue"),
        ]
        for row in picked.things(view, "campaigns", "campaign")
        if row["part"] != "selling" and (row["dials"] or row["sales"])
    ]
    tables.show(say("Campaigns · {period}", period=picked.words), columns, rows, formats.nothing())


@panel(SLOW_SECONDS)
def _lists(picked: Picked) -> None:
    view = _view(picked)
    columns = [
        Column(say("List"), "left strong"),
        Column(say("Campaign"), "left"),
        Column(say("Leads")),
        Column(say("Dialled")),
        Column(say("Penetration"), "strong"),
        Column(say("Contacted")),
        Column(say("Finished")),
    ]
    rows = [
        [
            Cell(row["list"] or say("no list"), below="" if picked.client else row["client"]),
            Cell(row["campaign"] or say("no campaign")),
            cells.count(row["leads"]),
            cells.count(row["leads_dialled"]),
            cells.bar(row["list_penetration"]),
            cells.percent(row["list_contacted_rate"]),
            cells.percent(row["list_finished_rate"]),
        ]
        for row in picked.things(view, "lists", "campaign")
    ]
    tables.show(say("Lists, since their beginning"), columns, rows, say("No list is described and none was dialled."))


def _name(row: Row, picked: Picked) -> Cell:
    return Cell(row["campaign"] or say("no campaign"), below="" if picked.client else row["client"])


def _with_share(row: Row, column: str, share: str) -> Cell:
    below = "" if row[share] is None else formats.percent(row[share])
    return Cell(formats.count(row[column]), "" if row[column] else "muted", below=below)
