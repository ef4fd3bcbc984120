"""What a simulated centre is made of: clients, queues and the agents' groups, as plain checked data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from zoneinfo import ZoneInfo

from pipeline.centre.vocabulary import CHANNELS, LINES
from pipeline.errors import CallboardError
from pipeline.simulate.business import Business
from pipeline.simulate.spread import Lognormal, Spread

HOURS_OF_DAY = 24


@dataclass(frozen=True, slots=True)
class Transfer:
    """With this probability an answered contact is passed on to another queue of the same client."""

    to_queue: str
    probability: float
    kind: Literal["cold", "warm", "conference"] = "cold"


@dataclass(frozen=True, slots=True)
class Sales:
    """What a sale in a queue is worth; the probability is per handled contact."""

    probability: float
    amount: Lognormal
    currency: str


@dataclass(frozen=True, slots=True)
class Exits:
    """How a waiting contact leaves a queue without an answer and without giving up."""

    #: The queue gives up after this long: to ``overflow_to`` as a new segment, or the contact ends.
    timeout_seconds: float | None = None
    overflow_to: str | None = None
    #: A caller presses a key (leaves a message) at a moment with this mean.
    key_probability: float = 0.0
    key_after_seconds: float = 60.0
    #: A caller takes the offer of a callback, which becomes an outbound contact in ``callback_queue``.
    callback_probability: float = 0.0
    callback_after_seconds: float = 45.0
    callback_queue: str | None = None
    callback_delay_seconds: float = 1800.0


@dataclass(frozen=True, slots=True)
class Queue:
    """One line of waiting contacts. Durations are in seconds, rates per hour, hours are the site's."""

    name: str
    client: str
    #: Mean arrivals per hour for each of the 24 hours of the site's day.
    calls_per_hour: tuple[float, ...]
    channel: str = "voice"
    direction: Literal["inbound", "outbound"] = "inbound"
    business: Business = Business()
    #: Time in the menu (inbound) or ringing at the customer (outbound), and who is lost there.
    menu_seconds: Spread = Lognormal(18)
    menu_hang_up_probability: float = 0.06
    #: Mean; None is a contact that waits as long as it takes, such as an email.
    patience_seconds: float | None = 180.0
    talk_seconds: Spread = Lognormal(210)
    wrap_up_seconds: Spread = Lognormal(35)
    hold_probability: float = 0.15
    hold_seconds: Spread = Lognormal(40)
    #: Share of holds during which the customer hangs up.
    hang_up_on_hold_probability: float = 0.03
    exits: Exits = Exits()
    #: First open and first closed hour; None is round the clock.
    opening: tuple[int, int] | None = None
    transfers: tuple[Transfer, ...] = ()
    sales: Sales | None = None
    dispositions: tuple[str, ...] = ("resolved", "follow_up", "information")


@dataclass(frozen=True, slots=True)
class Break:
    """Time off the floor within a shift; ``state`` is the agent's state meanwhile."""

    after_hours: float
    minutes: float
    reason: str
    state: Literal["break", "unavailable"] = "break"


@dataclass(frozen=True, slots=True)
class AgentGroup:
    """Agents alike: one client, the same skills (queues) and the same shift, every day."""

    name: str
    client: str
    skills: tuple[str, ...]
    agents: int
    shift_start_hour: float
    shift_hours: float = 8.0
    breaks: tuple[Break, ...] = (
        Break(2.0, 15, "break"),
        Break(4.0, 30, "meal"),
        Break(5.0, 20, "coaching", "unavailable"),
        Break(6.5, 15, "break"),
    )
    answer_seconds: Spread = Lognormal(4, 0.5)
    no_answer_probability: float = 0.012
    decline_probability: float = 0.008
    #: Contacts of a channel that one agent has at once; one of every other. Never of two channels at the same time.
    capacity: tuple[tuple[str, int], ...] = ()
    languages: tuple[str, ...] = ("en",)

    def names(self) -> tuple[str, ...]:
        """The work identifiers of its agents."""
        return tuple(f"{self.name}-{number:02d}" for number in range(1, self.agents + 1))

    def slots(self, channel: str) -> int:
        """How many contacts of a channel one of these agents takes at once."""
        return dict(self.capacity).get(channel, 1)


