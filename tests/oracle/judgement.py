"""What the settings of a queue make of one wait: in time or not, short or not, and whether it counts at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from .model import QueueSettings, Segment

Value = TypeVar("Value")

THRESHOLD_US = 20_000_000
SHORT_ABANDON_US = 5_000_000


@dataclass(frozen=True)
class Judged:
    """A queued segment with what its queue's settings say of it."""

    segment: Segment
    settings: QueueSettings
    #: The longest wait that is in time.
    limit_us: int
    in_time: bool
    in_less: bool
    short: bool
    #: Whether it is a call at all, counts in abandonment, and counts in service level.
    is_call: bool
    in_abandonment: bool
    in_service_level: bool

    def is_(self, outcome: str) -> bool:
        """Whether its wait ended so."""
        return self.segment.outcome == outcome


@dataclass(frozen=True)
class Rules:
    """All settings there are. ``at``: the moment whose settings hold for everything; None: each has those of its time.

    ``threshold_us``, ``short_abandon_us`` and ``inclusive`` outweigh the settings where they are not None.
    """

    settings: tuple[QueueSettings, ...] = ()
    at: datetime | None = None
    threshold_us: int | None = None
    short_abandon_us: int | None = None
    inclusive: bool | None = None

    def of(self, client: str, queue: str | None, moment: datetime) -> QueueSettings:
        """The settings of a queue in force in the minute of ``moment``."""
        minute = moment.replace(second=0, microsecond=0)
        for row in self.settings:
            began = row.valid_from is None or row.valid_from <= minute
            if (row.client, row.queue) == (client, queue) and began and (row.valid_to is None or minute < row.valid_to):
                return row
        return QueueSettings(client=client, queue=str(queue))

    def judge(self, segment: Segment) -> Judged:
        """What holds of a queued segment."""
        if segment.queued_at is None:
            raise AssertionError("only queued segments are judged")
        moment = self.at or segment.queued_at
        own = self.of(segment.client, segment.queue, moment)
        threshold_us = _first(self.threshold_us, own.threshold_us, THRESHOLD_US)
        limit_us = _first(self.short_abandon_us, own.short_abandon_us, SHORT_ABANDON_US)
        inclusive = _first(self.inclusive, own.threshold_inclusive, True)
        wait_us = int(segment.wait_seconds * 1_000_000) if segment.wait_seconds is not None else None
        in_less = wait_us is not None and wait_us < threshold_us
        in_time = in_less or (inclusive and wait_us == threshold_us)
        short = segment.outcome == "abandoned" and wait_us is not None and wait_us <= limit_us
        rule = own.short_abandons if short else None
        return Judged(
            segment=segment,
            settings=own,
            limit_us=threshold_us if inclusive else threshold_us - 1,
            in_time=in_time,
            in_less=in_less,
            short=short,
            is_call=rule != "not_offered",
            in_abandonment=rule not in ("not_offered", "excluded"),
            in_service_level=rule not in ("not_offered", "excluded", "excluded_from_service_level"),
        )

    def judge_all(self, segments: Iterable[Segment]) -> list[Judged]:
        """The same of many."""
        return [self.judge(segment) for segment in segments]


def _first(*values: Value | None) -> Value:
    for value in values:
        if value is not None:
            return value
    raise AssertionError("there is always a default")
