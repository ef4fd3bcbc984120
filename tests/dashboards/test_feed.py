"""One feed serves all viewers, shows swaps, never shows a number beyond what is known, and survives a broken store."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboards.access.scope import Scope
from dashboards.data.asking import ask, last
from dashboards.data.connection import Rows, StoreConnection
from dashboards.data.feed import IDLE_SECONDS, PAST_SECONDS, PUBLICATION, VERDICT_SECONDS, Feed
from dashboards.data.view import View
from dashboards.queries import common, floor, health
from dashboards.queries.scoped import Query
from dashboards.readings.places import LIVE, row_of
from pipeline.clock import ManualClock, SystemClock
from pipeline.errors import CallboardError
from pipeline.store.process import FileProcessor
from tests.dashboards.conftest import EVERYTHING, NOW, STALE_AFTER_SECONDS, publish, view_of
from tests.support.calls import call

FeedOf = Callable[[Path], Feed]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every query that really runs, in order."""
    ran: list[str] = []
    rows = StoreConnection.rows

    def counted(self: StoreConnection, sql: str, parameters: Mapping[str, datetime]) -> Rows:
        ran.append(sql)
        return rows(self, sql, parameters)

    monkeypatch.setattr(StoreConnection, "rows", counted)
    return ran


BOARD = (common.CATALOGUE, floor.WAITING, floor.PERIOD, floor.STAFF)
A_CLIENT = Scope.of(["aurora"])


def whole(view: View) -> Mapping[str, Any]:
    """The row of all calls and chats."""
    return row_of(view.rows("floor_waiting"), LIVE)


def waiting(feed: Feed, as_of: datetime | None = None) -> int:
    return int(whole(view_of(feed, floor.WAITING, as_of=as_of))["waiting"])


def look(feed: Feed, as_of: datetime | None = None, scope: Scope = EVERYTHING) -> View:
    return view_of(feed, *BOARD, as_of=as_of, period=last(30), scope=scope)


def test_many_viewers_cost_one_set_of_queries(feed_of: FeedOf, centre_store: Path, asked: list[str]) -> None:
    feed = feed_of(centre_store)
    views = [look(feed) for _ in range(60)]
    assert sorted(asked) == sorted([PUBLICATION, *(query.sql(EVERYTHING) for query in BOARD)])
    assert len({id(view.answers["floor_period"]) for view in views}) == 1


def test_viewers_of_two_scopes_have_an_answer_each(feed_of: FeedOf, centre_store: Path, asked: list[str]) -> None:
    feed = feed_of(centre_store)
    for _ in range(5):
        look(feed)
        look(feed, scope=A_CLIENT)
    assert asked.count(floor.WAITING.sql(EVERYTHING)) == asked.count(floor.WAITING.sql(A_CLIENT)) == 1
    assert {row["of_client"] for row in look(feed, scope=A_CLIENT).rows("floor_waiting")} == {"aurora", None}


def test_what_changes_only_with_the_store_is_not_asked_again(
    feed_of: FeedOf, clock: ManualClock, centre_store: Path, asked: list[str]
) -> None:
    feed = feed_of(centre_store)
    look(feed)
    asked.clear()
    clock.sleep(max(query.every_seconds for query in BOARD if query is not common.CATALOGUE))
    feed.turn()
    assert sorted(asked) == sorted(query.sql(EVERYTHING) for query in BOARD if query is not common.CATALOGUE)


def test_a_slow_question_is_asked_as_often_as_it_says(
    feed_of: FeedOf, clock: ManualClock, centre_store: Path, asked: list[str]
) -> None:
    feed = feed_of(centre_store)
    for _ in range(10):
        view_of(feed, floor.OCCUPANCY, floor.WAITING, period=last(60))
        clock.sleep(1)
        feed.turn()
    assert asked.count(floor.OCCUPANCY.sql(EVERYTHING)) == 3
    assert asked.count(floor.WAITING.sql(EVERYTHING)) == 11


def test_what_nobody_asks_for_any_more_is_not_answered(
    feed_of: FeedOf, clock: ManualClock, centre_store: Path, asked: list[str]
) -> None:
    feed = feed_of(centre_store)
    look(feed)
    clock.sleep(IDLE_SECONDS + 1)
    feed.turn()
    asked.clear()
    clock.sleep(1)
    feed.turn()
    assert asked == []


