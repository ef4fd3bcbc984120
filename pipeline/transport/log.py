"""Questions to the broker about its logs: which log is this, where does it begin and end, what lies at an offset."""

from __future__ import annotations

import socket
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from pipeline.errors import CallboardError

_PROBE_SECONDS = 5.0
#: KeyError: kafka-python 3.0 looks up the offset of a partition that it did not ask for, for want of a known leader.
_FAILURES = (KafkaError, OSError, ValueError, KeyError)


class BrokerUnavailableError(CallboardError):
    """The broker does not answer; trying again later may help."""


class Bounds(NamedTuple):
    """First offset that the log still holds, and the one after its last."""

    first: int
    end: int


class LogProbe:
    """A connection for such questions, made when first needed and anew after a failure. For one thread."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """``options``: kafka-python's connection settings."""
        self._options = dict(options)
        self._admin: KafkaAdminClient | None = None
        self._consumer: KafkaConsumer | None = None

    def __enter__(self) -> Self:
        """The probe itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        admin, self._admin = self._admin, None
        consumer, self._consumer = self._consumer, None
        for client in (admin, consumer):
            if client is not None:
                client.close()

    def _failed(self, error: Exception) -> BrokerUnavailableError:
        self.close()
        servers = ",".join(self._options["bootstrap_servers"])
        return BrokerUnavailableError(f"no answer from the broker at {servers} ({type(error).__name__})")

    def _reach(self) -> None:
        """Fail at once if nobody listens: the client itself would try for half a minute."""
        failure: OSError | None = None
        for server in self._options["bootstrap_servers"]:
            host, _, port = server.strip().rpartition(":")
            try:
                socket.create_connection((host.strip("[]"), int(port)), timeout=1.0).close()
            except OSError as error:
                failure = error
            else:
                return
        raise failure or OSError("no server named")

    def topic_ids(self) -> dict[str, str]:
        """Topic name to the identity of its log, which changes when the topic is made anew."""
        try:
            if self._admin is None:
                self._reach()
                self._admin = KafkaAdminClient(**self._options, request_timeout_ms=int(_PROBE_SECONDS * 1000))
            return {t["name"]: str(t["topic_id"]) for t in self._admin.describe_topics() if not t["error_code"]}
        except _FAILURES as error:
            raise self._failed(error) from error

    def bounds(self, topic: str, partition: int) -> Bounds:
        """Where the log of a partition begins and ends."""
        where = TopicPartition(topic, partition)
        try:
            consumer = self._open_consumer()
            return Bounds(consumer.beginning_offsets([where])[where], consumer.end_offsets([where])[where])
        except _FAILURES as error:
            raise self._failed(error) from error

    def end_offsets(self, partitions: Collection[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Where the logs of several partitions end now."""
        try:
            ends = self._open_consumer().end_offsets([TopicPartition(*where) for where in partitions])
        except _FAILURES as error:
            raise self._failed(error) from error
        return {(where.topic, where.partition): int(end) for where, end in ends.items()}

    def next_record_offset(self, topic: str, partition: int, offset: int) -> int | None:
        """Offset of the first record at or after ``offset``, as the broker itself gives it; ``None`` if none came."""
        where = TopicPartition(topic, partition)
        # A consumer of its own: after ``assign`` it knows this topic only, and its ``end_offsets`` of others fail.
        reading: KafkaConsumer | None = None
        try:
            self._reach()
            reading = self._new_consumer()
            reading.assign([where])
            reading.seek(where, offset)
            for records in reading.poll(timeout_ms=int(_PROBE_SECONDS * 1000), max_records=1).values():
                return int(records[0].offset)
        except _FAILURES as error:
            raise self._failed(error) from error
        finally:
            if reading is not None:
                reading.close()
        return None

    def _open_consumer(self) -> KafkaConsumer:
        if self._consumer is None:
            self._reach()
            self._consumer = self._new_consumer()
        return self._consumer

    def _new_consumer(self) -> KafkaConsumer:
        return KafkaConsumer(
            **self._options, group_id=None, enable_auto_commit=False, request_timeout_ms=int(_PROBE_SECONDS * 1000)
        )
