"""The board's entry: ``callboard dashboard`` runs it with Streamlit. Who looks, navigation, and nothing else."""

from __future__ import annotations

import streamlit as st

from dashboards.access import pages, session
from dashboards.data import feed
from dashboards.look import theme
from dashboards.look.words import say
from pipeline.errors import CallboardError

st.set_page_config(page_title="callboard", page_icon=":material/support_agent:", layout="wide")
theme.style()
st.logo(theme.LOGO)
_person = session.person()
_shown = pages.seen_by(_person.role, pages.built())
page = st.navigation(
    [st.Page(each.file, title=say(each.title), icon=each.icon, default=each is _shown[0]) for each in _shown],
    position="top",
)
try:
    feed.shared_feed()
    page.run()
except CallboardError as problem:
    st.error(str(problem), icon=":material/error:")
