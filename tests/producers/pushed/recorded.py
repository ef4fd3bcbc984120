"""A recorded stream through its adapter into a store: whole, twice, shuffled, and with a restart in between."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.centre.model import Centre
from pipeline.clock import ManualClock
from pipeline.contract.events import Event, encode
from pipeline.producers.adapters import AdapterRequest, LiveRequest, Reading, adapter
from pipeline.producers.door import Door
from pipeline.store.process import FileProcessor
from pipeline.store.reader import run_query
from pipeline.store.verify import verify

NOW = datetime(2026, 12, 1, tzinfo=UTC)
DOOR = Door(b"the tests' own key", "GB")


def read(name: str, file: Path, client: str = "acme", centre: Centre | None = None, door: Door = DOOR) -> Reading:
    """What ``callboard publish NAME FILE --client acme`` reads."""
    reader = adapter(name).read
    assert reader is not None
    reading = reader(AdapterRequest(file, NOW, client=client, centre=centre, door=door))
    reading.events = list(reading.events)
    return reading


def documents(file: Path) -> list[Any]:
    """The records of a file of JSON lines, without those that are none."""
    found = []
    for line in file.read_text().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def pushed(name: str, records: Iterable[Any], restarts: int = 0, client: str = "acme") -> list[Event]:
    """The events of records pushed one by one, the converter restarted that often on the way."""
    hook = adapter(name).hook
    assert hook is not None
    request = LiveRequest(name, client=client, door=DOOR)
    converter = hook.converter(request)
    listed = list(records)
    every = len(listed) // (restarts + 1) + 1
    found: list[Event] = []
    for number, record in enumerate(listed, start=1):
        found += converter.convert(record)
        if number % every == 0:
            state = converter.state()
            converter = hook.converter(request)
            converter.restore(state)
    return found


def shuffled(records: list[Any], seed: int) -> list[Any]:
    """In another order."""
    mixed = list(records)
    random.Random(seed).shuffle(mixed)
    return mixed


def nearby(records: list[Any], seed: int, places: int = 5) -> list[Any]:
    """In another order, none further than some places from where it was: a source overtakes itself by seconds."""
    chance = random.Random(seed)
    order = sorted(range(len(records)), key=lambda place: place + chance.uniform(0, places))
    return [records[place] for place in order]


class Stored:
    """The store of some events."""

    def __init__(self, folder: Path, events: Iterable[Event]) -> None:
        with FileProcessor(folder, ManualClock(NOW)) as processor:
            done = processor.process(encode(event) for event in events)
        assert done.rejected == 0
        self._folder = folder

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query, with moments in UTC."""
        return run_query(self._folder, sql)[1]

    def facts(self) -> list[list[tuple[Any, ...]]]:
        """As ``facts_of``."""
        return facts_of(self._folder)

    def differences(self) -> list[str]:
        """What ``callboard verify`` finds: the checks in which the store differs from its events."""
        return [check.name for check in verify(self._folder).checks if not check.ok]


def facts_of(store: Path) -> list[list[tuple[Any, ...]]]:
    """What a published store's KPIs are made of, without places in the log, revisions and ids."""
    segments = (
        "SELECT client, interaction, segment, channel, direction, queue, agent, outcome, queued_at, offered_at, "
        "answered_at, abandoned_at, left_at, left_reason, transferred_at, transfer_kind, ended_at, wrapped_up_at, "
        "alerts, declines, disposition, flags FROM segments ORDER BY ALL"
    )
    details = [
        "SELECT client, agent, state, reason, presence, started_at, ended_at FROM agent_spans ORDER BY ALL",
        "SELECT client, interaction, sender, time FROM messages ORDER BY ALL",
        "SELECT client, interaction, status, actor, time FROM resolution_changes ORDER BY ALL",
    ]
    return [run_query(store, sql)[1] for sql in (segments, *details)]
