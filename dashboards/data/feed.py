"""One feed per server process: it answers the standing questions of all viewers together, whoever is watching.

A page says what it shows (``Ask``); equal questions are one. Every second the feed answers all that were asked lately,
at one moment and from one version of the store. So sixty viewers of a board cost the store as much as one, all of them
see the same numbers, and the numbers of a page belong together. While nobody watches, nothing is asked.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import streamlit as st

from dashboards.data.asking import Answer, Ask
from dashboards.data.connection import StoreConnection
from dashboards.data.heartbeats import Heartbeat, heartbeats
from dashboards.data.single import SingleQuestions, first_line, rows_of
from dashboards.data.view import Publication, View
from dashboards.saying import Saying
from pipeline.clock import Clock, SystemClock
from pipeline.settings import load_settings

INTERVAL_SECONDS = 1.0
#: A question that nobody has asked for so long is no longer answered; the feed rests when there is none.
IDLE_SECONDS = 20.0
#: How often a question of a past moment is answered anew: a late event may have changed what was.
PAST_SECONDS = 5.0
#: Who comes so shortly before the data is too old waits until it is, or is new: a panel that said "live" now would say
#: "stale" at its next refresh only, two seconds on.
VERDICT_SECONDS = 0.7
_LOG = logging.getLogger(__name__)
PUBLICATION = "SELECT published_at, generation, callboard_version FROM meta"


@dataclass(slots=True)
class _Standing:
    """A question that viewers ask again and again."""

    asked_at: float
    answer: Answer | None = None
    answered_at: float = 0.0
    generation: int = -1
    #: Why this one question cannot be answered, in one line.
    problem: str | None = None


@dataclass(slots=True)
class _State:
    publication: Publication | None = None
    at: datetime | None = None
    problem: str | None = None
    turned_at: float | None = None
    heartbeats: tuple[Heartbeat, ...] = ()


class Feed:
    """Reads the store once a turn. ``start`` turns it every second; a test turns it by hand."""

    def __init__(self, folder: Path, clock: Clock, stale_after_seconds: float) -> None:
        """A feed that has not read anything yet."""
        self.folder = folder
        self.stale_after_seconds = stale_after_seconds
        self._clock = clock
        self._connection = StoreConnection(folder)
        self._lock = threading.Lock()
        self._turned = threading.Condition()
        self._state = _State()
        self._standing: dict[Ask, _Standing] = {}
        self._single = SingleQuestions(folder)
        self._looked_at = clock.monotonic()
        self._rested = False
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
        self._single.close()

    def _run(self) -> None:
        while not self._stopping.wait(INTERVAL_SECONDS):
            if self._clock.monotonic() - self._looked_at > IDLE_SECONDS:
                self._rested = True
                continue
            try:
                self.turn()
            except Exception:  # the thread must live: a board that nobody turns stands still
                _LOG.exception("a turn of the board's feed failed")

    def view(self, asks: Mapping[str, Ask] | None = None, as_of: datetime | None = None) -> View:
        """What to show: the answers to ``asks`` (by the panel's own names), now or as it was ``as_of`` a past moment.

        Raises:
            PermissionError: a question is not for the scope it is asked within.
        """
        asks = asks or {}
        self._looked_at = self._clock.monotonic()
        self._note(asks.values())
        self._wake()
        self._await_verdict()
        self._go_back()
        answers = self._answers(asks)
        state, now = self._state, self._clock.now()
        at = as_of or state.at or now
        return View(
            now, self.stale_after_seconds, state.publication, at, answers,
            state.problem or self._problem_of(asks.values()), as_of, state.heartbeats, asks,
        )  # fmt: skip

    def _wake(self) -> None:
        """The first viewer, or the first after a rest, should not see what was true long ago."""
        if self._is_asleep:
            with self._lock:
                # Of all who came at once one turns, and the others have what it read.
                if self._is_asleep:
                    self._turn()

    def _await_verdict(self) -> None:
        publication = self._state.publication
        if publication is None or not self._is_turning:
            return
        left = self.stale_after_seconds - (self._clock.now() - publication.published_at).total_seconds()
        if 0 <= left < VERDICT_SECONDS:
            with self._turned:
                self._turned.wait_for(lambda: self._state.publication is not publication, left + 0.01)

    def _go_back(self) -> None:
        """Of data that has become too old, show what was known: a wait must not have grown since."""
        # Without waiting for long: who comes during a turn that takes its time sees how old it is, and the rest later.
        if self._is_ahead and self._lock.acquire(timeout=VERDICT_SECONDS):
            try:
                if self._is_ahead:
                    self._turn()
            finally:
                self._lock.release()

    @property
    def _is_ahead(self) -> bool:
        state = self._state
        if state.publication is None or state.at is None or state.problem:
            return False
        return self._is_too_old(state.publication, self._clock.now()) and state.at > state.publication.published_at

    def _is_too_old(self, publication: Publication, now: datetime) -> bool:
        return (now - publication.published_at).total_seconds() > self.stale_after_seconds

    @property
    def _is_turning(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def _is_asleep(self) -> bool:
        turned_at = self._state.turned_at
        if turned_at is None or self._rested:
            return True
        # While the thread turns nobody waits for it, however long a turn takes: what is shown says how old it is.
        return not self._is_turning and self._clock.monotonic() - turned_at > 2 * INTERVAL_SECONDS

    def once(self, question: Ask) -> Answer:
        """The answer to a single question, such as a search: asked now, and kept while the store is the same.

        Raises:
            CallboardError: it took too long, or the store cannot be read.
            PermissionError: the question is not for the scope it is asked within.
        """
        self._looked_at = self._clock.monotonic()
        return self._single.answer(question, question.as_of or self._state.at or self._clock.now())

    def _note(self, asks: Iterable[Ask]) -> None:
        # Without the lock: nobody waits for a turn to end only to say what it wants in the next one.
        for question in asks:
            question.query.sql(question.scope)  # what may not be asked is refused to who asks it, not to the feed
            standing = self._standing.setdefault(question, _Standing(self._looked_at))
            standing.asked_at = self._looked_at

    def _answers(self, asks: Mapping[str, Ask]) -> dict[str, Answer]:
        """All answers; none if one of them cannot be had, for half a page would be no truth."""
        found = {name: self._known_answer(question) for name, question in asks.items()}
        if None in found.values():
            # All that are new within one turn's end and the next one's beginning.
            with self._lock:
                found = {name: self._known_answer(q) or self._first_answer(q) for name, q in asks.items()}
        answers = {name: answer for name, answer in found.items() if answer is not None}
        return answers if len(answers) == len(asks) else {}

    def _known_answer(self, question: Ask) -> Answer | None:
        standing = self._standing.get(question)
        return None if standing is None else standing.answer

    def _first_answer(self, question: Ask) -> Answer | None:
        """Of the version and the moment of the last turn, so that it belongs to what stands beside it."""
        standing = self._standing.setdefault(question, _Standing(self._looked_at))
        state = self._state
        if state.publication is not None and state.at is not None and not state.problem:
            try:
                self._answer(question, standing, state.at, state.publication.generation)
            except (OSError, duckdb.IOException) as error:
                self._failed(error)
        return standing.answer

    def _problem_of(self, asks: Iterable[Ask]) -> str | None:
        """The first of them that cannot be answered says why."""
        found = (self._standing.get(question) for question in asks)
        return next((standing.problem for standing in found if standing is not None and standing.problem), None)

    def turn(self) -> None:
        """Read the store as it is now."""
        with self._lock:
            self._turn()

    def _turn(self) -> None:
        state = self._state
        state.heartbeats = heartbeats(self.folder)
        try:
            if not self._connection.exists():
                self._connection.close()
                self._standing.clear()
                state.publication, state.at, state.problem = None, None, None
            else:
                self._read()
                state.problem = None
        except (OSError, duckdb.Error) as error:
            self._failed(error)
        state.turned_at = self._clock.monotonic()
        self._rested = False
        with self._turned:
            self._turned.notify_all()

    def _failed(self, error: Exception) -> None:
        # The last answers stay and grow stale, which the pages show.
        _LOG.warning("the store in %s cannot be read", self.folder, exc_info=True)
        self._connection.close()
        self._state.problem = Saying("The store cannot be read: {reason}", reason=first_line(error))

    def _read(self) -> None:
        state = self._state
        if self._connection.follow() or state.publication is None:
            (row,) = self._connection.rows(PUBLICATION, {})
            state.publication = Publication(row["published_at"], row["generation"], row["callboard_version"])
        now = self._clock.now()
        # A wait must not go on growing on the screen when nobody knows any more whether it does.
        state.at = state.publication.published_at if self._is_too_old(state.publication, now) else now
        turned_at = self._clock.monotonic()
        for question, standing in list(self._standing.items()):
            if turned_at - standing.asked_at > IDLE_SECONDS:
                self._standing.pop(question, None)
            elif self._is_due(question, standing, turned_at, state.at):
                self._answer(question, standing, state.at, state.publication.generation)

    def _is_due(self, question: Ask, standing: _Standing, now: float, at: datetime) -> bool:
        assert self._state.publication is not None  # noqa: S101 - it was read just now
        if standing.answer is None:
            return True
        unchanged = standing.generation == self._state.publication.generation
        if unchanged and (question.lasts or question.as_of is not None):
            return False
        if question.as_of is None and standing.answer.at > at:
            return True  # nothing is known of that moment any more
        every = max(question.query.every_seconds, PAST_SECONDS if question.as_of is not None else 0.0)
        # Half a turn early rather than half a turn late.
        return now - standing.answered_at >= every - INTERVAL_SECONDS / 2

    def _answer(self, question: Ask, standing: _Standing, at: datetime, generation: int) -> None:
        """Ask the store. What is wrong with one question is its own problem: the others have their answers."""
        at = question.as_of or at
        standing.problem = None
        try:
            standing.answer = Answer(at, rows_of(self._connection, question, at))
        except duckdb.IOException:
            raise
        except duckdb.Error as error:
            _LOG.exception("the query %s cannot be answered", question.query.name)
            standing.answer = None
            standing.problem = Saying(
                "The query {query} cannot be answered: {reason}", query=question.query.name, reason=first_line(error)
            )
        standing.answered_at, standing.generation = self._clock.monotonic(), generation


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
