"""The events of the simulated centre, and sending them to a broker as fast as it takes them."""

from __future__ import annotations

import gc
import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from confluent_kafka import KafkaError, Message, Producer

from pipeline.contract.topics import TOPICS
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.disturb import Record, to_record
from pipeline.simulate.simulation import simulate

_SEED = 1
#: The replayed log begins at this hour, so that it is the same load whatever the hour at which it is measured,
_FIRST_HOUR = 8
#: and at least this long ago, so that it ends before now.
_STARTED_AGO = timedelta(hours=12)


def simulated_records(count: int, centre_scale: float) -> list[Record]:
    """The first ``count`` records of the demo's centre at ``centre_scale`` times its size, in the order of time."""
    latest = datetime.now(UTC) - _STARTED_AGO
    start = latest.replace(hour=_FIRST_HOUR, minute=0, second=0, microsecond=0)
    if start > latest:
        start -= timedelta(days=1)
    events = simulate(default_centre(centre_scale), _SEED, start, math.inf)
    return [to_record(event) for event in islice(events, count)]


def producer(bootstrap: str, **options: Any) -> Producer:
    """A confluent-kafka producer that sends each key where every other client would."""
    return Producer(
        {
            "bootstrap.servers": bootstrap,
            "partitioner": "murmur2_random",
            "compression.type": next(iter(TOPICS.values())).compression,
            "acks": "all",
            "queue.buffering.max.messages": 2_000_000,
            "queue.buffering.max.kbytes": 2_000_000,
            **options,
        }
    )


class Delivered:
    """Counts what the broker has acknowledged, by topic and partition."""

    def __init__(self) -> None:
        self.by_partition: Counter[tuple[str, int]] = Counter()
        self.failed = 0

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        """librdkafka's delivery report."""
        if error is None:
            self.by_partition[str(message.topic()), int(message.partition() or 0)] += 1
        else:
            self.failed += 1


def preload(bootstrap: str, records: list[Record]) -> dict[tuple[str, int], int]:
    """Write all records; returns how many the broker acknowledged by topic and partition."""
    client = producer(bootstrap, **{"linger.ms": 50, "batch.num.messages": 5_000})
    delivered = Delivered()
    gc.disable()  # nothing here makes cycles, and a collection would visit every record
    try:
        for number, record in enumerate(records):
            client.produce(record.topic, record.value, record.key, on_delivery=delivered)
            if not number % 10_000:
                client.poll(0)
        waiting = client.flush(120)
    finally:
        gc.enable()
    if waiting or delivered.failed:
        raise RuntimeError(f"the broker did not take {waiting + delivered.failed} of {len(records)} records")
    return dict(delivered.by_partition)
