"""The head of a page with sections: section, client, period, and what every page says of its data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import streamlit as st

from dashboards import filters, frame, head
from dashboards.data import feed
from dashboards.data.view import View
from dashboards.frame import LIVE_SECONDS, panel
from dashboards.look.words import say
from dashboards.queries import common
from dashboards.readings.live import clients_of
from dashboards.readings.picked import Picked

#: Its title, marked, and what draws it.
Section = tuple[str, Callable[[Picked], None]]


@panel(LIVE_SECONDS)
def _status(as_of: datetime | None, known: tuple[str, ...]) -> None:
    view = frame.look(common.PLACES, common.ZONES, as_of=as_of)
    if tuple(clients_of(view)) != known:
        st.rerun()  # a new client: it belongs into the filter
    frame.status(view)


def show(
    sections: Mapping[str, Section],
    periods: Sequence[str],
    campaigns_of: Callable[[datetime | None], list[tuple[str, str]]] | None = None,
) -> None:
    """The whole page: its head, and the section that was chosen. Every choice is kept in the address.

    ``sections`` are by their names in the address, the first is the default. ``campaigns_of`` gives (client, campaign)
    pairs for the filter of campaigns, of sections that have one.
    """
    as_of = frame.asked_moment(feed.shared_feed().view().now)
    view = frame.opened(as_of)
    if view is None:
        return
    chooser, status = st.columns([7, 5], vertical_alignment="center")
    with chooser:
        chosen = filters.choose("section", say("Section"), list(sections), lambda name: say(sections[name][0]))
    with status:
        _status(as_of, tuple(clients_of(view)))
    with st.container(key="row-picking"):
        pairs = campaigns_of(as_of) if campaigns_of is not None and chosen == next(iter(sections)) else None
        picked = _picked(view, as_of, periods, pairs)
    head.banners(as_of)
    sections[chosen][1](picked)


def _picked(view: View, as_of: datetime | None, periods: Sequence[str], pairs: list[tuple[str, str]] | None) -> Picked:
    narrow, period_box = st.columns([4, 5], vertical_alignment="center")
    with narrow:
        names = ("client",) if pairs is None else ("client", "campaign")
        client = st.session_state.get("filter-client", st.query_params.get("client"))
        options = {"client": clients_of(view), "campaign": sorted({name for of, name in pairs or () if of == client})}
        chosen = filters.show(view, names, {name: options[name] for name in names})
    with period_box:
        period, words = filters.period(view, periods)
    # A campaign is one of a client: without it, the name alone could be that of two.
    return Picked(chosen.client, period, words, as_of, chosen.campaign if chosen.client else None)
