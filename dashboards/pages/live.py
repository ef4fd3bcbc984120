"""The live page: who waits, is the target met, who is free, which queue needs help first."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboards import charts, controls, feed, frame, queues, theme, tiles
from dashboards.definitions import definitions
from dashboards.feed import moments_of
from dashboards.frame import panel
from dashboards.queries import QUERIES
from dashboards.readings import Choice, clients_of, live_readings
from dashboards.states import Level


@panel(1)
def _status(as_of: datetime | None, known: tuple[str, ...]) -> None:
    view, snapshot = frame.current(as_of)
    if tuple(clients_of(snapshot)) != known:
        st.rerun()  # a new client: it belongs into the filter
    frame.status(view, snapshot)


@panel(1)
def _banners(choice: Choice) -> None:
    frame.banners(*frame.current(choice.as_of))


@panel(1)
def _tiles(choice: Choice) -> None:
    view, snapshot = frame.current(choice.as_of)
    pairs = live_readings(snapshot, choice, st.session_state.setdefault("levels", {}))
    levels: dict[str, Level] = {}
    for number, (widths, part) in enumerate((([1, 1, 1, 1], pairs[:4]), ([1, 1, 1, 2], pairs[4:]))):
        row = st.container(key=f"row-{number}")
        for column, (tile, reading) in zip(row.columns(widths), part, strict=True):
            with column:
                levels[tile.key] = tiles.draw(tile, reading, view, snapshot)
    theme.marks(levels, stale=view.is_stale)


@panel(1)
def _queues(choice: Choice) -> None:
    _, snapshot = frame.current(choice.as_of)
    queues.show(snapshot, choice)


@panel(5)
def _history(choice: Choice) -> None:
    _, snapshot = frame.current(choice.as_of)
    span = moments_of(QUERIES["history"], snapshot.at)
    rows = [row for row in snapshot.rows("history") if row["client"] == choice.client]
    grid = charts.quarters(rows, span["start"], span["stop"])
    target = definitions(snapshot.rows("catalogue"))[choice.service_level].target
    st.html('<h2 class="cb-heading">The last hours</h2>')
    st.vega_lite_chart(
        charts.service_level_data(grid, choice.service_level),
        charts.service_level_spec(target),
        height=charts.SERVICE_LEVEL_HEIGHT,
        theme=None,
        key="chart-service-level",
        alt="Service level in each quarter of an hour of the last hours, with its target",
    )
    st.vega_lite_chart(
        charts.volume_data(grid),
        charts.volume_spec(),
        height=charts.VOLUME_HEIGHT,
        theme=None,
        key="chart-volume",
        alt="Contacts offered, answered and abandoned in each quarter of an hour of the last hours",
    )


def page() -> None:
    """The whole page."""
    as_of = frame.asked_moment(feed.shared_feed().view().now)
    found = frame.opened(as_of)
    if found is None:
        return
    filters, status = st.columns([7, 5], vertical_alignment="center")
    with filters:
        choice = controls.show(found[1], as_of)
    with status:
        _status(as_of, tuple(clients_of(found[1])))
    _banners(choice)
    _tiles(choice)
    # Side by side where there is room, so that one screen without scrolling says it all.
    table, history = st.columns([3, 2], gap="medium")
    with table:
        _queues(choice)
    with history:
        _history(choice)


page()
