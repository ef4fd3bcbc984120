"""Who looks at this session's board, by what Streamlit knows of the session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import streamlit as st
from streamlit import config

from dashboards.access.admission import Caller
from dashboards.access.gate import Gate
from dashboards.access.people import Person
from pipeline.clock import SystemClock
from pipeline.settings import load_settings

#: The name in the address under which a kiosk brings its token.
KIOSK = "kiosk"
_TOKEN = "access-kiosk"  # noqa: S105 - the name under which the session keeps it
_OPENED_AS = "access-opened-as"
_LOOPBACK = "127.0.0.1"
_looking: ContextVar[Person | None] = ContextVar("looking", default=None)


@st.cache_resource(show_spinner=False)
def gate() -> Gate:
    """The gate of this server process.

    Raises:
        CallboardError: a setting is wrong.
    """
    return Gate.of(load_settings(), SystemClock())


def person() -> Person:
    """The person of this session. Asked at every run of every panel, so that an ended sign-in ends the view.

    Raises:
        NotAllowedError: nobody is signed in, the sign-in has ended, or the board does not know the person.
    """
    return _looking.get() or gate().admit(caller(), claims(), _token())


@contextmanager
def looking() -> Iterator[None]:
    """For one run of a panel: who looks is asked for now, and not again for each of its parts and questions.

    Raises:
        NotAllowedError: as ``person``.
    """
    before = _looking.set(person())
    try:
        yield
    finally:
        _looking.reset(before)


def opened_as(who: Person) -> None:
    """Note for whom the page was drawn."""
    st.session_state[_OPENED_AS] = who


def has_changed() -> bool:
    """The person is another, or may see something else, than when the page was drawn: it must be drawn anew.

    Raises:
        NotAllowedError: it is nobody any more.
    """
    now = person()
    return bool(st.session_state.get(_OPENED_AS, now) != now)


def caller() -> Caller:
    """Where this session comes from."""
    headers = {name.lower(): value for name, value in st.context.headers.items()}
    address = st.context.ip_address
    if address is None and headers:
        # So Streamlit says loopback. Without headers there is no connection at all, and nothing is known.
        address = _LOOPBACK
    return Caller(config.get_option("server.address") or "", address, headers)


def claims() -> Mapping[str, Any]:
    """What the provider says of who has signed in; empty: nobody has."""
    said = st.user.to_dict()
    return said if said.get("is_logged_in") is True else {}


def _token() -> str | None:
    """A kiosk's token: from the address, and for as long as the session lasts, for pages may change the address."""
    asked = st.query_params.get(KIOSK)
    if asked:
        st.session_state[_TOKEN] = asked
    return asked or st.session_state.get(_TOKEN)
