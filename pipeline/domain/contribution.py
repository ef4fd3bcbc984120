"""What one segment adds to the KPI cell of the minute in which it was queued.

A cell holds only counts, sums and exact waits, and no threshold: what is in time is decided when it is read. When a
segment changes, its old contribution is taken out and its new one put in, so the cell is always the sum over its
segments, in whatever order their events came.
"""

from __future__ import annotations

from typing import NamedTuple

from pipeline.domain.definitions import MINUTE_US, SALE_FLAG
from pipeline.domain.lifecycle import Lifecycle
from pipeline.domain.segment import Segment

#: client, queue, channel, direction, start of the minute in microseconds.
CellKey = tuple[str, str, str, str, int]

#: The additive measures in the order of ``Contribution.counts``. A name with ``_us`` counts microseconds here and is
#: published in seconds (see ``published_name``).
MEASURES: tuple[str, ...] = (
    "offered",
    "answered",
    "abandoned",
    "left_timeout",
    "left_key",
    "left_closed",
    "left_callback",
    "wait_us_answered",
    "wait_us_abandoned",
    "wait_us_left",
    "handled",
    "talk_us",
    "hold_us",
    "wrap_us",
    "held",
    "alerts",
    "declines",
    "transferred",
    "sales",
)


def published_name(measure: str) -> str:
    """The column name that readers see: ``talk_us`` is published as ``talk_seconds``."""
    return measure.replace("_us", "_seconds")


class Contribution(NamedTuple):
    """The additions of one segment to one cell."""

    cell: CellKey
    counts: tuple[int, ...]
    outcome: str
    wait_us: int | None
    amount: int | None
    currency: str


def contribution(row: Segment, life: Lifecycle) -> Contribution | None:
    """The contribution of a segment, or ``None`` if it was never queued (or its queued event has yet to come)."""
    queued = row.queued_us
    if queued is None or row.queue is None:
        return None
    outcome, wait = life.outcome, life.wait_us or 0
    answered = outcome == "answered"
    abandoned = outcome == "abandoned"
    left = outcome == "left"
    reason = row.left_reason if left else None
    return Contribution(
        (row.client, row.queue, row.channel, row.direction, queued - queued % MINUTE_US),
        (
            1,
            int(answered),
            int(abandoned),
            int(reason == "timeout"),
            int(reason == "key"),
            int(reason == "closed"),
            int(reason == "callback"),
            wait if answered else 0,
            wait if abandoned else 0,
            wait if left else 0,
            int(life.handle_ended_us is not None),
            life.talk_us or 0,
            life.hold_us or 0,
            life.wrap_up_us or 0,
            int(row.holds > 0),
            row.alerts,
            row.declines,
            int(answered and row.transferred_us is not None),
            int(SALE_FLAG in row.flags),
        ),
        outcome,
        life.wait_us,
        row.amount,
        row.currency or "",
    )
