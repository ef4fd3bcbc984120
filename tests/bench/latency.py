"""From the moment an event is due to the moment a reader has it in an answer, under a load that never waits."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from tests.bench.brokers import fresh_broker
from tests.bench.child import Child
from tests.bench.meter import Meter, spent
from tests.bench.plan import Plan
from tests.bench.reader import Sighting
from tests.bench.watch import LiveFile, wait_until_stored
from tests.bench.workers import assert_conserved, ready_workers

_MEGABYTE = 1024 * 1024


def measure_latency(plan: Plan, folder: Path) -> dict[str, Any]:
    """One worker, the sender and the reader, each a process of its own."""
    store = folder / "store"
    rate = plan.latency_events_per_second
    events = round(rate * (plan.latency_warm_seconds + plan.latency_seconds))
    with (
        fresh_broker(plan.broker, folder) as broker,
        ready_workers(broker, store, 1) as workers,
        Child("tests.bench.sender", broker.bootstrap, str(rate), str(events)) as sender,
        Child("tests.bench.reader", str(store), str(folder / "sightings.json")) as reader,
    ):
        sender.wait_for_line("ready")
        reader.wait_for_line("ready")
        meter = Meter(workers.pids, broker.pid, [sender.pid, reader.pid])
        start = meter.read()
        sender.go()
        line = sender.wait_for_line("result ", plan.latency_warm_seconds + plan.latency_seconds + 120)
        load = spent(start, meter.read())
        sent = msgspec.json.decode(line.removeprefix("result "))
        assert not sent["lost"], f"the broker did not take {sent['lost']} events"
        wait_until_stored(store, events, workers.check, lambda: None, 60)
        time.sleep(1)  # the reader, too, sees the last swap
        reader.go()
        reader.wait_for_line("done")
        assert_conserved(store, {(topic, partition): count for topic, partition, count in sent["partitions"]})
        (peak,) = workers.peak_bytes()
        due = LiveFile(store).ask('SELECT topic, "partition", "offset", epoch_us(time) FROM events')
        sightings = msgspec.json.decode((folder / "sightings.json").read_bytes(), type=list[Sighting])
    offset = sent["base_monotonic_seconds"] - sent["base_wall_seconds"]
    from_seconds = sent["base_monotonic_seconds"] + plan.latency_warm_seconds
    seconds = latencies(((t, p, o, time_us / 1e6 + offset) for t, p, o, time_us in due), sightings, from_seconds)
    return {
        "events_per_second": rate,
        "seconds": plan.latency_seconds,
        "events": len(seconds),
        **{f"p{share}_seconds": round(float(np.percentile(seconds, share)), 3) for share in (50, 90, 99)},
        "max_seconds": round(float(seconds.max()), 3),
        "readings": len(sightings),
        "reading_p50_seconds": round(float(np.median([s.seen_seconds - s.asked_seconds for s in sightings])), 4),
        "latest_send_seconds": round(sent["latest_start_seconds"], 4),
        "other_cores": round(load.other_cpu_seconds / load.wall_seconds, 3),
        "worker_cores": round(load.consumer_cpu_seconds / load.wall_seconds, 3),
        "broker_cores": round(load.broker_cpu_seconds / load.wall_seconds, 3),
        "peak_megabytes": round(peak / _MEGABYTE),
    }


def latencies(
    due: Iterable[tuple[str, int, int, float]], sightings: list[Sighting], from_seconds: float
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Seconds from due to seen of each event (topic, partition, offset, due) that was due from ``from_seconds`` on.

    Offsets of a partition become readable in order, so an event is seen by the first sighting whose newest offset in
    its partition has reached it.
    """
    newest: dict[tuple[str, int], list[int]] = defaultdict(list)
    seen: dict[tuple[str, int], list[float]] = defaultdict(list)
    for sighting in sightings:
        for topic, partition, offset in sighting.newest:
            where = topic, partition
            if not newest[where] or offset > newest[where][-1]:
                newest[where].append(offset)
                seen[where].append(sighting.seen_seconds)
    found = []
    for topic, partition, offset, due_seconds in due:
        if due_seconds >= from_seconds:
            at = bisect_left(newest[topic, partition], offset)
            assert at < len(newest[topic, partition]), "an event was never seen by the reader"
            found.append(seen[topic, partition][at] - due_seconds)
    return np.array(found)
