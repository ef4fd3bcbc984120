"""Who gets which contact: the longest waiting contact to the longest idle agent with the skill."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Protocol

import simpy

from pipeline.simulate.agents import Agent

#: Channels whose contacts lie in a backlog instead of waiting on the line.
DEFERRED = frozenset({"email", "letter", "fax", "work_item"})


class Waiting(Protocol):
    """A contact as the routing sees it. ``decision`` succeeds with the agent that is to be alerted."""

    queued_us: int
    decision: simpy.Event

    @property
    def queue_name(self) -> str:
        """The queue it waits in."""


class Router:
    """Holds who waits and who can take a contact. Both are never true for one queue at once."""

    def __init__(self, channels: Mapping[str, str]) -> None:
        """A router for these queues, by name and channel."""
        self._channels = channels
        self._waiting: dict[str, OrderedDict[int, Waiting]] = {name: OrderedDict() for name in channels}
        self._idle: dict[str, OrderedDict[str, Agent]] = {name: OrderedDict() for name in channels}

    def add(self, contact: Waiting, *, first: bool = False) -> None:
        """A contact waits, or is matched at once. ``first``: it was declined and keeps its place at the head."""
        idle = self._idle[contact.queue_name]
        if idle:
            agent = next(iter(idle.values()))
            self._give(agent, contact)
            self._list(agent)
            return
        line = self._waiting[contact.queue_name]
        line[id(contact)] = contact
        if first:
            line.move_to_end(id(contact), last=False)

    def remove(self, contact: Waiting) -> None:
        """The contact waits no longer."""
        self._waiting[contact.queue_name].pop(id(contact), None)

    def ready(self, agent: Agent) -> None:
        """The agent may be free: matched with those who wait for any of its skills, as many as it can have."""
        while (longest := self._next_for(agent)) is not None:
            self.remove(longest)
            self._give(agent, longest)
        self._list(agent)

    def withdraw(self, agent: Agent) -> None:
        """Offer the agent nothing more."""
        for skill in agent.group.skills:
            self._idle[skill].pop(agent.name, None)

    def _next_for(self, agent: Agent) -> Waiting | None:
        """The longest waiting; whoever waits on the line comes before an item that lies in a backlog."""
        heads = [
            (self._channels[skill] in DEFERRED, next(iter(self._waiting[skill].values())))
            for skill in agent.group.skills
            if self._waiting[skill] and agent.takes(self._channels[skill])
        ]
        return min(heads, key=lambda head: (head[0], head[1].queued_us))[1] if heads else None

    def _give(self, agent: Agent, contact: Waiting) -> None:
        agent.reserve(self._channels[contact.queue_name])
        contact.decision.succeed(agent)

    def _list(self, agent: Agent) -> None:
        """Behind all others: whoever was given something last comes last."""
        self.withdraw(agent)
        for skill in agent.group.skills:
            if agent.takes(self._channels[skill]):
                self._idle[skill][agent.name] = agent
