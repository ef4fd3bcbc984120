"""The thread that brings what waits in a spool's file to Kafka."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from pipeline.clock import Clock
from pipeline.errors import CallboardError
from pipeline.producers.delivery import Delivery, Report
from pipeline.producers.publisher import Publisher
from pipeline.producers.spool_file import SpoolFile, Waiting

log = logging.getLogger(__name__)

#: What may be sent and not yet acknowledged.
_WINDOW_RECORDS = 512
_WINDOW_BYTES = 8 * 1024 * 1024
_LOOK_SECONDS = 0.5
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0
_STOP_SECONDS = 15.0

_SETTINGS: Mapping[str, object] = {
    # A batch that is given up while a later one of its partition arrives would change their order: none is given up.
    "delivery_timeout_ms": 2**31 - 1,
    "max_in_flight_requests_per_connection": 1,
    "request_timeout_ms": 10_000,
    "bootstrap_timeout_ms": 5_000,
    "max_block_ms": 5_000,
}


class _Identity(msgspec.Struct):
    source: str = ""
    id: str = ""


class SpoolSender:
    """Sends in order, deletes what Kafka has. ``changed`` guards the file and everything of this that others read."""

    def __init__(
        self,
        file: SpoolFile,
        connection: Mapping[str, Any],
        clock: Clock,
        changed: threading.Condition,
        on_delivery: Report | None,
    ) -> None:
        """Not started yet."""
        self._file = file
        self._connection = {**_SETTINGS, **connection}
        self._clock = clock
        self._changed = changed
        self._on_delivery = on_delivery
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="callboard-spool", daemon=True)
        self._acknowledged: dict[int, Delivery] = {}
        #: Kafka has everything up to this seq.
        self.done_to = 0
        self.last_error: CallboardError | None = None

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more; what was acknowledged so far is deleted."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        pause_seconds = _FIRST_PAUSE_SECONDS
        while self._wait_for_work():
            before = self.done_to
            try:
                self._send()
            except CallboardError as error:
                self._note(error)
            except Exception as error:
                # Whatever it is: what waits must not be forgotten for want of a thread.
                log.exception("sending from %s failed", self._file.path)
                self._note(CallboardError(f"sending failed ({type(error).__name__}), see the log"))
            pause_seconds = _FIRST_PAUSE_SECONDS if self.done_to > before else pause_seconds
            with self._changed:
                self._changed.wait_for(lambda: self._stopping, pause_seconds)
            pause_seconds = min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)

    def _wait_for_work(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._file.records)
            return not self._stopping

    def _send(self) -> None:
        """Send over one connection until stopped. Raises CallboardError when a delivery failed."""
        publisher = Publisher(self._connection, self._clock)
        in_flight: deque[Waiting] = deque()
        try:
            with self._changed:
                # What an earlier connection was told of late is not counted: it is sent again, in order.
                self._acknowledged = {}
                sent_to = self.done_to
            while not self._stopping:
                room_bytes = _WINDOW_BYTES - sum(len(record.value) for record in in_flight)
                with self._changed:
                    records = self._file.after(sent_to, _WINDOW_RECORDS - len(in_flight), room_bytes)
                for record in records:
                    publisher.publish_raw(record.topic, record.key, record.value, self._reporter(record.seq))
                    in_flight.append(record)
                    sent_to = record.seq
                self._settle(in_flight)
                publisher.check()
                with self._changed:
                    self._changed.wait_for(partial(self._is_woken, in_flight, sent_to), _LOOK_SECONDS)
        finally:
            self._settle(in_flight)
            publisher.close()

    def _is_woken(self, in_flight: deque[Waiting], sent_to: int) -> bool:
        if in_flight and in_flight[0].seq in self._acknowledged:
            return True
        # With nothing in flight there is room for one record of any size.
        return self._stopping or (not in_flight and self._file.last_seq > sent_to)

    def _reporter(self, seq: int) -> Report:
        """For one record of one connection: an acknowledgement that comes after it was given up finds nobody."""
        acknowledged = self._acknowledged

        def report(delivery: Delivery) -> None:
            with self._changed:
                if delivery.error is None:
                    acknowledged[seq] = delivery
                self._changed.notify_all()

        return report

    def _settle(self, in_flight: deque[Waiting]) -> None:
        """Delete what Kafka has, up to the first record that it does not have."""
        with self._changed:
            done = []
            while in_flight and in_flight[0].seq in self._acknowledged:
                record = in_flight.popleft()
                done.append((record, self._acknowledged.pop(record.seq)))
        if not done:
            return
        for record, delivery in done:
            self._report(record, delivery)
        with self._changed:
            self._file.delete_to(done[-1][0].seq)
            self.done_to = done[-1][0].seq
            self.last_error = None
            self._changed.notify_all()

    def _report(self, record: Waiting, delivery: Delivery) -> None:
        if self._on_delivery is None:
            return
        identity = msgspec.json.decode(record.value, type=_Identity)
        try:
            self._on_delivery(replace(delivery, source=identity.source, id=identity.id))
        except Exception:
            log.exception("on_delivery failed; the event is in Kafka all the same")

    def _note(self, error: CallboardError) -> None:
        with self._changed:
            if self.last_error is None:
                log.warning("%d events wait in %s: %s", self._file.records, self._file.path, error)
            self.last_error = error
            self._changed.notify_all()
