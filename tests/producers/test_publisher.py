"""The publisher against a real broker: every delivery accounted for, memory bounded, failures said."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from pipeline.clock import ManualClock, SystemClock
from pipeline.contract.decode import decode
from pipeline.contract.events import Event, encode, record_key
from pipeline.contract.rejects import Rejection
from pipeline.contract.topics import TOPICS, partition_for, topic
from pipeline.errors import CallboardError
from pipeline.producers.publisher import Publisher
from tests.producers.conftest import NOW, ReadCsv
from tests.strategies import line
from tests.support.broker import EmbeddedBroker
from tests.support.details import detail_events
from tests.support.ports import free_port

pytestmark = pytest.mark.broker


@pytest.fixture
def events(read_csv: ReadCsv) -> list[Event]:
    rows = [f"{number},s,a,OK,10:{number % 60:02}:00,,11:00:00,11:05:00\n" for number in range(100)]
    return read_csv("".join(rows)).events


@pytest.fixture
def fresh_topic(kafka_servers: str, request: pytest.FixtureRequest) -> str:
    """A topic of the test's own with four partitions."""
    name = request.node.name.replace("[", "-").replace("]", "")
    with closing(KafkaAdminClient(bootstrap_servers=kafka_servers)) as admin:
        admin.create_topics([NewTopic(name, 4, 1)])
    return name


def consume(servers: str, name: str, expected: int) -> dict[int, list[tuple[bytes | None, bytes | None]]]:
    """Every (key, value) per partition."""
    found: dict[int, list[tuple[bytes | None, bytes | None]]] = {}
    settings = {"fetch_max_bytes": 64 << 20, "max_partition_fetch_bytes": 64 << 20}
    with closing(KafkaConsumer(bootstrap_servers=servers, **settings)) as consumer:
        partitions = [TopicPartition(name, number) for number in sorted(consumer.partitions_for_topic(name))]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        for _ in range(20):
            for partition, records in consumer.poll(timeout_ms=500).items():
                found.setdefault(partition.partition, []).extend((record.key, record.value) for record in records)
            if sum(map(len, found.values())) >= expected:
                break
    return found


@pytest.mark.parametrize("idempotent", [True, False])
def test_every_event_arrives_in_the_partition_of_its_key(
    kafka_servers: str, fresh_topic: str, events: list[Event], idempotent: bool
) -> None:
    records = [(record_key(event), encode(event)) for event in events]
    with Publisher({"bootstrap_servers": kafka_servers}, SystemClock(), idempotent=idempotent) as publisher:
        for key, value in records:
            publisher.publish_raw(fresh_topic, key, value)
    expected: dict[int, list[tuple[bytes, bytes]]] = {}
    for key, value in records:
        expected.setdefault(partition_for(key, 4), []).append((key, value))
    assert consume(kafka_servers, fresh_topic, len(records)) == expected
    counts = {(fresh_topic, partition): len(found) for partition, found in expected.items()}
    assert publisher.acknowledged == counts
    assert publisher.in_flight == 0


def test_an_event_goes_to_its_topic_under_its_key(kafka_servers: str, events: list[Event]) -> None:
    with Publisher({"bootstrap_servers": kafka_servers}, SystemClock()) as publisher:
        publisher.publish(events[0])
        publisher.flush()
        key = record_key(events[0])
        assert publisher.acknowledged == {("calls", partition_for(key, topic("calls").partitions)): 1}
    found = consume(kafka_servers, "calls", 1)
    assert [record for records in found.values() for record in records] == [(key, encode(events[0]))]


def test_a_contacts_events_go_to_the_topic_of_its_channel(kafka_servers: str) -> None:
    """One key, four channels and a plan: each arrives where the worker and ``callboard verify`` look for it."""
    now = datetime(2026, 4, 1, tzinfo=UTC)
    wanted: dict[tuple[str, int], list[tuple[bytes, bytes]]] = {}
    with Publisher({"bootstrap_servers": kafka_servers}, SystemClock()) as publisher:
        for detail in detail_events(4, datetime(2026, 3, 2, tzinfo=UTC), timedelta(hours=1), source="routed"):
            event = decode(line(detail), now)
            assert not isinstance(event, Rejection)
            publisher.publish(event)
            channel = detail["data"].get("channel")
            name = {"voice": "calls", "chat": "chats", "email": "emails", None: "agents"}[channel]
            key = record_key(event)
            wanted.setdefault((name, partition_for(key, topic(name).partitions)), []).append((key, encode(event)))
    assert {name for name, _ in wanted} == set(TOPICS)
    assert publisher.acknowledged == {where: len(found) for where, found in wanted.items()}
    for name in ("chats", "emails"):
        mine = {partition: found for (lies_in, partition), found in wanted.items() if lies_in == name}
        assert consume(kafka_servers, name, sum(map(len, mine.values()))) == mine


