"""What Streamlit serves: ``app.py``, with the sign-in provider's secrets given in memory, not in a file."""

from __future__ import annotations

from pathlib import Path

from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App

from dashboards.access.provider import streamlit_secrets
from pipeline.settings import load_settings

# Until app.py has run once, Streamlit takes a folder of the name "pages" for a list of pages by itself: the first call
# of /health would run that script alone, without app.py, which decides who sees it.
PagesManager.uses_pages_directory = False

app = App(Path(__file__).parent / "app.py", secrets=streamlit_secrets(load_settings()))
