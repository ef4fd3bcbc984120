"""Giving a simulated stream out at the pace of a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from pipeline.clock import Clock
from pipeline.simulate.disturb import Record

#: A stop is noticed within this time even when nothing is due.
LONGEST_SLEEP_SECONDS = 0.25


def live_start(now: datetime, hours: float | None, speed: float) -> datetime:
    """The simulated start for which a run of ``hours`` at ``speed`` ends exactly at the present.

    At speed 1 that is now. At speed 10 an hour takes six minutes, so it starts 54 minutes ago: its event times run ten
    times as fast as the clock and meet it at the end. Speed 0 (no pacing) ends now. An endless run (``hours`` None)
    starts now; to give it a past, choose an earlier start: it catches up at ``speed`` and then goes on in real time.
    """
    whole = now.replace(microsecond=0)
    if hours is None or speed == 1:
        return whole
    took = 0.0 if speed == 0 else hours / speed
    return whole - timedelta(hours=max(0.0, hours - took))


def play(
    records: Iterable[Record],
    speed: float,
    clock: Clock,
    start: datetime,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Record]:
    """The records in the order given, each when its moment has come.

    A record that is due ``d`` after the simulated ``start`` is given out ``d / speed`` after the first was asked for
    (``speed`` 0: at once), but never before the clock has reached the event's own time: an event from the future would
    be refused. So a run that started in the past catches up with the present and then goes on in real time. When the
    reader is too slow nothing is skipped. Once ``stopped()`` is true the rest is given out without waiting.
    """
    began_seconds = clock.monotonic()
    for record in records:
        while not stopped():
            wait_seconds = (record.time - clock.now()).total_seconds()
            if speed > 0:
                paced_seconds = (record.due - start).total_seconds() / speed
                wait_seconds = max(wait_seconds, began_seconds + paced_seconds - clock.monotonic())
            if wait_seconds <= 0:
                break
            clock.sleep(min(wait_seconds, LONGEST_SLEEP_SECONDS))
        yield record
