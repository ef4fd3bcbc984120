"""What Streamlit serves: ``app.py``, with the sign-in provider's secrets given in memory, not in a file.

Everything is imported before the first viewer comes, who would wait for it.
"""

from __future__ import annotations

from pathlib import Path

from streamlit.starlette import App

from dashboards import document, warm
from dashboards.access.provider import streamlit_secrets
from pipeline.settings import load_settings

warm.up()
app = App(Path(__file__).parent / "app.py", secrets=streamlit_secrets(load_settings()), routes=document.routes())
