"""The board's entry: ``callboard dashboard`` runs it with Streamlit. Navigation, and nothing else."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboards.data import feed
from dashboards.look import theme
from pipeline.errors import CallboardError

_PAGES = Path(__file__).parent / "pages"

st.set_page_config(page_title="callboard", page_icon=":material/support_agent:", layout="wide")
theme.style()
st.logo(theme.LOGO)
page = st.navigation(
    [
        st.Page(_PAGES / "live.py", title="Live", icon=":material/monitoring:", default=True),
        st.Page(_PAGES / "wall.py", title="Wall", icon=":material/tv:"),
        st.Page(_PAGES / "agents.py", title="Agents", icon=":material/groups:"),
        st.Page(_PAGES / "whatif.py", title="What if", icon=":material/query_stats:"),
        st.Page(_PAGES / "health.py", title="Data health", icon=":material/health_and_safety:"),
    ],
    position="top",
)
try:
    feed.shared_feed()
    page.run()
except CallboardError as problem:
    st.error(str(problem), icon=":material/error:")
