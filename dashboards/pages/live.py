"""The live page: who waits, is the target met, who is free, which queue needs help first."""

from __future__ import annotations

import streamlit as st

from dashboards import controls, frame
from dashboards.data import feed
from dashboards.data.asking import Period, last
from dashboards.frame import panel
from dashboards.look import charts, queue_table, theme, tiles
from dashboards.look.definitions import definitions
from dashboards.look.states import Level
from dashboards.look.words import say
from dashboards.queries import common, live
from dashboards.readings.live import Choice, clients_of, live_readings


@panel(1)
def _status(choice: Choice, known: tuple[str, ...]) -> None:
    view = frame.look(common.PLACES, common.ZONES, as_of=choice.as_of)
    if tuple(clients_of(view)) != known:
        st.rerun()  # a new client: it belongs into the filter
    frame.status(view, frame.zone(view, choice.client))


@panel(1)
def _banners(choice: Choice) -> None:
    view = frame.look(common.NEWEST, common.ZONES, as_of=choice.as_of)
    frame.banners(view, frame.zone(view, choice.client))


@panel(1)
def _tiles(choice: Choice) -> None:
    view = frame.look(
        live.MOMENT, live.WINDOW, live.OCCUPANCY, live.AGENTS, as_of=choice.as_of, period=last(choice.minutes)
    )
    pairs = live_readings(view, choice, st.session_state.setdefault("levels", {}))
    levels: dict[str, Level] = {}
    for number, (widths, part) in enumerate((([1, 1, 1, 1], pairs[:4]), ([1, 1, 1, 2], pairs[4:]))):
        row = st.container(key=f"row-{number}")
        for column, (tile, reading) in zip(row.columns(widths), part, strict=True):
            with column:
                levels[tile.key] = tiles.draw(tile, reading, view)
    theme.marks(levels, stale=view.is_stale)


@panel(1)
def _queues(choice: Choice) -> None:
    queue_table.show(frame.look(live.MOMENT, live.WINDOW, as_of=choice.as_of, period=last(choice.minutes)), choice)


@panel(5)
def _history(choice: Choice) -> None:
    period = Period("quarters", live.HISTORY_HOURS * 60)
    view = frame.look(live.HISTORY, common.ZONES, as_of=choice.as_of, period=period)
    start, stop = period.bounds(view.answers["history"].at)
    rows = [row for row in view.rows("history") if row["client"] == choice.client]
    grid = charts.quarters(rows, start, stop)
    target = definitions(view.rows("catalogue"))[choice.service_level].target
    zone = frame.zone(view, choice.client)
    st.html(f'<h2 class="cb-heading">{say("The last hours")}</h2>')
    charts.draw(
        charts.service_level_data(grid, choice.service_level, zone),
        charts.service_level_spec(target),
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


def page() -> None:
    """The whole page."""
    as_of = frame.asked_moment(feed.shared_feed().view().now)
    view = frame.opened(as_of)
    if view is None:
        return
    filters, status = st.columns([7, 5], vertical_alignment="center")
    with filters:
        choice = controls.show(view, as_of)
    with status:
        _status(choice, tuple(clients_of(view)))
    _banners(choice)
    _tiles(choice)
    # Side by side where there is room, so that one screen without scrolling says it all.
    table, history = st.columns([3, 2], gap="medium")
    with table:
        _queues(choice)
    with history:
        _history(choice)


page()
