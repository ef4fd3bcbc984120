"""Agents: their states, and the shifts and breaks that take them on and off the floor."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import simpy

from pipeline.contract.events import (
    AgentData,
    AgentSignedIn,
    AgentSignedInData,
    AgentSignedOut,
    AgentState,
    AgentStateChanged,
    AgentStateChangedData,
)
from pipeline.simulate.arrivals import MICROSECONDS
from pipeline.simulate.centre import AgentGroup
from pipeline.simulate.journal import Journal
from pipeline.simulate.truth import AgentTruth

Process = Generator[simpy.Event, Any, None]
#: Agents of a group come and go within this many seconds of the plan.
PUNCTUALITY_SECONDS = 240.0
#: The breaks of a group are spread over this time.
BREAK_STAGGER_SECONDS = 6000.0
#: An agent is at the desk for at most this long before taking the first contact.
SETTLING_SECONDS = 20.0
DAY = timedelta(days=1)


#: Told of each shift of an agent before it begins: the agent, and the start by plan (UTC).
Planner = Callable[[Any, datetime], None]


def microseconds(seconds: float) -> int:
    """A simulated duration, at least one microsecond."""
    return max(1, round(seconds * MICROSECONDS))


class Desk(Protocol):
    """What an agent asks of the routing."""

    def ready(self, agent: Agent) -> None:
        """The agent may be able to take a contact, or one more."""

    def withdraw(self, agent: Agent) -> None:
        """Offer the agent nothing more."""


class Agent:
    """One agent, with its state, the contacts that it has, and what it is about to do.

    A contact's slot is taken by ``reserve`` (its desk rings) and freed by ``give_back``, ``missed`` or ``done``.
    """

    def __init__(self, name: str, group: AgentGroup, desk: Desk, journal: Journal, truth: AgentTruth) -> None:
        """A signed-out agent."""
        self.name = name
        self.group = group
        self._desk = desk
        self._journal = journal
        self._truth = truth
        self._state: AgentState | None = None
        self._leaving: simpy.Event | None = None
        self._on_floor = False
        self._channel = ""
        self._contacts = self._talking = self._wrapping = 0

    def sign_in(self) -> None:
        """At the desk, not yet available."""
        self._state = "unavailable"
        data = AgentSignedInData(client=self.group.client, agent=self.name, state="unavailable", reason="signing_in")
        self._journal.say(AgentSignedIn, data, self._truth.became, "unavailable", "signing_in")

    def sign_out(self) -> None:
        """Gone for the day."""
        self._state = None
        data = AgentData(client=self.group.client, agent=self.name)
        self._journal.say(AgentSignedOut, data, self._truth.became, None, None)

    def become(self, state: AgentState, reason: str | None = None) -> None:
        """Change state; saying the present state again says nothing."""
        if state == self._state:
            return
        self._state = state
        data = AgentStateChangedData(client=self.group.client, agent=self.name, state=state, reason=reason)
        self._journal.say(AgentStateChanged, data, self._truth.became, state, reason)

    def takes(self, channel: str) -> bool:
        """Whether the agent can have one more contact of this channel now."""
        if not self._on_floor or self._leaving is not None:
            return False
        return not self._contacts or (channel == self._channel and self._contacts < self.group.slots(channel))

    def reserve(self, channel: str) -> None:
        """A contact of this channel is on its way to the agent."""
        self._channel = channel
        self._contacts += 1

    def answer(self) -> None:
        """One of the contacts was answered."""
        self._talking += 1
        self.become("on_contact")

    def wrap(self) -> None:
        """One of the conversations is over and its after-contact work begins."""
        self._talking -= 1
        self._wrapping += 1
        if not self._talking:
            self.become("wrap_up")

    def done(self) -> None:
        """The after-contact work of one contact is done."""
        self._wrapping -= 1
        self._freed()

    def give_back(self) -> None:
        """A contact that was on its way will not come."""
        self._freed()

    def missed(self, reason: str) -> bool:
        """A contact was not taken; true if the agent is off the routing until ``arrive``, false if others go on."""
        if self._contacts > 1:
            self._freed()
            return False
        self._contacts = 0
        self._on_floor = False
        self._desk.withdraw(self)
        self.become("unavailable", reason)
        return True

    def arrive(self) -> None:
        """Back at the desk: leave if it is time to, else take the next."""
        self._on_floor = True
        self._settle()

    def _freed(self) -> None:
        self._contacts -= 1
        self._settle()

    def _settle(self) -> None:
        if not self._contacts and self._leaving is not None:
            self._leaving.succeed()
            self._leaving = None
            self._on_floor = False
            return
        if not self._talking:
            self.become("wrap_up" if self._wrapping else "available")
        self._desk.ready(self)

    def off_floor(self, env: simpy.Environment) -> simpy.Event:
        """Ask to leave: happens at once when free, else when the present contacts and their wrap-up are done."""
        free = env.event()
        self._desk.withdraw(self)
        if self._on_floor and not self._contacts:
            self._on_floor = False
            free.succeed()
        else:
            self._leaving = free
        return free


def shifts(
    agent: Agent, env: simpy.Environment, origin: datetime, zone: ZoneInfo, rng: Random, plans: Planner | None = None
) -> Process:
    """The agent's days without end, as a simpy process. A shift under way at ``origin`` is joined at once.

    ``plans`` is told each shift (local start) when the one before is over.
    """
    group = agent.group
    for day in _days_from(origin.astimezone(zone).date() - DAY):
        begins = datetime.combine(day, time(), zone) + timedelta(hours=group.shift_start_hour)
        begins_us = (begins.astimezone(UTC) - origin) // timedelta(microseconds=1) + microseconds(
            rng.random() * PUNCTUALITY_SECONDS
        )
        ends_us = begins_us + microseconds(group.shift_hours * 3600)
        if ends_us <= env.now:
            continue
        if plans is not None:
            plans(agent, begins.astimezone(UTC))
        # Whoever is on shift when the simulation starts signs in during its first seconds.
        arrives_us = max(begins_us, int(env.now) + microseconds(rng.random() * 3))
        yield env.timeout(arrives_us - int(env.now))
        agent.sign_in()
        yield env.timeout(microseconds(1 + rng.random() * SETTLING_SECONDS))
        agent.arrive()
        yield from _shift(agent, env, begins_us, ends_us, rng)
        agent.sign_out()


def _shift(agent: Agent, env: simpy.Environment, begins_us: int, ends_us: int, rng: Random) -> Process:
    """From the first availability to leaving for the day; breaks already missed are not made up for."""
    # Nobody plans a break for a whole team at once: each agent's breaks are moved by the same random time.
    moved_seconds = (rng.random() - 0.5) * BREAK_STAGGER_SECONDS
    for pause in agent.group.breaks:
        starts_us = begins_us + microseconds(pause.after_hours * 3600 + moved_seconds)
        if not env.now < starts_us < ends_us:
            continue
        yield env.timeout(starts_us - int(env.now))
        yield agent.off_floor(env)
        agent.become(pause.state, pause.reason)
        yield env.timeout(microseconds(pause.minutes * 60 * (0.9 + 0.25 * rng.random())))
        agent.arrive()
    if ends_us > env.now:
        yield env.timeout(ends_us - int(env.now))
    yield agent.off_floor(env)


def _days_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += DAY
