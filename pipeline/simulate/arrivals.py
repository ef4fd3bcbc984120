"""When contacts arrive: a Poisson process whose rate follows the hours of the site's day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

MICROSECONDS = 1_000_000
#: Every zone's offset from UTC is a multiple of this, so an hour of any site begins at one of these steps.
STEP_SECONDS = 15 * 60


def arrival_times(rates: tuple[float, ...], zone: ZoneInfo, start: datetime, rng: Random) -> Iterator[int]:
    """Endless arrival times in microseconds after ``start``, rising.

    ``rates`` are the 24 mean arrivals per hour of the site's day. Within a quarter of an hour the rate is constant, and
    the process has no memory, so starting afresh at each quarter is exact.
    """
    origin_seconds = start.timestamp()
    step = int(origin_seconds) // STEP_SECONDS
    now_seconds = origin_seconds
    while True:
        step_end_seconds = float((step + 1) * STEP_SECONDS)
        rate = rates[datetime.fromtimestamp(step * STEP_SECONDS, UTC).astimezone(zone).hour] / 3600
        while rate > 0:
            now_seconds += rng.expovariate(rate)
            if now_seconds >= step_end_seconds:
                break
            yield round((now_seconds - origin_seconds) * MICROSECONDS)
        now_seconds = step_end_seconds
        step += 1
