"""Replay: from a log that lies ready on the broker to events that are durable and readable, as fast as it goes."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from pipeline.simulate.disturb import Record
from tests.bench.brokers import fresh_broker
from tests.bench.child import Child, cpu_seconds, peak_rss_bytes
from tests.bench.load import preload
from tests.bench.meter import Meter, spent
from tests.bench.plan import Plan
from tests.bench.watch import wait_until_stored
from tests.bench.workers import SETTLE_SECONDS, Workers, assert_conserved, ready_workers

_MEGABYTE = 1024 * 1024
#: Slower than this many events a second is not a figure but a failure.
_SLOWEST = 500


def timeout_seconds(events: int) -> float:
    """When to give up."""
    return 30 + events / _SLOWEST


def replay_floor(plan: Plan, records: list[Record], folder: Path) -> dict[str, Any]:
    """The plain script, from its first request for events to its published files."""
    store = folder / "store"
    with (
        fresh_broker(plan.broker, folder) as broker,
        Child("tests.bench.floor", broker.bootstrap, str(store), str(len(records))) as script,
    ):
        preload(broker.bootstrap, records)
        script.wait_for_line("ready")
        meter = Meter([script.pid], broker.pid)
        start = meter.read()
        script.go()

        def at_swap() -> Any:
            return meter.read(), peak_rss_bytes(script.pid)

        end, peak = wait_until_stored(store, len(records), script.check, at_swap, timeout_seconds(len(records)))
        script.go()
    return {**spent(start, end).per_second(len(records)), "peak_megabytes": round(peak / _MEGABYTE)}


def replay_stock(plan: Plan, records: list[Record], folder: Path, loop: str, kept: str) -> dict[str, Any]:
    """Stock Faust on the middle of the log, frozen while that is written: until it is done with its last event."""
    first = max(0, (len(records) - plan.stock_events) // 2)
    part = records[first : first + plan.stock_events]
    arguments = (str(folder / "faust"), str(len(part)), loop, kept)
    with fresh_broker(plan.broker, folder) as broker, Child("tests.bench.stock", broker.bootstrap, *arguments) as stock:
        stock.wait_for_line("ready")
        time.sleep(SETTLE_SECONDS)
        stock.freeze()
        preload(broker.bootstrap, part)
        meter = Meter([stock.pid], broker.pid)
        start = meter.read()
        stock.thaw()
        line = stock.wait_for_line("result ", timeout_seconds(len(part)))
        end, clocks = meter.read(), msgspec.json.decode(line.removeprefix("result "))
        # By its own clocks, which are exact; those of the others are read up to 20 ms later.
        own = replace(end, wall=clocks["monotonic_seconds"], consumers=clocks["cpu_seconds"])
        peak = peak_rss_bytes(stock.pid)
    return {**spent(start, own).per_second(len(part)), "peak_megabytes": round(peak / _MEGABYTE)}


def replay_worker(plan: Plan, records: list[Record], folder: Path, processes: int) -> dict[str, Any]:
    """This worker, frozen while the log is written: from the moment it goes on until every event is readable."""
    store = folder / "store"
    with fresh_broker(plan.broker, folder) as broker, ready_workers(broker, store, processes) as workers:
        start_cpu = sum(cpu_seconds(pid) for pid in workers.pids)
        for child in workers.children:
            child.freeze()
        sent = preload(broker.bootstrap, records)
        meter = Meter(workers.pids, broker.pid)
        start = meter.read()
        for child in workers.children:
            child.thaw()
        end = wait_until_stored(store, len(records), workers.check, meter.read, timeout_seconds(len(records)))
        figures = spent(start, end).per_second(len(records))
        figures["peak_megabytes"] = [round(peak / _MEGABYTE) for peak in workers.peak_bytes()]
        assert_conserved(store, sent)
    return {**figures, "processes": processes, **_with_start(workers, start_cpu, figures)}


def _with_start(workers: Workers, start_cpu: float, figures: dict[str, Any]) -> dict[str, Any]:
    """The same figures with start-up and joining the group."""
    wall = figures["wall_seconds"] + workers.start_wall_seconds
    cpu = figures["consumer_cpu_seconds"] + start_cpu
    return {
        "start_seconds": round(workers.start_wall_seconds, 3),
        "start_cpu_seconds": round(start_cpu, 3),
        "with_start_events_per_second": round(figures["events"] / wall),
        "with_start_events_per_cpu_second": round(figures["events"] / cpu),
    }
