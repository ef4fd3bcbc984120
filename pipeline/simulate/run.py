"""One run of the simulated centre, from its plan to a sink: what the command ``callboard simulate`` calls."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.clock import Clock
from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.producers.eventfile import STANDARD_STREAM, write_values
from pipeline.simulate.centre import Centre
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.disturb import Disturbance, Record, disturb, to_record
from pipeline.simulate.manifest import Manifest
from pipeline.simulate.play import live_start, play
from pipeline.simulate.simulation import simulate

#: Receives each record: topic, key, value.
Sink = Callable[[str, bytes, bytes], None]

#: An event file has an end even if nobody says where.
DEFAULT_FILE_HOURS = 1.0
_AGO = re.compile(r"^-(\d+(?:\.\d+)?)([smhd])$")
_AGO_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. ``start`` None is chosen so that the run ends at the present (``play.live_start``)."""

    seed: int = 1
    #: None runs until it is stopped.
    hours: float | None = None
    start: datetime | None = None
    #: Simulated seconds per second; 0 is as fast as possible. Never ahead of the clock when sent to a sink.
    speed: float = 1.0
    disturbance: Disturbance = Disturbance()
    centre: Centre = field(default_factory=default_centre)
    #: After the hours comes what becomes of their contacts in the days that follow (an event file only).
    aftermath: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if self.hours is not None and not self.hours > 0:
            raise CallboardError(f"hours is {self.hours}: give more than 0, or leave it out to run until stopped")
        if not 0 <= self.speed < math.inf:
            raise CallboardError(f"speed is {self.speed}: give 1 for real time, 10 for ten times, 0 for no pacing")


def parse_start(text: str | None, now: datetime) -> datetime | None:
    """The start a person typed: None or ``auto`` (chosen by the plan), ``now``, ``-2h`` (ago; s, m, h, d), or RFC 3339.

    Raises:
        CallboardError: it is none of these, or has no offset from UTC.
    """
    if text is None or text == "auto":
        return None
    if text == "now":
        return now.replace(microsecond=0)
    ago = _AGO.match(text)
    try:
        if ago:
            return now.replace(microsecond=0) - timedelta(**{_AGO_UNITS[ago[2]]: float(ago[1])})
        start = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        start = None
    if start is None or start.tzinfo is None:
        raise CallboardError(
            f"'{text}' is no start: give now, -2h, or a time with its offset like 2026-03-02T08:00:00Z"
        )
    return start.astimezone(UTC)


def chosen_speed(typed: float | None, start: datetime | None, *, to_file: bool) -> float:
    """The speed a person typed, else: a file as fast as possible; Kafka in real time, after what is past at once.

    At speed 1 a run from two hours ago would stay two hours behind for ever.
    """
    if typed is not None:
        return typed
    return 0.0 if to_file or start is not None else 1.0


def run(
    plan: Plan,
    target: str | Sink,
    clock: Clock,
    manifest_path: Path | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Manifest:
    """What ``callboard simulate`` does: run ``plan`` into a file, ``-`` or a sink, and write the manifest if asked to.

    Raises:
        CallboardError: as ``run_to_sink`` and ``run_to_file``, or the manifest's folder does not exist (said at once,
            not after the run).
    """
    if manifest_path is not None and not manifest_path.parent.is_dir():
        raise CallboardError(f"the manifest cannot be written to {manifest_path}: its folder does not exist")
    if isinstance(target, str):
        manifest = run_to_file(plan, target, clock, stopped)
    else:
        manifest = run_to_sink(plan, target, clock, stopped)
    if manifest_path is not None:
        manifest.write(manifest_path)
    return manifest


def run_to_sink(plan: Plan, sink: Sink, clock: Clock, stopped: Callable[[], bool] = lambda: False) -> Manifest:
    """Run ``plan`` into ``sink`` and return the truth of what was handed over.

    Once ``stopped()`` is true no further event is simulated and what was held back is handed over at once; the manifest
    holds for exactly that.

    Raises:
        CallboardError: the start lies in the future: such events would be refused.
    """
    # Whoever listens would wait for days.
    plan = replace(plan, aftermath=False)
    start = _start(plan, clock)
    if start > clock.now():
        raise CallboardError(
            f"the start {start.isoformat()} lies in the future: start now or earlier, or write --to FILE"
        )
    manifest = Manifest()
    for record in play(_records(plan, start, manifest, stopped), plan.speed, clock, start, stopped):
        sink(record.topic, record.key, record.value)
        manifest.delivered(record)
    return manifest


def run_to_file(plan: Plan, target: str, clock: Clock, stopped: Callable[[], bool] = lambda: False) -> Manifest:
    """Run ``plan`` into an event file (JSON lines), or to standard output if ``target`` is ``-``.

    Without ``hours`` an hour is written. Speed 0 writes as fast as possible and accepts any start.

    Raises:
        CallboardError: the file cannot be written.
    """
    plan = plan if plan.hours is not None else replace(plan, hours=DEFAULT_FILE_HOURS)
    start = _start(plan, clock)
    manifest = Manifest()
    records = _records(plan, start, manifest, stopped)
    if plan.speed > 0:
        records = play(records, plan.speed, clock, start, stopped)
    write_values(target, _values(records, manifest, flush=plan.speed > 0 and target == STANDARD_STREAM))
    return manifest


def _start(plan: Plan, clock: Clock) -> datetime:
    if plan.start is not None:
        return plan.start
    # The aftermath has to have happened as well: events from the future would be refused.
    days = plan.centre.aftermath_days if plan.aftermath else 0.0
    return live_start(clock.now(), plan.hours, plan.speed) - timedelta(days=days)


def _records(plan: Plan, start: datetime, manifest: Manifest, stopped: Callable[[], bool]) -> Iterator[Record]:
    hours = math.inf if plan.hours is None else plan.hours
    events = _until(stopped, simulate(plan.centre, plan.seed, start, hours, manifest, plan.aftermath))
    return disturb(map(to_record, events), plan.seed, plan.disturbance)


def _until(stopped: Callable[[], bool], events: Iterator[Event]) -> Iterator[Event]:
    """Ask before taking: an event that was taken is in the manifest and must be handed over."""
    while not stopped():
        event = next(events, None)
        if event is None:
            return
        yield event


def _values(records: Iterator[Record], manifest: Manifest, *, flush: bool) -> Iterator[bytes]:
    for record in records:
        yield record.value
        manifest.delivered(record)
        if flush:
            # At a pace, whoever reads the pipe should see each event when it happens.
            sys.stdout.buffer.flush()
