"""Stores for the tests of the alerts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pipeline.centre.kept import apply_centre
from pipeline.clock import ManualClock
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.described import centre_yaml
from pipeline.simulate.disturb import Disturbance, disturb, to_record
from pipeline.simulate.simulation import simulate
from pipeline.store.layout import StoreLayout
from pipeline.store.process import FileProcessor

#: A Monday morning.
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def published(folder: Path, lines: list[bytes], now: datetime) -> Path:
    """Process lines into a store and publish it at a moment."""
    with FileProcessor(folder, ManualClock(now)) as processor:
        processor.process(lines)
    return folder


def simulated(folder: Path, hours: float, scale: float, now: datetime) -> Path:
    """The demo's centre, with its settings in force and everything that can be wrong with events."""
    centre = default_centre(scale)
    apply_centre(StoreLayout(folder), centre_yaml(centre), "centre.yaml")
    events = map(to_record, simulate(centre, 5, START, hours))
    records = disturb(events, 1, Disturbance(duplicates=0.02, late=0.01, late_seconds=300, bad=0.004))
    return published(folder, [record.value.replace(b"\n", b" ") for record in records], now)
