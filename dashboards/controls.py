"""The filters of the live page. Each is kept in the address, so that a link or a wall screen shows the same board."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import streamlit as st

from dashboards.data.feed import View
from dashboards.look.definitions import definitions
from dashboards.queries.live import SERVICE_LEVELS, WINDOWS
from dashboards.readings.live import Choice, clients_of

ALL_CLIENTS = "All clients"
_MAX_NAME = 128
T = TypeVar("T", str, int)


def show(view: View, as_of: datetime | None) -> Choice:
    """Draw the filters and return what is chosen."""
    names = definitions(view.rows("catalogue"))
    client_box, level_box, minutes_box = st.columns([2, 3, 2], vertical_alignment="center")
    clients = _clients(view)
    client = client_box.selectbox(
        "Client",
        clients,
        index=clients.index(_linked("client", clients)),
        key="live-client",
        label_visibility="collapsed",
    )
    level = level_box.selectbox(
        "Service level",
        SERVICE_LEVELS,
        index=SERVICE_LEVELS.index(_linked("service_level", SERVICE_LEVELS)),
        format_func=lambda name: names[name].title,
        key="service_level",
        label_visibility="collapsed",
    )
    minutes = minutes_box.segmented_control(
        "Period",
        WINDOWS,
        default=_linked("minutes", WINDOWS),
        required=True,
        format_func=lambda number: f"{number} min",
        key="minutes",
        label_visibility="collapsed",
    )
    # Streamlit's own binding would write the shown text into the address: a link would break with every new wording.
    return Choice(
        client=None if _link("client", client, clients) == ALL_CLIENTS else client,
        minutes=_link("minutes", minutes, WINDOWS),
        service_level=_link("service_level", level, SERVICE_LEVELS),
        as_of=as_of,
    )


def _clients(view: View) -> list[str]:
    known = clients_of(view)
    # A link for a client that has no event yet must not show everybody's numbers instead.
    linked = st.query_params.get("client", "")[:_MAX_NAME]
    return [ALL_CLIENTS, *known, *([linked] if linked and linked not in (ALL_CLIENTS, *known) else [])]


def _linked(name: str, options: Sequence[T]) -> T:
    """What the address asks for, else what was chosen before on this page, else the first."""
    asked = st.query_params.get(name) or st.session_state.get(f"chosen-live-{name}")
    return next((option for option in options if str(option) == str(asked)), options[0])


def _link(name: str, value: T | None, options: Sequence[T]) -> T:
    chosen = options[0] if value is None else value
    st.session_state[f"chosen-live-{name}"] = chosen
    if chosen != options[0]:
        st.query_params[name] = str(chosen)
    elif name in st.query_params:
        del st.query_params[name]
    return chosen
