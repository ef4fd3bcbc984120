"""The agents' page: who is in which state since when, what came of the period, and one agent's day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator as Place

from dashboards import filters, frame
from dashboards.data import feed
from dashboards.data.asking import Filters, Period
from dashboards.data.view import View
from dashboards.frame import CALM_SECONDS, LIVE_SECONDS, panel, part
from dashboards.look import agent_charts, agent_table, charts, formats, tables, theme, tiles
from dashboards.look.states import Level
from dashboards.look.tables import Cell, Column
from dashboards.look.words import mark, say
from dashboards.queries import agents, common
from dashboards.readings.agents import (
    STATE_WORDS,
    agent_lines,
    agent_readings,
    key_of,
    state_seconds,
    team_lines,
)
from dashboards.readings.places import Row

_NAMES = ("client", "team", "site", "skill", "line", "channel", "queue", "language")
_PERIODS = ("today", "60", "30", "interval")
_SHOWN = {"floor": mark("Signed in"), "team": mark("Teams"), "all": mark("Everybody")}
#: Rows before the rest is folded away.
_FOLDED = 25
_ROWS = {str(_FOLDED): mark("The first {count}"), "all": mark("All rows")}


@dataclass(frozen=True, slots=True)
class _Choice:
    filters: Filters
    shown: str
    is_folded: bool
    period: Period
    period_words: str
    as_of: datetime | None
    #: What the address says, for links that keep it.
    address: Mapping[str, str]


@panel(LIVE_SECONDS)
def _live(choice: _Choice, status: Place, table: Place, *, several_clients: bool) -> None:
    """All that lives at one pace in one panel: a run costs as much again as what it draws."""
    view = frame.look(common.NEWEST, as_of=choice.as_of)
    with status:
        frame.status(view)
    frame.banners(view)
    _tiles(choice)
    with table:
        _table(choice, several_clients=several_clients)


def _look(choice: _Choice) -> View:
    return frame.look(
        agents.NOW, agents.PERIOD, agents.LEFT_OUT,
        as_of=choice.as_of, period=choice.period, filters=choice.filters,
    )  # fmt: skip


@part
def _tiles(choice: _Choice) -> None:
    view = _look(choice)
    memory = st.session_state.setdefault("agent-levels", {})
    pairs = agent_readings(view, choice.period_words, memory, (choice.filters, choice.period))
    levels: dict[str, Level] = {}
    for number, (widths, some) in enumerate((([3, 7, 3], pairs[:3]), ([1] * 5, pairs[3:]))):
        row = st.container(key=f"row-agents-{number}")
        for column, (tile, reading) in zip(row.columns(widths), some, strict=True):
            with column:
                levels[tile.key] = tiles.draw(tile, reading, view)
    theme.marks(levels, stale=view.is_stale)


@part
def _table(choice: _Choice, *, several_clients: bool) -> None:
    view = _look(choice)
    if choice.shown == "team":
        lines = team_lines(view)
    else:
        lines = agent_lines(view, everybody=choice.shown == "all")
    shown = lines[:_FOLDED] if choice.is_folded else lines
    if choice.shown == "team":
        title = say("Teams, most over a limit first · {period}", period=choice.period_words)
        agent_table.teams(title, shown, choice.address, several_clients=several_clients)
    else:
        title = say("Agents, over a limit first, then by state, longest first · {period}", period=choice.period_words)
        zone = frame.viewer_zone()
        agent_table.agents(title, shown, zone, choice.address, several_clients=several_clients)
    _folded(len(lines) - len(shown), mark("{count} more rows are folded: choose all rows above."))
    _left_out(view)


def _left_out(view: View) -> None:
    """Who never signed out: shown, and in no number above."""
    rows = [row for row in view.rows(agents.LEFT_OUT.name) if row["dimension"] == "agent"]
    if not rows:
        return
    zone = frame.viewer_zone()
    cells = [
        [
            Cell(row["agent"], below=f"{row['team'] or say('no team')} · {row['client']}"),
            Cell(say(STATE_WORDS.get(str(row["state"]), str(row["state"])))),
            Cell(formats.stamp(row["since"], zone)),
            Cell(formats.stamp(row["last_event_at"], zone)),
            Cell(formats.duration(row["open_seconds"])),
        ]
        for row in rows[:_FOLDED]
    ]
    columns = (
        Column(say("Agent"), "left strong"),
        Column(say("Last state"), "left"),
        Column(say("Since"), "left"),
        Column(say("Last sign of life"), "left"),
        Column(say("Open for")),
    )
    title = say("No sign-out and silent too long: left out of every number above ({count})", count=len(rows))
    tables.show(title, columns, cells, "")
    _folded(len(rows) - len(cells), mark("{count} more are not listed."))


def _folded(count: int, words: str) -> None:
    if count:
        st.html(f'<div class="cb-muted">{say(words, count=formats.count(count))}</div>')


@panel(CALM_SECONDS)
def _day(choice: _Choice, who: Row, zone_name: str) -> None:
    period = Period("today", zone=zone_name)
    arguments = {"of_client": who["client"], "agent": who["agent"]}
    view = frame.look(agents.DAY, as_of=choice.as_of, period=period, arguments=arguments)
    zone, rows, at = frame.viewer_zone(), view.rows(agents.DAY.name), view.answers[agents.DAY.name].at
    about = [who["team"] or say("no team"), who["site"] or say("no site"), who["client"]]
    if who["supervisor"]:
        about.append(say("supervisor {name}", name=who["supervisor"]))
    title = say("The day of {agent} · {about}", agent=who["agent"], about=" · ".join(about))
    spent = state_seconds(rows, at)
    cells = [
        [
            Cell(say(STATE_WORDS.get(state, state))),
            Cell(formats.duration(seconds)),
            Cell(formats.count(times)),
            Cell(formats.duration(longest)),
        ]
        for state, times, seconds, longest in spent
    ]
    columns = (Column(say("State"), "left"), Column(say("Today")), Column(say("Times")), Column(say("Longest")))
    strip, times = st.columns([8, 4], gap="medium")
    with times:
        tables.show(say("Time in each state"), columns, cells, say("No state today."))
    with strip:
        tables.show(title, (), (), say("Plan, contacts and states since midnight; the dashed line is the moment."))
        charts.draw(
            agent_charts.day_data(rows, at, zone, formats.duration),
            agent_charts.day_spec(at, zone),
            height=agent_charts.DAY_HEIGHT,
            key="chart-agent-day",
            alt=say("The agent's day: plan, contacts and a lane for each state; the table beside it has the times"),
        )


def _who(known: Mapping[str, Row]) -> Row | None:
    """The agent whose day is shown: of the list, or of a link. A link to an agent out of scope shows nobody."""
    asked = st.query_params.get("agent")
    options = list(known)
    chosen: str | None = st.selectbox(
        say("Agent"),
        options,
        index=options.index(asked) if asked and asked in known else None,
        placeholder=say("The day of an agent"),
        format_func=lambda key: known[key]["agent"],
        key="agent",
        label_visibility="collapsed",
    )
    if chosen:
        st.query_params["agent"] = chosen
    elif "agent" in st.query_params:
        del st.query_params["agent"]
    return known[chosen] if chosen else None


def _teams(known: Mapping[str, Row]) -> list[str]:
    """The teams that fit the client and the site of the address."""
    asked = filters.from_address(("client", "site"))
    return sorted(
        {
            row["team"]
            for row in known.values()
            if row["team"]
            and (asked.client is None or row["client"] == asked.client)
            and (asked.site is None or row["site"] == asked.site)
        }
    )


def page() -> None:
    """The whole page."""
    as_of = frame.asked_moment(feed.shared_feed().view().now)
    view = frame.opened(as_of)
    if view is None:
        return
    rows = frame.look(agents.KNOWN, as_of=as_of).rows(agents.KNOWN.name)
    known = {key_of(row["client"], row["agent"]): row for row in rows}
    bar, status = st.columns([8, 4], vertical_alignment="center")
    with bar:
        chosen = filters.show(view, _NAMES, {"team": _teams(known)})
    choices = st.container(key="row-agents-choices")
    show, period_box, folded, find = choices.columns([3, 4, 2, 3], vertical_alignment="center")
    with show:
        shown = filters.choose("show", say("Show"), tuple(_SHOWN), lambda name: say(_SHOWN[name]))
    with folded:
        rows_shown = filters.choose(
            "rows", say("Rows"), tuple(_ROWS), lambda name: say(_ROWS[name], count=_FOLDED), many=True
        )
    with period_box:
        period, words = filters.period(view, _PERIODS)
    with find:
        who = _who(known)
    address = {name: value for name, value in st.query_params.items() if name != "agent"}
    choice = _Choice(chosen, shown, rows_shown != "all", period, words, as_of, address)
    # Filled last: the panel draws around the day of an agent, which lives at another pace.
    middle, day, table = st.container(key="agents-now"), st.container(), st.container()
    with middle:
        _live(choice, status, table, several_clients=chosen.client is None and len({row["client"] for row in rows}) > 1)
    if who is not None:
        with day:
            _day(choice, who, filters.zone_of(view, who["client"]))


page()
