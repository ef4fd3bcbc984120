"""The open-loop load: events leave when the clock says so, whatever became of the ones before.

``python -m tests.bench.sender BOOTSTRAP PER_SECOND EVENTS``: prints ``ready``, waits for a line, sends, prints a JSON
line. An event's ``time`` is the moment at which it was due, so a late sender makes the latency longer, not shorter.
"""

from __future__ import annotations

import gc
import sys
import time
from datetime import UTC, datetime

import msgspec

from pipeline.simulate.disturb import Record
from tests.bench.load import Delivered, producer, simulated_records
from tests.bench.plan import LATENCY_CENTRE

_MEMBER = b'"time":"'
_LONGEST_SLEEP_SECONDS = 0.002


def halves(record: Record) -> tuple[bytes, bytes]:
    """An event's JSON before and after the value of its time."""
    before, member, rest = record.value.partition(_MEMBER)
    return before + member, rest[rest.index(b'"') :]


def stamp(wall_seconds: float) -> bytes:
    """RFC 3339 to the microsecond."""
    return datetime.fromtimestamp(wall_seconds, UTC).isoformat(timespec="microseconds").encode()


def main(bootstrap: str, per_second: int, events: int) -> None:
    """Send ``events`` events."""
    records = [(r.topic, r.key, *halves(r)) for r in simulated_records(events, LATENCY_CENTRE)]
    client = producer(bootstrap, **{"linger.ms": 2})
    for topic in {topic for topic, *_ in records}:
        client.list_topics(topic, 10)  # so that the first event does not wait for the topic's leaders
    delivered = Delivered()
    gc.disable()
    print("ready", flush=True)
    sys.stdin.readline()
    base, wall_base = time.monotonic(), time.time()
    latest_start = 0.0
    for number, (topic, key, before, after) in enumerate(records):
        due = number / per_second
        while (ahead := due - (time.monotonic() - base)) > 0:
            client.poll(0)
            time.sleep(min(ahead, _LONGEST_SLEEP_SECONDS))
        latest_start = max(latest_start, -ahead)
        client.produce(topic, before + stamp(wall_base + due) + after, key, on_delivery=delivered)
    lost = client.flush(60) + delivered.failed
    partitions = [[topic, partition, count] for (topic, partition), count in delivered.by_partition.items()]
    result = {
        "base_monotonic_seconds": base,
        "base_wall_seconds": wall_base,
        "lost": lost,
        "latest_start_seconds": latest_start,
        "partitions": partitions,
    }
    print("result " + msgspec.json.encode(result).decode(), flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
