"""What a page shows, as AppTest has it: the page opened by its address, its numbers, its text, its tables."""

from __future__ import annotations

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest


def opened(file: Path, **query: str) -> AppTest:
    """A script run with an address; no panel failed."""
    app = AppTest.from_file(file, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def numbers(app: AppTest) -> dict[str, str]:
    """The tiles by their labels."""
    return {metric.label: metric.value for metric in app.metric}


def pages_html(app: AppTest) -> str:
    """Everything that is drawn as HTML, a line for each part."""
    return "\n".join(element.proto.body for element in app.get("html"))


def text_of(app: AppTest) -> str:
    """The same, with plain blanks."""
    return pages_html(app).replace("\N{NO-BREAK SPACE}", " ")


def rows_under(app: AppTest, heading: str) -> list[str]:
    """The rows of the table with that heading, as plain text."""
    (body,) = [part for part in text_of(app).split("\n") if heading in part and "<table" in part]
    rows = re.findall("<tr>(.*?)</tr>", body)[1:]
    return [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in rows]
