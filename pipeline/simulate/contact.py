"""A simulated contact and its segments: names, deadlines, and how what happens to them is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Literal
from zoneinfo import ZoneInfo

import simpy

from pipeline.contract.events import SegmentData
from pipeline.simulate.agents import microseconds
from pipeline.simulate.centre import Queue
from pipeline.simulate.line_truth import ContactTruth
from pipeline.simulate.spread import Spread
from pipeline.simulate.truth import InteractionTruth, SegmentTruth

#: How long the announcement 'we are closed' takes.
CLOSED_ANNOUNCEMENT_SECONDS = 5.0

LeaveReason = Literal["abandoned", "timeout", "key", "closed", "callback"]


def draw(rng: Random, spread: Spread) -> int:
    """A random duration in microseconds."""
    return microseconds(spread.draw(rng))


@dataclass(frozen=True, slots=True)
class Callback:
    """A promised callback: its name, and the contact that it was asked for in."""

    name: str
    requested_us: int
    queue: Queue
    attempt: int = 1


@dataclass(slots=True)
class Contact:
    """One interaction over all its segments."""

    name: str
    queue: Queue
    truth: InteractionTruth
    details: ContactTruth
    segments: int = 0
    customer: str | None = None
    product: str | None = None
    #: What is known of the dial until it is told, and when the called person had finished the greeting.
    dial: dict[str, Any] | None = None
    greeted_us: int | None = None
    #: The callback that this contact is an attempt of, and when it was asked for.
    callback: Callback | None = None
    #: The queues that it has been in.
    queues: set[str] = field(default_factory=set)

    @property
    def members(self) -> dict[str, Any]:
        """What every event about it says."""
        return {
            "client": self.queue.client,
            "interaction": self.name,
            "channel": self.queue.channel,
            "direction": self.queue.direction,
        }

    @property
    def detail(self) -> dict[str, Any]:
        """What every detail of it as a whole says: its queue is its first."""
        return {**self.members, "queue": self.queue.name}


class Segment:
    """One pass through one queue, or past all of them. It satisfies ``routing.Waiting``."""

    __slots__ = (
        "answered",
        "closed",
        "contact",
        "deadline_us",
        "decision",
        "leave_reason",
        "members",
        "over",
        "queue",
        "queued_us",
        "truth",
    )

    def __init__(
        self, contact: Contact, queue: Queue, truth: SegmentTruth, queued_us: int, *, queued: bool = True
    ) -> None:
        """The next segment of ``contact``, queued at ``queued_us``; ``queued`` False: it goes to an agent directly."""
        contact.segments += 1
        self.contact = contact
        self.queue = queue
        self.truth = truth
        self.queued_us = queued_us
        self.deadline_us: int | None = None
        self.leave_reason: LeaveReason = "abandoned"
        self.closed = False
        self.decision: simpy.Event
        #: For whoever handed it over and stays on the line.
        self.answered: simpy.Event
        self.over: simpy.Event
        self.members = {**contact.members, "segment": str(contact.segments)}
        if queued:
            self.members["queue"] = queue.name

    @property
    def queue_name(self) -> str:
        """The name of its queue."""
        return self.queue.name

    def data(self, payload: type[SegmentData] = SegmentData, agent: str | None = None, **more: Any) -> SegmentData:
        """The payload of an event about it."""
        return payload(**self.members, agent=agent, **more)

    def detail(self, agent: str | None = None) -> dict[str, Any]:
        """What every detail of it says."""
        return {**self.members, "agent": agent}

    @property
    def campaign(self) -> str | None:
        """The campaign that it belongs to."""
        dialling, case = self.queue.business.dialling, self.queue.business.case
        return dialling.campaign if dialling else case.campaign if case else None

    def set_deadline(self, rng: Random, moment: datetime, zone: ZoneInfo) -> None:
        """Decide now when and how the contact leaves the queue if nobody answers; ``moment`` is its queue entry."""
        until_close_seconds = seconds_until_close(self.queue, moment, zone)
        if until_close_seconds == 0:
            self.closed = True
            self._leaves("closed", CLOSED_ANNOUNCEMENT_SECONDS * (1 + rng.random()))
            return
        exits = self.queue.exits
        choices: list[tuple[float, LeaveReason]] = []
        if self.queue.patience_seconds is not None:
            choices.append((rng.expovariate(1 / self.queue.patience_seconds), "abandoned"))
        if until_close_seconds is not None:
            choices.append((until_close_seconds, "closed"))
        if exits.timeout_seconds is not None:
            choices.append((exits.timeout_seconds, "timeout"))
        chance = rng.random()
        if chance < exits.key_probability:
            choices.append((rng.expovariate(1 / exits.key_after_seconds), "key"))
        elif chance < exits.key_probability + exits.callback_probability:
            choices.append((exits.callback_after_seconds * (1 + rng.random() / 2), "callback"))
        if choices:
            seconds, reason = min(choices)
            self._leaves(reason, seconds)

    def _leaves(self, reason: LeaveReason, after_seconds: float) -> None:
        self.leave_reason = reason
        self.deadline_us = self.queued_us + microseconds(after_seconds)


def seconds_until_close(queue: Queue, moment: datetime, zone: ZoneInfo) -> float | None:
    """How long the queue stays open: 0 if it is closed, None if it never closes."""
    if queue.opening is None:
        return None
    opens, closes = queue.opening
    local = moment.astimezone(zone)
    if not opens <= local.hour < closes:
        return 0
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    end = midnight + timedelta(hours=closes)
    return (end.astimezone(UTC) - moment).total_seconds()
