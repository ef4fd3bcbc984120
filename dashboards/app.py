"""The board's entry: ``callboard dashboard`` serves it with Streamlit. Who looks, navigation, and nothing else."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboards import entrance, timemachine
from dashboards.access import pages, session
from dashboards.access.errors import NotAllowedError
from dashboards.access.people import Person
from dashboards.data import feed
from dashboards.look import theme, viewer
from dashboards.look.words import said, say
from pipeline.errors import CallboardError

#: Streamlit serves the first page at the root alone, and wants a name for it all the same.
_FIRST = "first"


def _board(who: Person) -> None:
    session.opened_as(who)
    built = pages.built()
    seen = pages.seen_by(who.role, built)
    if not seen:
        raise CallboardError(say("There is no page for your role here: ask your administrator."))
    first, *others = seen
    shown = [
        st.Page(first.file, title=say(first.title, context=pages.PAGE), icon=first.icon, url_path=_FIRST, default=True),
        *(
            st.Page(each.file, title=say(each.title, context=pages.PAGE), icon=each.icon, url_path=each.stem)
            for each in others
        ),
        # Also by its own name, so that a link is right for every role.
        st.Page(first.file, title=say(first.title, context=pages.PAGE), url_path=first.stem, visibility="hidden"),
    ]
    hidden = [
        st.Page(
            entrance.closed(each, who, shown[0]),
            title=say(each.title, context=pages.PAGE),
            url_path=each.stem,
            visibility="hidden",
        )
        for each in built
        if each not in seen
    ]
    page = st.navigation([*shown, *hidden], position="top")
    # Several boards in tabs, or read out: which one it is comes first.
    st.set_page_config(page_title=f"{page.title} · callboard")
    entrance.header(who)
    feed.shared_feed()
    timemachine.header()
    st.html(f'<h1 class="cb-page">{escape(page.title)}</h1>')
    page.run()
    if not session.gate().is_open:
        entrance.watch()


st.set_page_config(page_title="callboard", page_icon=theme.icon(), layout="wide")
viewer.keep_language()
theme.style()
entrance.style()
st.logo(theme.logo())
try:
    _person = session.person()
except NotAllowedError as refusal:
    entrance.refuse(refusal)
else:
    try:
        _board(_person)
    except NotAllowedError:
        # The sign-in ended just now.
        st.rerun()
    except CallboardError as problem:
        st.error(said(problem), icon=":material/error:")