def test_the_numbers_of_a_page_are_of_one_moment(feed_of: FeedOf, clock: ManualClock, centre_store: Path) -> None:
    feed = feed_of(centre_store)
    look(feed)
    clock.sleep(0.7)
    # A viewer who comes between two turns sees the moment of the last one, like all others.
    view = view_of(feed, floor.WAITING, floor.OCCUPANCY, period=last(60))
    assert {answer.at for answer in view.answers.values()} == {NOW}


def test_an_answer_cannot_be_changed(feed_of: FeedOf, centre_store: Path) -> None:
    answer = look(feed_of(centre_store)).answers["floor_waiting"]
    with pytest.raises(AttributeError):
        answer.rows = ()  # type: ignore[misc]


def test_a_question_of_the_whole_store_is_refused_to_a_part_of_it(feed_of: FeedOf, centre_store: Path) -> None:
    feed = feed_of(centre_store)
    with pytest.raises(PermissionError, match="whole store"):
        view_of(feed, health.REJECTS, scope=A_CLIENT)
    assert view_of(feed, floor.WAITING).is_answered, "one refusal does not end the others' feed"


def test_one_query_that_fails_is_its_own_problem(feed_of: FeedOf, clock: ManualClock, centre_store: Path) -> None:
    """It once closed the connection for all, and whoever asked next had an error page."""
    broken = Query("broken", "SELECT error('no such luck') FROM range(1)")
    feed = feed_of(centre_store)
    for _ in range(2):
        view = view_of(feed, floor.WAITING, broken)
        assert not view.is_answered
        assert view.problem == "The query broken cannot be answered: Invalid Input Error: no such luck"
        assert view_of(feed, floor.WAITING, floor.STAFF).is_answered
        assert feed.view().problem is None
        clock.sleep(1)
        feed.turn()


def test_a_new_question_while_the_store_cannot_be_read_waits_for_it(
    feed_of: FeedOf, clock: ManualClock, tmp_path: Path
) -> None:
    feed = feed_of(publish(tmp_path, call(1, NOW)))
    assert waiting(feed) == 1
    (tmp_path / "live.duckdb").write_bytes(b"nothing a database would say\n" * 1000)
    feed.turn()
    view = view_of(feed, floor.STAFF)
    assert not view.is_answered
    assert str(view.problem).startswith("The store cannot be read")
    (tmp_path / "live.duckdb").unlink()
    publish(tmp_path, call(2, NOW))
    clock.sleep(1)
    feed.turn()
    assert view_of(feed, floor.STAFF).is_answered


def test_a_single_question_is_answered_once_for_each_version(
    feed_of: FeedOf, clock: ManualClock, tmp_path: Path, asked: list[str]
) -> None:
    feed = feed_of(publish(tmp_path, call(1, NOW)))
    question = ask(floor.WAITING, EVERYTHING)
    first = feed.once(question)
    clock.sleep(3)
    assert feed.once(question) is first
    publish(tmp_path, call(2, NOW))
    assert feed.once(question) is not first
    assert len(asked) == 2


