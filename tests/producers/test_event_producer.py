"""The producer library and its spool against a broker that can be taken away."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from pipeline.contract.decode import decode
from pipeline.contract.events import Event, record_key
from pipeline.contract.topics import TOPICS, partition_for
from pipeline.errors import CallboardError
from pipeline.producers import (
    Delivery,
    EventProducer,
    InvalidEventError,
    Spool,
    SpoolBusyError,
    SpoolFullError,
    SpoolSink,
)
from pipeline.producers.spool_file import SpoolFile
from tests.producers.test_spool_crash import log_of
from tests.strategies import example, line
from tests.support.link import LinkedBroker
from tests.support.ports import free_port

# kafka-python leaves the sockets of refused connections to the collector.
pytestmark = [pytest.mark.broker, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NOBODY = {"bootstrap_servers": "127.0.0.1:1"}


@pytest.fixture(autouse=True)
def refused_connections(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Their sockets are collected here, where that is known; a captured log line would keep them alive until later."""
    caplog.set_level(logging.CRITICAL, logger="kafka")
    yield
    gc.collect()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[LinkedBroker]:
    with LinkedBroker(tmp_path / "broker") as running:
        with closing(KafkaAdminClient(bootstrap_servers=running.bootstrap)) as admin:
            admin.create_topics([NewTopic(topic.name, topic.partitions, 1) for topic in TOPICS.values()])
        yield running


@pytest.fixture
def nobody() -> dict[str, Any]:
    """A connection to a port where nobody listens."""
    return {"bootstrap_servers": f"127.0.0.1:{free_port()}", "bootstrap_timeout_ms": 200}


def event(number: int, **changes: Any) -> Event:
    made = decode(line(example(id=str(number), data_segment=str(number), **changes)), datetime.now(UTC))
    assert not hasattr(made, "reason")
    return made  # type: ignore[return-value]


def values_of(broker: LinkedBroker) -> list[bytes]:
    return [value for values in log_of(broker).values() for value in values]


@pytest.mark.parametrize("spooled", [False, True])
def test_each_event_is_reported_where_kafka_has_it(broker: LinkedBroker, tmp_path: Path, spooled: bool) -> None:
    told: list[Delivery] = []
    spool = tmp_path / "spool.db" if spooled else None
    connection = {"bootstrap_servers": broker.bootstrap}
    with EventProducer("acme/pbx-1", spool=spool, connection=connection, on_delivery=told.append) as centre:
        call = centre.contact("acme", "c-1")
        said = [call.started(AT), call.queued(AT, segment="1", queue="sales"), call.abandoned(AT, segment="1")]
        said += [
            centre.agent("acme", "a-1").signed_in(AT),
            centre.system("acme").noticed(AT, adapter="pbx", kind="gap", name="restart"),
        ]
        centre.flush(30)
        status = centre.spool_status
    assert (status is not None) == spooled
    assert status is None or (status.waiting_events, status.last_error) == (0, None)
    assert {(done.source, done.id) for done in told} == {(each.source, each.id) for each in said}
    assert all(done.error is None for done in told)
    by_id = {done.id: done for done in told}
    for each in said:
        topic = TOPICS[each.topic]
        assert (by_id[each.id].topic, by_id[each.id].partition) == (
            topic.name,
            partition_for(record_key(each), topic.partitions),
        )
    of_call = [by_id[each.id].offset for each in said[:3]]
    assert of_call == [0, 1, 2]


def test_without_a_spool_a_failed_delivery_is_told_and_raised(broker: LinkedBroker) -> None:
    told: list[Delivery] = []
    connection = {
        "bootstrap_servers": broker.bootstrap,
        "request_timeout_ms": 1000,
        "delivery_timeout_ms": 2000,
        "max_block_ms": 2000,
    }
    with pytest.raises(CallboardError, match="publishing again is safe"):
        with EventProducer("acme/pbx-1", connection=connection, on_delivery=told.append) as centre:
            call = centre.contact("acme", "c-1")
            call.started(AT)
            centre.flush()
            broker.link.down()
            lost = call.queued(AT, segment="1", queue="sales")
    assert [done.error is None for done in told] == [True, False]
    assert told[1].id == lost.id


