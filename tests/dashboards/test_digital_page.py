"""The page of digital work: chat and messaging, bots and menus, and work that waits, against plain SQL of the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards.access import session
from dashboards.access.people import Person, Role
from dashboards.access.scope import Scope
from dashboards.data.feed import Feed
from dashboards.look import formats
from dashboards.look.states import Level
from dashboards.queries import conversations
from dashboards.readings import backlog as backlog_of
from tests.dashboards.conftest import NOW, publish, view_of
from tests.dashboards.outbound_store import AT, board, several_lines_store, text_of
from tests.dashboards.shown import numbers
from tests.support.calls import call

__all__ = ["several_lines_store"]
FeedOf = Callable[[Path], Feed]
Plain = Callable[[Path], duckdb.DuckDBPyConnection]
SECTIONS = ("chat", "bots", "backlog")


def one(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = con.execute(sql, {"at": AT}).fetchone()
    assert row is not None
    return row[0]


def test_responses_are_those_of_the_messages(feed_of: FeedOf, several_lines_store: Path, plain: Plain) -> None:
    feed_of(several_lines_store)
    app, con = board("digital"), plain(several_lines_store)
    shown = numbers(app)
    chats = "FROM conversation_responses WHERE channel IN ('chat', 'messaging') AND began_at < $at"
    seconds = [
        row[0]
        for row in con.execute(
            f"SELECT first_response_seconds {chats} AND first_response_seconds IS NOT NULL ORDER BY 1", {"at": AT}
        ).fetchall()
    ]
    assert len(seconds) > 3
    assert shown["mean"] == formats.duration(sum(seconds) / len(seconds))
    # Nearest rank, of all turns together and not of the queues' percentiles.
    assert shown["half within"] == formats.duration(seconds[-(-len(seconds) // 2) - 1])
    assert shown["Conversations"] == formats.count(one(con, f"SELECT count(*) {chats} AND turn = 0"))
    in_progress = one(
        con,
        "SELECT coalesce(sum(in_progress), 0) FROM queue_now_by_rule(as_of := $at) "
        "WHERE channel IN ('chat', 'messaging')",
    )
    assert in_progress == 0 or f"{in_progress} in progress" in text_of(app)


def test_a_chat_whose_end_never_came_waits_on_no_page(feed_of: FeedOf, tmp_path: Path) -> None:
    """It was left out on the live page, and counted here."""
    lines = [
        line for age in (timedelta(days=9), timedelta(seconds=30)) for line in call(age.days, NOW - age, channel="chat")
    ]
    feed_of(publish(tmp_path / "store", lines))
    shown = numbers(board("digital", None))
    assert (shown["Waiting now"], shown["Longest wait now"]) == ("1", "0:30")


def test_slots_are_of_those_at_work(feed_of: FeedOf, several_lines_store: Path, plain: Plain) -> None:
    view = view_of(feed_of(several_lines_store), conversations.SLOTS, as_of=AT)
    con = plain(several_lines_store)
    for row in [row for row in view.rows("slots") if row["level"] == "channel"]:
        slots = con.execute(
            "SELECT sum(capacity[$channel]) FROM centre_agents JOIN agent_now(as_of := $at) USING (client, agent) "
            "WHERE client = $client AND state IN ('available', 'on_contact', 'wrap_up')",
            {"at": AT, "channel": row["channel"], "client": row["client"]},
        ).fetchone()
        assert slots == (row["slots"],)
        assert 0 <= row["slots_used"] <= row["slots"]
    assert any(row["slots"] for row in view.rows("slots"))


def test_containment_stands_next_to_those_who_came_back(
    feed_of: FeedOf, several_lines_store: Path, plain: Plain
) -> None:
    feed_of(several_lines_store)
    shown, con = numbers(board("digital", section="bots")), plain(several_lines_store)
    ended = one(con, "SELECT count(*) FROM bot_sessions WHERE started_at < $at AND result <> 'open'")
    contained = one(con, "SELECT count(*) FROM bot_sessions WHERE started_at < $at AND result = 'contained'")
    back = one(
        con,
        "SELECT count(*) FROM bot_sessions AS b WHERE started_at < $at AND result = 'contained' AND EXISTS "
        "(FROM contacts AS c "
        "WHERE c.client = b.client AND c.customer = b.customer AND c.interaction <> b.interaction "
        "AND c.direction = 'inbound' AND c.started_at > b.last_step_at "
        "AND c.started_at <= b.last_step_at + INTERVAL 7 DAY)",
    )
    assert ended > contained > 0
    assert shown["contained"] == formats.percent(contained / ended)
    assert shown["net of returns"] == formats.percent((contained - back) / ended)
    assert shown["back in 7 days"] == formats.count(back)
    menus = one(con, "SELECT count(DISTINCT (interaction, bot)) FROM menu_steps WHERE kind = 'menu' AND time < $at")
    assert shown["Menu sessions"] == formats.count(menus)


def test_the_backlog_by_its_promise(feed_of: FeedOf, several_lines_store: Path, plain: Plain) -> None:
    feed_of(several_lines_store)
    app, con = board("digital", section="backlog"), plain(several_lines_store)
    shown = numbers(app)
    still = "FROM items_at($at) WHERE closed_at IS NULL"
    assert shown["Open items"] == formats.count(one(con, f"SELECT count(*) {still}"))
    assert one(con, f"SELECT count(*) {still}") > 0
    assert shown["late"] == formats.count(one(con, f"SELECT count(*) {still} AND due_at <= $at"))
    soon = one(con, f"SELECT count(*) {still} AND due_at > $at AND due_at <= $at + INTERVAL 1 HOUR")
    assert shown["due in an hour"] == formats.count(soon)
    closed = one(con, "SELECT count(*) FROM items_at($at) WHERE closed_at IS NOT NULL")
    assert shown["Items closed"] == formats.count(closed) != "0"


def test_late_is_serious_and_soon_a_warning() -> None:
    assert backlog_of.promise_level({"open_past_promise": 1, "open_at_risk": 0}) is Level.SERIOUS
    assert backlog_of.promise_level({"open_past_promise": 0, "open_at_risk": 2}) is Level.WARNING
    assert backlog_of.promise_level({"open_past_promise": 0, "open_at_risk": 0}) is Level.QUIET
    assert backlog_of.promise_words({"open_past_promise": 3}) == "3 late"


def test_days_later_what_is_open_is_late(feed_of: FeedOf, several_lines_store: Path) -> None:
    feed_of(several_lines_store)
    app = board("digital", AT + timedelta(days=2), section="backlog")
    text = text_of(app)
    assert numbers(app)["late"] == numbers(app)["Open items"] != "0"
    assert f"◆ {numbers(app)['late']} late" in text


@pytest.mark.parametrize("section", SECTIONS)
def test_empty_is_no_traffic(feed_of: FeedOf, empty_store: Path, section: str) -> None:
    feed_of(empty_store)
    app = board("digital", None, section=section)
    assert set(numbers(app).values()) == {"no traffic"}
    assert not app.error


@pytest.mark.parametrize("section", SECTIONS)
def test_another_client_appears_nowhere(
    feed_of: FeedOf, several_lines_store: Path, monkeypatch: pytest.MonkeyPatch, section: str
) -> None:
    feed_of(several_lines_store)
    person = Person("eve", Role.SUPERVISOR, Scope.of(["borealis"]))
    monkeypatch.setattr(session, "person", lambda: person)
    text = text_of(board("digital", section=section))
    for name in ("aurora", "web-chat", "main-menu", ">ada<"):
        assert name not in text
    assert ("documents" in text) == (section == "backlog")
    assert set(numbers(board("digital", section=section, client="aurora")).values()) <= {"no traffic"}