def test_a_single_question_that_takes_too_long_is_interrupted(
    feed_of: FeedOf, centre_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.data.single.PATIENCE_SECONDS", 0.2)
    slow = Query("slow", "SELECT count(*) FROM range(100000) a, range(100000) b, range(1000) c WHERE a.range < b.range")
    with pytest.raises(CallboardError, match="took longer than 0 s"):
        feed_of(centre_store).once(ask(slow, EVERYTHING))


def test_a_publication_is_seen_at_the_next_turn(feed_of: FeedOf, clock: ManualClock, tmp_path: Path) -> None:
    feed = feed_of(publish(tmp_path, call(1, NOW - timedelta(seconds=9))))
    assert waiting(feed) == 1
    publish(tmp_path, call(2, NOW - timedelta(seconds=5)))
    assert waiting(feed) == 1
    clock.sleep(1)
    feed.turn()
    assert waiting(feed) == 2


def test_a_wait_grows_while_the_data_is_fresh_and_stands_still_when_it_is_stale(
    feed_of: FeedOf, clock: ManualClock, tmp_path: Path
) -> None:
    feed = feed_of(publish(tmp_path, call(1, NOW - timedelta(seconds=30))))

    def longest() -> float:
        return float(whole(view_of(feed, floor.WAITING))["longest_wait_seconds"])

    assert longest() == 30
    clock.sleep(8)
    assert longest() == 38
    assert not feed.view().is_stale
    clock.sleep(3)
    assert longest() == 30
    assert feed.view().is_stale
    assert feed.view().age_seconds == 11


def test_before_anything_is_published_there_is_nothing_and_no_problem(feed_of: FeedOf, tmp_path: Path) -> None:
    feed = feed_of(tmp_path / "none")
    assert feed.view().publication is None
    assert feed.view().problem is None
    publish(tmp_path / "none", call(1, NOW))
    feed.turn()
    assert waiting(feed) == 1
    shutil.rmtree(tmp_path / "none")
    feed.turn()
    assert feed.view().publication is None


def test_a_file_that_is_no_store_is_a_problem_in_one_line_until_it_is_mended(
    feed_of: FeedOf, clock: ManualClock, tmp_path: Path
) -> None:
    feed = feed_of(publish(tmp_path, call(1, NOW)))
    assert waiting(feed) == 1
    (tmp_path / "live.duckdb").unlink()
    (tmp_path / "live.duckdb").write_bytes(b"nothing a database would say\n" * 1000)
    feed.turn()
    view = feed.view()
    assert view.problem is not None
    assert view.problem.startswith("The store cannot be read")
    assert "\n" not in view.problem
    assert waiting(feed) == 1  # the last answer, which grows stale
    publish(tmp_path, call(2, NOW))
    clock.sleep(1)
    feed.turn()
    assert feed.view().problem is None
    assert waiting(feed) == 2


def test_a_past_moment_is_asked_once_for_all_viewers(feed_of: FeedOf, centre_store: Path, asked: list[str]) -> None:
    feed = feed_of(centre_store)
    look(feed)
    asked.clear()
    moment = NOW - timedelta(hours=1)
    views = [look(feed, moment) for _ in range(5)]
    assert len(asked) == len(BOARD)
    assert views[0].at == views[0].answers["floor_waiting"].at == moment


def test_a_past_moment_is_never_stale_and_a_moment_beyond_the_data_is(
    feed_of: FeedOf, clock: ManualClock, centre_store: Path
) -> None:
    feed = feed_of(centre_store)
    clock.sleep(3600)
    assert feed.view().is_stale
    assert not feed.view(as_of=NOW - timedelta(minutes=1)).is_stale
    assert feed.view(as_of=NOW + timedelta(minutes=5)).is_stale


def test_a_past_moment_shows_events_that_came_since(feed_of: FeedOf, clock: ManualClock, tmp_path: Path) -> None:
    feed = feed_of(publish(tmp_path, call(1, NOW - timedelta(seconds=50))))
    moment = NOW - timedelta(seconds=20)
    assert waiting(feed, moment) == 1
    publish(tmp_path, call(2, NOW - timedelta(seconds=40)))
    clock.sleep(PAST_SECONDS)
    feed.turn()
    assert waiting(feed, moment) == 2


def test_the_thread_turns_while_somebody_watches(tmp_path: Path) -> None:
    now = SystemClock().now()
    feed = Feed(publish(tmp_path, call(1, now), now), SystemClock(), 10)
    feed.start()
    try:
        assert waiting(feed) == 1
        publish(tmp_path, call(2, now), now)
        for _ in range(100):
            if waiting(feed) == 2:
                break
            threading.Event().wait(0.05)
        assert waiting(feed) == 2
    finally:
        feed.stop()
    assert "board-feed" not in {thread.name for thread in threading.enumerate()}


def test_the_first_viewer_after_a_rest_sees_the_present(feed_of: FeedOf, clock: ManualClock, tmp_path: Path) -> None:
    feed = feed_of(publish(tmp_path, call(1, NOW)))
    assert waiting(feed) == 1
    clock.sleep(IDLE_SECONDS * 3)
    publish(tmp_path, call(2, NOW), clock.now())
    assert waiting(feed) == 2


def test_of_eight_who_come_after_a_rest_one_reads_the_store(
    feed_of: FeedOf, clock: ManualClock, centre_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = feed_of(centre_store)
    look(feed)
    clock.sleep(IDLE_SECONDS * 3)
    publications: list[str] = []
    arrived, exists = threading.Barrier(8), StoreConnection.exists

    def slowly(self: StoreConnection) -> bool:
        publications.append("read")
        time.sleep(0.2)
        return exists(self)

    monkeypatch.setattr(StoreConnection, "exists", slowly)

    def come() -> None:
        arrived.wait()
        look(feed)

    viewers = [threading.Thread(target=come) for _ in range(8)]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    assert publications == ["read"]


def test_nobody_waits_for_a_turn_that_takes_long(
    feed_of: FeedOf, clock: ManualClock, centre_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = feed_of(centre_store)
    before = look(feed)
    exists, turning, go_on = StoreConnection.exists, threading.Event(), threading.Event()

    def slowly(self: StoreConnection) -> bool:
        turning.set()
        go_on.wait(10)
        return exists(self)

    monkeypatch.setattr(StoreConnection, "exists", slowly)
    feed.start()
    try:
        assert turning.wait(10)
        clock.sleep(15)
        began = time.monotonic()
        view = look(feed)
        assert time.monotonic() - began < 5
        assert view.answers["floor_period"] is before.answers["floor_period"]
        assert view.age_seconds >= 15
    finally:
        go_on.set()
        feed.stop()


def test_what_has_become_too_old_goes_back_to_what_was_known(
    feed_of: FeedOf, clock: ManualClock, centre_store: Path
) -> None:
    """Waits went on growing for seconds on a page that already said of when its numbers are."""
    feed = feed_of(centre_store)
    clock.sleep(STALE_AFTER_SECONDS - 1)
    feed.turn()
    grown = look(feed)
    assert not grown.is_stale
    assert grown.at == NOW + timedelta(seconds=STALE_AFTER_SECONDS - 1)
    clock.sleep(1.1)
    known = look(feed)
    assert known.is_stale
    assert known.at == NOW
    # Those that are asked seldom as well.
    assert {answer.at for ask, answer in known.answers.items() if ask != common.CATALOGUE.name} == {NOW}
    assert whole(known)["longest_wait_seconds"] < whole(grown)["longest_wait_seconds"]


@pytest.mark.parametrize("is_published_anew", [False, True])
def test_who_comes_just_before_the_limit_waits_for_the_verdict(tmp_path: Path, is_published_anew: bool) -> None:
    """Else it is seen at the next refresh only, and a worker that stopped is seen five seconds later and not three."""
    clock = SystemClock()
    with FileProcessor(tmp_path, clock) as processor:
        processor.process(call(1, clock.now()))
        feed = Feed(tmp_path, clock, 2.0)
        feed.start()
        try:
            first = look(feed)
            assert first.publication is not None
            time.sleep(2.0 - VERDICT_SECONDS / 2 - first.age_seconds)
            if is_published_anew:
                threading.Timer(0.05, processor.publish).start()
            began = time.monotonic()
            view = look(feed)
            waited = time.monotonic() - began
        finally:
            feed.stop()
    assert view.publication is not None
    assert (view.publication.published_at > first.publication.published_at) == is_published_anew
    assert view.is_stale == (not is_published_anew)
    assert waited < 2


def test_a_connection_that_was_let_go_is_a_problem_in_one_line_until_the_next_turn(
    feed_of: FeedOf, clock: ManualClock, centre_store: Path
) -> None:
    """Whoever asks something new then must not see how the feed works inside."""
    feed = feed_of(centre_store)
    assert view_of(feed, floor.WAITING).is_answered
    feed.stop()
    view = view_of(feed, floor.STAFF)
    assert not view.is_answered
    assert view.problem == "The store cannot be read: the store is closed"
    clock.sleep(1)
    feed.turn()
    assert view_of(feed, floor.WAITING, floor.STAFF).is_answered


def test_a_single_question_after_a_failed_one_is_answered(feed_of: FeedOf, clock: ManualClock, tmp_path: Path) -> None:
    feed = feed_of(publish(tmp_path, call(1, NOW)))
    broken = Query("broken", "SELECT error('no such luck') FROM range(1)")
    with pytest.raises(CallboardError, match="The query broken cannot be answered: .*no such luck"):
        feed.once(ask(broken, EVERYTHING))
    assert feed.once(ask(floor.WAITING, EVERYTHING)).rows
    kept = (tmp_path / "live.duckdb").read_bytes()
    (tmp_path / "live.duckdb").write_bytes(b"nothing a database would say\n" * 1000)
    for _ in range(2):
        with pytest.raises(CallboardError, match="The store cannot be read"):
            feed.once(ask(floor.STAFF, EVERYTHING))
    (tmp_path / "live.duckdb").write_bytes(kept)
    assert feed.once(ask(floor.STAFF, EVERYTHING)).rows == ()


def test_the_thread_survives_a_turn_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turned, fail = threading.Event(), iter([True])

    def heartbeats(folder: Path) -> tuple[()]:
        if next(fail, False):
            raise ValueError("not foreseen")
        turned.set()
        return ()

    monkeypatch.setattr("dashboards.data.feed.INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr("dashboards.data.feed.heartbeats", heartbeats)
    feed = Feed(tmp_path, SystemClock(), 10)
    feed.start()
    try:
        assert turned.wait(10)
    finally:
        feed.stop()