def test_what_a_closed_publisher_had_not_delivered_is_not_sent_later(broker: LinkedBroker) -> None:
    """kafka-python's sender went on after its producer was closed, and sent when the broker came back."""
    with pytest.raises(KeyboardInterrupt):
        with EventProducer("acme/pbx-1", connection={"bootstrap_servers": broker.bootstrap}) as centre:
            call = centre.contact("acme", "c-1")
            call.started(AT)
            centre.flush()
            broker.link.down()
            call.queued(AT, segment="1", queue="sales")
            raise KeyboardInterrupt
    broker.link.up()
    time.sleep(3)
    assert len(values_of(broker)) == 1
    assert not [thread for thread in threading.enumerate() if "kafka" in thread.name.lower()]


def test_an_outage_is_waited_for_and_the_order_kept(broker: LinkedBroker, tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.db", {"bootstrap_servers": broker.bootstrap}) as spool:
        spool.publish(event(0))
        spool.flush(30)
        broker.link.down()
        for number in range(1, 40):
            spool.publish(event(number))
        with pytest.raises(CallboardError, match="39 events are not in Kafka yet.*kept in .*spool.db"):
            spool.flush(0.5)
        broker.link.up()
        spool.flush(60)
    decoded = [decode(value, datetime.now(UTC)) for value in values_of(broker)]
    ids = [each.id for each in decoded if not hasattr(each, "reason")]
    assert list(dict.fromkeys(ids)) == [str(number) for number in range(40)]


def test_a_broker_that_lost_its_log_gets_what_it_had_not_acknowledged(broker: LinkedBroker, tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.db", {"bootstrap_servers": broker.bootstrap}) as spool:
        spool.publish(event(0))
        spool.flush(30)
        broker.kill()
        spool.publish_many([event(number) for number in range(1, 20)])
        broker.start()
        with closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
            admin.create_topics([NewTopic(topic.name, topic.partitions, 1) for topic in TOPICS.values()])
        spool.flush(60)
    assert len(set(values_of(broker))) == 19


def test_the_next_process_sends_what_this_one_could_not(
    broker: LinkedBroker, nobody: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "deep" / "spool.db"
    with Spool(file, nobody) as spool:
        spool.publish_many([event(number) for number in range(5)])
        assert spool.status.waiting_events == 5
        spool.close(timeout_seconds=0.1)
    with pytest.raises(CallboardError, match="is closed"):
        spool.publish(event(9))
    told: list[Delivery] = []
    with Spool(file, {"bootstrap_servers": broker.bootstrap}, on_delivery=told.append) as spool:
        spool.flush(30)
        assert spool.status.waiting_bytes == 0
    assert [done.id for done in told] == [str(number) for number in range(5)]


def test_one_process_at_a_time_has_a_spool(nobody: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "spool.db"
    with SpoolFileOfAnotherProcess(file), pytest.raises(SpoolBusyError, match="a spool of its own"):
        Spool(file, nobody)
    Spool(file, nobody).close(0)


class SpoolFileOfAnotherProcess:
    """Holds a spool's file in a child, until the child is killed."""

    def __init__(self, file: Path) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._taken = self._context.Event()
        self._child = self._context.Process(target=_hold, args=(file, self._taken), daemon=True)

    def __enter__(self) -> None:
        self._child.start()
        assert self._taken.wait(30)

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.join()


def _hold(file: Path, taken: Any) -> None:
    SpoolFile(file)
    taken.set()
    time.sleep(60)


def test_a_full_spool_holds_back_and_then_says_so(nobody: dict[str, Any], tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.db", nobody, max_bytes=1000, block_seconds=0.5) as spool:
        spool.publish(event(0))
        spool.publish(event(1))
        before = time.monotonic()
        with pytest.raises(SpoolFullError, match="is full .3 events wait for Kafka.*was not taken"):
            for number in range(2, 9):
                spool.publish(event(number))
        assert time.monotonic() - before >= 0.5
        waiting = spool.status
        assert waiting.waiting_bytes <= 1000
        spool.close(0)


def test_a_full_spool_takes_more_as_soon_as_kafka_is_back(broker: LinkedBroker, tmp_path: Path) -> None:
    broker.link.down()
    connection = {"bootstrap_servers": broker.bootstrap, "bootstrap_timeout_ms": 500}
    with Spool(tmp_path / "spool.db", connection, max_bytes=1000, block_seconds=60) as spool:
        timer = threading.Timer(1.5, broker.link.up)
        timer.start()
        for number in range(12):
            spool.publish(event(number))
        spool.flush(30)
        timer.join()
    assert len(set(values_of(broker))) == 12


def test_a_disk_that_is_full_is_said_and_nothing_is_half_taken(tmp_path: Path) -> None:
    file = SpoolFile(tmp_path / "spool.db")
    file.append([("calls", b"k", b"v")])
    con: sqlite3.Connection = vars(file)["_con"]
    con.execute("PRAGMA max_page_count = 4")
    with pytest.raises(SpoolFullError, match="disk of the spool .* is full"):
        file.append([("calls", b"k", b"v" * 3000) for _ in range(10)])
    con.execute("PRAGMA max_page_count = 1000000")
    assert file.records == 1
    file.append([("calls", b"k", b"w")])
    assert [record.value for record in file.after(0, 10, 100)] == [b"v", b"w"]
    file.close()


def test_what_is_no_spool_is_left_alone(nobody: dict[str, Any], tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database, but long enough to be looked at. " * 50)
    with pytest.raises(CallboardError, match="cannot be used|is no spool"):
        Spool(text, nobody)
    assert text.read_text().startswith("not a database")
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as con:
        con.execute("CREATE TABLE mine (x)")
    with pytest.raises(CallboardError, match="is no spool"):
        Spool(other, nobody)


def test_others_may_not_read_a_spool_and_sent_events_are_wiped(broker: LinkedBroker, tmp_path: Path) -> None:
    file = tmp_path / "spool.db"
    with Spool(file, {"bootstrap_servers": broker.bootstrap}) as spool:
        spool.publish(event(0, data_interaction="canary-of-the-spool"))
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        spool.flush(30)
    assert b"canary-of-the-spool" not in b"".join(found.read_bytes() for found in tmp_path.glob("spool.db*"))


def test_a_refused_event_is_not_kept(nobody: dict[str, Any], tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.db", nobody) as spool:
        with pytest.raises(InvalidEventError, match="in the future"):
            spool.publish_many([event(0), _later(event(1))])
        assert spool.status.waiting_events == 0


def _later(made: Event) -> Event:
    import msgspec

    return msgspec.structs.replace(made, time=datetime.now(UTC) + timedelta(days=1))


def test_as_a_sink_the_spool_writes_once_for_each_flush(nobody: dict[str, Any], tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.db", nobody) as spool:
        sink = SpoolSink(spool)
        for number in range(10):
            sink.publish(event(number))
        assert spool.status.waiting_events == 0
        sink.flush()
        sink.flush()
        assert spool.status.waiting_events == 10
        spool.close(0)


def test_many_threads_may_speak(broker: LinkedBroker, tmp_path: Path) -> None:
    with EventProducer(
        "acme/pbx-1", spool=tmp_path / "s.db", connection={"bootstrap_servers": broker.bootstrap}
    ) as centre:

        def speak(name: str) -> None:
            call = centre.contact("acme", name)
            for number in range(50):
                call.queued(AT + timedelta(seconds=number), segment=str(number), queue="sales")

        threads = [threading.Thread(target=speak, args=(f"c-{number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        centre.flush(30)
    assert len(set(values_of(broker))) == 200
