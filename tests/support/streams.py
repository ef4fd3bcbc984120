"""Recorded streams of other systems: through an adapter into a store, in any order and with restarts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.centre.model import Centre
from pipeline.clock import SystemClock
from pipeline.contract.events import Event, encode
from pipeline.producers.adapters import AdapterRequest, Reading, adapter
from pipeline.producers.adapters.base import Converter
from pipeline.producers.adapters.documents.stream import Document
from pipeline.producers.door import Door
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live

NOW = datetime(2026, 4, 1, tzinfo=UTC)
DOOR = Door(b"a key for tests")
#: What must come out the same whatever the order in which the same records came.
_NO_OFFSET = 'EXCLUDE (epoch, "offset")'
FACTS = ("segments", "kpi_day", "agent_spans", "callback_changes", "dials", "menu_steps", "descriptions")


def read(
    name: str, path: Path, client: str | None = None, centre: Centre | None = None, door: Door = DOOR
) -> tuple[list[Event], Reading]:
    """The events of a recorded stream, and what else came of reading it."""
    request = AdapterRequest(path, NOW, client=client, centre=centre, door=door)
    method = adapter(name).read
    assert method is not None
    reading = method(request)
    return list(reading.events), reading


@contextmanager
def stored(folder: Path, events: Iterable[Event]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on a store with these events."""
    with FileProcessor(folder, SystemClock()) as processor:
        done = processor.process(encode(event) for event in events)
    assert done.rejected == 0
    with closing(open_live(folder)) as con:
        yield con


def facts(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every view that depends on what was said alone."""
    found = {}
    for view in FACTS:
        # A detail lies at an offset, which is the order. How often a segment was corrected depends on it, too.
        without = {"segments": "EXCLUDE (revision)", "kpi_day": "", "agent_spans": ""}.get(view, _NO_OFFSET)
        found[view] = con.execute(f"SELECT * {without} FROM {view} ORDER BY ALL").fetchall()
    return found


def converted(converter: Converter, documents: Iterable[Document], restart_after: int | None = None) -> list[Event]:
    """The events of documents; with a new converter from the saved state after so many, if that is asked for."""
    events: list[Event] = []
    for number, document in enumerate(documents):
        if number == restart_after:
            fresh = type(converter).__new__(type(converter))
            fresh.__dict__.update(converter.__dict__)
            fresh.restore(converter.state())
            converter = fresh
        events += converter.convert(document)
    return events
