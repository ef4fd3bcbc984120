"""A producer with a spool is killed at random while its broker comes and goes: nothing is lost, and all is in order."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from pipeline.clock import ManualClock
from pipeline.contract.topics import TOPICS
from pipeline.store.process import FileProcessor
from pipeline.store.reader import run_query
from pipeline.store.verify import verify
from tests.producers.spool_child import CONTACTS
from tests.support.link import LinkedBroker

pytestmark = [pytest.mark.broker, pytest.mark.thorough, pytest.mark.timeout(240)]

ROOT = Path(__file__).parents[2]
CRASHES = 8


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[LinkedBroker]:
    with LinkedBroker(tmp_path / "broker") as running:
        with closing(KafkaAdminClient(bootstrap_servers=running.bootstrap)) as admin:
            admin.create_topics([NewTopic(topic.name, topic.partitions, 1) for topic in TOPICS.values()])
        yield running


def start(spool: Path, servers: str, first: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.producers.spool_child", str(spool), servers, str(first), str(count)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def log_of(broker: LinkedBroker) -> dict[int, list[bytes]]:
    """Every value of the topic of calls, by partition, in the order of the log."""
    found: dict[int, list[bytes]] = {}
    with closing(KafkaConsumer(bootstrap_servers=broker.bootstrap)) as consumer:
        partitions = [TopicPartition("calls", number) for number in range(TOPICS["calls"].partitions)]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        consumer.seek_to_beginning(*partitions)
        # The embedded broker gives the beginning of its last batch as the end of a log: what follows is read, too.
        more = True
        while more or any(consumer.position(partition) < end for partition, end in ends.items()):
            polled = consumer.poll(timeout_ms=1000)
            more = bool(polled)
            for partition, records in polled.items():
                found.setdefault(partition.partition, []).extend(record.value for record in records)
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_taken_arrives_in_order_whatever_dies(broker: LinkedBroker, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    spool = tmp_path / "spool.db"
    outages = 0
    taken = 0  # numbers below this were acknowledged by the library
    for _ in range(CRASHES):
        child = start(spool, broker.bootstrap, taken, 1_000_000)
        assert child.stdout is not None
        deadline = time.monotonic() + chance.uniform(0.05, 1.2)
        while time.monotonic() < deadline:
            if chance.random() < 0.02:
                goes = chance.random() < 0.5
                (broker.link.down if goes else broker.link.up)()
                outages += goes
            taken = int(child.stdout.readline()) + 1
        child.send_signal(signal.SIGKILL)
        # What it said before it died was taken, too; half a line was not said.
        rest = child.stdout.read().splitlines(keepends=True)
        taken = max([taken, *(int(line) + 1 for line in rest if line.endswith("\n"))])
        child.wait()
        child.stdout.close()
    assert outages
    broker.link.up()
    last = start(spool, broker.bootstrap, 0, 0)
    output, _ = last.communicate(timeout=90)
    assert (last.returncode, output) == (0, "empty\n")

    log = log_of(broker)
    values = [value for partition in log.values() for value in partition]
    numbers = {partition: [int(msgspec.json.decode(v)["data"]["segment"]) for v in log[partition]] for partition in log}
    distinct = {number for found in numbers.values() for number in found}
    # One more than was acknowledged may be there after each crash, but the next producer said the same again.
    assert set(range(taken)) <= distinct <= set(range(taken + 1))
    for contact in range(CONTACTS):
        of_key = [n for found in numbers.values() for n in found if n % CONTACTS == contact]
        first_seen = list(dict.fromkeys(of_key))
        assert first_seen == sorted(first_seen)

    with FileProcessor(tmp_path / "store", ManualClock(datetime(2026, 4, 1, tzinfo=UTC))) as processor:
        done = processor.process(values)
    assert (done.stored, done.stored + done.duplicates, done.rejected) == (len(distinct), len(values), 0)
    _, rows = run_query(tmp_path / "store", "SELECT sum(conflicting::INT) FROM duplicates")
    assert rows in ([(0,)], [(None,)])
    assert verify(tmp_path / "store").ok
    print(f"{taken} taken, {len(values)} sent, {done.duplicates} duplicates")
