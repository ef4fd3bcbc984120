"""From a recorded stream of a source to the tables that analysts read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.clock import ManualClock
from pipeline.contract.events import Event, encode
from pipeline.producers.adapters import AdapterRequest, Reading, adapter
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live

#: When the recorded days are read: after all that happened in them.
NOW = datetime(2026, 4, 1, tzinfo=UTC)
Row = dict[str, Any]


def read(name: str, file: Path, **options: Any) -> Reading:
    """What an adapter makes of a file, its events as a list."""
    reader = adapter(name).read
    assert reader is not None
    reading = reader(AdapterRequest(file, NOW, **options))
    reading.events = list(reading.events)
    return reading


def stored(folder: Path, *deliveries: Iterable[Event]) -> Path:
    """A store in ``folder`` that was given the events, one delivery after the other."""
    with FileProcessor(folder, ManualClock(NOW)) as processor:
        for events in deliveries:
            done = processor.process(encode(event) for event in events)
            assert done.rejected == 0
    return folder


def ask(store: Path, sql: str) -> list[Row]:
    """The rows of a query."""
    con = open_live(store)
    try:
        cursor = con.execute(sql)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    finally:
        con.close()


def facts(store: Path) -> list[list[Row]]:
    """All that two stores of the same events have in common, whatever came first."""
    return [ask(store, f"SELECT * FROM {view} ORDER BY ALL") for view in ("segments", "agent_spans", "kpi_minute")] + [
        ask(store, f'SELECT * EXCLUDE (topic, "partition", epoch, "offset") FROM {view} ORDER BY ALL')
        for view in ("reports", "source_notices", "dials", "descriptions")
    ]
