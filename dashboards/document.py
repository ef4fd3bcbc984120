"""The document that a browser gets first: Streamlit's own, with what Streamlit would find out too late or by failing.

- Where the server is. Streamlit's client otherwise guesses from the address, and for a link to a page guesses wrong
  first, which every browser reports as two errors in its console.
- The language of the page, which a screen reader reads by; it is asked for anew with each document.
- Our name and our icon from the first moment, and none from another host.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route
from streamlit import file_util

from dashboards.access.pages import PAGES
from dashboards.look import theme, viewer

#: Relative to the page, so that it also holds below a path of a proxy's. Pages are one level below the root.
_SERVER = "<script>window.__streamlit = {BACKEND_BASE_URL: new URL('./', location.href).href}</script>"
_LANG, _ICON, _TITLE = (
    '<html lang="en">',
    '<link rel="shortcut icon" href="./favicon.png" />',
    "<title>Streamlit</title>",
)


def document(original: str, language: str) -> str:
    """Streamlit's document as the board's.

    Raises:
        ValueError: a release of Streamlit has another document: what is changed in it must be looked at.
    """
    icon = f'<link rel="shortcut icon" type="image/svg+xml" href="data:image/svg+xml,{quote(theme.icon())}" />'
    changed = original
    for old, new in (
        (_LANG, f'<html lang="{escape(language)}">'),
        (_ICON, icon),
        (_TITLE, f"<title>callboard</title>{_SERVER}"),
    ):
        if changed.count(old) != 1:
            raise ValueError(f"Streamlit's document has no {old}")
        changed = changed.replace(old, new)
    return changed


def routes() -> Sequence[BaseRoute]:
    """The addresses of the pages, which all give the document."""
    index = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    by_language = {language: document(index, language) for language in viewer.languages()}

    def answer(request: Request) -> HTMLResponse:
        browser = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip()
        language = viewer.language_of(request.url.query, browser)
        # The names of the scripts in it change with every release of Streamlit.
        return HTMLResponse(by_language[language], headers={"Cache-Control": "no-cache"})

    return [Route("/", answer), *(Route(f"/{page.stem}", answer) for page in PAGES)]