@dataclass(frozen=True, slots=True)
class Centre:
    """A whole centre at one site. Queue names are unique over all clients.

    Raises:
        CallboardError: a name does not exist, a probability is not one, or a duration is not positive.
    """

    name: str
    queues: tuple[Queue, ...]
    groups: tuple[AgentGroup, ...]
    timezone: str = "UTC"
    #: Agents have plans, which are said when they are made.
    scheduled: bool = False
    #: What comes of contacts comes within so many days.
    aftermath_days: float = 0.0
    #: Disposition to what it counts as; a disposition that is not named counts as nothing.
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a centre that could not work."""
        problems = list(_problems(self))
        if problems:
            raise CallboardError(f"the simulated centre '{self.name}' cannot work: {'; '.join(problems)}")

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)

    def scaled(self, factor: float) -> Centre:
        """The same centre with ``factor`` times the arrivals and the agents (at least one a group)."""
        if not 0 < factor < math.inf:
            raise CallboardError(f"scale is {factor}: give more than 0, such as 0.5")
        if factor == 1:
            return self
        return replace(
            self,
            name=f"{self.name}-x{factor:g}",
            queues=tuple(replace(q, calls_per_hour=tuple(r * factor for r in q.calls_per_hour)) for q in self.queues),
            groups=tuple(replace(g, agents=max(1, round(g.agents * factor))) for g in self.groups),
        )


def _problems(centre: Centre) -> Iterator[str]:
    channels = {queue.name: queue.channel for queue in centre.queues}
    for queue in centre.queues:
        onward = (*(t.to_queue for t in queue.transfers), queue.exits.overflow_to)
        if any(channels.get(name or queue.name, queue.channel) != queue.channel for name in onward):
            yield f"queue '{queue.name}' hands over to another channel"
    clients = {queue.name: queue.client for queue in centre.queues}
    if len(clients) != len(centre.queues):
        yield "two queues have the same name"
    for queue in centre.queues:
        yield from _queue_problems(queue, clients)
    for group in centre.groups:
        if not group.skills or any(clients.get(skill) != group.client for skill in group.skills):
            yield f"group '{group.name}' needs skills that are queues of client '{group.client}'"
        if not 0 < group.shift_hours <= HOURS_OF_DAY:
            yield f"group '{group.name}' has a shift of {group.shift_hours} h (0 to 24 are possible)"
        if group.no_answer_probability + group.decline_probability >= 1:
            yield f"group '{group.name}' never answers"


def _queue_problems(queue: Queue, clients: dict[str, str]) -> Iterator[str]:
    exits = queue.exits
    if queue.channel not in CHANNELS:
        yield f"queue '{queue.name}' has the channel '{queue.channel}', which is not known"
    if queue.business.line not in LINES:
        yield f"queue '{queue.name}' has the line '{queue.business.line}', which is not known"
    if queue.business.dialling and queue.direction != "outbound":
        yield f"queue '{queue.name}' dials and is not outbound"
    if sum(o.probability for o in queue.business.outcomes if o.disposition) > 1:
        yield f"queue '{queue.name}' has outcomes whose probabilities add up to more than 1"
    targets = [t.to_queue for t in queue.transfers] + [exits.overflow_to, exits.callback_queue]
    for target in targets:
        if target is not None and clients.get(target) != queue.client:
            yield f"queue '{queue.name}' hands over to '{target}', which is not a queue of client '{queue.client}'"
    if exits.callback_probability and exits.callback_queue is None:
        yield f"queue '{queue.name}' offers callbacks and names no callback_queue"
    if len(queue.calls_per_hour) != HOURS_OF_DAY or min(queue.calls_per_hour) < 0:
        yield f"queue '{queue.name}' needs {HOURS_OF_DAY} rates that are not negative"
    if sum(t.probability for t in queue.transfers) > 1 or exits.key_probability + exits.callback_probability > 1:
        yield f"queue '{queue.name}' has probabilities that add up to more than 1"
    if queue.patience_seconds is not None and queue.patience_seconds <= 0:
        yield f"queue '{queue.name}' has callers without any patience"
    if queue.opening and not 0 <= queue.opening[0] < queue.opening[1] <= HOURS_OF_DAY:
        yield f"queue '{queue.name}' opens at {queue.opening[0]} and closes at {queue.opening[1]}"
