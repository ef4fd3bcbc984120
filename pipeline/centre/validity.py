"""Which settings hold at a moment: a list of dated entries as periods of time. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from pipeline.centre.local_time import start_of_day
from pipeline.centre.model import Dated

D = TypeVar("D", bound=Dated)


@dataclass(frozen=True, slots=True)
class Period(Generic[D]):
    """Settings that hold from ``valid_from`` until just before ``valid_to`` (UTC; ``None``: without end)."""

    settings: D
    valid_from: datetime | None
    valid_to: datetime | None

    def holds_at(self, moment: datetime) -> bool:
        """Whether the settings are in force at an aware moment."""
        return (self.valid_from is None or self.valid_from <= moment) and (
            self.valid_to is None or moment < self.valid_to
        )


def periods(kind: type[D], entries: Sequence[D], zone: ZoneInfo) -> tuple[Period[D], ...]:
    """The entries of a checked file as periods that cover all of time, once, in order.

    An entry begins with its local date in ``zone`` and takes over what it does not name. Before the first date the
    defaults of ``kind`` hold.
    """
    effective: list[tuple[D, datetime | None]] = []
    current = kind.model_validate({})
    if not entries or entries[0].valid_from is not None:
        effective.append((current, None))
    for entry in entries:
        named = {name: getattr(entry, name) for name in entry.model_fields_set}
        current = current.model_copy(update=named)
        effective.append((current, start_of_day(entry.valid_from, zone) if entry.valid_from else None))
    ends = [*(begin for _, begin in effective[1:]), None]
    return tuple(Period(settings, begin, end) for (settings, begin), end in zip(effective, ends, strict=True))


def in_force(of_time: Sequence[Period[D]], moment: datetime) -> Period[D]:
    """The period that holds at an aware moment, of all that ``periods`` gives."""
    return next(period for period in of_time if period.holds_at(moment))
