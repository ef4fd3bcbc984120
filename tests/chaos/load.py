"""The load: a simulated centre, disturbed, published at a steady rate until SIGTERM.

``python -m tests.chaos.load SERVERS SEED RATE DAYS FOLDER`` plays that many past days, and at the end writes into
FOLDER ``manifest.json`` (the truth) and ``acknowledged.json`` (records that the broker has acknowledged, by topic and
partition).
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from pipeline.clock import SystemClock
from pipeline.producers.publisher import Publisher
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.disturb import Disturbance
from pipeline.simulate.run import Plan, run

DISTURBANCE = Disturbance(duplicates=0.03, shuffle_seconds=120.0, late=0.01, late_seconds=900.0, bad=0.004)
#: A centre so small that at 800 records a second a midnight comes each half minute, and a day is sealed.
SCALE = 0.2
#: About what it has in a day.
RECORDS_A_DAY = 26_000
_CHECK_EVERY = 20


class Pace:
    """Holds the caller back to ``rate`` calls a second; after a hold-up it catches up no faster than twice that."""

    def __init__(self, rate: float, stopped: Callable[[], bool]) -> None:
        self._rate, self._stopped = rate, stopped
        self._calls = 0
        self._due = time.monotonic()

    def __call__(self) -> None:
        self._calls += 1
        if self._calls % _CHECK_EVERY or self._stopped():
            return
        now = time.monotonic()
        self._due = max(self._due + _CHECK_EVERY / self._rate, now - _CHECK_EVERY / self._rate)
        if self._due > now:
            time.sleep(self._due - now)


def main() -> None:
    servers, seed, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    days, folder = int(sys.argv[4]), Path(sys.argv[5])
    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stop.append(number))
    clock = SystemClock()
    start = (clock.now() - timedelta(days=days + 1)).replace(hour=6, minute=0, second=0, microsecond=0)
    plan = Plan(seed, 24.0 * days, start, 0.0, DISTURBANCE, default_centre(SCALE))
    pace = Pace(rate, lambda: bool(stop))
    with Publisher({"bootstrap_servers": [servers]}, clock) as publisher:

        def sink(topic: str, key: bytes, value: bytes) -> None:
            pace()
            publisher.publish_raw(topic, key, value)

        run(plan, sink, clock, folder / "manifest.json", stopped=lambda: bool(stop))
        publisher.flush()
        acknowledged = [[*where, number] for where, number in sorted(publisher.acknowledged.items())]
    (folder / "acknowledged.json").write_text(json.dumps(acknowledged))


if __name__ == "__main__":
    main()
