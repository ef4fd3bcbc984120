"""Collects the rows of one batch, column by column, while its records are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.contract.cards import without_cards
from pipeline.contract.events import EVENT_TYPES, Event, type_name
from pipeline.contract.rejects import Rejection
from pipeline.domain.contribution import MEASURES
from pipeline.domain.working_set import Changes
from pipeline.store.details import DETAILS, detail_rows
from pipeline.store.lookup import KnownEvent
from pipeline.store.rows import arrow_table, cell_rows, segment_rows, span_rows
from pipeline.store.tables import CORRECTIONS, DUPLICATES, EVENTS, REJECTS


class Record(NamedTuple):
    """One record of the log, as it came."""

    offset: int
    key: bytes | None
    value: bytes | None


class Batch:
    """The rows that say what became of each record: stored, repeated or refused."""

    def __init__(self, constants: Mapping[str, Any], now: datetime, consecutive_rejects: int) -> None:
        """An empty batch; ``constants``: its seq, topic, partition and epoch."""
        self.constants = constants
        self.now = now
        self.consecutive_rejects = consecutive_rejects
        self.watermark_us: int | None = None
        self._records: list[Record] = []
        self._events: list[Event] = []
        self._times_us: list[int] = []
        self._rejects: list[tuple[Record, Rejection]] = []
        self._duplicates: list[tuple[Record, Event, KnownEvent]] = []

    @property
    def stored(self) -> int:
        """Events to be stored."""
        return len(self._events)

    @property
    def duplicated(self) -> int:
        """Events that are stored already."""
        return len(self._duplicates)

    @property
    def rejected(self) -> int:
        """Records that were refused."""
        return len(self._rejects)

    def add(self, records: list[Record], events: list[Event], times_us: list[int]) -> None:
        """All distinct events: where each came from, and its time in microseconds."""
        self._records, self._events, self._times_us = records, events, times_us

    def duplicate(self, record: Record, event: Event, first: KnownEvent) -> None:
        """A repetition of ``first``."""
        self._duplicates.append((record, event, first))

    def reject(self, record: Record, rejection: Rejection) -> None:
        """A refused record."""
        self._rejects.append((record, rejection))
        self.consecutive_rejects += 1

    def tables(self) -> dict[str, pa.Table]:
        """Arrow rows of ``events``, ``rejects`` and ``duplicates``, those that have any."""
        tables: dict[str, pa.Table] = {}
        if self._events:
            tables[EVENTS.name] = self._event_rows()
            offsets = [record.offset for record in self._records]
            if (details := detail_rows(offsets, self._events, self._times_us, self.constants)) is not None:
                tables[DETAILS.name] = details
        if self._rejects:
            tables[REJECTS.name] = self._reject_rows()
        if self._duplicates:
            tables[DUPLICATES.name] = self._duplicate_rows()
        return tables

    def _event_rows(self) -> pa.Table:
        records, events = self._records, self._events
        data: list[Any] = [event.data for event in events]
        columns: dict[str, Sequence[Any]] = {
            "offset": [record.offset for record in records],
            "source": [event.source for event in events],
            "id": [event.id for event in events],
            "type": [_TYPE_NAMES[type(event)] for event in events],
            "time": self._times_us,
            "client": [d.client for d in data],
            "interaction": [getattr(d, "interaction", None) for d in data],
            "segment": [getattr(d, "segment", None) for d in data],
            "queue": [getattr(d, "queue", None) for d in data],
            "agent": [getattr(d, "agent", None) for d in data],
            "revision": [getattr(d, "revision", None) for d in data],
            # Bytes: Arrow takes them as text without a copy of each as a str. ``decode`` has seen that they are UTF-8.
            "raw": [record.value for record in records],
        }
        return arrow_table(EVENTS, columns, self.constants)

    def _reject_rows(self) -> pa.Table:
        columns: dict[str, list[Any]] = {
            "offset": [record.offset for record, _ in self._rejects],
            "reason": [str(rejection.reason) for _, rejection in self._rejects],
            "detail": [rejection.detail for _, rejection in self._rejects],
            # Whatever a record was refused for, the number of a card is not kept.
            "key": [record.key and without_cards(record.key) for record, _ in self._rejects],
            "value": [record.value and without_cards(record.value) for record, _ in self._rejects],
            "size_bytes": [len(record.value or b"") for record, _ in self._rejects],
        }
        return arrow_table(REJECTS, columns, {**self.constants, "received_at": self.now})

    def _duplicate_rows(self) -> pa.Table:
        columns: dict[str, list[Any]] = {
            "offset": [record.offset for record, _, _ in self._duplicates],
            "source": [event.source for _, event, _ in self._duplicates],
            "id": [event.id for _, event, _ in self._duplicates],
            "first_epoch": [first.epoch for _, _, first in self._duplicates],
            "first_offset": [first.offset for _, _, first in self._duplicates],
            "conflicting": [record.value != first.raw for record, _, first in self._duplicates],
        }
        return arrow_table(DUPLICATES, columns, self.constants)


_TYPE_NAMES = {cls: type_name(cls) for cls in EVENT_TYPES.values()}


def change_tables(changes: Changes, batch: Batch) -> dict[str, pa.Table]:
    """Arrow rows of the facts that a batch changed."""
    tables: dict[str, pa.Table] = {}
    if changes.segments:
        tables["segments"] = segment_rows(changes.segments, batch.constants["seq"])
    if changes.cells:
        tables["cells"] = cell_rows(changes.cells, batch.constants["seq"])
    if changes.spans:
        tables["spans"] = span_rows(changes.spans, batch.constants["seq"])
    if changes.late:
        rows = _correction_rows(changes, batch)
        if rows is not None:
            tables[CORRECTIONS.name] = rows
    return tables


_CORRECTION_COLUMNS = (
    "client", "queue", "channel", "direction", "minute", "measure", "before", "after", "late_by_us", "offset"
)  # fmt: skip


def _correction_rows(changes: Changes, batch: Batch) -> pa.Table | None:
    """What late events changed in each measure of each minute: the value before and after."""
    cells = {(c.client, c.queue, c.channel, c.direction, c.minute_us): c for c in changes.cells}
    columns: dict[str, list[Any]] = defaultdict(list)
    for (key, measure), late in changes.late.items():
        if not late.change:
            continue
        after = cells[key].counts[MEASURES.index(measure)]
        values = (*key, measure, after - late.change, after, late.late_by_us, late.offset)
        for name, value in zip(_CORRECTION_COLUMNS, values, strict=True):
            columns[name].append(value)
    return arrow_table(CORRECTIONS, columns, {**batch.constants, "noted_at": batch.now}) if columns else None
