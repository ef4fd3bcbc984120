"""Agents: their states, and the shifts and breaks that take them on and off the floor."""

from __future__ import annotations

from collections.abc import Generator, Iterator
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


def microseconds(seconds: float) -> int:
    """A simulated duration, at least one microsecond."""
    return max(1, round(seconds * MICROSECONDS))


class Desk(Protocol):
    """What an agent asks of the routing."""

    def ready(self, agent: Agent) -> None:
        """The agent can take a contact."""

    def withdraw(self, agent: Agent) -> bool:
        """Offer the agent nothing more; false if the agent is not idle at the moment."""


class Agent:
    """One agent, with its state and what it is about to do."""

    def __init__(self, name: str, group: AgentGroup, desk: Desk, journal: Journal, truth: AgentTruth) -> None:
        """A signed-out agent."""
        self.name = name
        self.group = group
        self._desk = desk
        self._journal = journal
        self._truth = truth
        self._state: AgentState | None = None
        self._leaving: simpy.Event | None = None

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

    def release(self) -> None:
        """Done with a contact, or back at the desk: leave if it is time to, else take the next."""
        if self._leaving is not None:
            self._leaving.succeed()
            self._leaving = None
            return
        self.become("available")
        self._desk.ready(self)

    def off_floor(self, env: simpy.Environment) -> simpy.Event:
        """Ask to leave: happens at once when free, else when the present contact and its wrap-up are done."""
        free = env.event()
        if self._desk.withdraw(self):
            free.succeed()
        else:
            self._leaving = free
        return free


def shifts(agent: Agent, env: simpy.Environment, origin: datetime, zone: ZoneInfo, rng: Random) -> Process:
    """The agent's days without end, as a simpy process. A shift under way at ``origin`` is joined at once."""
    group = agent.group
    for day in _days_from(origin.astimezone(zone).date() - DAY):
        begins = datetime.combine(day, time(), zone) + timedelta(hours=group.shift_start_hour)
        begins_us = (begins.astimezone(UTC) - origin) // timedelta(microseconds=1) + microseconds(
            rng.random() * PUNCTUALITY_SECONDS
        )
        ends_us = begins_us + microseconds(group.shift_hours * 3600)
        if ends_us <= env.now:
            continue
        # Whoever is on shift when the simulation starts signs in during its first seconds.
        arrives_us = max(begins_us, int(env.now) + microseconds(rng.random() * 3))
        yield env.timeout(arrives_us - int(env.now))
        agent.sign_in()
        yield env.timeout(microseconds(1 + rng.random() * SETTLING_SECONDS))
        agent.release()
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
        agent.release()
    if ends_us > env.now:
        yield env.timeout(ends_us - int(env.now))
    yield agent.off_floor(env)


def _days_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += DAY
