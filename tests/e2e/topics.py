"""Records sent to the broker as bytes, valid or not, and what the topics hold."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from kafka import KafkaConsumer, TopicPartition

from pipeline.clock import SystemClock
from pipeline.contract.decode import decode
from pipeline.contract.events import record_key
from pipeline.contract.rejects import Rejection
from pipeline.contract.topics import TOPICS
from pipeline.producers.publisher import Publisher
from pipeline.transport.topics import ensure_topics

PARTITIONS = [TopicPartition(topic.name, number) for topic in TOPICS.values() for number in range(topic.partitions)]


def create_topics(bootstrap: str) -> None:
    """The contract's topics."""
    ensure_topics({"bootstrap_servers": [bootstrap]})


def send(bootstrap: str, records: Iterable[tuple[str, bytes | None, bytes | None]]) -> int:
    """Send (topic, key, value) and wait for the acknowledgements; returns how many."""
    count = 0
    with Publisher({"bootstrap_servers": [bootstrap]}, SystemClock()) as publisher:
        for topic, key, value in records:
            publisher.publish_raw(topic, key, value)
            count += 1
    return count


def send_lines(bootstrap: str, lines: Iterable[bytes]) -> int:
    """Send event lines under their keys; a line that is no event goes to ``calls`` under a key of its own."""
    return send(bootstrap, map(_routed, lines))


def _routed(line: bytes) -> tuple[str, bytes | None, bytes]:
    event = decode(line, SystemClock().now())
    return ("calls", b"bad", line) if isinstance(event, Rejection) else (event.topic, record_key(event), line)


def end_offsets(bootstrap: str) -> dict[tuple[str, int], int]:
    """(topic, partition) -> the offset after the last record."""
    with closing(KafkaConsumer(bootstrap_servers=bootstrap)) as consumer:
        return {(tp.topic, tp.partition): end for tp, end in consumer.end_offsets(PARTITIONS).items()}
