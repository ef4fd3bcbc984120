"""The history page: any period by any grain and grouping, beside an earlier one, with corrections, files and SQL."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

from dashboards import frame, head
from dashboards.access import pages, session
from dashboards.data import feed
from dashboards.data.asking import Ask, Filters, Period, ask
from dashboards.data.connection import Rows
from dashboards.data.view import View
from dashboards.frame import panel
from dashboards.look import charts, export, formats, history_chart, history_table, tables
from dashboards.look.definitions import Definition, definitions
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.queries import history
from dashboards.queries.runnable import runnable_sql
from dashboards.queries.scoped import Query
from dashboards.readings import behind
from dashboards.readings.history import Choice, Line, Span, lines_of
from dashboards.sections import history_choice
from pipeline.kpis.catalogue import catalogue


@dataclass(frozen=True, slots=True)
class Found:
    """The rows by grain and group, and the whole period in one; ``asks`` are the questions, for their SQL."""

    lines: Sequence[Line]
    whole: Sequence[Line]
    asks: Mapping[str, Ask]


def _ask(query: Query, choice: Choice, span: Span, grain: str, grouping: str) -> Ask:
    arguments = {
        "grain": grain,
        "grouping": grouping,
        "zone": str(span.zone),
        "definitions_at": choice.definitions_at,
    }
    return ask(
        query.at(choice.as_of),
        session.person().scope,
        as_of=choice.as_of,
        period=Period("between", start=span.start, stop=span.stop),
        filters=choice.filters,
        arguments=arguments,
    )


def _rows(question: Ask) -> Rows:
    return feed.shared_feed().once(question).rows


def _lines(choice: Choice, name: str, asks: dict[str, Ask], *, of_agents: bool) -> Sequence[Line]:
    query = history.ANSWERS if of_agents else history.CELLS
    asks[name] = _ask(query, choice, choice.span, choice.grain, choice.grouping)
    before: Rows = ()
    if choice.compared is not None:
        asks[f"{name}_before"] = _ask(query, choice, choice.compared, choice.grain, choice.grouping)
        before = _rows(asks[f"{name}_before"])
    corrections: Rows = ()
    # A correction is known by when it was noted; a past moment is one of the events' own time.
    if choice.as_of is None and not of_agents:
        asks[f"{name}_corrections"] = _ask(history.CORRECTIONS, choice, choice.span, choice.grain, choice.grouping)
        corrections = _rows(asks[f"{name}_corrections"])
    return lines_of(choice, _rows(asks[name]), before, corrections)


def _found(choice: Choice) -> Found:
    asks: dict[str, Ask] = {}
    rows = _lines(choice, "rows", asks, of_agents=choice.of_agents)
    return Found(rows, _lines(choice.whole, "whole", asks, of_agents=choice.of_agents), asks)


@panel(None)
def _results(choice: Choice, known: Mapping[str, Definition]) -> None:
    with st.spinner(say("Reading the store"), show_time=True):
        found = _found(choice)
    zone = choice.span.zone
    start, stop = (formats.minute(moment, zone) for moment in (choice.span.start, choice.span.stop))
    heading = say("The whole period · {start} to {stop}", start=start, stop=stop)
    history_table.show(heading, choice.whole, found.whole, known, _links(choice, found))
    _chart(choice, found.lines, known)
    if choice.grain != "whole" or choice.grouping != "all":
        history_table.show(_heading(choice), choice, found.lines, known)
        if len(found.lines) > history_table.SHOWN_ROWS:
            st.caption(
                say("The first {shown} of {number} rows; a file has all.", shown=history_table.SHOWN_ROWS,
                    number=formats.count(len(found.lines)))
            )  # fmt: skip
    _notes(choice, found)
    if choice.as_of is None and not choice.of_agents:
        with st.expander(say("Corrected after it had first been counted"), key="history-corrections"):
            history_table.show_corrections(say("What these numbers were first"), choice, found.lines, known)
    _files(choice, found, known)
    _levels(choice, known)
    with st.expander(say("The same numbers as SQL"), key="history-sql"):
        for name, question in found.asks.items():
            st.caption(name.replace("_", " "))
            st.code(runnable_sql(question, choice.as_of or choice.span.stop), language="sql")


def _links(choice: Choice, found: Found) -> dict[str, str]:
    """Where the rows behind each number of the whole period are, of what can be said of rows."""
    if not pages.sees(session.person().role, "interactions"):
        return {}
    language = {name: st.query_params[name] for name in ("lang",) if name in st.query_params}
    at = choice.as_of or feed.shared_feed().view().at
    links = {name: behind.address(name, found.asks["whole"], at) for name in choice.numbers}
    return {
        name: "&".join([link, *([urlencode(language)] if language else [])]) for name, link in links.items() if link
    }


def _heading(choice: Choice) -> str:
    if choice.grain == "whole":
        return say("By group")
    return say("By time") if choice.grouping == "all" else say("By time and group")


def _chart(choice: Choice, lines: Sequence[Line], known: Mapping[str, Definition]) -> None:
    if not lines or (choice.grain == "whole" and choice.grouping == "all"):
        return
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        titles = {number: known[number].shown for number in choice.numbers}
        name = st.selectbox(
            say("Chart"), choice.numbers, format_func=titles.__getitem__, key="history-chart-number",
            label_visibility="collapsed",
        )  # fmt: skip
    with left:
        st.html(f'<h2 class="cb-heading">{say("Over time") if choice.grain != "whole" else say("By group")}</h2>')
    words = {number: history_table.bucket_words(line.bucket, choice) for number, line in enumerate(lines)}
    series = history_chart.series(choice, lines)
    # Of what is not there the legend says nothing: the note below the table does.
    if choice.compare != "none" and choice.grouping == "all" and any(line.before for line in lines):
        series.append(history_chart.before_words(choice))
    charts.draw(
        history_chart.data(choice, lines, name, words),
        history_chart.spec(choice, known[name], series),
        height=history_chart.HEIGHT,
        key="history-chart",
        alt=say("{number} over the period, with the period compared with", number=known[name].shown),
    )
    groups = {(line.client, line.part) for line in lines}
    if len(groups) > history_chart.GROUPS:
        st.caption(say("Drawn are the {number} largest groups.", number=history_chart.GROUPS))


def _notes(choice: Choice, found: Found) -> None:
    zone = choice.span.zone
    notes = [say("Times are of {zone}.", zone=str(zone))]
    if choice.compared is not None:
        start, stop = (formats.minute(moment, zone) for moment in (choice.compared.start, choice.compared.stop))
        known = any(line.before for line in found.whole)
        compared = say("Small print compares with {start} to {stop}.", start=start, stop=stop)
        notes.append(compared if known else say("There was nothing from {start} to {stop}.", start=start, stop=stop))
    if choice.definitions_at is not None:
        when = formats.minute(choice.definitions_at, zone)
        notes.append(say("All of it is judged by the settings of queues in force at {when}.", when=when))
    if choice.of_agents:
        notes.append(say("By agent and team there are numbers of answered contacts only, and no corrections."))
    if choice.as_of is not None:
        notes.append(say("Of a past moment no corrections are shown: it is told by the events up to it."))
    st.caption(" ".join(notes))


def sheet_of(
    choice: Choice, lines: Sequence[Line], known: Mapping[str, Definition], about: Mapping[str, str]
) -> export.Sheet:
    """The rows of the table as a file has them: all of them, with numbers as they are in the store."""
    fields = history_table.fields_of(choice, known)
    rows = tuple(history_table.values_of(line, choice, known) for line in lines)
    return export.Sheet(fields, rows, tuple(about.items()), choice.span.zone)


def _about(choice: Choice, found: Found, known: Mapping[str, Definition], view: View) -> dict[str, str]:
    zone = choice.span.zone
    chosen = {name: value for name, value in choice.filters.parameters().items() if value is not None}
    about = {
        "from": choice.span.start.astimezone(zone).isoformat(),
        "to": choice.span.stop.astimezone(zone).isoformat(),
        "zone": str(zone),
        "grain": choice.grain,
        "group": choice.grouping,
        "filters": ", ".join(f"{name} = {value}" for name, value in chosen.items()) or "none",
        "settings of": "their time" if choice.definitions_at is None else choice.definitions_at.isoformat(),
        "as_of": "now" if choice.as_of is None else choice.as_of.isoformat(),
        "published_at": view.publication.published_at.isoformat() if view.publication else "",
    }
    if choice.compared is not None:
        about["compared from"] = choice.compared.start.astimezone(zone).isoformat()
        about["compared to"] = choice.compared.stop.astimezone(zone).isoformat()
    for name in choice.numbers:
        definition = known[name]
        about[name] = f"{definition.title} ({definition.unit}): {definition.formula}. {definition.description}"
    for name, question in found.asks.items():
        if name.startswith("rows"):
            about[f"SQL {name}"] = runnable_sql(question, choice.as_of or choice.span.stop)
    return about


def _files(choice: Choice, found: Found, known: Mapping[str, Definition]) -> None:
    view = feed.shared_feed().view()

    def content(kind: str) -> bytes:
        # Built when somebody clicks, and not before.
        return export.written(sheet_of(choice, found.lines, known, _about(choice, found, known, view)), kind)

    zone = choice.span.zone
    first, last = (moment.astimezone(zone).strftime("%Y%m%dT%H%M") for moment in (choice.span.start, choice.span.stop))
    columns = st.container(key="row-history-files").columns([2, 1, 1, 1, 3], vertical_alignment="center")
    columns[0].html(f'<span class="cb-muted">{say("This table as a file")}</span>')
    for column, (kind, (ending, media)) in zip(columns[1:4], export.FORMATS.items(), strict=True):
        column.download_button(
            kind,
            functools.partial(content, kind),
            file_name=f"callboard-{choice.grouping}-{choice.grain}-{first}-{last}.{ending}",
            mime=media,
            key=f"history-file-{ending}",
            on_click="ignore",
            width="stretch",
        )


def _levels(choice: Choice, known: Mapping[str, Definition]) -> None:
    """Every definition of service level of the whole period, from the same contacts."""
    with st.expander(say("Service level by every definition"), key="history-levels"):
        of_queues = Filters(client=choice.filters.client, queue=choice.filters.queue)
        if choice.filters != of_queues:
            st.caption(say("These are by client and queue only: take the other filters away to see them."))
            return
        if choice.as_of is not None:
            st.caption(say("These are known of the present only: go back to now to see them."))
            return
        rows = {row["definition"]: row for row in _rows(_ask(history.LEVELS, choice, choice.span, "whole", "all"))}
        cells = []
        for definition in (*catalogue().definitions, catalogue().contract):
            row = rows.get(definition.name, {})
            level = row.get("service_level")
            cells.append(
                [
                    Cell(known[definition.name].shown, below=known[definition.name].formula),
                    Cell(formats.percent(level), "muted" if level is None else "strong"),
                    Cell(formats.count(row.get("numerator"))),
                    Cell(formats.count(row.get("denominator"))),
                ]
            )
        columns = (
            Column(say("Definition"), "left"),
            Column(say("Service level")),
            Column(say("Above the line")),
            Column(say("Below it")),
        )
        tables.show(say("The same contacts, counted by each definition"), columns, cells, say("no traffic"))


def page() -> None:
    """The whole page."""
    as_of = frame.asked_moment(feed.shared_feed().view().now)
    view = frame.opened(as_of)
    if view is None:
        return
    first, status = st.columns([7, 5], vertical_alignment="center")
    head.top(as_of, status=status)
    choice = history_choice.show(view, as_of, first)
    _results(choice, definitions(view.rows("catalogue")))


page()
