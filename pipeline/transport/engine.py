"""The engine: one thread that owns the assigned partitions, commits their batches and publishes.

Faust's agents hand over deliveries and return at once; while the thread commits one batch the next ones collect, so
batches grow with the lag and shrink to ``batch_max_seconds`` worth of events when there is none.

In one turn of the loop:

1. requests from the event loop are carried out (assign, release, stop), always between two transactions;
2. for each partition that has a full batch, or one that has waited long enough: the broker is asked whether this is
   still the log that the offsets belong to, then the batch is committed;
3. what was committed is published, and ``live.duckdb`` swapped.

Any error ends the engine: the worker then stops, or starts anew from what is committed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar, cast

from faust.types import TP

from pipeline.clock import Clock
from pipeline.errors import CallboardError
from pipeline.settings import Settings
from pipeline.store.layout import StoreLayout
from pipeline.store.live import publish_live
from pipeline.store.seen import Seen
from pipeline.transport.batches import Delivery
from pipeline.transport.heartbeat import Heartbeat
from pipeline.transport.log import BrokerUnavailableError, LogProbe
from pipeline.transport.reader import PartitionReader, open_reader

T = TypeVar("T")

log = logging.getLogger(__name__)

#: Longest pause between two turns, in seconds.
_TICK_SECONDS = 0.05
#: How often everything is published although nothing has changed: it tells readers that the worker keeps up.
_CONFIRM_SECONDS = 1.0
#: A consumer that delivers nothing for so long although the log has more is started anew.
_STUCK_SECONDS = 30.0
#: While events are waiting, publishing less often leaves more of the machine to catching up.
_LAGGING_CONFIRM_SECONDS = 2.0
_LAGGING_PUBLISH_SECONDS = 3.0
#: How often a partition that another worker still holds is tried again.
_RETRY_SECONDS = 0.2
#: How long an assignment waits for such partitions before the rest starts without them.
_ASSIGN_SECONDS = 10.0
#: Batches that may wait per partition before its agent has to wait.
_WAITING_BATCHES = 1


class EngineEndedError(CallboardError):
    """The worker is stopping; there is nothing left to ask the engine for."""

    def __init__(self) -> None:
        """It has one meaning only."""
        super().__init__("the worker is stopping")


class Engine:
    """See the module. ``assign``, ``release`` and ``take`` are called from the event loop."""

    def __init__(self, settings: Settings, clock: Clock, probe: LogProbe, heartbeat: Heartbeat) -> None:
        """The thread is started by ``start``."""
        self._settings = settings
        self._clock = clock
        self._probe = probe
        self._heartbeat = heartbeat
        self._layout = StoreLayout(settings.store)
        self._readers: dict[TP, PartitionReader] = {}
        self._wanted: set[TP] = set()
        self._seen: dict[TP, Seen] = {}
        self._ended = False
        self._requests: deque[tuple[Callable[[], object], Future[object]]] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="base-files")
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._published_at = float("-inf")
        self._retried_at = float("-inf")
        self._confirmed_at = float("-inf")
        #: Called, from the engine's thread, with a partition and the offset to read it from.
        self.on_seek: Callable[[TP, int], None] = lambda tp, offset: None
        #: The error that ended the engine.
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Commit and publish what is pending, let all partitions go, and end the thread."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join()
        self._background.shutdown()

    @property
    def partitions(self) -> set[TP]:
        """The partitions that are open."""
        return set(self._readers)

    # --- called from the event loop -------------------------------------------------------------------------------

    async def assign(self, partitions: set[TP]) -> dict[TP, int]:
        """Own exactly these partitions; returns from which offset each is to be read.

        A partition that another worker still holds is opened later; then ``on_seek`` is called.
        """
        deadline = self._clock.monotonic() + _ASSIGN_SECONDS
        while True:
            try:
                offsets = await self._request(lambda: self._assign(partitions))
            except Exception:
                return {}  # ``failure`` ends the worker; Faust need not crash as well, with a stack trace of its own
            if len(offsets) == len(partitions) or self._clock.monotonic() > deadline:
                return offsets
            await asyncio.sleep(_RETRY_SECONDS)

    async def release(self, partitions: set[TP]) -> None:
        """Commit and publish what is pending of these partitions and close them."""
        with contextlib.suppress(Exception):  # see ``assign``
            await self._request(lambda: self._release(partitions))

    async def take(self, delivery: Delivery) -> None:
        """Queue a delivery; waits while the partition has enough to do."""
        tp = TP(delivery.topic, delivery.partition)
        limit = _WAITING_BATCHES * self._settings.batch_max_events
        while self.failure is None:
            reader = self._readers.get(tp)
            if reader is None:
                return  # not ours (any more); whoever opens it reads these records again
            if reader.waiting < limit:
                reader.add(delivery, self._clock.monotonic())
                if reader.waiting >= self._settings.batch_max_events:
                    with self._wake:
                        self._wake.notify()
                return
            await asyncio.sleep(_TICK_SECONDS / 5)

    async def _request(self, call: Callable[[], T]) -> T:
        future: Future[object] = Future()
        with self._wake:
            if self._ended:
                raise self.failure or EngineEndedError()
            self._requests.append((call, future))
            self._wake.notify()
        return cast(T, await asyncio.wrap_future(future))

    # --- the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping:
                with self._wake:
                    if not self._requests and not self._stopping:
                        self._wake.wait(_TICK_SECONDS)
                self._turn()
            self._release(set(self._readers))
        except BaseException as error:
            self.failure = error
            self._abandon()
        finally:
            with self._wake:
                self._ended = True
                for _, future in self._requests:
                    future.set_exception(self.failure or EngineEndedError())
                self._requests.clear()
            self._probe.close()

    def _turn(self) -> None:
        while self._requests:
            call, future = self._requests.popleft()
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)
                raise
        self._open_wanted()
        now = self._clock.monotonic()
        ready = [reader for reader in self._readers.values() if self._is_due(reader, now)]
        if ready:
            topic_ids = self._probe.topic_ids()
            for reader in ready:
                self._commit(reader, topic_ids)
        self._publish_if_due()
        self._heartbeat.beat(self._readers.values())

    def _is_due(self, reader: PartitionReader, now: float) -> bool:
        if not reader.waiting:
            return False
        settings = self._settings
        return reader.waiting >= settings.batch_max_events or now - reader.waiting_since >= settings.batch_max_seconds

    def _commit(self, reader: PartitionReader, topic_ids: dict[str, str]) -> None:
        reader.check_log(topic_ids)
        records = reader.next_batch(self._settings.batch_max_events, self._probe)
        if records:
            reader.owner.apply(records, self._clock.now())
        if reader.must_seek:
            reader.must_seek = False
            self.on_seek(reader.tp, reader.next_offset)

    def _publish_if_due(self) -> None:
        now = self._clock.monotonic()
        lagging = any(r.waiting >= self._settings.batch_max_events for r in self._readers.values())
        confirm = _LAGGING_CONFIRM_SECONDS if lagging else _CONFIRM_SECONDS
        if self._readers and now - self._confirmed_at >= confirm:
            # Only who has just asked the broker may say that the data is up to now.
            self._ask_log_ends(now)
            self._publish(list(self._readers.values()))
            self._confirmed_at = now
            return
        least = max(self._settings.publish_seconds, _LAGGING_PUBLISH_SECONDS if lagging else 0.0)
        unpublished = [r for r in self._readers.values() if r.owner.unpublished]
        if unpublished and now - self._published_at >= least:
            self._publish(unpublished)

    def _ask_log_ends(self, now: float) -> None:
        """Learn the true lag, and notice a consumer that has silently stopped fetching."""
        ends = self._probe.end_offsets([(tp.topic, tp.partition) for tp in self._readers])
        for tp, reader in self._readers.items():
            reader.log_end_offset = ends[tp.topic, tp.partition]
            behind = reader.log_end_offset > reader.next_offset and not reader.waiting
            if not behind:
                reader.delivered_at = now
            elif now - reader.delivered_at > _STUCK_SECONDS:
                raise BrokerUnavailableError(
                    f"{reader.owner.name}: the log has more, but nothing was delivered for {_STUCK_SECONDS:g} s"
                )

    def _publish(self, readers: list[PartitionReader]) -> None:
        now = self._clock.now()
        for reader in readers:
            reader.owner.publisher.log_end_offset = reader.log_end_offset
            reader.owner.publish(now)
        publish_live(self._layout, now)
        self._published_at = self._clock.monotonic()

    def _assign(self, partitions: set[TP]) -> dict[TP, int]:
        self._release(set(self._readers) - partitions)
        self._wanted = set(partitions)
        self._retried_at = float("-inf")
        self._open_wanted(quiet=True)
        for reader in self._readers.values():
            reader.forget_waiting()
        return {tp: reader.next_offset for tp, reader in self._readers.items()}

    def _open_wanted(self, quiet: bool = False) -> None:
        """Try to open what is assigned and not open yet."""
        missing = self._wanted - set(self._readers)
        now = self._clock.monotonic()
        if not missing or now - self._retried_at < _RETRY_SECONDS:
            return
        self._retried_at = now
        topic_ids = self._probe.topic_ids()
        for tp in sorted(missing):
            reader = open_reader(
                self._layout, tp, topic_ids, self._probe, self._background, self._settings, self._seen.get(tp)
            )
            if reader is None:
                self._heartbeat.waiting_for(tp)
                continue
            reader.delivered_at = now
            self._readers[tp] = reader
            if not quiet:
                self.on_seek(tp, reader.next_offset)

    def _release(self, partitions: set[TP]) -> None:
        self._wanted -= partitions
        readers = [reader for tp, reader in self._readers.items() if tp in partitions]
        if not readers:
            return
        waiting = [reader for reader in readers if reader.waiting]
        if waiting:
            topic_ids = self._probe.topic_ids()
            for reader in waiting:
                while reader.waiting:
                    self._commit(reader, topic_ids)
        self._publish(readers)
        for reader in readers:
            del self._readers[reader.tp]
            # After a rebalance most partitions come back: then only what others added has to be looked at.
            self._seen[reader.tp] = reader.owner.store.seen
            reader.owner.close()

    def _abandon(self) -> None:
        """Close everything without another write: what is in memory may be ahead of what is committed."""
        for reader in self._readers.values():
            reader.owner.close()
        self._readers.clear()
