"""The tables of agents and of teams: over-limit states first, each with its number, its limit and words."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any
from urllib.parse import urlencode

from dashboards.look import formats, tables
from dashboards.look.formats import Number
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.queries.agents import STATES
from dashboards.readings.agents import STATE_WORDS, Line, key_of

_NONE = "–"


def link(text: str, address: Mapping[str, str], **changed: str) -> str:
    """Markup: a link to this page with other choices, everything else kept."""
    query = html.escape(urlencode({**address, **changed}))
    return f'<a href="?{query}" target="_self">{html.escape(text)}</a>'


def _of_period(row: Mapping[str, Any]) -> list[Cell]:
    return [
        _cell(formats.percent, row.get("occupancy_connect")),
        _cell(formats.count, row.get("handled")),
        _cell(formats.duration, row.get("agent_aht_seconds")),
        _cell(formats.percent, row.get("sales_per_answered")),
        _cell(formats.percent, row.get("adherence")),
    ]


def _cell(write: Any, value: Number | None) -> Cell:
    return Cell(_NONE, "muted") if value is None else Cell(write(value))


def _period_columns() -> list[Column]:
    titles = (say("Occupancy"), say("Handled"), say("Handle time"), say("Conversion"), say("Adherence"))
    return [Column(title) for title in titles]


def agents(
    title: str, lines: Sequence[Line], zone: tzinfo, address: Mapping[str, str], *, several_clients: bool
) -> None:
    """A row for each agent; its name leads to the agent's day."""
    columns = [
        Column(say("Agent"), "left"),
        Column(say("State"), "left"),
        Column(say("For"), "strong"),
        Column(say("Since")),
        *_period_columns(),
    ]
    rows = []
    for line in lines:
        name = link(line.agent or "", address, agent=key_of(line.client, line.agent or ""))
        below = line.team or say("no team")
        rows.append(
            [
                Cell("", "", name, f"{below} · {line.client}" if several_clients else below),
                *_now(line, zone),
                *_of_period(line.period),
            ]
        )
    tables.show(title, columns, rows, say("Nobody is signed in, or there are no agent events."))


def _now(line: Line, zone: tzinfo) -> list[Cell]:
    now = line.now
    if not now:
        return [Cell(say("signed out"), "muted"), Cell(_NONE, "muted"), Cell(_NONE, "muted")]
    state = say(STATE_WORDS.get(now["state"], now["state"]))
    below = line.words or (now["reason"] if now["reason"] != now["state"] else "") or ""
    return [
        Cell(f"{line.level.icon}{state}", line.level.value, below=below),
        Cell(formats.duration(now["seconds_in_state"]), line.level.value),
        Cell(formats.clock(now["since"], zone)),
    ]


def teams(title: str, lines: Sequence[Line], address: Mapping[str, str], *, several_clients: bool) -> None:
    """A row for each team; its name leads to its agents."""
    columns = [
        Column(say("Team"), "left"),
        Column(say("Over a limit"), "strong"),
        Column(say("Signed in"), "strong"),
        *(Column(say(STATE_WORDS[state])) for state in STATES),
        *_period_columns(),
    ]
    rows = []
    for line in lines:
        name = link(line.team, address, client=line.client, team=line.team, show="floor") if line.team else ""
        over = line.now.get("over_limit", 0)
        rows.append(
            [
                Cell("" if line.team else say("no team"), "", name, line.client if several_clients else ""),
                Cell(f"{line.level.icon}{formats.count(over)}", line.level.value if over else "muted"),
                _number(line.now.get("signed_in", 0)),
                *(_number(line.now.get(state, 0)) for state in STATES),
                *_of_period(line.period),
            ]
        )
    tables.show(title, columns, rows, say("There is no team with agents at work."))


def _number(value: int) -> Cell:
    return Cell(formats.count(value), "" if value else "muted")
