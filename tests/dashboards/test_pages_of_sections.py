"""What the pages of sections share: not for every role, grey when data is old, one line when it cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dashboards.access import session
from dashboards.access.people import Person, Role
from dashboards.data.feed import Feed
from pipeline.clock import ManualClock
from tests.dashboards.conftest import EVERYTHING
from tests.dashboards.outbound_store import board, several_lines_store, text_of
from tests.dashboards.shown import numbers

__all__ = ["several_lines_store"]

FeedOf = Callable[[Path], Feed]
pytestmark = pytest.mark.parametrize("page", ["sales", "digital"])


def test_an_agent_has_no_such_page(
    feed_of: FeedOf, several_lines_store: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    feed_of(several_lines_store)
    monkeypatch.setattr(session, "person", lambda: Person("ann", Role.AGENT, EVERYTHING))
    app = board(page)
    assert "This page is not for your role (agent)." in text_of(app)
    assert not numbers(app)


def test_stale_data_is_grey(feed_of: FeedOf, clock: ManualClock, several_lines_store: Path, page: str) -> None:
    feed_of(several_lines_store)
    clock.sleep(60)
    app = board(page, None)
    assert "Data is 60 s old" in app.error[0].value
    assert "/* stale */" in text_of(app)


def test_a_store_that_cannot_be_read_says_one_line(feed_of: FeedOf, tmp_path: Path, page: str) -> None:
    (tmp_path / "live.duckdb").write_bytes(b"nonsense " * 4000)
    feed_of(tmp_path)
    text = text_of(board(page, None))
    assert "The store cannot be read" in text
    assert "Traceback" not in text
