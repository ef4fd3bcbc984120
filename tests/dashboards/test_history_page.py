"""The history page and the time machine by AppTest: numbers, comparison, address, and what cannot be shown."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import session
from dashboards.access.people import Person, Role
from dashboards.access.scope import Scope
from dashboards.data import feed as feeds
from dashboards.data.feed import Feed
from pipeline.clock import ManualClock
from tests.dashboards import shown as looks
from tests.dashboards.conftest import STALE_AFTER_SECONDS
from tests.dashboards.history_store import PUBLISHED, history_store

__all__ = ["history_store"]

Open = Callable[..., AppTest]


def entry() -> None:
    """What the board's entry does around a page: AppTest does not run the entry itself for any but the first page."""
    import runpy
    from pathlib import Path

    import streamlit as st

    import dashboards
    from dashboards import timemachine
    from pipeline.errors import CallboardError

    try:
        timemachine.header()
        runpy.run_path(str(Path(dashboards.__file__).parent / "boards" / "history.py"))
    except CallboardError as problem:
        st.error(str(problem))


def text_of(app: AppTest) -> str:
    """What the page says, without its links."""
    return re.sub(r"</?a\b[^>]*>", "", looks.text_of(app))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens the page over a store, as a person with a scope, so many seconds after its publication."""
    made: list[Feed] = []

    def open_page(folder: Path, scope: Scope | None = None, after_seconds: float = 0.0, **address: str) -> AppTest:
        feed = Feed(folder, ManualClock(PUBLISHED + timedelta(seconds=after_seconds)), STALE_AFTER_SECONDS)
        made.append(feed)
        monkeypatch.setattr(feeds, "shared_feed", lambda: feed)
        who = Person("ann", Role.ADMIN, scope or Scope.everything())
        monkeypatch.setattr(session, "person", lambda: who)
        app = AppTest.from_function(entry, default_timeout=60)
        for name, value in address.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    yield open_page
    for feed in made:
        feed.stop()


def plain(folder: Path, sql: str, **values: object) -> list[tuple[object, ...]]:
    con = duckdb.connect(str(folder / "live.duckdb"), read_only=True)
    con.execute("SET TimeZone = 'UTC'")
    rows = con.execute(sql, values).fetchall()
    con.close()
    return rows


def test_the_numbers_of_today_beside_those_of_a_week_before(opened: Open, history_store: Path) -> None:
    app = opened(history_store)
    sql = """SELECT count(*), count(*) FILTER (outcome = 'answered'), count(*) FILTER (outcome = 'abandoned')
      FROM segments WHERE queued_at >= $a AND queued_at < $b"""
    now = datetime(2026, 10, 25, 23, tzinfo=UTC), PUBLISHED
    then = datetime(2026, 10, 18, 22, tzinfo=UTC), PUBLISHED - timedelta(days=7, hours=1)
    ((offered, answered, abandoned),) = plain(history_store, sql, a=now[0], b=now[1])
    ((offered_then, *_),) = plain(history_store, sql, a=then[0], b=then[1])
    text = text_of(app)
    change = int(str(offered)) - int(str(offered_then))
    words = "the same" if not change else f"{abs(change)} {'more' if change > 0 else 'less'}"
    assert f">{offered}<small>{words}" in text
    for number in (answered, abandoned):
        assert f">{number}<small>" in text
    assert "2026-10-26 00:00 to 2026-10-26 15:30" in text
    words = " ".join(caption.value for caption in app.caption)
    assert "compares with 2026-10-19 00:00 to 2026-10-19 15:30" in words
    assert not app.error


def test_a_link_is_the_view(opened: Open, history_store: Path) -> None:
    address = {"period": "custom", "from": "2026-10-25T00:00", "to": "2026-10-26T00:00", "grain": "hour",
               "by": "queue", "compare": "none", "client": "acme", "numbers": "offered,wait_p95_seconds"}  # fmt: skip
    app = opened(history_store, **address)
    rows = plain(
        history_store,
        "SELECT DISTINCT date_trunc('hour', queued_at), queue FROM segments "
        "WHERE client = 'acme' AND queued_at >= $a AND queued_at < $b",
        a=datetime(2026, 10, 24, 22, tzinfo=UTC),
        b=datetime(2026, 10, 25, 23, tzinfo=UTC),
    )
    text = text_of(app)
    assert text.count("<tr>") == len(rows) + 1 + 1 + 1 + text.split("What these numbers were first")[-1].count("<tr>")
    assert "2026-10-25 02:00 CEST" in text
    assert "2026-10-25 02:00 CET" in text
    assert "95th percentile wait" in text
    assert "Average speed" not in text
    assert "grain" not in app.query_params, "the default is left out"
    for name, value in address.items():
        assert name == "grain" or app.query_params[name] in (value, [value])


def test_a_choice_is_kept_in_the_address(opened: Open, history_store: Path) -> None:
    app = opened(history_store)
    app.selectbox(key="by").select("queue").run()
    assert app.query_params["by"] in ("queue", ["queue"])
    assert "support" in text_of(app)
    app.selectbox(key="by").select("agent").run()
    assert "agent-1" in text_of(app)
    assert not app.exception


def test_what_was_corrected_is_marked(opened: Open, history_store: Path) -> None:
    app = opened(history_store, compare="none")
    ((offered,),) = plain(history_store, "SELECT sum(after - before)::INT FROM corrections WHERE measure = 'offered'")
    assert f">{offered}<small>✎ first 0</small>" in text_of(app)
    assert "What these numbers were first" in text_of(app)


def test_a_past_moment_knows_nothing_later(opened: Open, history_store: Path) -> None:
    as_of = datetime(2026, 10, 26, 8, 20, 10, tzinfo=UTC)
    app = opened(history_store, as_of="2026-10-26T08:20:10Z", compare="none", grain="whole")
    ((offered, answered),) = plain(
        history_store,
        "SELECT count(*), count(*) FILTER (answered_at <= $at) FROM segments WHERE queued_at >= $a AND queued_at < $b",
        a=datetime(2026, 10, 25, 23, tzinfo=UTC),
        b=as_of.replace(second=0),
        at=as_of,
    )
    assert f'">{offered}</td><td class="head ">{answered}</td>' in text_of(app)
    assert any("no corrections" in caption.value for caption in app.caption)


def test_the_time_machine_steps_and_comes_back(opened: Open, history_store: Path) -> None:
    app = opened(history_store, as_of="2026-10-26T08:20:10Z")
    app.button(key="timemachine-back").click().run()
    assert app.query_params["as_of"] in ("2026-10-26T08:05:10Z", ["2026-10-26T08:05:10Z"])
    app.button(key="timemachine-forward").click().run()
    assert app.query_params["as_of"] in ("2026-10-26T08:20:10Z", ["2026-10-26T08:20:10Z"])
    app.button(key="timemachine-now").click().run()
    assert "as_of" not in app.query_params
    assert app.button(key="timemachine-forward").disabled


def test_nobody_of_another_client_is_named(opened: Open, history_store: Path) -> None:
    for by in ("client", "queue", "agent"):
        everybody = opened(history_store, by=by)
        assert "acme" in text_of(everybody)
        app = opened(history_store, Scope.of(clients=["other"]), by=by)
        shown = [text_of(app), *(box.options for box in app.selectbox), *(code.value for code in app.code)]
        assert "acme" not in str(shown)
        assert "other" in text_of(app)


def test_a_link_for_a_client_that_is_not_ones_own_shows_nothing(opened: Open, history_store: Path) -> None:
    app = opened(history_store, Scope.of(clients=["other"]), client="acme")
    assert "no traffic" in text_of(app)
    assert ">sales<" not in text_of(app)


def test_a_period_that_ends_before_it_begins_is_one_line(opened: Open, history_store: Path) -> None:
    app = opened(history_store, **{"period": "custom", "from": "2026-10-26T10:00", "to": "2026-10-26T09:00"})
    assert [error.value for error in app.error] == ["The period ends before it begins: choose a later end."]


def test_an_empty_store_has_no_traffic(opened: Open, empty_store: Path) -> None:
    app = opened(empty_store)
    assert "no traffic" in text_of(app)
    assert "100.0" not in text_of(app)
    assert all("the worker may be down" in error.value for error in app.error)


def test_a_stale_store_says_so(opened: Open, history_store: Path) -> None:
    app = opened(history_store, after_seconds=3600)
    assert "the worker may be down" in app.error[0].value
    assert "The whole period" in text_of(app)


def test_a_store_that_cannot_be_read_is_said_in_one_line(opened: Open, history_store: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(history_store, broken)
    (broken / "live.duckdb").write_bytes(b"no database")
    app = opened(broken)
    assert "cannot be read" in text_of(app) + str([error.value for error in app.error])
    assert not app.exception


def test_numbers_of_the_whole_period_lead_to_their_rows(opened: Open, history_store: Path) -> None:
    links = re.findall(r'href="interactions\?behind=(\w+)&amp;of=cells&amp;', looks.text_of(opened(history_store)))
    assert {"offered", "aht_seconds", "wait_p90_seconds"} <= set(links)