def test_an_event_that_a_worker_would_refuse_is_not_sent(kafka_servers: str, events: list[Event]) -> None:
    early = ManualClock(datetime(2020, 1, 1, tzinfo=UTC))
    # msgspec does not check what is built in Python: the publisher must.
    wrong = msgspec.structs.replace(events[0], source="")
    with Publisher({"bootstrap_servers": kafka_servers}, early) as publisher:
        with pytest.raises(CallboardError, match="implausible_time"):
            publisher.publish(events[0])
        with pytest.raises(CallboardError, match="schema"):
            publisher.publish(wrong)
    assert publisher.acknowledged == {}


def test_any_bytes_can_be_sent_raw_up_to_a_large_record(kafka_servers: str, fresh_topic: str) -> None:
    values = [b"", b"\xff", b"x" * (20 << 20)]
    with Publisher({"bootstrap_servers": kafka_servers}, SystemClock()) as publisher:
        for value in values:
            publisher.publish_raw(fresh_topic, b"k", value)
    assert consume(kafka_servers, fresh_topic, 3)[partition_for(b"k", 4)] == [(b"k", value) for value in values]


def test_what_is_in_flight_stays_within_its_limits(kafka_servers: str, fresh_topic: str) -> None:
    most = 0
    with Publisher(
        {"bootstrap_servers": kafka_servers}, SystemClock(), max_in_flight_records=50, max_in_flight_bytes=1000
    ) as publisher:
        for number in range(500):
            publisher.publish_raw(fresh_topic, b"%d" % number, b"x" * (97 if number < 250 else 1))
            most = max(most, publisher.in_flight)
            assert publisher.in_flight <= (10 if number < 250 else 50)
    assert most > 1
    assert sum(publisher.acknowledged.values()) == 500


def test_a_record_larger_than_a_request_is_refused_and_nothing_follows(kafka_servers: str, fresh_topic: str) -> None:
    publisher = Publisher({"bootstrap_servers": kafka_servers}, SystemClock())
    with pytest.raises(CallboardError, match=f"{fresh_topic}: a record is larger"), publisher:
        publisher.publish_raw(fresh_topic, b"k", b"x" * (33 << 20))
    with pytest.raises(CallboardError, match="a record is larger"):
        publisher.publish_raw(fresh_topic, b"k", b"small")
    assert publisher.acknowledged == {}


def test_a_topic_that_is_not_there_is_said(kafka_servers: str) -> None:
    settings = {"bootstrap_servers": kafka_servers, "max_block_ms": 1500}
    with pytest.raises(CallboardError, match="callboard doctor"), Publisher(settings, SystemClock()) as publisher:
        publisher.publish_raw("no-such-topic", b"k", b"v")
    with closing(KafkaAdminClient(bootstrap_servers=kafka_servers)) as admin:
        assert "no-such-topic" not in admin.list_topics(), "a misspelt topic is not made"


@pytest.fixture
def refused_connections(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """For a test in which connections are refused: kafka-python leaves the sockets of those to the collector.

    They are collected here, where that is known. A captured log line would keep them alive until later.
    """
    caplog.set_level(logging.CRITICAL, logger="kafka")
    yield
    gc.collect()


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.usefixtures("refused_connections")
def test_no_broker_is_said() -> None:
    settings = {"bootstrap_servers": f"127.0.0.1:{free_port()}", "bootstrap_timeout_ms": 500}
    with pytest.raises(CallboardError, match="no Kafka broker answers at 127.0.0.1.*callboard broker"):
        Publisher(settings, SystemClock())


def test_a_setting_that_kafka_does_not_know_is_said() -> None:
    with pytest.raises(CallboardError, match="the Kafka settings cannot be used.*batch_sise"):
        Publisher({"bootstrap_servers": "127.0.0.1:1", "batch_sise": 1}, SystemClock())


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.usefixtures("refused_connections")
def test_a_broker_that_goes_away_is_an_error_and_not_a_loss(tmp_path: Path) -> None:
    with EmbeddedBroker(tmp_path / "broker") as broker:
        with closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
            admin.create_topics([NewTopic("calls", 4, 1)])
        settings = {
            "bootstrap_servers": broker.bootstrap,
            "request_timeout_ms": 1000,
            "delivery_timeout_ms": 2500,
            "max_block_ms": 2000,
        }
        with pytest.raises(CallboardError, match="publishing again is safe"):
            with Publisher(settings, SystemClock()) as publisher:
                publisher.publish_raw("calls", b"k", b"arrives")
                publisher.flush()
                broker.kill()
                publisher.publish_raw("calls", b"k", b"does not")
        assert sum(publisher.acknowledged.values()) == 1


def test_times_are_judged_by_the_clock_given(events: list[Event], kafka_servers: str) -> None:
    with Publisher({"bootstrap_servers": kafka_servers}, ManualClock(NOW)) as publisher:
        publisher.publish(events[0])
        late = msgspec.structs.replace(events[0], time=NOW + timedelta(minutes=11))
        with pytest.raises(CallboardError, match="in the future"):
            publisher.publish(late)
