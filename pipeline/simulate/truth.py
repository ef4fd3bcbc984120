"""What truly happened to one segment, one interaction and one agent: the floor reports, these keep count.

Nothing here reads an event. The floor calls these methods with the moment (microseconds after the simulated start) at
which something happened to the simulated contact; the counts move with it, so they hold wherever the stream is cut.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

MICROSECONDS = 1_000_000
SHORT_ABANDON_SECONDS = 5
TARGET_SECONDS = 20

#: Counts of a cell, in the order in which they are written.
COUNTS = (
    "offered",
    "answered",
    "abandoned",
    "short_abandoned",
    "left_timeout",
    "left_key",
    "left_closed",
    "left_callback",
    "answered_in_target",
    "abandoned_in_target",
    "handled",
    "held",
    "alerts",
    "declines",
    "transferred",
    "sales",
)
#: Sums of a cell, held in microseconds and written in seconds.
SUMS = (
    "wait_seconds_answered",
    "wait_seconds_abandoned",
    "wait_seconds_left",
    "talk_seconds",
    "hold_seconds",
    "wrap_seconds",
)


@dataclass(slots=True)
class Cell:
    """One (client, queue, channel, direction, minute of queue entry)."""

    counts: Counter[str] = field(default_factory=Counter)
    microseconds: Counter[str] = field(default_factory=Counter)
    longest_wait_us: int | None = None
    amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


#: How far an interaction has come; it never goes back. A later one outranks an earlier one.
INTERACTION_OUTCOMES = ("in_menu", "left_in_menu", "waiting", "left", "abandoned", "answered")


class InteractionTruth:
    """One contact over all its segments; ``outcomes`` counts how many contacts stand where."""

    __slots__ = ("_outcomes", "_rank")

    def __init__(self, outcomes: Counter[str]) -> None:
        """Nothing happened yet: it is counted from ``reached('in_menu')`` on."""
        self._outcomes = outcomes
        self._rank = -1

    def reached(self, outcome: str) -> None:
        """The contact came to ``outcome``; an outcome that ranks lower than the present one changes nothing."""
        rank = INTERACTION_OUTCOMES.index(outcome)
        if rank <= self._rank:
            return
        if self._rank >= 0:
            self._outcomes[INTERACTION_OUTCOMES[self._rank]] -= 1
        self._outcomes[outcome] += 1
        self._rank = rank


class SegmentTruth:
    """One segment from its queue entry on. Times are microseconds after the simulated start."""

    __slots__ = (
        "_answered_us",
        "_cell",
        "_cell_at",
        "_handle_end_us",
        "_held_total_us",
        "_hold_counted_us",
        "_hold_since_us",
        "_interaction",
        "_queued_us",
        "_talk_counted_us",
    )

    def __init__(self, cell_at: Callable[[int], Cell], interaction: InteractionTruth) -> None:
        """``cell_at`` finds the cell of the minute in which the segment is queued."""
        self._cell_at = cell_at
        self._interaction = interaction
        self._queued_us = self._answered_us = self._handle_end_us = 0
        self._held_total_us = self._hold_counted_us = self._talk_counted_us = 0
        self._hold_since_us: int | None = None

    def queued(self, at_us: int) -> None:
        """It entered the queue."""
        self._cell = self._cell_at(at_us)
        self._queued_us = at_us
        self._cell.counts["offered"] += 1
        self._interaction.reached("waiting")

    def taken(self, at_us: int) -> None:
        """An agent took it without a queue: handled, and neither offered nor waited for."""
        self._cell = self._cell_at(at_us)
        self._answered_us = at_us
        self._interaction.reached("answered")

    def alerted(self, _at_us: int) -> None:
        """An agent's desk rang."""
        self._cell.counts["alerts"] += 1

    def declined(self, _at_us: int) -> None:
        """The agent did not take it."""
        self._cell.counts["declines"] += 1

    def answered(self, at_us: int) -> None:
        """An agent took it."""
        self._answered_us = at_us
        self._waited("answered", "wait_seconds_answered", at_us)
        self._interaction.reached("answered")

    def abandoned(self, at_us: int) -> None:
        """The customer gave up."""
        wait_us = self._waited("abandoned", "wait_seconds_abandoned", at_us)
        if wait_us <= SHORT_ABANDON_SECONDS * MICROSECONDS:
            self._cell.counts["short_abandoned"] += 1
        self._interaction.reached("abandoned")

    def left(self, at_us: int, reason: str) -> None:
        """It left the queue otherwise."""
        self._waited(f"left_{reason}", "wait_seconds_left", at_us)
        self._interaction.reached("left")

    def _waited(self, count: str, measure: str, at_us: int) -> int:
        cell, wait_us = self._cell, at_us - self._queued_us
        cell.counts[count] += 1
        cell.microseconds[measure] += wait_us
        cell.longest_wait_us = max(wait_us, cell.longest_wait_us or 0)
        if wait_us <= TARGET_SECONDS * MICROSECONDS and count in ("answered", "abandoned"):
            cell.counts[f"{count}_in_target"] += 1
        return wait_us

    def held(self, at_us: int) -> None:
        """The customer was put on hold."""
        if not self._held_total_us and self._hold_since_us is None:
            self._cell.counts["held"] += 1
        self._hold_since_us = at_us

    def resumed(self, at_us: int) -> None:
        """The customer is back from hold."""
        if self._hold_since_us is not None:
            self._held_total_us += at_us - self._hold_since_us
            self._hold_since_us = None

    def transferred(self, at_us: int) -> None:
        """Passed on; until it ends otherwise, the agent's part is over."""
        self._cell.counts["transferred"] += 1
        self._handled_until(at_us)

    def ended(self, at_us: int) -> None:
        """The segment is over."""
        self._handled_until(at_us)

    def _handled_until(self, at_us: int) -> None:
        """Count the handling up to this moment; after a warm transfer the end moves on once more."""
        cell = self._cell
        if not self._handle_end_us:
            cell.counts["handled"] += 1
        self._handle_end_us = at_us
        on_hold_us = self._held_total_us
        if self._hold_since_us is not None:
            on_hold_us += at_us - self._hold_since_us
        talk_us = at_us - self._answered_us - on_hold_us
        cell.microseconds["hold_seconds"] += on_hold_us - self._hold_counted_us
        cell.microseconds["talk_seconds"] += talk_us - self._talk_counted_us
        self._hold_counted_us, self._talk_counted_us = on_hold_us, talk_us

    def wrapped_up(self, at_us: int, sold: tuple[Decimal, str] | None) -> None:
        """After-contact work is done; ``sold`` is the amount and currency of a sale."""
        self._cell.microseconds["wrap_seconds"] += at_us - self._handle_end_us
        if sold:
            amount, currency = sold
            self._cell.counts["sales"] += 1
            self._cell.amounts[currency] += amount


class AgentTruth:
    """One agent's time in each state, up to the last change; the present state is open."""

    __slots__ = ("changes", "microseconds", "reason", "since_us", "state")

    def __init__(self) -> None:
        """Signed out, with no time in any state."""
        self.microseconds: Counter[str] = Counter()
        self.state: str | None = None
        self.reason: str | None = None
        self.since_us = 0
        self.changes = 0

    def became(self, at_us: int, state: str | None, reason: str | None) -> None:
        """The state from this moment on; ``None`` is signed out."""
        if self.state is not None:
            self.microseconds[self.state] += at_us - self.since_us
        self.state, self.reason, self.since_us = state, reason, at_us
        if state is not None:
            self.changes += 1
