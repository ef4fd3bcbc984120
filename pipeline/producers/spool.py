"""The spool: an event is safe on disk when ``publish`` returns, and reaches Kafka as soon as Kafka is there.

Events of a key reach Kafka in the order in which they were published: one connection, one request at a time, and after
a delivery that failed everything from there on again. An event is deleted when Kafka has acknowledged it and all before
it; a crash between the two sends it again, with the same (source, id), and it is counted once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.clock import Clock, SystemClock
from pipeline.contract.events import Event, record_key
from pipeline.errors import CallboardError
from pipeline.producers.delivery import Report, checked
from pipeline.producers.spool_file import SpoolFile, SpoolFullError
from pipeline.producers.spool_sender import SpoolSender

#: Of what waits, key and value: a day of a large centre. The file itself is about a fifth larger.
MAX_BYTES = 1024**3
_BLOCK_SECONDS = 30.0
_CLOSE_SECONDS = 5.0
_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class SpoolStatus:
    """What a spool has to do, and why it does not get on with it."""

    waiting_events: int
    waiting_bytes: int
    #: Why the last try to send failed; None since Kafka has acknowledged something again.
    last_error: CallboardError | None


class Spool:
    """Keeps events on disk and sends them in the background. For use by any number of threads of one process.

    It begins with what an earlier process left. Use it as a context manager, or call ``close``.
    """

    def __init__(
        self,
        file: str | Path,
        connection: Mapping[str, Any],
        clock: Clock | None = None,
        *,
        max_bytes: int = MAX_BYTES,
        block_seconds: float = _BLOCK_SECONDS,
        on_delivery: Report | None = None,
    ) -> None:
        """Open the spool, whether Kafka is there or not.

        Args:
            file: SQLite file of the spool, made if it is missing.
            connection: keyword arguments of kafka-python, as ``Publisher`` has them.
            clock: judges the time of an event.
            max_bytes: most that may wait.
            block_seconds: how long ``publish`` waits for room before it raises SpoolFullError.
            on_delivery: told of each event that Kafka has, in a thread of the spool's; also of an earlier process's.

        Raises:
            SpoolBusyError: another process has the file.
            CallboardError: the file is no spool, or cannot be opened.
        """
        self._clock = clock or SystemClock()
        self._max_bytes = max_bytes
        self._block_seconds = block_seconds
        self._changed = threading.Condition()
        self._closed = False
        self._file = SpoolFile(Path(file))
        self._sender = SpoolSender(self._file, connection, self._clock, self._changed, on_delivery)
        self._sender.start()

    def __enter__(self) -> Self:
        """The spool itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; what Kafka does not have by then is sent by the next process."""
        self.close()

    def publish(self, event: Event) -> None:
        """Validate an event and keep it; when this returns it will reach Kafka.

        Raises:
            InvalidEventError: the contract refuses the event.
            SpoolFullError: there was no room in time; the event was not taken.
        """
        self.publish_many([event])

    def publish_many(self, events: Iterable[Event]) -> None:
        """Keep events, all or none, at the cost of one; raises as ``publish`` does."""
        now = self._clock.now()
        self.publish_raw([(event.topic, record_key(event), checked(event, now)) for event in events])

    def publish_raw(self, records: list[tuple[str, bytes, bytes]]) -> None:
        """Keep (topic, key, value) records that are known to be valid, all or none."""
        size = sum(len(key) + len(value) for _, key, value in records)
        with self._changed:
            self._open()
            if not self._wait(lambda: self._closed or self._has_room(size), self._block_seconds):
                raise SpoolFullError(
                    f"the spool {self._file.path} is full ({self._file.records} events wait for Kafka"
                    f"{self._because()}): the event was not taken; send it again later, or allow more"
                )
            self._open()
            self._file.append(records)
            self._changed.notify_all()

    def flush(self, timeout_seconds: float | None = None) -> None:
        """Wait until Kafka has everything that was published before.

        Raises:
            CallboardError: not within the time; it is kept, and sent later.
        """
        with self._changed:
            self._open()
            last = self._file.last_seq
            if not self._wait(lambda: self._closed or self._sender.done_to >= last, timeout_seconds):
                raise CallboardError(
                    f"{self._file.records} events are not in Kafka yet{self._because()}; "
                    f"they are kept in {self._file.path} and sent later"
                )
            self._open()

    def close(self, timeout_seconds: float = _CLOSE_SECONDS) -> None:
        """Send what can be sent within the time, and let the file go. The rest is kept for the next process."""
        with self._changed:
            if self._closed:
                return
            self._wait(lambda: self._file.records == 0, timeout_seconds)
            self._closed = True
            self._changed.notify_all()
        self._sender.stop()
        with self._changed:
            self._file.close()

    @property
    def status(self) -> SpoolStatus:
        """What waits."""
        with self._changed:
            return SpoolStatus(self._file.records, self._file.size_bytes, self._sender.last_error)

    def _has_room(self, size: int) -> bool:
        # A record larger than the limit may wait alone.
        return self._file.records == 0 or self._file.size_bytes + size <= self._max_bytes

    def _open(self) -> None:
        if self._closed:
            raise CallboardError(f"the spool {self._file.path} is closed")

    def _because(self) -> str:
        return f", {self._sender.last_error}" if self._sender.last_error else ""

    def _wait(self, holds: Callable[[], bool], timeout_seconds: float | None) -> bool:
        # In short looks, so that Ctrl-C is heard on every platform.
        deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        while not holds():
            left = _LOOK_SECONDS if deadline is None else deadline - time.monotonic()
            if left <= 0:
                return False
            self._changed.wait(min(left, _LOOK_SECONDS))
        return True


class SpoolSink:
    """A spool as the sink of a reader that remembers its place: ``flush`` puts everything since the last on disk.

    What is published between two flushes costs one write to disk together. Not for several threads at once.
    """

    def __init__(self, spool: Spool) -> None:
        """Write to that spool, which the caller opens and closes."""
        self._spool = spool
        self._events: list[Event] = []

    def publish(self, event: Event) -> None:
        """Take an event, until the next flush in memory only."""
        self._events.append(event)

    def flush(self) -> None:
        """Return when everything taken is on disk. Raises as ``Spool.publish`` does."""
        if self._events:
            self._spool.publish_many(self._events)
            self._events = []
