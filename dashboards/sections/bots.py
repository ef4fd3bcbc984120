"""Bots and menus: what they settle, who comes back all the same, why they hand over, where people give up."""

from __future__ import annotations

import streamlit as st

from dashboards import frame
from dashboards.data.view import View
from dashboards.frame import CALM_SECONDS, SLOW_SECONDS, panel
from dashboards.look import cells, grid, tables
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.queries import bots
from dashboards.readings.bots import bot_readings
from dashboards.readings.picked import Picked, Row

_WIDTHS = ((1, 2, 1, 1), (1, 1, 1, 1))


def show(picked: Picked) -> None:
    """The whole section."""
    _tiles(picked)
    _intents(picked)
    reasons, steps = st.columns([2, 3], gap="medium")
    with reasons:
        _reasons(picked)
    with steps:
        _steps(picked)


def _view(picked: Picked) -> View:
    return frame.look(bots.BOTS, bots.HANDOVERS, bots.MENUS, bots.MENU_STEPS, as_of=picked.as_of, period=picked.period)


@panel(CALM_SECONDS)
def _tiles(picked: Picked) -> None:
    view = _view(picked)
    grid.show(_WIDTHS, bot_readings(view, picked), view, name="bots")


@panel(SLOW_SECONDS)
def _intents(picked: Picked) -> None:
    columns = [
        Column(say("Intent"), "left strong"),
        Column(say("Bot"), "left"),
        Column(say("Sessions"), "strong"),
        Column(say("Contained")),
        Column(say("Containment"), "strong"),
        Column(say("Back in {days} days", days=bots.RECONTACT_DAYS)),
        Column(say("Net of returns"), "strong"),
        Column(say("Customer not known"), "wide"),
        Column(say("Handed over")),
        Column(say("Given up")),
    ]
    rows = [
        [
            Cell(row["intent"] or say("not recognised"), below="" if picked.client else row["client"]),
            Cell(row["bot"] or say("no name")),
            cells.count(row["bot_sessions"]),
            cells.count(row["bot_contained"]),
            cells.bar(row["bot_containment"]),
            cells.count(row["bot_contained_but_back"]),
            cells.bar(row["bot_containment_net"]),
            cells.count(row["bot_contained_unknown_customer"]),
            cells.count(row["bot_handed_over"]),
            cells.count(row["bot_abandoned"]),
        ]
        for row in picked.things(_view(picked), "bots", "bot")
    ]
    tables.show(say("Bots by intent · {period}", period=picked.words), columns, rows, say("No bot had a session."))


@panel(SLOW_SECONDS)
def _reasons(picked: Picked) -> None:
    columns = [Column(say("Reason"), "left strong"), Column(say("Bot"), "left"), Column(say("Handed over"))]
    rows = [
        [
            Cell(_readable(row["reason"]), below="" if picked.client else row["client"]),
            Cell(row["bot"] or say("no name")),
            cells.count(row["bot_handed_over"]),
        ]
        for row in _rows(picked, "handovers")
    ]
    tables.show(say("Handed over, by reason"), columns, rows, say("No bot handed over."))


@panel(SLOW_SECONDS)
def _steps(picked: Picked) -> None:
    columns = [
        Column(say("Step"), "left strong"),
        Column(say("Menu"), "left"),
        Column(say("Reached")),
        Column(say("Self-served")),
        Column(say("Routed")),
        Column(say("Given up")),
        Column(say("Drop-off"), "strong"),
    ]
    rows = [
        [
            Cell(row["step"] or say("no name"), below="" if picked.client else row["client"]),
            Cell(row["menu"] or say("no name")),
            cells.count(row["step_reached"]),
            cells.count(row["step_contained"]),
            cells.count(row["step_handed_over"]),
            cells.count(row["step_abandoned"]),
            cells.percent(row["step_drop_off"]),
        ]
        for row in _rows(picked, "menu_steps_by_drop")
    ]
    tables.show(say("Drop-off in menus, by step"), columns, rows, say("No menu had a session."))


def _rows(picked: Picked, query: str) -> list[Row]:
    """The rows of an answer without totals, of what was picked."""
    return [row for row in _view(picked).rows(query) if picked.includes(row)]


def _readable(reason: str | None) -> str:
    return reason.replace("_", " ") if reason else say("no reason given")
