"""One feed serves all viewers, shows swaps, never shows a number beyond what is known, and survives a broken store."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dashboards.connection import Rows, StoreConnection
from dashboards.feed import IDLE_SECONDS, Feed
from dashboards.queries import QUERIES
from pipeline.clock import ManualClock, SystemClock
from tests.dashboards.conftest import NOW, publish
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


def waiting(feed: Feed, as_of: datetime | None = None) -> int:
    snapshot = feed.view(as_of).snapshot
    assert snapshot is not None
    return next(row["waiting"] for row in snapshot.rows("moment") if row["client"] is None)


def test_many_viewers_cost_one_set_of_queries(feed_of: FeedOf, centre_store: Path, asked: list[str]) -> None:
    feed = feed_of(centre_store)
    views = [feed.view() for _ in range(60)]
    assert sorted(asked) == sorted(query.sql for query in QUERIES.values())
    assert len({id(view.snapshot) for view in views}) == 1


def test_what_changes_only_with_the_store_is_not_asked_again(
    feed_of: FeedOf, centre_store: Path, asked: list[str]
) -> None:
    feed = feed_of(centre_store)
    feed.view()
    asked.clear()
    feed.turn()
    assert sorted(asked) == sorted(query.sql for query in QUERIES.values() if query.parameters)


def test_a_snapshot_cannot_be_changed(feed_of: FeedOf, centre_store: Path) -> None:
    snapshot = feed_of(centre_store).view().snapshot
    assert snapshot is not None
    with pytest.raises(AttributeError):
        snapshot.generation = 0  # type: ignore[misc]
    with pytest.raises(TypeError):
        snapshot.frames["meta"] = ()  # type: ignore[index]


def test_a_publication_is_seen_at_the_next_turn(feed_of: FeedOf, tmp_path: Path) -> None:
    feed = feed_of(publish(tmp_path, call(1, NOW - timedelta(seconds=9))))
    assert waiting(feed) == 1
    publish(tmp_path, call(2, NOW - timedelta(seconds=5)))
    assert waiting(feed) == 1
    feed.turn()
    assert waiting(feed) == 2


def test_a_wait_grows_while_the_data_is_fresh_and_stands_still_when_it_is_stale(
    feed_of: FeedOf, clock: ManualClock, tmp_path: Path
) -> None:
    feed = feed_of(publish(tmp_path, call(1, NOW - timedelta(seconds=30))))

    def longest() -> float:
        snapshot = feed.view().snapshot
        assert snapshot is not None
        return float(next(row["longest_wait_seconds"] for row in snapshot.rows("moment") if row["client"] is None))

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
    assert feed.view().snapshot is None
    assert feed.view().problem is None
    publish(tmp_path / "none", call(1, NOW))
    feed.turn()
    assert waiting(feed) == 1
    shutil.rmtree(tmp_path / "none")
    feed.turn()
    assert feed.view().snapshot is None


def test_a_file_that_is_no_store_is_a_problem_in_one_line_until_it_is_mended(feed_of: FeedOf, tmp_path: Path) -> None:
    feed = feed_of(publish(tmp_path, call(1, NOW)))
    assert waiting(feed) == 1
    (tmp_path / "live.duckdb").unlink()
    (tmp_path / "live.duckdb").write_bytes(b"nothing a database would say\n" * 1000)
    feed.turn()
    view = feed.view()
    assert view.problem is not None
    assert view.problem.startswith("The store cannot be read")
    assert "\n" not in view.problem
    assert view.snapshot is not None  # the last one, which grows stale
    publish(tmp_path, call(2, NOW))
    feed.turn()
    assert feed.view().problem is None
    assert waiting(feed) == 2


def test_a_past_moment_is_asked_once_for_all_viewers(feed_of: FeedOf, centre_store: Path, asked: list[str]) -> None:
    feed = feed_of(centre_store)
    feed.view()
    asked.clear()
    moment = NOW - timedelta(hours=1)
    views = [feed.view(moment) for _ in range(5)]
    assert len(asked) == len([query for query in QUERIES.values() if query.parameters])
    assert views[0].snapshot is not None
    assert views[0].snapshot.at == moment


def test_a_past_moment_is_never_stale_and_a_moment_beyond_the_data_is(
    feed_of: FeedOf, clock: ManualClock, centre_store: Path
) -> None:
    feed = feed_of(centre_store)
    clock.sleep(3600)
    assert feed.view().is_stale
    assert not feed.view(NOW - timedelta(minutes=1)).is_stale
    assert feed.view(NOW + timedelta(minutes=5)).is_stale


def test_a_past_moment_shows_events_that_came_since(feed_of: FeedOf, tmp_path: Path) -> None:
    feed = feed_of(publish(tmp_path, call(1, NOW - timedelta(seconds=50))))
    moment = NOW - timedelta(seconds=20)
    assert waiting(feed, moment) == 1
    publish(tmp_path, call(2, NOW - timedelta(seconds=40)))
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
