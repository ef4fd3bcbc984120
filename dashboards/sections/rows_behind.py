"""The rows behind a tile's number: how many of each part of it, which they are, and the SQL that gives them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import partial
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import filters, frame
from dashboards.data import feed
from dashboards.data.asking import Answer, Ask, Period
from dashboards.look import dimensions, formats, handling, tables
from dashboards.look.definitions import Definition
from dashboards.look.tables import Cell, Column
from dashboards.look.words import mark, say
from dashboards.queries.behind.page import PAGE_ROWS
from dashboards.queries.runnable import runnable_sql
from dashboards.readings.behind import Asked, with_numbers
from dashboards.readings.interactions import before, key_of, outcome_words
from dashboards.sections import things_behind
from pipeline.kpis.catalogue import Measure, catalogue

#: Up to so many parts stand side by side.
_IN_A_ROW = 3
#: What the catalogue has no name for.
_TITLES = {
    "numerator": mark("Numerator"),
    "denominator": mark("Denominator"),
    "answered_in_time": mark("Answered in time"),
    "decided": mark("Decided"),
    "completed": mark("Answered or abandoned"),
    "waiting_past_threshold": mark("Waiting past the threshold"),
    "waiting": mark("Waiting"),
    "in_progress": mark("In progress"),
    "waits": mark("Ended waits"),
    "available": mark("Available"),
    "on_contact": mark("On contact"),
    "wrap_up": mark("Wrap-up"),
    "break": mark("Break"),
    "unavailable": mark("Unavailable"),
    "over_limit": mark("Over a limit now"),
    "silent": mark("No sign-out"),
    "adherent_seconds": mark("As planned"),
    "scheduled_seconds": mark("Planned"),
}
_OF_STATES = {
    "on_contact_seconds": mark("On contact"),
    "wrap_up_seconds": mark("Wrap-up"),
    "available_seconds": mark("Available"),
}


def show(asked: Asked, definition: Definition, at: datetime, zone: tzinfo, first: DeltaGenerator) -> None:
    """Draw them, as of the moment ``at``; their heading and the way back stand at ``first``.

    Raises:
        CallboardError: the store cannot be read.
    """
    title = say("The rows behind: {number}", number=say(definition.title))
    with first:
        st.html(f'<h2 class="cb-heading">{tables.text(title)}</h2>')
        st.markdown(f"[{say('← All interactions')}]({kept()})")
    tables.facts(_facts(asked, at, zone))
    asks = {part: _ask(asked, part, at) for part in asked.behind.parts}
    answers = {part: feed.shared_feed().once(each) for part, each in asks.items()}
    numbers = {part: _number(asked, part, answer) for part, answer in answers.items()}
    if asked.behind.formula:
        st.html(
            f'<div class="cb-formula"><span>{tables.text(asked.behind.formula)}</span>'
            f"<b>{tables.text(with_numbers(asked.behind.formula, numbers))}</b></div>"
        )
    part = asked.part
    if len(asked.behind.parts) > 1:
        part = filters.choose(
            "part",
            say("Part of the number"),
            _first(asked),
            lambda name: f"{part_words(asked, name)}: {numbers[name]}",
            many=len(asked.behind.parts) > _IN_A_ROW,
        )
    _rows(asked, asks[part], part, at, zone)
    st.caption(say("The SQL that gives these rows, for callboard query or any DuckDB client"))
    with st.expander(say("SQL"), key="sql-behind"):
        st.code(runnable_sql(asks[part], at), language="sql")


def _first(asked: Asked) -> Sequence[str]:
    """The parts, the one that the address asked for first: it is the default."""
    return [asked.part, *(part for part in asked.behind.parts if part != asked.part)]


def part_words(asked: Asked, part: str) -> str:
    """What a part is called."""
    if part in _OF_STATES and asked.behind.sort.rows == "agents":
        return say(_OF_STATES[part])
    if asked.behind.sort.rows == "things":
        return things_behind.part_words(part)
    if part in _TITLES:
        return say(_TITLES[part])
    return say(catalogue()[part].title)


def _facts(asked: Asked, at: datetime, zone: tzinfo) -> list[tuple[str, str]]:
    found = [(say(dimensions.TITLES[name]), value) for name, value in asked.filters.parameters().items() if value]
    if asked.start is not None and asked.stop is not None:
        words = say("{start} to {stop}", start=formats.stamp(asked.start, zone), stop=formats.stamp(asked.stop, zone))
        found.append((say("Period"), words))
    if asked.pace is not None:
        words = say("calls, chats and messages") if asked.pace == "live" else say("email and work items")
        found.append((say("Work"), words))
    if asked.behind.definition:
        found.append((say("Definition"), asked.behind.definition))
    return [*found, (say("As of"), formats.stamp(at, zone))]


def _ask(asked: Asked, part: str, at: datetime, page: str | None = None) -> Ask:
    query = asked.behind.sort.query
    period = None if asked.start is None else Period("between", start=asked.start, stop=asked.stop)
    arguments = {**asked.arguments, "part": part, **before(page)}
    return frame.asks_for(query, as_of=at, period=period, filters=asked.filters, arguments=arguments)[query.name]


def _number(asked: Asked, part: str, answer: Answer) -> str:
    """What the rows of a part come to: their number, the sum of what they add, or the longest."""
    row = answer.rows[0]
    things, total, largest = row["things"], row["total"], row["largest"]
    if asked.behind.kpi.startswith(("longest", "oldest")):
        return formats.duration(largest)
    if asked.behind.sort.rows == "things":
        return things_behind.total(part, row)
    known = {each.name: each for each in catalogue().all()}
    measure = known.get(part)
    if asked.behind.kind != "cells" and part.endswith("_seconds"):
        return formats.duration(total or 0)
    if asked.behind.kind == "cells" and isinstance(measure, Measure):
        if measure.how == "max":
            return formats.duration(largest)
        if measure.unit == "seconds":
            return formats.duration(total or 0)
        return formats.decimal(total or 0, 2) if measure.unit == "money" else formats.count(total or 0)
    return formats.count(things)


def _rows(asked: Asked, first: Ask, part: str, at: datetime, zone: tzinfo) -> None:
    page = page_key(asked, part)
    ask = first if page is None else _ask(asked, part, at, page)
    rows = feed.shared_feed().once(ask).rows
    things, seen = rows[0]["things"], rows[0]["seen_things"]
    shown = [row for row in rows if row["began_at"] is not None]
    if seen < things:
        words = say(
            "{count} of the {all} rows are of other teams or sites: they are counted, but not shown.",
            count=formats.count(things - seen), all=formats.count(things),
        )  # fmt: skip
        st.info(words, icon=":material/visibility_off:")
    sort = asked.behind.sort
    if sort.rows == "agents":
        _agents(shown[:PAGE_ROWS], zone)
    elif sort.rows == "things":
        things_behind.show(sort.columns, part, shown[:PAGE_ROWS], zone, partial(link_to, kept()))
    else:
        show_entries(say("Queue entries"), shown[:PAGE_ROWS], zone)
    more(shown, sort.key)


def _agents(rows: Sequence[tables.Row], zone: tzinfo) -> None:
    columns = (
        Column(say("Since"), "left"),
        Column(say("Agent"), "left strong"),
        Column(say("State"), "left"),
        Column(say("Until"), "left"),
        Column(say("Counted")),
    )
    cells = [
        [
            Cell(formats.second(row["began_at"], zone)),
            Cell(row["agent"], below=row["client"]),
            Cell(row["state"], below=row["reason"] or ""),
            Cell("–" if row["ended_at"] is None else formats.clock(row["ended_at"], zone)),
            Cell(formats.duration(row["value"])),
        ]
        for row in rows
    ]
    tables.show(say("Agents"), columns, cells, formats.nothing())


def show_entries(title: str, rows: Sequence[tables.Row], zone: tzinfo) -> None:
    """Queue entries as a table, each leading to the timeline of its interaction."""
    columns = (
        Column(say("Time and interaction"), "left"),
        Column(say("Queue"), "left"),
        Column(say("Channel"), "left"),
        Column(say("Agent"), "left"),
        Column(say("Outcome"), "left"),
        Column(say("Disposition"), "left"),
        *handling.columns(),
    )
    base = kept()
    cells = [
        [
            Cell(
                formats.second(row["began_at"], zone),
                below=row["interaction"],
                link=link_to(base, row),
            ),
            Cell(row["queue"] or "–", below=row["client"]),
            Cell(row["channel"], below=row["direction"]),
            Cell(row["agent"] or "–"),
            Cell(outcome_words(row["outcome"])),
            Cell(row["disposition"] or "–"),
            *handling.cells(row),
        ]
        for row in rows
    ]
    tables.show(title, columns, cells, say("Nothing was found."))


def kept() -> str:
    """The address of this page with its moment and its language only, which a new page would not know."""
    here: dict[str, str] = st.query_params.to_dict()
    return f"?{urlencode({name: value for name, value in here.items() if name in ('as_of', 'lang')})}"


def link_to(base: str, row: tables.Row) -> str:
    """The address of the timeline of a row's interaction; ``base`` is ``kept()``, asked for once for all rows."""
    return f"{base}&{urlencode({'client': row['client'], 'interaction': row['interaction']})}"


def page_key(*choice: object) -> str | None:
    """The key in the address after which a page begins, as long as what is chosen stays: others have other pages."""
    known = st.session_state.setdefault("before-of", choice)
    if known != choice:
        st.session_state["before-of"] = choice
        st.query_params.pop("before", None)
    return st.query_params.get("before")


def more(rows: Sequence[tables.Row], key: tuple[str, str] = ("interaction", "segment")) -> None:
    """Links to the older rows, if there are more than a page, and back to the newest."""
    here = st.query_params.to_dict()
    links = []
    if "before" in here:
        newest = urlencode({name: value for name, value in here.items() if name != "before"})
        links.append(f"[{say('Newest')}](?{newest})")
    if len(rows) > PAGE_ROWS:
        older = urlencode({**here, "before": key_of(rows[PAGE_ROWS - 1], *key)})
        links.append(f"[{say('Older')}](?{older})")
    if links:
        st.markdown(" · ".join(links))
