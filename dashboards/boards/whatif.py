"""What if: service level at another threshold, and the agents that the load of the next intervals needs."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from dashboards import filters, frame, head
from dashboards.data import feed
from dashboards.data.asking import Filters, Period
from dashboards.data.view import View
from dashboards.frame import CALM_SECONDS, panel
from dashboards.look import charts, formats, tables, theme, tiles, whatif_chart
from dashboards.look.definitions import definitions
from dashboards.look.states import Level
from dashboards.look.tables import Cell, Column
from dashboards.look.words import inside, say
from dashboards.queries import common, floor, whatif
from dashboards.readings.live import kpi_of
from dashboards.readings.places import Row, contracts_of, pace_of, terms_of
from dashboards.readings.whatif import (
    FEWEST_ABANDONED,
    FEWEST_HANDLED,
    OWN,
    Asked,
    Need,
    Staffing,
    curve_of,
    level_readings,
    staffing,
)
from pipeline.domain.definitions import THRESHOLD_SECONDS

_PERIODS = ("today", "60", "30")
_THRESHOLD = 30
#: The default stands first, as everywhere.
_THRESHOLDS = (str(_THRESHOLD), *(str(seconds) for seconds in whatif.THRESHOLDS if seconds != _THRESHOLD))


@dataclass(frozen=True, slots=True)
class _Choice:
    filters: Filters
    definition: str
    threshold: int
    period: Period
    period_words: str
    as_of: datetime | None


@panel(CALM_SECONDS)
def _levels(choice: _Choice) -> None:
    asks = frame.asks_for(
        whatif.CURVE, floor.LEVELS, floor.CONTRACTS,
        as_of=choice.as_of, period=choice.period, filters=choice.filters, arguments={"definition": choice.definition},
    )  # fmt: skip
    view = frame.look_at({**asks, OWN: asks[floor.LEVELS.name]}, choice.as_of)
    contracts = contracts_of(view.rows(floor.CONTRACTS.name), choice.filters)
    pace = pace_of(contracts)
    known = definitions(view.rows("catalogue"))[kpi_of(choice.definition)]
    terms = terms_of([row for row in contracts if row["pace"] == pace], known, THRESHOLD_SECONDS)
    asked = Asked(choice.definition, choice.threshold, terms.target, choice.period_words)
    st.html(f'<h2 class="cb-heading">{say("Service level at another threshold, from every single wait")}</h2>')
    chart, numbers = st.columns([8, 4], gap="medium")
    with chart:
        charts.draw(
            whatif_chart.curve_data(curve_of(view, pace)),
            whatif_chart.curve_spec(terms.target, choice.threshold, whatif.THRESHOLDS[-1]),
            height=whatif_chart.CURVE_HEIGHT,
            key="chart-whatif",
            alt=say("Service level over thresholds from 5 to 120 seconds, with the target and the chosen threshold"),
        )
    levels: dict[str, Level] = {}
    with numbers:
        for tile, reading in level_readings(view, asked, pace):
            levels[tile.key] = tiles.draw(tile, reading, view)
        st.html(f'<div class="cb-muted">{html.escape(_about_target(terms.target, curve_of(view, pace)))}</div>')
    theme.marks(levels, stale=view.is_stale)


def _about_target(target: float | None, curve: list[Row]) -> str:
    """Why there is no threshold at which the target is met, if there is none."""
    levels = [row["service_level"] for row in curve if row["service_level"] is not None]
    if target is None:
        return say("The chosen queues have different targets: choose one of them.")
    if levels and max(levels) < target:
        return say("The target is not met within {seconds} s.", seconds=whatif.THRESHOLDS[-1])
    return ""


@panel(CALM_SECONDS)
def _staffing(choice: _Choice, several_clients: bool) -> None:
    asks = frame.asks_for(whatif.EXPECTED, floor.STAFF, as_of=choice.as_of, filters=choice.filters)
    measured = frame.asks_for(
        whatif.MEASURED, as_of=choice.as_of, filters=choice.filters,
        period=Period("last", whatif.MEASURED_DAYS * 24 * 60),
    )  # fmt: skip
    view = frame.look_at({**asks, **measured}, choice.as_of)
    _needs(view, staffing(view), several_clients)


def _needs(view: View, found: list[Staffing], several_clients: bool) -> None:
    zone = frame.viewer_zone()
    quarters = sorted({row["quarter"] for row in view.rows(whatif.EXPECTED.name)})
    columns = [
        Column(say("Queue"), "left strong"),
        Column(say("State"), "left"),
        Column(say("Working"), "strong"),
        *(Column(formats.clock(quarter, zone)[:5]) for quarter in quarters),
        Column(say("Level with them"), ""),
        Column(say("Handle time")),
        Column(say("Patience")),
        Column(say("Rests on"), "left"),
    ]
    rows = [_row(one, quarters, several_clients) for one in found]
    title = say("Agents needed in the next intervals · contacts expected below")
    tables.show(title, columns, rows, say("No queue of calls has had any yet: the load is unknown."))
    st.html(_assumptions())


def _row(one: Staffing, quarters: list[datetime], several_clients: bool) -> list[Cell]:
    goal = say("{target} in {seconds} s", target=formats.percent(one.target, 0), seconds=f"{one.threshold_seconds:g}")
    needs = {need.quarter: need for need in one.needs}
    name = Cell(one.queue, below=f"{one.client} · {goal}" if several_clients else goal)
    if one.problem:
        return [
            name,
            Cell(say("no answer"), "muted"),
            *_people(one),
            *(Cell("–", "muted") for _ in quarters),
            *(Cell("–", "muted") for _ in range(3)),
            Cell(one.problem, "muted"),
        ]
    patience = say("{count} gave up", count=formats.count(one.abandoned))
    return [
        name,
        _state(one),
        *_people(one),
        *(_need(needs.get(quarter)) for quarter in quarters),
        Cell("–", "muted")
        if one.level is None
        else Cell(formats.percent(one.level), below=say("{share} busy", share=formats.percent(one.busy))),
        Cell(formats.duration(one.handle_seconds), below=say("of {count}", count=formats.count(one.handled))),
        Cell(say("unknown"), "muted", below=patience)
        if one.patience_seconds is None
        else Cell(formats.duration(one.patience_seconds), below=patience),
        Cell(one.basis, below=say("Erlang C: nobody gives up") if one.patience_seconds is None else say("Erlang A")),
    ]


def _people(one: Staffing) -> list[Cell]:
    if one.working is None:
        return [Cell(say("unknown"), "muted", below=say("nobody with the skill"))]
    return [Cell(formats.count(one.working), below=say("of {count} signed in", count=formats.count(one.signed_in)))]


def _state(one: Staffing) -> Cell:
    if one.gap is None:
        return Cell(say("not comparable"), "muted")
    if one.gap < 0:
        return Cell(f"{one.attention.icon}{say('{count} missing', count=formats.count(-one.gap))}", one.attention.value)
    return Cell(say("enough") if one.gap == 0 else say("{count} to spare", count=formats.count(one.gap)), "muted")


def _need(need: Need | None) -> Cell:
    if need is None or need.offered is None or need.agents is None:
        return Cell("–", "muted")
    expected = say("{count} expected", count=formats.decimal(need.offered))
    if need.erlang_a is not None and need.erlang_c is not None and need.erlang_a != need.erlang_c:
        expected += " · " + say("C: {count}", count=formats.count(need.erlang_c))
    return Cell(formats.count(need.agents), below=expected)


def _assumptions() -> str:
    """In words, for who reads the table: what it takes for granted, and where it is wrong."""
    lines = (
        say(
            "Expected are the contacts of the same quarter of an hour on the same weekday of the last {weeks} weeks, "
            "on the queue's own clocks, as far as there are such days; else the mean of the last {hours} hours.",
            weeks=whatif.WEEKS, hours=whatif.RECENT_HOURS,
        ),
        say(
            "Handle time and patience are measured over the last {days} days: talk, hold and wrap-up of {handled} "
            "contacts at least; and all time waited for each who gave up, of {abandoned} at least.",
            days=whatif.MEASURED_DAYS, handled=FEWEST_HANDLED, abandoned=FEWEST_ABANDONED,
        ),
        say(
            "Erlang A lets people give up, Erlang C (C) lets them wait for ever and so needs more. Both take calls "
            "that come at random at a steady rate, handle times that scatter exponentially, one call at a time, "
            "answered in order. Who gives up counts as not answered in time, whatever the queue's own definition says."
        ),
        say(
            "Working are agents with the queue's skill who are available, on a contact or in wrap-up. One who has the "
            "skills of several queues counts for each, so the queues cannot be added up. Breaks to come are in no "
            "number. Written and deferred work has no answer here: its agents do several things at once."
        ),
    )  # fmt: skip
    return f'<div class="cb-muted"><ul>{"".join(f"<li>{html.escape(line)}</li>" for line in lines)}</ul></div>'


def _choice(view: View, as_of: datetime | None) -> _Choice:
    known = definitions(view.rows("catalogue"))
    bar, status = st.columns([8, 4], vertical_alignment="center")
    with bar:
        chosen = filters.show(view)
    with status:
        head.status(as_of)
    row = st.container(key="row-whatif-choices")
    level, limit, minutes = row.columns([4, 3, 4], vertical_alignment="center")
    with level:
        definition = filters.choose(
            "definition", say("Definition of service level"), floor.DEFINITIONS,
            lambda name: say("Service level: {definition}", definition=inside(known[name].shown)), many=True,
        )  # fmt: skip
    with limit:
        threshold = filters.choose(
            "threshold", say("Threshold"), _THRESHOLDS,
            lambda text: say("Threshold: {seconds} s", seconds=text), many=True,
        )  # fmt: skip
    with minutes:
        period, words = filters.period(view, _PERIODS)
    return _Choice(chosen, definition, int(threshold), period, words, as_of)


def page() -> None:
    """The whole page."""
    as_of = frame.asked_moment(feed.shared_feed().view().now)
    view = frame.opened(as_of)
    if view is None:
        return
    choice = _choice(view, as_of)
    head.banners(as_of)
    _levels(choice)
    clients = {row["client"] for row in view.rows(common.PLACES.name)}
    _staffing(choice, choice.filters.client is None and len(clients) > 1)


page()
