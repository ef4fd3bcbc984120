"""The page of definitions: what every number means, side by side on today's counts, and what holds for each queue."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import filters, frame, head
from dashboards.data import feed
from dashboards.data.asking import Filters, Period
from dashboards.data.view import View
from dashboards.frame import CALM_SECONDS, SLOW_SECONDS, panel
from dashboards.look import formats, tables
from dashboards.look.states import Limits
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.queries import definitions, floor
from dashboards.readings.definitions import SHORT_ABANDONS, UNITS, Row, direction, found, settings_of

_CONTRACT = "contract"


def _kept(**changes: str) -> str:
    """This page's address without what it shows, so that a link leads back to the same place."""
    here = {name: value for name, value in st.query_params.to_dict().items() if name in ("as_of", "lang", "q")}
    return f"?{urlencode({**here, **changes})}"


def _one(row: Row) -> None:
    """A definition as a whole."""
    st.html(f'<h2 class="cb-heading">{tables.text(say(row["title"]))}</h2>')
    st.markdown(f"[{say('← All definitions')}]({_kept()})")
    st.text(row["description"])
    facts = [
        (say("Name"), row["name"]),
        (say("Unit"), say(UNITS[row["unit"]])),
        (say("Formula"), row["formula"]),
        (say("Source"), row["source"]),
        (say("Read it so"), direction(row["higher_is_better"])),
    ]
    if row["target"] is not None:
        facts.append((say("Target"), Limits(row["target"], row["target"], row["unit"]).goal))
    if row["example"]:
        facts.append((say("Worked example"), row["example"]))
    columns = (Column(say("What"), "left"), Column(say("Of this number"), "left wrap"))
    tables.show(say("Definition"), columns, [[Cell(name, "muted"), Cell(text)] for name, text in facts], "")


def _all(rows: list[Row]) -> None:
    columns = (
        Column(say("Title"), "left"),
        Column(say("Formula"), "left wrap"),
        Column(say("Description"), "left wrap"),
        Column(say("Unit"), "left"),
    )
    cells = [
        [
            Cell(say(row["title"]), below=row["name"], link=_kept(kpi=row["name"])),
            Cell(row["formula"], "muted"),
            Cell(row["description"]),
            Cell(say(UNITS[row["unit"]]), "muted"),
        ]
        for row in rows
    ]
    title = say("Definitions: {count}", count=formats.count(len(rows)))
    tables.show(title, columns, cells, say("No definition has these words."))


@panel(CALM_SECONDS)
def _side_by_side(as_of: datetime | None, chosen: Filters, zone: str) -> None:
    """Service level of today under every definition, of the same contacts."""
    period = Period("today", zone=zone)
    view = frame.look(floor.ALL_DEFINITIONS, definitions.WHOLE, as_of=as_of, period=period, filters=chosen)
    known = {row["name"]: row for row in view.rows(definitions.WHOLE.name)}
    columns = (
        Column(say("Definition"), "left"),
        Column(say("Calls, chats and messages"), "strong"),
        Column(say("Counts")),
        Column(say("Email and work items"), "strong"),
        Column(say("Counts")),
        Column(say("Formula"), "left wrap"),
        Column(say("Worked example"), "left wrap"),
    )
    levels: dict[tuple[str, str], Row] = {
        (row["definition"], row["pace"]): row for row in view.rows(floor.ALL_DEFINITIONS.name)
    }
    names = [name for name in known if any(key[0] == name for key in levels)]
    cells = [
        [
            Cell(say(known[name]["title"]), below=name, link=_kept(kpi=name)),
            *_level(levels.get((name, "live"))),
            *_level(levels.get((name, "deferred"))),
            Cell(known[name]["formula"], "muted"),
            Cell(known[name]["example"] or "–", "muted"),
        ]
        for name in sorted(names, key=lambda name: (name != _CONTRACT, name))
    ]
    title = say("Service level today under every definition, of the same contacts")
    tables.show(title, columns, cells, formats.nothing())


def _level(row: Row | None) -> list[Cell]:
    if row is None:
        return [Cell(formats.nothing(), "muted"), Cell("–", "muted")]
    counts = f"{formats.count(row['numerator'])} / {formats.count(row['denominator'])}"
    return [Cell(formats.percent(row["service_level"])), Cell(counts)]


@panel(SLOW_SECONDS)
def _in_force(as_of: datetime | None, chosen: Filters, zone: tzinfo) -> None:
    view = frame.look(definitions.IN_FORCE, definitions.WHOLE, as_of=as_of, filters=chosen)
    titles = {row["name"]: row["title"] for row in view.rows(definitions.WHOLE.name)}
    columns = (
        Column(say("Queue"), "left"),
        Column(say("State"), "left"),
        Column(say("Definition"), "left"),
        Column(say("Threshold")),
        Column(say("Short abandons"), "left"),
        Column(say("Service level to reach")),
        Column(say("Abandonment to stay under")),
        Column(say("From"), "left"),
        Column(say("Until"), "left"),
    )
    cells = [
        [
            Cell(held.row["queue"], below=held.row["client"]),
            Cell(held.state, "" if held.is_now else "muted"),
            Cell(say(titles[held.row["definition"]]), below=held.row["definition"]),
            Cell(_threshold(held.row)),
            Cell(
                say(SHORT_ABANDONS[held.row["short_abandons"]]),
                below=say("up to {time}", time=_seconds(held.row["short_abandon_seconds"])),
            ),
            Cell(_target(held.row["service_level_target"])),
            Cell(_target(held.row["abandonment_target"])),
            Cell(_date(held.row["valid_from"], zone)),
            Cell(_date(held.row["valid_to"], zone)),
        ]
        for held in settings_of(view.rows(definitions.IN_FORCE.name), view.at)
    ]
    tables.show(say("What holds for each queue"), columns, cells, say("No queue is known yet."))


def _threshold(row: Row) -> str:
    boundary = "≤" if row["threshold_inclusive"] else "<"
    return f"{boundary} {_seconds(row['threshold_seconds'])}"


def _seconds(value: Any) -> str:
    return formats.age(float(value))


def _target(value: float | None) -> str:
    return "–" if value is None else formats.percent(value)


def _date(moment: datetime | None, zone: tzinfo) -> str:
    return "–" if moment is None else formats.minute(moment, zone)


def _body(view: View, as_of: datetime | None, first: DeltaGenerator) -> None:
    asked = frame.look(definitions.WHOLE, as_of=as_of)
    rows = list(asked.rows(definitions.WHOLE.name))
    with first:
        text = filters.typed("q", say("Search all definitions"))
    name = st.query_params.get("kpi")
    one = next((row for row in rows if row["name"] == name), None)
    if one is not None:
        _one(one)
    elif name:
        st.info(say("There is no definition of that name."), icon=":material/search_off:")
    if text:
        # What was searched for stands where it was searched.
        _all(found(rows, text))
    chosen = filters.show(view, filters.PLACES)
    _side_by_side(as_of, chosen, filters.zone_of(view, chosen.client))
    _in_force(as_of, chosen, frame.zone(view, chosen.client, chosen.site))
    if not text:
        _all(rows)


def page() -> None:
    """The whole page."""
    as_of = frame.asked_moment(feed.shared_feed().view().now)
    view = frame.opened(as_of)
    if view is None:
        return
    first, _, status = st.columns([4, 3, 5], vertical_alignment="center")
    head.top(as_of, status=status)
    _body(view, as_of, first)


page()
