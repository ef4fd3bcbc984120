"""By which rule a number is counted, and a cause: one change of that rule, with its name."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

#: What differences are called, in the words of the command.
Kind = Literal["definition", "boundary", "short_abandons", "callbacks", "time_zone", "transfer_legs", "missing_records"]


@dataclass(frozen=True, slots=True)
class Rule:
    """How passes through a queue become numbers. As it stands here it is the store's own way; None: as settings say.

    Times are microseconds. Each member is one thing on which systems differ.
    """

    #: The zone of the report's clocks; empty: the one that the mapping says.
    zone: str = ""
    #: The moment that decides to which period a pass belongs.
    counted_at: Literal["queued", "wait_ended", "ended"] = "queued"
    #: Which passes of a contact count.
    passes: Literal["every", "first", "last", "first_in_queue"] = "every"
    #: Whether refused records count as if they had been accepted.
    dead_letters: bool = False
    #: What a pass is that nothing has ended.
    unended: Literal["offered", "not_offered", "abandoned", "answered"] = "offered"
    #: Passes that entered the queue in this span (from, before) are left out.
    without_us: tuple[int, int] | None = None
    short: Literal["counted", "excluded", "not_abandoned", "not_offered"] | None = None
    short_us: int | None = None
    callbacks: Literal["answered", "abandoned", "not_offered"] | None = None
    #: Timed out, closed, by key: ``abandoned_but_keys`` leaves the last as they are.
    flow_outs: Literal["abandoned_but_keys", "abandoned", "not_offered"] | None = None
    #: The customer hung up while an agent was alerted.
    ringing: Literal["neither", "not_offered"] | None = None
    definition: str | None = None
    inclusive: bool | None = None
    threshold_us: int | None = None
    whole_seconds: bool = False
    zero_waits: bool = True
    wait: Literal["queue", "alert", "contact"] = "queue"
    handling: Literal["all", "without_wrap", "without_hold", "talk", "with_ring"] = "all"


#: The store's own rule.
OWN = Rule()


@dataclass(frozen=True, slots=True, eq=False)
class Cause:
    """Why two numbers may differ: ``change`` turns the store's rule into what would be the report's.

    ``measures``: the only ones that it can concern; None: all.
    """

    kind: Kind
    text: str
    change: dict[str, Any] = field(default_factory=dict)
    measures: frozenset[str] | None = None

    def on(self, rule: Rule, measure: str) -> Rule:
        """The rule with this change, if it concerns the measure."""
        if self.measures is not None and measure not in self.measures:
            return rule
        return replace(rule, **self.change)

    def fits_with(self, other: Cause) -> bool:
        """Whether both can hold at once: they change different things."""
        return not self.change.keys() & other.change.keys()


@lru_cache(maxsize=16_384)
def under(causes: tuple[Cause, ...], measure: str) -> Rule:
    """The rule for a measure when all of these causes hold. Kept, because it is asked for each cell of a report."""
    rule = OWN
    for cause in causes:
        rule = cause.on(rule, measure)
    return rule
