"""Changed facts to Arrow tables, a column at a time: building rows one by one costs several times as much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from pipeline.domain.agent_timeline import Span
from pipeline.domain.cell import Cell, longest_wait_us, revenue
from pipeline.domain.contribution import MEASURES
from pipeline.domain.lifecycle import Lifecycle
from pipeline.domain.segment import Segment
from pipeline.store.tables import CELLS, SEGMENTS, SPANS, Table

_pack = msgspec.msgpack.Encoder().encode
unpack_segment = msgspec.msgpack.Decoder(Segment).decode
unpack_cell = msgspec.msgpack.Decoder(Cell).decode
unpack_span = msgspec.msgpack.Decoder(Span).decode


def arrow_table(table: Table, columns: Mapping[str, Sequence[Any]], constants: Mapping[str, Any]) -> pa.Table:
    """An Arrow table in the table's schema; ``constants`` are columns that have one value in all rows."""
    size = len(next(iter(columns.values())))
    repeat: Any = pa.repeat  # its stubs list every scalar type but the general one
    arrays = [
        repeat(pa.scalar(constants[name], kind), size) if name in constants else pa.array(columns[name], kind)
        for name, kind in table.columns
    ]
    return pa.Table.from_arrays(arrays, schema=table.schema)


def segment_rows(changed: Iterable[tuple[Segment, Lifecycle]], seq: int) -> pa.Table:
    """Rows of the ``segments`` table."""
    pairs = list(changed)
    rows = [row for row, _ in pairs]
    lives = [life for _, life in pairs]
    columns: dict[str, list[Any]] = {
        "entity_no": [r.entity_no for r in rows],
        "client": [r.client for r in rows],
        "interaction": [r.interaction for r in rows],
        "segment": [r.segment for r in rows],
        "channel": [r.channel for r in rows],
        "direction": [r.direction for r in rows],
        "queue": [r.queue for r in rows],
        "agent": [r.agent for r in rows],
        "outcome": [life.outcome for life in lives],
        "queued_at": [r.queued_us for r in rows],
        "offered_at": [r.offered_us for r in rows],
        "answered_at": [r.answered_us for r in rows],
        "abandoned_at": [r.abandoned_us for r in rows],
        "left_at": [r.left_us for r in rows],
        "left_reason": [r.left_reason for r in rows],
        "transferred_at": [r.transferred_us for r in rows],
        "transfer_kind": [r.transfer_kind for r in rows],
        "ended_at": [r.ended_us for r in rows],
        "wrapped_up_at": [r.wrapped_up_us for r in rows],
        "wait_ended_at": [life.wait_ended_us for life in lives],
        "handle_ended_at": [life.handle_ended_us for life in lives],
        "wait_us": [life.wait_us for life in lives],
        "talk_us": [life.talk_us for life in lives],
        "hold_us": [life.hold_us for life in lives],
        "wrap_us": [life.wrap_up_us for life in lives],
        "alerts": [r.alerts for r in rows],
        "declines": [r.declines for r in rows],
        "holds": [r.holds for r in rows],
        "resumes": [r.resumes for r in rows],
        "disposition": [r.disposition for r in rows],
        "flags": [r.flags for r in rows],
        "amount": [r.amount for r in rows],
        "currency": [r.currency for r in rows],
        "revision": [r.revision for r in rows],
        "first_event_at": [r.first_rank[0] for r in rows],
        "last_event_at": [r.last_event_us for r in rows],
        "state": [_pack(r) for r in rows],
    }
    return arrow_table(SEGMENTS, columns, {"seq": seq})


def cell_rows(cells: list[Cell], seq: int) -> pa.Table:
    """Rows of the ``cells`` table."""
    money = [revenue(cell) for cell in cells]
    columns: dict[str, list[Any]] = {
        "entity_no": [c.entity_no for c in cells],
        "client": [c.client for c in cells],
        "queue": [c.queue for c in cells],
        "channel": [c.channel for c in cells],
        "direction": [c.direction for c in cells],
        "minute": [c.minute_us for c in cells],
        "longest_wait_us": [longest_wait_us(c) for c in cells],
        "amounts": [sum(number for number, _ in c.amounts.values()) for c in cells],
        "revenue": [amount for amount, _ in money],
        "currency": [currency for _, currency in money],
        "state": [_pack(c) for c in cells],
    }
    for outcome in ("answered", "abandoned", "left"):
        columns[f"waits_{outcome}_us"] = [_waits(c.waits.get(outcome)) for c in cells]
    columns.update(zip(MEASURES, map(list, zip(*(c.counts for c in cells), strict=True)), strict=True))
    return arrow_table(CELLS, columns, {"seq": seq})


def _waits(numbers: dict[int, int] | None) -> list[int]:
    """One wait per segment, shortest first, so that lists of cells merge by putting them together."""
    if not numbers:
        return []
    waits = sorted(numbers)
    if sum(numbers.values()) == len(waits):  # almost always: two waits are seldom equal to the microsecond
        return waits
    return [wait_us for wait_us in waits for _ in range(numbers[wait_us])]


def span_rows(spans: list[Span], seq: int) -> pa.Table:
    """Rows of the ``spans`` table."""
    columns: dict[str, list[Any]] = {
        "entity_no": [s.entity_no for s in spans],
        "client": [s.client for s in spans],
        "agent": [s.agent for s in spans],
        "state": [s.state for s in spans],
        "reason": [s.reason for s in spans],
        "presence": [s.presence for s in spans],
        "started_at": [s.rank[0] for s in spans],
        "ended_at": [s.ended_us for s in spans],
        "merge_state": [_pack(s) for s in spans],
    }
    return arrow_table(SPANS, columns, {"seq": seq})
