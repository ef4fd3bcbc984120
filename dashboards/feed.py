"""One feed per server process: once a second it asks the store everything the pages show, whoever is watching.

A viewer only takes the latest ``Snapshot``, so sixty viewers cost the store as much as one, and all of them see the
same numbers. While nobody watches, nothing is asked.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import duckdb
import streamlit as st

from dashboards.connection import Rows, StoreConnection
from dashboards.heartbeats import Heartbeat, heartbeats
from dashboards.queries import HISTORY_HOURS, QUERIES, WINDOWS, Query, occupancy, window
from pipeline.clock import Clock, SystemClock
from pipeline.settings import load_settings

INTERVAL_SECONDS = 1.0
#: The feed rests when no page has asked for so long.
IDLE_SECONDS = 20.0
#: Past moments that are kept, so that viewers of the same link share one answer.
PAST_MOMENTS = 16
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All frames of the pages, of one version of the store and one moment. Never changed."""

    #: The moment that the numbers are of.
    at: datetime
    published_at: datetime
    generation: int
    newest_event_at: datetime | None
    frames: Mapping[str, Rows]
    heartbeats: tuple[Heartbeat, ...] = ()

    def rows(self, name: str) -> Rows:
        """The rows of a query of ``dashboards.queries``."""
        return self.frames[name]

    def age_seconds(self, now: datetime) -> float:
        """How old the data is."""
        return max(0.0, (now - self.published_at).total_seconds())


@dataclass(frozen=True, slots=True)
class View:
    """What a page is given: the latest snapshot, or None, and the problem there is, in one line."""

    now: datetime
    stale_after_seconds: float
    snapshot: Snapshot | None
    problem: str | None = None
    #: The past moment that was asked for, if one was.
    as_of: datetime | None = None

    @property
    def age_seconds(self) -> float:
        """The age of the data now."""
        return self.snapshot.age_seconds(self.now) if self.snapshot else 0.0

    @property
    def is_stale(self) -> bool:
        """The data is older than its limit. A past moment that the data covers does not get older."""
        if self.snapshot is None or (self.as_of is not None and self.as_of <= self.snapshot.published_at):
            return False
        return self.age_seconds > self.stale_after_seconds


@dataclass(slots=True)
class _State:
    snapshot: Snapshot | None = None
    problem: str | None = None
    turned_at: float | None = None
    #: Frames of the queries that change with the store only.
    lasting: dict[str, Rows] = field(default_factory=dict)
    past: OrderedDict[datetime, Snapshot] = field(default_factory=OrderedDict)


class Feed:
    """Reads the store once a turn. ``start`` turns it every second; a test turns it by hand."""

    def __init__(self, folder: Path, clock: Clock, stale_after_seconds: float) -> None:
        """A feed that has not read anything yet."""
        self.folder = folder
        self.stale_after_seconds = stale_after_seconds
        self._clock = clock
        self._connection = StoreConnection(folder)
        self._lock = threading.Lock()
        self._state = _State()
        self._asked_at = clock.monotonic()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Turn in the background until ``stop``."""
        self._thread = threading.Thread(target=self._run, name="board-feed", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and let the store go."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        with self._lock:
            self._connection.close()

    def _run(self) -> None:
        while not self._stopping.wait(INTERVAL_SECONDS):
            if self._clock.monotonic() - self._asked_at <= IDLE_SECONDS:
                self.turn()

    def view(self, as_of: datetime | None = None) -> View:
        """What to show: now, or as it was ``as_of`` a past moment."""
        self._asked_at = self._clock.monotonic()
        turned_at = self._state.turned_at
        # The first viewer, or the first after a rest, should not see what was true long ago.
        if turned_at is None or self._asked_at - turned_at > 2 * INTERVAL_SECONDS:
            self.turn()
        state, now = self._state, self._clock.now()
        snapshot = state.snapshot
        problem = state.problem
        if snapshot is not None and as_of is not None:
            snapshot, problem = self._past(as_of)
        return View(now, self.stale_after_seconds, snapshot, problem, as_of)

    def turn(self) -> None:
        """Read the store as it is now."""
        with self._lock:
            state = self._state
            try:
                if not self._connection.exists():
                    self._connection.close()
                    state.snapshot, state.problem = None, None
                else:
                    state.snapshot, state.problem = self._read(), None
            except (OSError, duckdb.Error) as error:
                # The last snapshot stays and grows stale, which the pages show.
                _LOG.warning("the store in %s cannot be read", self.folder, exc_info=True)
                self._connection.close()
                state.problem = f"The store cannot be read: {_first_line(error)}"
            state.turned_at = self._clock.monotonic()

    def _past(self, as_of: datetime) -> tuple[Snapshot | None, str | None]:
        with self._lock:
            state = self._state
            if as_of not in state.past and state.snapshot is not None:
                try:
                    state.past[as_of] = self._snapshot(as_of)
                except (OSError, duckdb.Error) as error:
                    return None, f"The store cannot be read: {_first_line(error)}"
                while len(state.past) > PAST_MOMENTS:
                    state.past.popitem(last=False)
            return state.past.get(as_of), state.problem

    def _read(self) -> Snapshot:
        state = self._state
        if self._connection.follow() or not state.lasting:
            state.past.clear()
            lasting = [query for query in QUERIES.values() if not query.parameters]
            state.lasting = {query.name: self._connection.rows(query.sql, {}) for query in lasting}
        published_at: datetime = state.lasting["meta"][0]["published_at"]
        now = self._clock.now()
        # A wait must not go on growing on the screen when nobody knows any more whether it does.
        stale = (now - published_at).total_seconds() > self.stale_after_seconds
        return self._snapshot(published_at if stale else now)

    def _snapshot(self, at: datetime) -> Snapshot:
        lasting = self._state.lasting
        meta = lasting["meta"][0]
        frames = dict(lasting)
        for query in QUERIES.values():
            if query.parameters:
                moments = moments_of(query, at)
                frames[query.name] = self._connection.rows(query.sql, moments)
        return Snapshot(
            at=at,
            published_at=meta["published_at"],
            generation=meta["generation"],
            newest_event_at=meta["newest_event_at"],
            frames=MappingProxyType(frames),
            heartbeats=heartbeats(self.folder),
        )


def moments_of(query: Query, at: datetime) -> dict[str, datetime]:
    """The parameters of a query for the moment ``at``. Windows begin on a whole minute, the grain of the KPIs."""
    if "at" in query.parameters:
        return {"at": at}
    starts = {name: timedelta(minutes=minutes) for minutes in WINDOWS for name in (window(minutes), occupancy(minutes))}
    if query.name == "history":
        quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
        return {"start": quarter - timedelta(hours=HISTORY_HOURS), "stop": at}
    if query.name in starts:
        return {"start": (at - starts[query.name]).replace(second=0, microsecond=0), "stop": at}
    return {}


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


@st.cache_resource(show_spinner=False, on_release=Feed.stop)
def shared_feed() -> Feed:
    """The feed of this server process, for the store that the settings name.

    Raises:
        CallboardError: a setting is wrong.
    """
    settings = load_settings()
    feed = Feed(settings.store.absolute(), SystemClock(), settings.stale_after_seconds)
    feed.start()
    return feed
