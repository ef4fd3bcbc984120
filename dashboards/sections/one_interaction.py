"""The timeline of one interaction: how its time was spent, its passes through queues, what happened, what changed."""

from __future__ import annotations

from datetime import datetime, tzinfo

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import frame
from dashboards.data import feed
from dashboards.data.connection import Rows
from dashboards.look import formats, handling, strip, tables
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.queries import interactions
from dashboards.queries.scoped import Query
from dashboards.readings.interactions import event_words, facts, lane_of, outcome_words, said, spans
from dashboards.sections.rows_behind import kept


def show(client: str, interaction: str, at: datetime, zone: tzinfo, first: DeltaGenerator) -> None:
    """Draw it as it was known at the moment ``at``; its heading and the way back stand at ``first``.

    Raises:
        CallboardError: the store cannot be read.
    """

    def rows(query: Query) -> Rows:
        one = {"of_client": client, "of_interaction": interaction}
        asks = frame.asks_for(query, as_of=at, arguments=one)
        return feed.shared_feed().once(asks[query.name]).rows

    passes, events = rows(interactions.PASSES), rows(interactions.TIMELINE)
    with first:
        st.html(f'<h2 class="cb-heading">{say("Interaction")}</h2>')
        st.markdown(f"[{say('← All interactions')}]({kept()})")
    st.code(interaction, language=None)
    if not passes and not events:
        st.info(say("There is no such interaction here, or you may not see it."), icon=":material/search_off:")
        return
    known = {"client": client, **facts(passes, events)}
    tables.facts([(name, value) for name, value in known.items() if value])
    found = spans(passes, events, at)
    if found:
        strip.draw(found, zone)
    _passes(passes, zone)
    _events(events, zone)
    _corrections(rows(interactions.CORRECTED), zone)


def _passes(rows: Rows, zone: tzinfo) -> None:
    columns = (
        Column(say("Segment"), "left strong"),
        Column(say("Entered"), "left"),
        Column(say("Agent"), "left"),
        Column(say("Outcome"), "left"),
        Column(say("Disposition"), "left"),
        *handling.columns(),
        Column(say("Alerts")),
    )
    cells = [
        [
            Cell(lane_of(row)),
            Cell(formats.second(row["began_at"], zone)),
            Cell(row["agent"] or "–"),
            Cell(outcome_words(row["outcome"]), below=row["left_reason"] or row["transfer_kind"] or ""),
            Cell(row["disposition"] or "–", below=", ".join(row["flags"] or ())),
            *handling.cells(row),
            Cell(formats.count(row["alerts"]), below=_declined(row["declines"])),
        ]
        for row in rows
    ]
    tables.show(say("Its way through the queues"), columns, cells, say("It never reached a queue."))


def _declined(count: int) -> str:
    return say("{count} not taken", count=formats.count(count)) if count else ""


def _events(rows: Rows, zone: tzinfo) -> None:
    columns = (
        Column(say("Time"), "left"),
        Column(say("What happened"), "left"),
        Column(say("Segment"), "left"),
        Column(say("Queue"), "left"),
        Column(say("Agent"), "left"),
        Column(say("Said"), "left wrap"),
        Column(say("Event"), "left"),
    )
    cells = [
        [
            Cell(formats.second(row["time"], zone)),
            Cell(event_words(row["type"])),
            Cell(row["segment"] or ""),
            Cell(row["queue"] or ""),
            Cell(row["agent"] or ""),
            Cell(said(row)),
            Cell(row["id"], "muted", below=row["source"]),
        ]
        for row in rows
    ]
    things = rows[0]["things"] if rows else 0
    title = say("What happened")
    if things > len(rows):
        title = say("What happened: the first {shown} of {count} events", shown=len(rows), count=formats.count(things))
    tables.show(title, columns, cells, say("No event yet."))


def _corrections(rows: Rows, zone: tzinfo) -> None:
    columns = (
        Column(say("Noted"), "left"),
        Column(say("Queue"), "left"),
        Column(say("Minute"), "left"),
        Column(say("Measure"), "left"),
        Column(say("Was")),
        Column(say("Is")),
        Column(say("Late by")),
    )
    cells = [
        [
            Cell(formats.second(row["noted_at"], zone)),
            Cell(row["queue"]),
            Cell(formats.minute(row["minute"], zone)),
            Cell(row["measure"]),
            Cell(formats.exact(row["before"])),
            Cell(formats.exact(row["after"])),
            Cell(formats.age(float(row["late_by_seconds"]))),
        ]
        for row in rows
    ]
    title = say("What its late events corrected")
    tables.show(title, columns, cells, say("None of its events changed a number that was shown already."))
