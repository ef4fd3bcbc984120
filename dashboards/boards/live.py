"""The page of live queues: who waits, is the target met, who is free, which queue needs help first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator as Place

from dashboards import filters, frame
from dashboards.data import feed
from dashboards.data.asking import Ask, Period
from dashboards.data.view import View
from dashboards.frame import CALM_SECONDS, LIVE_SECONDS, panel, part
from dashboards.look import charts, formats, queue_table, tables, theme, tiles
from dashboards.look.definitions import definitions
from dashboards.look.states import Level
from dashboards.look.tables import Cell, Column
from dashboards.look.words import inside, say
from dashboards.queries import common, floor
from dashboards.readings.live import CHOSEN, INTERVAL, TODAY, Choice, clients_of, kpi_of, live_readings
from dashboards.readings.places import LIVE, contracts_of, pace_of, terms_of
from pipeline.domain.definitions import THRESHOLD_SECONDS

#: What the table can have a row for each of.
DIMENSIONS = ("queue", "client", "line", "channel", "language", "skill", "site")


@panel(LIVE_SECONDS)
def _live(choice: Choice, known: tuple[str, ...], zone: tzinfo, day: str, status: Place, table: Place) -> None:
    """All that lives in one panel: a run costs as much again as what it draws. ``day``: the zone of "today"."""
    view = frame.look(common.PLACES, common.ZONES, common.NEWEST, as_of=choice.as_of)
    if tuple(clients_of(view)) != known:
        st.rerun()  # a new client: it belongs into the filter
    with status:
        frame.status(view, zone)
    frame.banners(view, zone)
    _tiles(choice, day)
    with table:
        _queues(choice)


def _level(choice: Choice, period: Period) -> Ask:
    (ask,) = frame.asks_for(
        floor.LEVELS,
        as_of=choice.as_of,
        period=period,
        filters=choice.filters,
        arguments={"definition": choice.definition},
    ).values()
    return ask


@part
def _tiles(choice: Choice, zone: str) -> None:
    asks = frame.asks_for(
        floor.WAITING, floor.ROLLING, floor.HOUR_BEFORE, floor.PERIOD, floor.STAFF, floor.OCCUPANCY, floor.CONTRACTS,
        as_of=choice.as_of, period=choice.period, filters=choice.filters,
    )  # fmt: skip
    asks[INTERVAL] = _level(choice, Period("interval"))
    asks[TODAY] = _level(choice, Period("today", zone=zone))
    view = frame.look_at(asks, choice.as_of)
    pairs = live_readings(view, choice, st.session_state.setdefault("levels", {}))
    periods = {INTERVAL: Period("interval"), TODAY: Period("today", zone=zone)}
    levels: dict[str, Level] = {}
    for number, (widths, some) in enumerate((([1, 1, 1, 1], pairs[:4]), ([4, 4, 4, 4, 7], pairs[4:]))):
        row = st.container(key=f"row-{number}")
        for column, (tile, reading) in zip(row.columns(widths), some, strict=True):
            more: Callable[[], None] | None = None
            if tile.query in periods or tile.query == floor.ROLLING.name:
                more = partial(_definitions, choice, periods.get(tile.query, Period("last", floor.ROLLING_MINUTES)))
            with column:
                levels[tile.key] = tiles.draw(tile, reading, view, more)
    theme.marks(levels, stale=view.is_stale)


def _definitions(choice: Choice, period: Period) -> None:
    """One service level under every definition, side by side, of the same counts."""
    view = frame.look(floor.ALL_DEFINITIONS, floor.CONTRACTS, as_of=choice.as_of, period=period, filters=choice.filters)
    known = definitions(view.rows("catalogue"))
    pace = pace_of(contracts_of(view.rows(floor.CONTRACTS.name), choice.filters))
    rows = {row["definition"]: row for row in view.rows(floor.ALL_DEFINITIONS.name) if row["pace"] == pace}
    order = [*floor.DEFINITIONS, *sorted(rows.keys() - set(floor.DEFINITIONS))]
    cells = [
        [
            Cell(known[name].shown),
            Cell(formats.percent(rows[name]["service_level"])),
            Cell(f"{formats.count(rows[name]['numerator'])} / {formats.count(rows[name]['denominator'])}"),
            Cell(known[name].formula, "wrap muted"),
        ]
        for name in order
        if name in rows
    ]
    columns = (
        Column(say("Definition"), "left"),
        Column(say("Value"), "strong"),
        Column(say("Counts")),
        Column(say("Formula"), "left"),
    )
    tables.show(say("The same contacts under every definition"), columns, cells, formats.nothing())


@part
def _queues(choice: Choice) -> None:
    asks = frame.asks_for(
        floor.WAITING, floor.ROLLING, floor.PERIOD, floor.STAFF, floor.CONTRACTS,
        as_of=choice.as_of, period=choice.period, filters=choice.filters,
    )  # fmt: skip
    view = frame.look_at({**asks, CHOSEN: _level(choice, choice.period)}, choice.as_of)
    queue_table.show(view, choice)
    if any(row["waiting_left_out"] for row in view.rows(floor.WAITING.name)):
        _left_out(frame.look(floor.LEFT_OUT, as_of=choice.as_of, filters=choice.filters))


def _left_out(view: View) -> None:
    """What never ended: shown, and in no number above."""
    rows, zone = view.rows(floor.LEFT_OUT.name), frame.viewer_zone()
    why = {"aged": say("no sign of life for too long"), "ended": say("over, but its end is missing")}
    cells = [
        [
            Cell(row["queue"], below=row["client"]),
            Cell(row["interaction"], "wrap"),
            Cell(formats.duration(row["open_seconds"])),
            Cell(formats.stamp(row["last_event_at"], zone)),
            Cell(why[row["left_out_by"]]),
        ]
        for row in rows
    ]
    count = formats.count(rows[0]["things"] if rows else 0)
    title = say("Left out of waiting and of the longest wait: {count}", count=count)
    columns = (
        Column(say("Queue"), "left"),
        Column(say("Contact"), "left"),
        Column(say("Open for")),
        Column(say("Last event"), "left"),
        Column(say("Why"), "left"),
    )
    tables.show(title, columns, cells, formats.nothing())


@panel(CALM_SECONDS)
def _course(choice: Choice, zone: tzinfo) -> None:
    period = Period("quarters", floor.COURSE_HOURS * 60)
    arguments = {"definition": choice.definition}
    view = frame.look(
        floor.COURSE, floor.CONTRACTS, as_of=choice.as_of, period=period, filters=choice.filters, arguments=arguments
    )
    contracts = contracts_of(view.rows(floor.CONTRACTS.name), choice.filters)
    pace = pace_of(contracts)
    start, stop = period.bounds(view.answers[floor.COURSE.name].at)
    grid = charts.quarters([row for row in view.rows(floor.COURSE.name) if row["pace"] == pace], start, stop)
    known = definitions(view.rows("catalogue"))[kpi_of(choice.definition)]
    terms = terms_of([row for row in contracts if row["pace"] == pace], known, THRESHOLD_SECONDS)
    title = say("The last hours") if pace == LIVE else say("The last hours of email and work items")
    st.html(f'<h2 class="cb-heading">{title}</h2>')
    charts.draw(
        charts.service_level_data(grid, "service_level", zone),
        charts.service_level_spec(terms.target),
        height=charts.SERVICE_LEVEL_HEIGHT,
        key="chart-service-level",
        alt=say("Service level in each quarter of an hour of the last hours, with its target"),
    )
    charts.draw(
        charts.volume_data(grid, zone),
        charts.volume_spec(),
        height=charts.VOLUME_HEIGHT,
        key="chart-volume",
        alt=say("Contacts offered, answered and abandoned in each quarter of an hour of the last hours"),
    )


def _choice(view: View, as_of: datetime | None) -> Choice:
    chosen = filters.show(view)
    known = definitions(view.rows("catalogue"))
    row = st.container(key="row-choices")
    by, level, minutes = row.columns([2, 3, 4], vertical_alignment="center")
    with by:
        dimension = filters.choose(
            "by", say("Group by"), DIMENSIONS,
            lambda name: say(filters.GROUPINGS[name]), many=True,
        )  # fmt: skip
    with level:
        definition = filters.choose(
            "definition", say("Definition of service level"), floor.DEFINITIONS,
            lambda name: say("Service level: {definition}", definition=inside(known[name].shown)), many=True,
        )  # fmt: skip
    with minutes:
        period, words = filters.period(view)
    return Choice(chosen, dimension, definition, period, words, as_of)


def page() -> None:
    """The whole page."""
    as_of = frame.asked_moment(feed.shared_feed().view().now)
    view = frame.opened(as_of)
    if view is None:
        return
    bar, status = st.columns([8, 4], vertical_alignment="center")
    with bar:
        choice = _choice(view, as_of)
    zone = frame.zone(view, choice.filters.client, choice.filters.site)
    # Between the bar and the table, and filled last: it draws into the places around it, too.
    middle = st.container(key="live")
    # Side by side where there is room, so that one screen without scrolling says it all.
    table, course = st.columns([7, 4], gap="medium")
    with middle:
        _live(choice, tuple(clients_of(view)), zone, filters.zone_of(view), status, table)
    with course:
        _course(choice, zone)


page()
