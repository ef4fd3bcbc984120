"""The manifest: what must come out of a simulated stream, and what was deliberately done to it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.errors import CallboardError
from pipeline.simulate.disturb import Record
from pipeline.simulate.line_truth import LineTruth
from pipeline.simulate.truth import COUNTS, SUMS, AgentTruth, Cell, InteractionTruth, SegmentTruth

MANIFEST_VERSION = 1

#: (client, queue, channel, direction); with the minute it is the key of a cell.
Place = tuple[str, str, str, str]


def as_seconds(microseconds: int) -> str:
    """Exact seconds as a decimal string, such as ``12.500000``."""
    return str(Decimal(microseconds).scaleb(-6))


class Manifest:
    """Fills while ``simulate`` runs and describes the stream up to the last event taken from it."""

    def __init__(self) -> None:
        """An empty manifest; ``simulate`` gives it its start."""
        self.seed = 0
        self.centre = ""
        self.start = datetime.min.replace(tzinfo=UTC)
        self.cells: dict[tuple[Place, int], Cell] = {}
        self.agents: dict[tuple[str, str], AgentTruth] = {}
        self.interactions: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.lines: dict[str, LineTruth] = {}
        self.line_of_queue: dict[tuple[str, str], str] = {}
        self.planned: Counter[str] = Counter()
        self.last_event_us: int | None = None
        self.sent: dict[str, Counter[str]] = {}
        self.done: list[dict[str, str]] = []
        self._newest: dict[str, datetime] = {}

    def opened(
        self, centre: str, seed: int, start: datetime, line_of_queue: Mapping[tuple[str, str], str] | None = None
    ) -> None:
        """The stream this is the truth of; ``line_of_queue``: (client, queue) to its line of business."""
        self.centre, self.seed, self.start = centre, seed, start
        self.line_of_queue = dict(line_of_queue or {})

    def at(self, at_us: int) -> datetime:
        """A simulated moment as a time of day."""
        return self.start + timedelta(microseconds=at_us)

    def segment(self, place: Place, interaction: InteractionTruth) -> SegmentTruth:
        """The truth of a new segment at ``place``."""
        return SegmentTruth(self._cells_of(place), interaction)

    def unqueued(self, interaction: InteractionTruth) -> SegmentTruth:
        """The truth of a segment that goes to an agent without a queue: no cell has it."""
        return SegmentTruth(lambda _at_us: Cell(), interaction)

    def interaction(self) -> InteractionTruth:
        """The truth of a new contact."""
        return InteractionTruth(self.interactions)

    def agent(self, client: str, agent: str) -> AgentTruth:
        """The truth of an agent, signed out at first."""
        return self.agents.setdefault((client, agent), AgentTruth())

    def line(self, line: str) -> LineTruth:
        """The truth of a line of business."""
        return self.lines.setdefault(line, LineTruth())

    def scheduled(self, _at_us: int, activity: str, us: int) -> None:
        """An activity was planned for an agent."""
        self.planned[activity] += us

    def _cells_of(self, place: Place) -> Callable[[int], Cell]:
        def cell_at(at_us: int) -> Cell:
            minute = int(self.at(at_us).timestamp()) // 60
            return self.cells.setdefault((place, minute), Cell())

        return cell_at

    def happened(self, event_type: str, at_us: int) -> None:
        """One event of the clean stream was given out."""
        self.events[event_type] += 1
        self.last_event_us = at_us

    def delivered(self, record: Record) -> None:
        """One record, disturbed or not, was handed to the sink."""
        counts = self.sent.setdefault(record.topic, Counter())
        counts["sent"] += 1
        newest = self._newest.get(record.topic)
        if newest is not None and record.time < newest:
            counts["out_of_order"] += 1
        else:
            self._newest[record.topic] = record.time
        if record.kind == "event":
            return
        counts[record.kind] += 1
        note = {"kind": record.kind, "topic": record.topic, "source": record.source, "id": record.id}
        if record.kind == "bad":
            counts[f"bad.{record.reason}"] += 1
            note |= {"reason": str(record.reason), "variant": str(record.variant)}
        self.done.append(note)

    def document(self) -> dict[str, Any]:
        """The manifest as plain JSON values; seconds and amounts are exact decimal strings."""
        cells = [self._cell(place, minute, cell) for (place, minute), cell in sorted(self.cells.items())]
        return {
            "manifest": MANIFEST_VERSION,
            "centre": self.centre,
            "seed": self.seed,
            "start": _iso(self.start),
            "last_event_at": None if self.last_event_us is None else _iso(self.at(self.last_event_us)),
            "totals": self._totals(self.cells.values()),
            "events": dict(sorted(self.events.items())),
            "interactions": dict(sorted((k, n) for k, n in self.interactions.items() if n)),
            "lines": {name: self._line(name) for name in sorted(set(self.line_of_queue.values()))},
            "scheduled_seconds": {activity: as_seconds(us) for activity, us in sorted(self.planned.items())},
            "topics": {topic: _topic(counts) for topic, counts in sorted(self.sent.items())},
            "agents": [self._agent(*key, truth) for key, truth in sorted(self.agents.items()) if truth.changes],
            "cells": cells,
            "disturbed": self.done,
        }

    def write(self, path: Path) -> None:
        """Write the manifest as JSON.

        Raises:
            CallboardError: the file cannot be written.
        """
        try:
            path.write_text(json.dumps(self.document(), indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise CallboardError(f"the manifest cannot be written to {path}: {error.strerror}") from error

    def _line(self, name: str) -> dict[str, Any]:
        cells = [cell for (place, _), cell in self.cells.items() if self.line_of_queue.get(place[:2]) == name]
        return {"queues": self._totals(cells), **self.line(name).document()}

    def _totals(self, cells: Collection[Cell]) -> dict[str, Any]:
        counts: dict[str, Any] = {name: sum(cell.counts[name] for cell in cells) for name in COUNTS}
        left = sum(counts[f"left_{reason}"] for reason in ("timeout", "key", "closed", "callback"))
        counts["waiting_at_end"] = counts["offered"] - counts["answered"] - counts["abandoned"] - left
        counts["in_progress_at_end"] = counts["answered"] - counts["handled"]
        sums = {name: as_seconds(sum(cell.microseconds[name] for cell in cells)) for name in SUMS}
        revenue: Counter[str] = Counter()
        for cell in cells:
            revenue.update(cell.amounts)  # a Counter adds decimals as well as integers
        return {**counts, **sums, "revenue": {currency: str(amount) for currency, amount in sorted(revenue.items())}}

    def _cell(self, place: Place, minute: int, cell: Cell) -> dict[str, Any]:
        client, queue, channel, direction = place
        only = next(iter(cell.amounts)) if len(cell.amounts) == 1 else None
        revenue = sum(cell.amounts.values(), Decimal(0)) if len(cell.amounts) <= 1 else None
        return {
            "client": client,
            "queue": queue,
            "channel": channel,
            "direction": direction,
            "minute": _iso(datetime.fromtimestamp(minute * 60, UTC)),
            **{name: cell.counts[name] for name in COUNTS},
            **{name: as_seconds(cell.microseconds[name]) for name in SUMS},
            "longest_wait_seconds": None if cell.longest_wait_us is None else as_seconds(cell.longest_wait_us),
            "revenue": None if revenue is None else str(revenue),
            "currency": only,
        }

    def _agent(self, client: str, agent: str, truth: AgentTruth) -> dict[str, Any]:
        """Closed time per state; ``state`` and ``since`` are of the span that is still open, if any."""
        return {
            "client": client,
            "agent": agent,
            "spans": truth.changes,
            "seconds": {state: as_seconds(us) for state, us in sorted(truth.microseconds.items())},
            "state": truth.state,
            "reason": truth.reason,
            "since": None if truth.state is None else _iso(self.at(truth.since_us)),
        }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _topic(counts: Counter[str]) -> dict[str, Any]:
    reasons = {name.removeprefix("bad."): n for name, n in sorted(counts.items()) if name.startswith("bad.")}
    good = counts["sent"] - counts["duplicate"] - counts["bad"]
    return {
        "sent": counts["sent"],
        "events": good,
        "duplicates": counts["duplicate"],
        "late": counts["late"],
        "out_of_order": counts["out_of_order"],
        "bad": counts["bad"],
        "bad_by_reason": reasons,
    }
