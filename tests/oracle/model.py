"""The shapes of the facts. A field has the name of the column of the published view it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

Item = TypeVar("Item")
Key = TypeVar("Key")

#: (client, interaction, segment)
SegmentKey = tuple[str, str, str]
#: (client, queue, channel, direction)
Group = tuple[str, str, str, str]
#: (client, queue, channel, direction, start of the period)
CellKey = tuple[str, str, str, str, datetime]


@dataclass(frozen=True)
class Event:
    """One accepted event. ``data`` holds only the members that its type knows."""

    type: str
    source: str
    id: str
    time: datetime
    data: dict[str, Any]

    @property
    def kind(self) -> str:
        """The middle of the type: ``queued`` for ``interaction.queued.v1``."""
        return self.type.split(".")[1]

    @property
    def is_about_agent(self) -> bool:
        """Whether it is about an agent (signed in, state changed, signed out, scheduled) and not an interaction."""
        return self.type.startswith("agent.")

    @property
    def is_about_contact(self) -> bool:
        """Whether it is about an interaction, and not about an agent or a source."""
        return self.type.startswith("interaction.")

    @property
    def order(self) -> tuple[datetime, str, str]:
        """The total order in which "earliest" and "latest" are meant."""
        return (self.time, self.source, self.id)


@dataclass(frozen=True)
class Segment:
    """One pass of an interaction through one queue to at most one agent."""

    client: str
    interaction: str
    segment: str
    channel: str
    direction: str
    queue: str | None
    agent: str | None
    outcome: str
    queued_at: datetime | None
    offered_at: datetime | None
    answered_at: datetime | None
    abandoned_at: datetime | None
    left_at: datetime | None
    left_reason: str | None
    transferred_at: datetime | None
    transfer_kind: str | None
    ended_at: datetime | None
    wrapped_up_at: datetime | None
    wait_ended_at: datetime | None
    handle_ended_at: datetime | None
    wait_seconds: Decimal | None
    talk_seconds: Decimal | None
    hold_seconds: Decimal | None
    wrap_seconds: Decimal | None
    alerts: int
    declines: int
    holds: int
    resumes: int
    disposition: str | None
    flags: tuple[str, ...]
    amount: Decimal | None
    currency: str | None
    revision: int
    first_event_at: datetime
    last_event_at: datetime


@dataclass(frozen=True)
class Interaction:
    """One contact over all its segments. ``queues`` is sorted, each name once."""

    client: str
    interaction: str
    channel: str
    direction: str
    outcome: str
    started_at: datetime
    ended_at: datetime | None
    segments: int
    offered: int
    answered: int
    abandoned: int
    queues: tuple[str, ...]
    wait_seconds: Decimal
    talk_seconds: Decimal
    sales: int
    revenue: Decimal | None
    currency: str | None


@dataclass(frozen=True)
class AgentSpan:
    """A stretch of one agent in one state; ``ended_at`` and ``seconds`` are None while it lasts."""

    client: str
    agent: str
    state: str
    reason: str | None
    presence: str | None
    started_at: datetime
    ended_at: datetime | None
    seconds: Decimal | None


@dataclass(frozen=True)
class Cell:
    """What a set of queued segments amounts to: the additive counts and sums of the KPI views."""

    offered: int
    answered: int
    abandoned: int
    short_abandoned: int
    short_excluded: int
    short_not_offered: int
    left_timeout: int
    left_key: int
    left_closed: int
    left_callback: int
    abandoned_in_service_level: int
    answered_in_target: int
    abandoned_in_target: int
    wait_seconds_answered: Decimal
    wait_seconds_abandoned: Decimal
    wait_seconds_left: Decimal
    longest_wait_seconds: Decimal | None
    handled: int
    talk_seconds: Decimal
    hold_seconds: Decimal
    wrap_seconds: Decimal
    held: int
    alerts: int
    declines: int
    transferred: int
    sales: int
    revenue: Decimal | None
    currency: str | None


@dataclass(frozen=True)
class QueueSettings:
    """What holds for a queue from ``valid_from`` (None: always) to before ``valid_to`` (None: open).

    The fields are the columns of ``centre_queues``. None in a threshold, limit, rule or zone: the default holds.
    """

    queue: str = "sales"
    client: str = "acme"
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    line: str | None = None
    channel: str | None = None
    skill: str | None = None
    language: str | None = None
    site: str | None = None
    time_zone: str | None = None
    threshold_us: int | None = None
    threshold_inclusive: bool | None = None
    short_abandon_us: int | None = None
    short_abandons: str | None = None
    service_level: str | None = None


@dataclass(frozen=True)
class Facts:
    """Everything that follows from a log.

    ``lines`` is how many lines were given; each is one of ``events``, ``duplicates`` and ``rejected``. ``events`` is in
    the order (time, source, id). ``duplicates`` names the (source, id) of every line that repeated an accepted
    event; ``conflicting`` of these said something else than the first. ``rejected`` counts lines by reason. ``details``
    has the rows of every detail view, by its name.
    """

    lines: int
    events: list[Event]
    duplicates: list[tuple[str, str]]
    conflicting: int
    rejected: dict[str, int]
    segments: dict[SegmentKey, Segment]
    interactions: dict[tuple[str, str], Interaction]
    agent_spans: list[AgentSpan]
    details: dict[str, list[dict[str, Any]]]
    kpi_minute: dict[CellKey, Cell]


def seconds_between(start: datetime, stop: datetime) -> Decimal:
    """The exact seconds from ``start`` to ``stop``, with six decimal places; negative if ``stop`` is earlier."""
    return Decimal((stop - start) // timedelta(microseconds=1)).scaleb(-6)


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """``items`` by ``key``, each group in the order of ``items``."""
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
