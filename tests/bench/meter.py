"""Time and CPU between two moments: of the consumers, of the broker, and of everybody else on the machine."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import psutil

from tests.bench.child import cpu_seconds


@dataclass(frozen=True, slots=True)
class Reading:
    """Seconds so far."""

    wall: float
    consumers: float
    broker: float
    bench: float
    machine: float


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds between two readings. ``other_cpu``: the machine's other tenants; much of it spoils a measurement."""

    wall_seconds: float
    consumer_cpu_seconds: float
    broker_cpu_seconds: float
    other_cpu_seconds: float

    def per_second(self, events: int) -> dict[str, Any]:
        """The figures of a replay of ``events``."""
        return {
            "events": events,
            **{name: round(value, 3) for name, value in asdict(self).items()},
            "events_per_second": round(events / self.wall_seconds),
            "events_per_cpu_second": round(events / self.consumer_cpu_seconds),
        }


class Meter:
    """Reads the clocks of the consumers, the broker, and the bench itself (``helpers``: its sender and its reader)."""

    def __init__(self, consumers: list[int], broker: int, helpers: Iterable[int] = ()) -> None:
        self._consumers, self._broker, self._bench = consumers, broker, [os.getpid(), *helpers]

    def read(self) -> Reading:
        """All clocks, now."""
        busy = psutil.cpu_times()
        return Reading(
            time.monotonic(),
            sum(cpu_seconds(pid) for pid in self._consumers),
            cpu_seconds(self._broker),
            sum(cpu_seconds(pid) for pid in self._bench),
            busy.user + busy.system + busy.nice,
        )


def spent(start: Reading, end: Reading) -> Spent:
    """What lies between."""
    consumers, broker = end.consumers - start.consumers, end.broker - start.broker
    ours = consumers + broker + end.bench - start.bench
    return Spent(
        end.wall - start.wall,
        consumers,
        broker,
        max(0.0, end.machine - start.machine - ours),
    )
