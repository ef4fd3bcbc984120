"""The page of interactions: search, the timeline of one, the rows behind a tile, callers who were never reached."""

from __future__ import annotations

from datetime import datetime, tzinfo

import streamlit as st

from dashboards import filters, frame, head
from dashboards.access import session
from dashboards.data import feed
from dashboards.data.asking import Filters, Period
from dashboards.data.view import View
from dashboards.frame import CALM_SECONDS, panel
from dashboards.look import formats, tables
from dashboards.look.definitions import definitions
from dashboards.look.tables import Cell, Column
from dashboards.look.words import mark, say
from dashboards.queries import interactions
from dashboards.queries.behind.page import PAGE_ROWS
from dashboards.readings.behind import asked
from dashboards.readings.interactions import OUTCOMES, before
from dashboards.sections import one_interaction, rows_behind

_ANY = "any"
_SHOWN = {"search": mark("Search"), "callback": mark("To call back")}
_HOURS = {"24": mark("24 hours"), "168": mark("7 days"), "720": mark("30 days"), "2160": mark("90 days")}
_PLACES = ("client", "channel", "queue", "direction")
_DIRECTIONS = ("inbound", "outbound", "internal")


def _period() -> Period:
    hours = filters.choose("hours", say("Period"), tuple(_HOURS), lambda key: say(_HOURS[key]))
    return Period("last", 60 * int(hours))


def _search(view: View, at: datetime) -> None:
    chosen = filters.show(view, _PLACES, options={"direction": _DIRECTIONS})
    row = st.container(key="row-search").columns([3, 2, 2, 2, 4], vertical_alignment="center")
    with row[4]:
        period = _period()
    with row[0]:
        name = filters.typed("id", say("Interaction, or a part"))
    with row[1]:
        agent = filters.typed("agent", say("Agent, or a part"))
    with row[2]:
        outcome = filters.choose("outcome", say("Outcome"), tuple(OUTCOMES), lambda key: say(OUTCOMES[key]), many=True)
    with row[3]:
        disposition = filters.choose(
            "disposition", say("Disposition"), _dispositions(period, chosen, at),
            lambda key: say("All dispositions") if key == _ANY else key, many=True,
        )  # fmt: skip
    arguments = {
        "interaction": name,
        "agent": agent,
        "outcome": None if outcome == _ANY else outcome,
        "disposition": None if disposition == _ANY else disposition,
        # Of somebody bounded to teams it cannot be said that nobody had the contact.
        "with_unqueued": session.person().scope.teams is None,
    }
    arguments |= before(rows_behind.page_key(chosen, period, *arguments.values()))
    asks = frame.asks_for(interactions.SEARCH, as_of=at, period=period, filters=chosen, arguments=arguments)
    rows = feed.shared_feed().once(asks[interactions.SEARCH.name]).rows
    zone = frame.zone(view, chosen.client)
    rows_behind.show_entries(say("Newest first"), rows[:PAGE_ROWS], zone)
    rows_behind.more(rows)


def _dispositions(period: Period, chosen: Filters, at: datetime) -> tuple[str, ...]:
    asks = frame.asks_for(interactions.DISPOSITIONS, as_of=at, period=period, filters=chosen)
    found = [row["disposition"] for row in feed.shared_feed().once(asks[interactions.DISPOSITIONS.name]).rows]
    # A link with one that is not there any more must show nothing, and not everything.
    asked_for = st.query_params.get("disposition")
    return (_ANY, *sorted({*found, *([asked_for] if asked_for and asked_for != _ANY else [])}))


def _to_call_back(view: View, as_of: datetime | None) -> None:
    chosen = filters.show(view, filters.PLACES)
    period = _period()
    _callbacks(as_of, chosen, period, frame.zone(view, chosen.client, chosen.site))


@panel(CALM_SECONDS)
def _callbacks(as_of: datetime | None, chosen: Filters, period: Period, zone: tzinfo) -> None:
    view = frame.look(interactions.CALLBACKS, as_of=as_of, period=period, filters=chosen)
    answer = view.answers[interactions.CALLBACKS.name]
    columns = (
        Column(say("Abandoned"), "left"),
        Column(say("Ago"), "strong"),
        Column(say("Customer"), "left"),
        Column(say("Queue"), "left"),
        Column(say("Channel"), "left"),
        Column(say("Times")),
        Column(say("Waited")),
        Column(say("Last tried")),
    )
    base = rows_behind.kept()
    cells = [
        [
            Cell(
                formats.second(row["since"], zone),
                below=row["interaction"],
                link=rows_behind.link_to(base, row),
            ),
            Cell(formats.age((answer.at - row["since"]).total_seconds())),
            Cell(row["customer"] or say("not known")),
            Cell(row["queue"], below=row["client"]),
            Cell(row["channel"]),
            Cell(formats.count(row["tries"])),
            Cell(formats.duration(row["wait_seconds"])),
            Cell(formats.clock(row["latest_at"], zone)),
        ]
        for row in answer.rows
    ]
    things = answer.rows[0]["things"] if answer.rows else 0
    title = say("Abandoned and not reached since, oldest first: {count}", count=formats.count(things))
    if things > len(cells):
        title = say(
            "Abandoned and not reached since: the oldest {shown} of {count}",
            shown=formats.count(len(cells)), count=formats.count(things),
        )  # fmt: skip
    tables.show(title, columns, cells, say("Nobody is to be called back."))


def page() -> None:
    """The whole page."""
    as_of = frame.asked_moment(feed.shared_feed().view().now)
    view = frame.opened(as_of)
    if view is None:
        return
    zone = frame.zone(view, st.query_params.get("client"))
    first, status = st.columns([7, 5], vertical_alignment="center")
    head.top(as_of, zone, status)
    client, interaction = st.query_params.get("client"), st.query_params.get("interaction")
    if client and interaction:
        one_interaction.show(client, interaction, view.at, zone, first)
        return
    if "behind" in st.query_params:
        found = asked(st.query_params.to_dict())
        if found is None:
            st.error(say("There are no rows of that kind: open them from a tile once more."), icon=":material/error:")
            return
        rows_behind.show(found, definitions(view.rows("catalogue"))[found.behind.kpi], view.at, zone, first)
        return
    with first:
        what = filters.choose("show", say("Show"), tuple(_SHOWN), lambda key: say(_SHOWN[key]))
    if what == "callback":
        _to_call_back(view, as_of)
    else:
        _search(view, view.at)


page()
