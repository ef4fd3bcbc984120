"""Events to Kafka: acknowledged by every replica, in bounded memory, each delivery accounted for."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from kafka.errors import KafkaError, KafkaTimeoutError

from pipeline.clock import Clock
from pipeline.contract.events import Event, record_key
from pipeline.errors import CallboardError
from pipeline.producers.delivery import Delivery, Report, checked
from pipeline.producers.kafka_client import close_producer, connect_producer
from pipeline.producers.kafka_errors import not_published

#: Large enough for a record that a worker must refuse as too large: the refusal is the worker's to make and to count.
MAX_REQUEST_BYTES = 32 * 1024 * 1024
#: Limits of what is sent and not yet acknowledged. kafka-python itself has none.
MAX_IN_FLIGHT_RECORDS = 20_000
MAX_IN_FLIGHT_BYTES = 64 * 1024 * 1024

_FLUSH_TIMEOUT_SECONDS = 150.0  # more than delivery_timeout_ms, so that the cause is reported and not the wait
_CLOSE_TIMEOUT_SECONDS = 2.0

# Requests cost more than bytes: wait a little so that each carries many events.
_DEFAULTS: Mapping[str, object] = {
    "linger_ms": 20,
    "batch_size": 256 * 1024,
    # As schemas/topics.yaml has it. It also nearly doubles the rate: kafka-python's checksum costs more than gzip.
    "compression_type": "gzip",
    "allow_auto_create_topics": False,
    "max_block_ms": 15_000,
    "bootstrap_timeout_ms": 15_000,
    "delivery_timeout_ms": 120_000,
}


class Publisher:
    """Publishes events and already encoded records; use it as a context manager.

    Leaving the context normally waits until everything is acknowledged and raises if anything was not. Leaving it by an
    exception does not wait for what is still in flight. The partition of a record is Kafka's default for its key
    (murmur2), the same as ``pipeline.contract.topics.partition_for``. Not for use by several threads at once.

    Errors are CallboardError. After the first failed delivery every call raises it, and
    nothing more is sent.
    """

    def __init__(
        self,
        connection: Mapping[str, Any],
        clock: Clock,
        *,
        idempotent: bool = True,
        max_in_flight_records: int = MAX_IN_FLIGHT_RECORDS,
        max_in_flight_bytes: int = MAX_IN_FLIGHT_BYTES,
    ) -> None:
        """Connect.

        ``connection`` are keyword arguments of kafka-python: ``bootstrap_servers``, security, and tuning if wanted.
        Whatever they say, records are acknowledged by all in-sync replicas. ``clock`` judges the time of an event.
        """
        self._servers = connection.get("bootstrap_servers", "localhost:9092")
        self._clock = clock
        self._max_records = max_in_flight_records
        self._max_bytes = max_in_flight_bytes
        self._in_flight_records = 0
        self._in_flight_bytes = 0
        self._acknowledged: Counter[tuple[str, int]] = Counter()
        self._failure: CallboardError | None = None
        self._changed = threading.Condition()
        settings = {**_DEFAULTS, **connection, "bootstrap_servers": self._servers}
        settings |= {"acks": "all", "enable_idempotence": idempotent, "max_request_size": MAX_REQUEST_BYTES}
        self._producer = connect_producer(settings)

    def __enter__(self) -> Self:
        """The publisher itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Flush and close; after an exception close only."""
        try:
            if kind is None:
                self.flush()
        finally:
            self.close()

    def close(self) -> None:
        """Let the connection go, without waiting for what is still in flight: nothing of it is sent any more."""
        close_producer(self._producer, _CLOSE_TIMEOUT_SECONDS)

    def publish(self, event: Event, report: Report | None = None) -> None:
        """Validate an event and send it to its topic under its key; ``report`` is told what became of it.

        Returns when it is buffered; blocks while too much is in flight. Raises CallboardError for an event that the
        contract refuses (InvalidEventError), and for an earlier delivery that failed.
        """
        value = checked(event, self._clock.now())
        named = report and (lambda done: report(replace(done, source=event.source, id=event.id)))
        self.publish_raw(event.topic, record_key(event), value, named)

    def publish_raw(self, topic: str, key: bytes | None, value: bytes | None, report: Report | None = None) -> None:
        """Send bytes as they are, valid or not; blocks and raises as ``publish`` does."""
        size = len(key or b"") + len(value or b"")
        self._wait_for_room(size)
        try:
            future = self._producer.send(topic, value=value, key=key)
        except (KafkaError, ValueError) as error:
            self._finished(size, Delivery(topic, error=not_published(error, self._servers, topic)), report)
        else:
            future.add_callback(self._delivered, size, report)
            future.add_errback(self._not_delivered, size, topic, report)
        self._raise_failure()

    def check(self) -> None:
        """Raise the CallboardError of the first delivery that failed, if one did."""
        self._raise_failure()

    def flush(self) -> None:
        """Wait until everything sent is acknowledged. Raises CallboardError if anything was not."""
        try:
            self._producer.flush(timeout=_FLUSH_TIMEOUT_SECONDS)
        except KafkaError as error:
            self._raise_failure()
            raise not_published(error, self._servers) from None
        # A flush ends with the batches; the callbacks of the last one may be a moment behind it.
        with self._changed:
            done = self._changed.wait_for(lambda: self._in_flight_records == 0, timeout=_FLUSH_TIMEOUT_SECONDS)
        self._raise_failure()
        if not done:
            raise not_published(KafkaTimeoutError(), self._servers)

    @property
    def acknowledged(self) -> dict[tuple[str, int], int]:
        """How many records each (topic, partition) has acknowledged so far."""
        with self._changed:
            return dict(self._acknowledged)

    @property
    def in_flight(self) -> int:
        """How many records are sent and not yet acknowledged."""
        with self._changed:
            return self._in_flight_records

    def _wait_for_room(self, size: int) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._failure or self._has_room(size), _FLUSH_TIMEOUT_SECONDS):
                raise not_published(KafkaTimeoutError(), self._servers)
            self._raise_failure()
            self._in_flight_records += 1
            self._in_flight_bytes += size

    def _has_room(self, size: int) -> bool:
        # A single record larger than the limit of bytes may travel alone.
        return self._in_flight_records == 0 or (
            self._in_flight_records < self._max_records and self._in_flight_bytes + size <= self._max_bytes
        )

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    # kafka-python calls these two on its sender thread; the argument of the delivery comes last.

    def _delivered(self, size: int, report: Report | None, metadata: Any) -> None:
        self._finished(size, Delivery(metadata.topic, metadata.partition, metadata.offset), report)

    def _not_delivered(self, size: int, topic: str, report: Report | None, error: Exception) -> None:
        self._finished(size, Delivery(topic, error=not_published(error, self._servers, topic)), report)

    def _finished(self, size: int, delivery: Delivery, report: Report | None) -> None:
        try:
            if report is not None:
                report(delivery)
        finally:
            with self._changed:
                self._in_flight_records -= 1
                self._in_flight_bytes -= size
                if delivery.partition is not None:
                    self._acknowledged[delivery.topic, delivery.partition] += 1
                self._failure = self._failure or delivery.error
                self._changed.notify_all()
