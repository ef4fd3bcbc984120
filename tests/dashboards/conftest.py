"""Stores with known content, published at a known moment, and the board's feed over them, turned by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from dashboards.access.scope import Scope
from dashboards.data import feed as feeds
from dashboards.data.asking import Period, ask
from dashboards.data.feed import Feed
from dashboards.data.view import View
from dashboards.queries.scoped import Query
from pipeline.clock import ManualClock
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.disturb import Disturbance, disturb, to_record
from pipeline.simulate.simulation import simulate
from pipeline.store.process import FileProcessor
from tests.support.calls import call
from tests.support.looking import at_the_machine, looks  # noqa: F401 - fixtures

#: A Monday morning in the middle of a minute. Every store here is published at this moment.
NOW = datetime(2026, 3, 2, 10, 7, 23, 456789, tzinfo=UTC)
STALE_AFTER_SECONDS = 10.0
EVERYTHING = Scope.everything()


def publish(folder: Path, lines: list[bytes], now: datetime = NOW) -> Path:
    """Process lines into a store and publish it, as ``callboard process`` does."""
    with FileProcessor(folder, ManualClock(now)) as processor:
        processor.process(lines)
    return folder


@pytest.fixture(scope="session")
def centre_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hours of two clients and eleven queues on four channels, with everything that can be wrong with events."""
    start = NOW - timedelta(hours=2)
    events = simulate(default_centre(0.4), 14, start, 2)
    records = disturb(map(to_record, events), 1, Disturbance(duplicates=0.02, late=0.01, late_seconds=300, bad=0.004))
    lines = [record.value.replace(b"\n", b" ") for record in records]
    return publish(tmp_path_factory.mktemp("centre"), lines)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that was published and holds nothing."""
    return publish(tmp_path_factory.mktemp("empty"), [])


@pytest.fixture(scope="session")
def past_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One client's calls of yesterday."""
    yesterday = NOW - timedelta(days=1)
    lines = [*call(1, yesterday, answered_after_seconds=5, ended_after_seconds=60), *call(2, yesterday)]
    return publish(tmp_path_factory.mktemp("past"), lines)


def view_of(
    feed: Feed,
    *queries: Query,
    as_of: datetime | None = None,
    period: Period | None = None,
    scope: Scope = EVERYTHING,
) -> View:
    """What a panel that asks these queries is given."""
    return feed.view({query.name: ask(query, scope, as_of=as_of, period=period) for query in queries}, as_of)


@pytest.fixture
def plain() -> Iterator[Callable[[Path], duckdb.DuckDBPyConnection]]:
    """An analyst's own connection to a store: the other way to the same numbers."""
    opened: list[duckdb.DuckDBPyConnection] = []

    def connect(folder: Path) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect(str(folder / "live.duckdb"), read_only=True)
        con.execute("SET TimeZone = 'UTC'")
        opened.append(con)
        return con

    yield connect
    for con in opened:
        con.close()


@pytest.fixture(autouse=True)
def _somebody_looks(at_the_machine: None) -> None:  # noqa: F811
    """Unless a test says otherwise, the board is looked at on its own machine, where nobody has to sign in."""


@pytest.fixture
def clock() -> ManualClock:
    """At the moment of publication."""
    return ManualClock(NOW)


@pytest.fixture
def feed_of(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], Feed]]:
    """The feed over a store, which the pages then use; no thread turns it."""
    made: list[Feed] = []

    def make(folder: Path) -> Feed:
        feed = Feed(folder, clock, STALE_AFTER_SECONDS)
        made.append(feed)
        monkeypatch.setattr(feeds, "shared_feed", lambda: feed)
        return feed

    yield make
    for feed in made:
        feed.stop()
