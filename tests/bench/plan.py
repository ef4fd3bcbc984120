"""How much is measured, and against which broker.

``BENCH_SCALE=0.05`` is a trial run, ``BENCH_BROKER=kafka`` takes Apache Kafka in place of the embedded broker.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

#: Scale of the simulated centre for the replay: about 430,000 events in six hours.
REPLAY_CENTRE = 8.0
#: For the latency: a centre in which 2,000 events a second last 16 times shorter than real contacts do, not 100 times.
LATENCY_CENTRE = 50.0
#: Most records of one transaction, of the floor as of the worker.
BATCH_EVENTS = 5_000
#: A frozen consumer must stay a member of its group while the log is written.
SESSION_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one run."""

    scale: float
    #: ``embedded`` or ``kafka``.
    broker: str
    replay_events: int
    #: Stock Faust is slow: it gets a part from the middle of the log, whose beginning is half agents' plans.
    stock_events: int
    latency_events_per_second: int
    #: Load before the measuring starts: first batches, first files.
    latency_warm_seconds: float
    latency_seconds: float


def plan_from_environment() -> Plan:
    """The plan of this run."""
    scale = float(os.environ.get("BENCH_SCALE", "1"))
    broker = os.environ.get("BENCH_BROKER", "embedded")
    if broker not in {"embedded", "kafka"} or not 0 < scale <= 10:
        raise ValueError("BENCH_BROKER is embedded or kafka, BENCH_SCALE a number above 0, at most 10")
    return Plan(
        scale=scale,
        broker=broker,
        replay_events=int(400_000 * scale),
        stock_events=max(3_000, int(120_000 * min(scale, 1))),
        latency_events_per_second=2_000,
        latency_warm_seconds=5.0,
        latency_seconds=max(8.0, 60.0 * scale),
    )
