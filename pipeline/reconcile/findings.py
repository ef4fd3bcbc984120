"""What came out: one finding for each number of the report, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from pipeline.reconcile.rule import Cause, Kind

Status = Literal["equal", "explained", "unexplained"]


@dataclass(frozen=True, slots=True)
class Part:
    """What one cause takes of a difference, in the measure's unit (count, seconds, or ratio from 0 to 1)."""

    kind: Kind
    text: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Finding:
    """A number of the report beside the store's. ``difference`` is the report's less the store's.

    ``reported`` None: the report has no such row. ``ours`` None: no traffic. ``unexplained``: what no cause takes.
    """

    client: str
    queue: str
    period: str
    measure: str
    reported: Decimal | None
    ours: Decimal | None
    status: Status
    parts: tuple[Part, ...] = ()
    unexplained: Decimal = Decimal(0)
    hints: tuple[str, ...] = ()

    @property
    def difference(self) -> Decimal:
        """The report's number less ours; one that there is not counts as 0."""
        return (self.reported or Decimal(0)) - (self.ours or Decimal(0))


@dataclass(slots=True)
class Result:
    """All findings in the order of the report, and which causes were accepted for what."""

    findings: list[Finding] = field(default_factory=list)
    #: What was accepted: for which cells (in words), which causes, and others that would do as well.
    accepted: list[tuple[str, tuple[Cause, ...], tuple[tuple[Cause, ...], ...]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def count(self, status: Status) -> int:
        """How many numbers are so."""
        return sum(finding.status == status for finding in self.findings)

    @property
    def ok(self) -> bool:
        """Whether every number is equal or explained."""
        return not self.count("unexplained")


def parts_of(ours: Decimal | None, steps: Iterable[tuple[Cause, Decimal | None]]) -> tuple[Part, ...]:
    """What each cause takes, in their order: our number after it less our number before it."""
    parts = []
    before = ours or Decimal(0)
    for cause, number in steps:
        after = number or Decimal(0)
        if after != before:
            parts.append(Part(cause.kind, cause.text, after - before))
        before = after
    return tuple(parts)
