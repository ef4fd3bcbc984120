"""The one thread between the calls and Kafka: it converts, remembers, publishes, and then says that a call is done.

The order makes a crash harmless. What the converters know is on disk before anything is published, so no event is ever
out that the next run knows nothing of. A call is done only when Kafka has acknowledged all its events; until then its
sender has had no answer and calls again, and what it says then are the same events, which a worker counts once.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from pipeline.clock import Clock
from pipeline.contract.decode import decode
from pipeline.contract.events import Event, encode, record_key
from pipeline.contract.rejects import Rejection
from pipeline.errors import CallboardError
from pipeline.producers.adapters import Call, RefusedCallError
from pipeline.producers.webhooks.sources import Source

log = logging.getLogger(__name__)

_MOST_CALLS_AT_ONCE = 200
#: How often a writer without calls looks whether it is to stop, or whether Kafka is back.
_IDLE_SECONDS = 0.5
#: After a failure Kafka is not asked again for so long.
_AGAIN_AFTER_SECONDS = 2.0


class RecordSink(Protocol):
    """A Publisher, or what a test has in its place."""

    def publish_raw(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        """Send a record; it may be buffered."""

    def flush(self) -> None:
        """Wait until everything sent is acknowledged. Raises CallboardError if anything is not."""

    def close(self) -> None:
        """Let Kafka go, without waiting for what could not be sent."""


class NotNowError(CallboardError):
    """A call that cannot be taken now and may be sent again."""


@dataclass(slots=True)
class Work:
    """A call that was found good, and who waits for it: the number of its events."""

    source: Source
    call: Call
    records: list[object]
    done: Future[int] = field(default_factory=Future)


class Writer:
    """Takes work from any thread and does it on its own. Start it, and close it when no more work comes."""

    def __init__(self, connect: Callable[[], RecordSink], clock: Clock, waiting_calls: int) -> None:
        """``connect`` is called on the writer's thread, again after each failure; it raises CallboardError."""
        self._connect = connect
        self._clock = clock
        self._work: queue.Queue[Work | None] = queue.Queue(waiting_calls)
        self._sink: RecordSink | None = None
        self._is_away = False
        self._away_until = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks-writer", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def submit(self, source: Source, call: Call, records: list[object]) -> Future[int]:
        """Queue a call's records. The future has the number of events when Kafka has them all.

        It raises RefusedCallError for records that the source may not say, and NotNowError when they could not be
        published. Raises NotNowError at once when too much is waiting, or the writer ends.
        """
        if self._closing.is_set():
            raise NotNowError("the receiver is being stopped")
        work = Work(source, call, records)
        try:
            self._work.put_nowait(work)
        except queue.Full:
            raise NotNowError("too many calls are waiting for Kafka") from None
        return work.done

    @property
    def is_well(self) -> bool:
        """Whether it works and Kafka, when last asked, was there."""
        return self._thread.is_alive() and self._sink is not None

    @property
    def waiting(self) -> int:
        """How many calls are queued."""
        return self._work.qsize()

    def close(self) -> None:
        """Do what is queued, then end."""
        self._closing.set()
        with suppress(queue.Full):
            self._work.put_nowait(None)  # so that an idle writer looks up
        self._thread.join()

    def _run(self) -> None:
        while True:
            batch = self._next_batch()
            if batch:
                self._do(batch)
            elif self._closing.is_set():
                break
            else:
                self._look_for_kafka()
        if self._sink is not None:
            self._sink.close()

    def _next_batch(self) -> list[Work]:
        found: list[Work | None] = []
        try:
            found.append(self._work.get(timeout=_IDLE_SECONDS))
            while len(found) < _MOST_CALLS_AT_ONCE:
                found.append(self._work.get_nowait())
        except queue.Empty:
            pass
        # A call whose sender has been put off meanwhile comes again.
        return [work for work in found if work is not None and work.done.set_running_or_notify_cancel()]

    def _do(self, batch: list[Work]) -> None:
        by_source: dict[str, list[Work]] = {}
        for work in batch:
            by_source.setdefault(work.source.config.path, []).append(work)
        said: list[tuple[Work, list[Event]]] = []
        sink = self._look_for_kafka()
        if sink is None:
            _put_off(batch)
            return
        try:
            for works in by_source.values():
                said += converted(works)
            for works in by_source.values():
                works[0].source.remember()
            for work, events in said:
                self._publish(sink, work, events)
            sink.flush()
        except Exception as error:  # whatever it was, nobody may wait for ever, and nobody may be told that it is done
            self._failed(error, by_source.values())
        else:
            for work, events in said:
                work.done.set_result(len(events))

    def _publish(self, sink: RecordSink, work: Work, events: Iterable[Event]) -> None:
        for event in events:
            value = encode(event)
            checked = decode(value, self._clock.now())
            if isinstance(checked, Rejection):
                log.warning("%s: an event was left out: %s", work.source.name, checked.reason)
                for notice in work.source.unreadable(event, work.call, checked.reason):
                    sink.publish_raw(notice.topic, record_key(notice), encode(notice))
            else:
                sink.publish_raw(event.topic, record_key(event), value)

    def _look_for_kafka(self) -> RecordSink | None:
        """The way to Kafka, made anew if there is none; None while Kafka is away."""
        if self._sink is None and self._clock.monotonic() >= self._away_until:
            try:
                self._sink = self._connect()
            except CallboardError as error:
                if not self._is_away:
                    log.warning("calls are put off: %s", error)
                self._is_away = True
                self._away_until = self._clock.monotonic() + _AGAIN_AFTER_SECONDS
            else:
                if self._is_away:
                    log.info("Kafka is back")
                self._is_away = False
        return self._sink

    def _failed(self, error: Exception, works_by_source: Iterable[list[Work]]) -> None:
        # The text of an error that is not ours may hold what was called.
        log.warning("calls are put off: %s", error if isinstance(error, CallboardError) else type(error).__name__)
        self._is_away = True
        self._away_until = self._clock.monotonic() + _AGAIN_AFTER_SECONDS
        if self._sink is not None:
            self._sink.close()
            self._sink = None
        for works in works_by_source:
            works[0].source.reset()
            _put_off(works)


def _put_off(works: Iterable[Work]) -> None:
    for work in works:
        if not work.done.done():
            work.done.set_exception(NotNowError("Kafka has not taken the events of this call"))


def converted(works: list[Work]) -> list[tuple[Work, list[Event]]]:
    """The events of one source's calls, in their order; a call that cannot be converted has its answer at once.

    Such a call leaves nothing behind in the converter: the others are converted anew without it.
    """
    source = works[0].source
    while True:
        said = []
        for work in works:
            try:
                said.append((work, source.events(work.records)))
            except Exception as error:
                if not isinstance(error, RefusedCallError):
                    log.error("%s: a call could not be converted: %s", source.name, type(error).__name__)
                    error = RefusedCallError(422, "the call could not be understood")
                work.done.set_exception(error)
                break
        else:
            return said
        source.reset()
        works = [work for work in works if not work.done.done()]
