"""Interactions by AppTest: search and its pages, one timeline, callers to call back, the rows behind a tile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from dashboards.access.people import Person, Role
from dashboards.access.scope import Scope
from dashboards.data.feed import Feed
from dashboards.readings.interactions import before, key_of, spans
from pipeline.clock import ManualClock
from tests.dashboards.conftest import NOW, publish
from tests.dashboards.floor_store import ago, publish_floor
from tests.dashboards.shown import text_of
from tests.support.calls import call, line

ROOT = Path(dashboards.__file__).parent
FeedOf = Callable[[Path], Feed]
Plain = Callable[[Path], duckdb.DuckDBPyConnection]


def board(page: str = "interactions", **query: str) -> AppTest:
    app = AppTest.from_file(ROOT / "app.py", default_timeout=30)
    # Before the page is there: what is in its widgets weighs more than the address.
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    app.switch_page(str(ROOT / "boards" / f"{page}.py"))
    app.run()
    assert not app.exception
    return app


def table_of(app: AppTest) -> list[str]:
    """The rows of the first table."""
    body = next(body for body in text_of(app).split("\n") if "<table" in body)
    return body.split("<tr>")[2:]


def link_of(app: AppTest, text: str) -> dict[str, str]:
    """What the address of a link says."""
    (found,) = [each.value for each in app.markdown if f"[{text}](" in each.value]
    address = found.split(f"[{text}](")[1].split(")")[0]
    return dict(parse_qsl(urlsplit(address).query))


def described(number: int, at: Any, customer: str, client: str = "acme", **more: Any) -> bytes:
    data = {"client": client, "interaction": f"call-{number}", "channel": "voice", "direction": "inbound"}
    return line("interaction.described", f"{client}-{number}", at, {**data, "customer": customer, **more})


def callers() -> Iterator[bytes]:
    """Five who gave up: one was answered later, one under another name of a contact, one tried twice."""
    for number, (minutes, customer) in enumerate([(50, "cust-AAAAA"), (45, "cust-BBBBB"), (40, "cust-CCCCC")], 1):
        yield described(number, ago(minutes * 60), customer)
        yield from call(number, ago(minutes * 60), abandoned_after_seconds=30)
    # The second customer is answered ten minutes later; the third had been answered before, which is no help.
    yield described(12, ago(35 * 60), "cust-BBBBB")
    yield from call(12, ago(35 * 60), answered_after_seconds=5, ended_after_seconds=60)
    yield described(13, ago(59 * 60), "cust-CCCCC")
    yield from call(13, ago(59 * 60), answered_after_seconds=5, ended_after_seconds=60)
    yield described(14, ago(20 * 60), "cust-CCCCC")
    yield from call(14, ago(20 * 60), abandoned_after_seconds=70)
    # Nobody knows whose this is.
    yield from call(15, ago(10 * 60), abandoned_after_seconds=12, client="bolt", queue="claims")


@pytest.fixture(scope="module")
def callers_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("callers"), list(callers()))


def test_the_newest_stand_first_and_pages_have_every_entry_once(
    feed_of: FeedOf, centre_store: Path, plain: Plain
) -> None:
    feed_of(centre_store)
    found: list[str] = []
    app = board()
    for _ in range(3):
        found += [part.split("<small>")[1].split("</small>")[0] for part in table_of(app)]
        app = board(**link_of(app, "Older"))
    expected = plain(centre_store).execute(
        "SELECT interaction FROM segments WHERE coalesce(queued_at, first_event_at) <= $now "
        "ORDER BY coalesce(queued_at, first_event_at) DESC, client DESC, interaction DESC, segment DESC LIMIT 150",
        {"now": NOW},
    ).fetchall()  # fmt: skip
    assert found == [name for (name,) in expected]
    assert "before" not in link_of(app, "Newest")


@pytest.mark.parametrize(
    ("chosen", "condition"),
    [
        ({"client": "borealis", "outcome": "abandoned"}, "client = 'borealis' AND outcome = 'abandoned'"),
        ({"agent": "AURORA-TECH", "queue": "service"}, "contains(agent, 'aurora-tech') AND queue = 'service'"),
        ({"disposition": "resolved", "channel": "chat"}, "disposition = 'resolved' AND channel = 'chat'"),
        ({"id": "c0000004", "outcome": "answered"}, "contains(interaction, 'c0000004') AND outcome = 'answered'"),
        ({"disposition": "nobody ever said this"}, "false"),
    ],
)
def test_a_search_finds_what_the_store_has(
    feed_of: FeedOf, centre_store: Path, plain: Plain, chosen: dict[str, str], condition: str
) -> None:
    feed_of(centre_store)
    app = board(**chosen)
    ((count,),) = plain(centre_store).execute(
        f"SELECT count(*) FROM segments WHERE {condition} AND coalesce(queued_at, first_event_at) <= $now", {"now": NOW}
    ).fetchall()  # fmt: skip
    shown = table_of(app) if count else []
    assert len(shown) == min(count, 50)
    assert count or "Nothing was found." in text_of(app)
    assert {name: app.query_params[name] for name in chosen} == chosen


def test_another_search_begins_at_its_first_page(feed_of: FeedOf, centre_store: Path) -> None:
    feed_of(centre_store)
    app = board(**link_of(board(), "Older"))
    assert "before" in app.query_params
    app.text_input(key="agent").input("aurora").run()
    assert "before" not in app.query_params
    assert app.query_params["agent"] == "aurora"


def test_a_contact_that_never_reached_a_queue_is_found(feed_of: FeedOf, tmp_path: Path) -> None:
    data = {"client": "acme", "interaction": "lost-in-menu", "channel": "voice", "direction": "inbound"}
    started = line("interaction.started", "m", ago(60), data)
    feed_of(publish(tmp_path, [started, *call(1, ago(90))]))
    assert "lost-in-menu" not in text_of(board())
    for chosen in ({"outcome": "unqueued"}, {"id": "in-menu"}):
        (row,) = table_of(board(**chosen))
        assert "lost-in-menu" in row
        assert "Never reached a queue" in row


def test_callers_who_were_not_reached_stand_oldest_first(feed_of: FeedOf, callers_store: Path) -> None:
    feed_of(callers_store)
    app = board(show="callback")
    rows = table_of(app)
    assert [row.split('<a href="')[1].split("interaction=")[1].split('"')[0] for row in rows] == [
        "call-1", "call-14", "call-15",
    ]  # fmt: skip
    assert "…AAAAA" in rows[0]
    assert "…CCCCC" in rows[1]
    assert "40 min" in rows[1]
    assert ">2<" in rows[1]
    assert "not known" in rows[2]
    assert "cust-" not in text_of(app)
    assert "oldest first: 3" in text_of(app)


def test_a_caller_is_on_the_list_until_somebody_is_reached(feed_of: FeedOf, callers_store: Path) -> None:
    feed_of(callers_store)
    moment = NOW - timedelta(minutes=37)
    app = board(show="callback", as_of=moment.isoformat())
    links = [row.split("interaction=")[1].split('"')[0] for row in table_of(app)]
    assert links == ["call-1", "call-2", "call-3"], "the second one was answered two minutes later"


def test_the_timeline_says_what_happened_and_nothing_that_is_not_of_the_contract(
    feed_of: FeedOf, tmp_path: Path
) -> None:
    data = {"client": "acme", "interaction": "call-1", "channel": "voice", "direction": "inbound"}
    secret = {"note": "SECRET WORDS", "reason": "billing"}
    segment = {**data, "segment": "1", "agent": "ann"}
    lines = [
        line("interaction.started", "s", ago(630), data),
        described(1, ago(630), "cust-12345", **secret),
        *call(1, ago(600), answered_after_seconds=20, ended_after_seconds=200),
        line("interaction.held", "h", ago(500), segment),
        line("interaction.resumed", "r", ago(460), segment),
    ]
    feed_of(publish(tmp_path, lines))
    app = board(client="acme", interaction="call-1")
    text = text_of(app)
    order = ["Described", "Began", "Entered the queue", "Answered", "Put on hold", "Taken off hold", "Wrapped up"]
    table = next(body for body in text.split("\n") if "What happened</h2>" in body)
    places = [table.index(f">{word}<") for word in order]
    assert places == sorted(places)
    assert "reason: billing" in text
    assert "…12345" in text
    assert "SECRET" not in text
    assert "cust-" not in text
    durations = [part.split("<")[0] for part in next(b for b in text.split("\n") if "way through" in b).split('">')]
    assert [each for each in durations if ":" in each and len(each) == 4] == ["0:20", "2:20", "0:40", "0:05"]
    assert not app.error


def test_an_unknown_interaction_is_said_in_words(feed_of: FeedOf, centre_store: Path) -> None:
    feed_of(centre_store)
    app = board(client="aurora", interaction="nothing")
    assert any("no such interaction" in each.value for each in app.info)


def test_a_strip_has_waits_talks_and_holds_up_to_the_moment() -> None:
    row = {
        "segment": "1", "queue": "q", "agent": "ann", "queued_at": ago(100), "wait_ended_at": ago(80),
        "answered_at": ago(80), "handle_ended_at": None, "wrapped_up_at": None,
    }  # fmt: skip
    events = [
        {"time": ago(110), "type": "interaction.started.v1", "segment": None, "revision": 0},
        {"time": ago(60), "type": "interaction.held.v1", "segment": "1", "revision": 0},
        {"time": ago(50), "type": "interaction.resumed.v1", "segment": "1", "revision": 0},
        {"time": ago(40), "type": "interaction.held.v1", "segment": "other", "revision": 0},
    ]
    found = [(s.phase, (s.stop - s.start).total_seconds(), s.is_open) for s in spans([row], events, NOW)]
    assert found == [
        ("before", 10, False), ("wait", 20, False), ("talk", 20, False), ("hold", 10, False), ("talk", 50, True),
    ]  # fmt: skip


def test_a_key_of_a_page_is_read_as_it_was_written() -> None:
    row = {"began_at": NOW, "client": "a|b", "interaction": "x,y", "segment": "1"}
    assert list(before(key_of(row)).values()) == [NOW, "a|b", "x,y", "1"]
    for text in (None, "", "nonsense", "2026-03-02T10:00:00␟a␟b␟c"):
        assert set(before(text).values()) == {None}


def test_the_rows_behind_a_tile_are_shown_with_their_number_and_sql(feed_of: FeedOf, tmp_path: Path) -> None:
    feed_of(publish_floor(tmp_path))
    start = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    asked = {"behind": "answer_rate", "of": "cells", "start": start.isoformat(), "stop": NOW.isoformat()}
    app = board(**asked, client="acme", pace="live")
    assert "4 / 6" in text_of(app), "three calls and a chat answered; a call and a chat wait"
    assert len(table_of(app)) == 4
    app.get("button_group")[0].set_value("offered").run()
    assert len(table_of(app)) == 6
    assert app.query_params["part"] == "offered"
    assert "date_trunc" in app.code[0].value
    assert "bolt" not in text_of(app)


def test_rows_that_there_are_not_are_refused_in_words(feed_of: FeedOf, centre_store: Path) -> None:
    feed_of(centre_store)
    (error,) = board(behind="nonsense").error
    assert "open them from a tile once more" in error.value


@pytest.mark.parametrize("chosen", [{}, {"show": "callback"}, {"client": "acme", "interaction": "call-1"}])
def test_who_sees_one_client_is_shown_nothing_of_the_other(
    feed_of: FeedOf, callers_store: Path, monkeypatch: pytest.MonkeyPatch, chosen: dict[str, str]
) -> None:
    feed_of(callers_store)
    bolt = Person("bolt's", Role.SUPERVISOR, Scope.of(clients=["bolt"]))
    monkeypatch.setattr("dashboards.access.session.person", lambda: bolt)
    app = board(**chosen)
    everything = text_of(app) + str([box.options for box in app.selectbox])
    assert not [name for name in ("acme", "sales", "call-12", "AAAAA") if f">{name}<" in everything]
    assert ("claims" in everything) == ("interaction" not in chosen)


@pytest.mark.parametrize("role", [Role.AGENT, Role.WALL])
@pytest.mark.parametrize("page", ["interactions", "definitions"])
def test_a_role_without_the_page_does_not_get_it(
    feed_of: FeedOf, callers_store: Path, monkeypatch: pytest.MonkeyPatch, role: Role, page: str
) -> None:
    feed_of(callers_store)
    who = Person("ann", role, Scope.everything())
    monkeypatch.setattr("dashboards.access.session.person", lambda: who)
    # Its script is not among those that this person's navigation can run.
    with pytest.raises(ValueError, match=f"navigation page for '.*{page}.py'"):
        board(page)


@pytest.mark.parametrize("chosen", [{}, {"show": "callback"}])
def test_empty_and_stale_and_unreadable_are_said(
    feed_of: FeedOf, clock: ManualClock, empty_store: Path, tmp_path: Path, chosen: dict[str, str]
) -> None:
    feed_of(empty_store)
    text = text_of(board(**chosen))
    assert "Nothing was found." in text or "Nobody is to be called back." in text
    clock.sleep(34)
    assert "Data is 34 s old" in board(**chosen).error[0].value
    (tmp_path / "live.duckdb").write_bytes(b"nonsense " * 4000)
    feed_of(tmp_path)
    text = text_of(board(**chosen))
    assert "The store cannot be read" in text
    assert "Traceback" not in text
