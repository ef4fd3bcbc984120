"""A store of two clients with campaigns, promises, surveys, pledges, bots and a backlog, ten days old."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from pipeline.centre.kept import apply_centre
from pipeline.simulate.centre import Centre
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.described import centre_yaml
from pipeline.simulate.disturb import to_record
from pipeline.simulate.lines import line_centre
from pipeline.simulate.simulation import simulate
from pipeline.store.layout import StoreLayout
from tests.dashboards import shown
from tests.dashboards.conftest import NOW, publish

#: A Friday morning, so long ago that promises were due and their grace is over.
BEGAN = NOW - timedelta(days=10)
HOURS = 2
#: While the floor is at work.
AT = BEGAN + timedelta(hours=HOURS)
#: When promises have fallen due.
LATER = BEGAN + timedelta(days=6)
_SCALE = 0.25
APP = Path(dashboards.__file__).parent / "app.py"


def several_lines() -> Centre:
    """The demo's centre with two more lines of business."""
    whole = default_centre(_SCALE)
    others = [line_centre(line).scaled(_SCALE) for line in ("surveys", "fund-raising")]
    return replace(
        whole,
        queues=(*whole.queues, *(queue for other in others for queue in other.queues)),
        groups=(*whole.groups, *(group for other in others for group in other.groups)),
        flags={**whole.flags, **{name: flags for other in others for name, flags in other.flags.items()}},
        aftermath_days=max(other.aftermath_days for other in others),
    )


def outbound_store(folder: Path) -> Path:
    """Simulate two hours, and what became of their promises in the days after."""
    centre = several_lines()
    apply_centre(StoreLayout(folder), centre_yaml(centre), "centre.yaml")
    events = simulate(centre, 5, BEGAN, HOURS, aftermath=True)
    lines = [to_record(event).value for event in events if event.time < NOW]
    return publish(folder, lines)


@pytest.fixture(scope="session")
def several_lines_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store, made once for all modules that ask for it."""
    folder = tmp_path_factory.getbasetemp() / "several-lines"
    return folder if folder.exists() else outbound_store(folder)


def board(page: str, as_of: datetime | None = AT, **query: str) -> AppTest:
    """A page of the board, as somebody who opens its link sees it."""
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    if as_of is not None:
        app.query_params["as_of"] = as_of.isoformat()
    # Before the first run: the board's first page would be drawn for nothing, and make choices of its own.
    app.switch_page(f"boards/{page}.py").run()
    assert not app.exception
    return app


def text_of(app: AppTest) -> str:
    """All that tables and tiles say, without the style sheets but those that say that data is stale."""
    return re.sub(r"<style>(?!\s*/\* stale).*?</style>", "", shown.text_of(app), flags=re.DOTALL)
