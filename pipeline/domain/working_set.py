"""Applies distinct events to segments, KPI cells and agent timelines, and says what changed.

Pure: rows that are not in memory come from a ``Loader``, which the store provides. The working set is a cache of
committed rows plus the current batch; if the batch's transaction fails, it must be thrown away and made anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol, TypeVar

from msgspec import Struct

from pipeline.contract import events as ev
from pipeline.domain.agent_timeline import AgentKey, Span, Timeline
from pipeline.domain.cell import Cell, add, new_cell
from pipeline.domain.contribution import MEASURES, CellKey, Contribution, contribution
from pipeline.domain.definitions import LATE_SECONDS, MICROS
from pipeline.domain.lifecycle import Lifecycle, lifecycle
from pipeline.domain.segment import Segment, SegmentKey, merge, new_segment, segment_key, supersedes

#: Spans of one agent that stay in memory; an event that is older than all of them brings the rest back.
SPANS_IN_MEMORY = 8
#: Segments, cells and agents that stay in memory between batches. What is older comes back by a look-up.
ROWS_IN_MEMORY = 6_000

#: Events that change no row: each is kept as one of its own.
_DETAILS = frozenset(ev.DETAIL_EVENTS)

_LATE_US = LATE_SECONDS * MICROS

K = TypeVar("K")
V = TypeVar("V")


class Loader(Protocol):
    """Finds committed rows by key. A key that is not returned is new."""

    def load_segments(self, keys: Collection[SegmentKey]) -> Iterable[Segment]:
        """Stored segments among ``keys``."""

    def load_cells(self, keys: Collection[CellKey]) -> Iterable[Cell]:
        """Stored cells among ``keys``."""

    def load_spans(self, keys: Collection[AgentKey]) -> Iterable[Span]:
        """All stored spans of the agents ``keys``."""


class Arrival(Struct, gc=False):
    """A distinct event with what the merge needs to know of it."""

    event: ev.Event
    time_us: int
    offset: int
    #: How far behind the partition's newest event it came, if that makes it late; else 0.
    late_by_us: int
    #: Time of the partition's newest event before this batch, if there was one.
    watermark_us: int | None = None


@dataclass(slots=True)
class LateChange:
    """What late events changed in one measure of one cell."""

    change: int = 0
    late_by_us: int = 0
    offset: int = 0


@dataclass(slots=True)
class Changes:
    """Rows that a batch changed, in their new state."""

    segments: list[tuple[Segment, Lifecycle]] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    late: dict[tuple[CellKey, str], LateChange] = field(default_factory=dict)
    #: Keys that were seen for the first time.
    new_segments: list[SegmentKey] = field(default_factory=list)
    new_cells: list[CellKey] = field(default_factory=list)
    new_agents: list[AgentKey] = field(default_factory=list)


class WorkingSet:
    """The rows of one partition that are in memory."""

    def __init__(self, loader: Loader, next_entity_no: int) -> None:
        """``next_entity_no`` is the number that the next new row gets."""
        self._loader = loader
        self.next_entity_no = next_entity_no
        self._segments: dict[SegmentKey, Segment] = {}
        self._cells: dict[CellKey, Cell] = {}
        self._timelines: dict[AgentKey, Timeline] = {}

    def apply(self, arrivals: Sequence[Arrival]) -> Changes:
        """Merge a batch of distinct events."""
        changes = Changes()
        merged = [a for a in arrivals if type(a.event) not in _DETAILS]
        calls = [a for a in merged if not isinstance(a.event.data, ev.AgentData)]
        if calls:
            self._apply_interactions(calls, changes)
        if len(calls) < len(merged):
            self._apply_agents([a for a in merged if isinstance(a.event.data, ev.AgentData)], changes)
        _trim(self._segments, ROWS_IN_MEMORY)
        _trim(self._cells, ROWS_IN_MEMORY)
        _trim(self._timelines, ROWS_IN_MEMORY)
        return changes

    def forget(self) -> None:
        """Drop all cached rows, for instance after days were sealed."""
        self._segments.clear()
        self._cells.clear()
        self._timelines.clear()

    def _entity_no(self) -> int:
        number = self.next_entity_no
        self.next_entity_no = number + 1
        return number

    def _apply_interactions(self, arrivals: list[Arrival], changes: Changes) -> None:
        keys = [segment_key(a.event) for a in arrivals]  # type: ignore[arg-type]
        segments = self._segments
        missing = {key for key in keys if key not in segments}
        for known in self._loader.load_segments(missing) if missing else ():
            segments[known.client, known.interaction, known.segment] = known
        before: dict[SegmentKey, Contribution | None] = {}
        revised: dict[SegmentKey, int] = {}
        for key, arrival in zip(keys, arrivals, strict=True):
            event, time_us = arrival.event, arrival.time_us
            row = segments.get(key)
            if row is None:
                row = segments[key] = new_segment(event, time_us, self._entity_no())  # type: ignore[arg-type]
                changes.new_segments.append(key)
                before[key] = None
            elif key not in before:
                before[key] = contribution(row, lifecycle(row))
                segments[key] = segments.pop(key)  # most recently used last
            if arrival.late_by_us or key in revised or supersedes(event, row):  # type: ignore[arg-type]
                _merge_late(row, key, arrival, revised, changes.late)
            else:
                merge(row, event, time_us)  # type: ignore[arg-type]
        self._apply_cells(before, changes)

    def _apply_cells(self, before: dict[SegmentKey, Contribution | None], changes: Changes) -> None:
        deltas: list[tuple[Contribution, int]] = []
        for key, old in before.items():
            row = self._segments[key]
            life = lifecycle(row)
            changes.segments.append((row, life))
            new = contribution(row, life)
            if new != old:
                if old is not None:
                    deltas.append((old, -1))
                if new is not None:
                    deltas.append((new, 1))
        touched = dict.fromkeys(part.cell for part, _ in deltas)
        # A late change that the same batch undid leaves its cell as it was, yet the correction names it.
        touched.update(dict.fromkeys(cell for cell, _ in changes.late))
        cells = self._cells
        missing = [name for name in touched if name not in cells]
        for known in self._loader.load_cells(missing) if missing else ():
            cells[known.client, known.queue, known.channel, known.direction, known.minute_us] = known
        for name in missing:
            if name not in cells:
                cells[name] = new_cell(name, self._entity_no())
                changes.new_cells.append(name)
        for part, sign in deltas:
            add(cells[part.cell], part, sign)
        for name in touched:
            cell = cells.pop(name)
            cells[name] = cell  # most recently used last
            changes.cells.append(cell)

    def _apply_agents(self, arrivals: list[Arrival], changes: Changes) -> None:
        timelines = self._timelines
        earliest: dict[AgentKey, int] = {}
        for arrival in arrivals:
            key = arrival.event.data.client, arrival.event.data.agent  # type: ignore[union-attr]
            earliest[key] = min(arrival.time_us, earliest.get(key, arrival.time_us))
        missing = [
            key for key, time_us in earliest.items() if key not in timelines or not timelines[key].reaches(time_us)
        ]
        loaded: dict[AgentKey, list[Span]] = {key: [] for key in missing}
        for span in self._loader.load_spans(missing) if missing else ():
            loaded[span.client, span.agent].append(span)
        for key, spans in loaded.items():
            timelines[key] = Timeline(spans)
            if not spans:
                changes.new_agents.append(key)
        changed: dict[int, Span] = {}
        for arrival in arrivals:
            event = arrival.event
            timeline = timelines[event.data.client, event.data.agent]  # type: ignore[union-attr]
            for span in timeline.insert(event, arrival.time_us, self._entity_no()):  # type: ignore[arg-type]
                changed[span.entity_no] = span
        changes.spans.extend(changed.values())
        for key in earliest:
            timeline = timelines.pop(key)  # most recently used last
            timeline.forget(SPANS_IN_MEMORY)
            timelines[key] = timeline


def _merge_late(
    row: Segment,
    key: SegmentKey,
    arrival: Arrival,
    revised: dict[SegmentKey, int],
    late: dict[tuple[CellKey, str], LateChange],
) -> None:
    """Merge an event that is late, or of a later revision, and note what it changed in an earlier minute.

    A revision takes back all that was counted in the minute of the queue entry: how late that is decides, and decides
    for the rest of the revision in this batch too (``revised``), so that its parts are noted together or not at all.
    """
    event = arrival.event
    was = contribution(row, lifecycle(row)) if row.queued_us is not None else None
    if was is not None and arrival.watermark_us is not None and supersedes(event, row):  # type: ignore[arg-type]
        behind_us = arrival.watermark_us - row.queued_us  # type: ignore[operator]
        if behind_us > _LATE_US:
            revised[key] = behind_us
    merge(row, event, arrival.time_us)  # type: ignore[arg-type]
    late_by_us = max(arrival.late_by_us, revised.get(key, 0))
    if late_by_us:
        _note_late(late, was, contribution(row, lifecycle(row)), late_by_us, arrival.offset)


def _note_late(
    late: dict[tuple[CellKey, str], LateChange],
    was: Contribution | None,
    now: Contribution | None,
    late_by_us: int,
    offset: int,
) -> None:
    if was == now:
        return
    for part, sign in ((was, -1), (now, 1)):
        if part is None:
            continue
        for measure, value in zip(MEASURES, part.counts, strict=True):
            if value:
                noted = late.setdefault((part.cell, measure), LateChange())
                noted.change += sign * value
                noted.late_by_us = max(noted.late_by_us, late_by_us)
                noted.offset = offset


def _trim(cache: dict[K, V], limit: int) -> None:
    excess = len(cache) - limit
    if excess > 0:
        for old in list(islice(cache, excess)):
            del cache[old]
