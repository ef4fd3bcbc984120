"""Who gets which contact: the longest waiting contact to the longest idle agent with the skill."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Protocol

import simpy

from pipeline.simulate.agents import Agent


class Waiting(Protocol):
    """A contact as the routing sees it. ``decision`` succeeds with the agent that is to be alerted."""

    queued_us: int
    decision: simpy.Event

    @property
    def queue_name(self) -> str:
        """The queue it waits in."""


class Router:
    """Holds who waits and who is idle. Both are never true for one queue at once."""

    def __init__(self, queues: Iterable[str]) -> None:
        """A router for these queue names."""
        self._waiting: dict[str, OrderedDict[int, Waiting]] = {name: OrderedDict() for name in queues}
        self._idle: dict[str, OrderedDict[str, Agent]] = {name: OrderedDict() for name in self._waiting}

    def add(self, contact: Waiting, *, first: bool = False) -> None:
        """A contact waits, or is matched at once. ``first``: it was declined and keeps its place at the head."""
        idle = self._idle[contact.queue_name]
        if idle:
            agent = next(iter(idle.values()))
            self._reserve(agent)
            contact.decision.succeed(agent)
            return
        line = self._waiting[contact.queue_name]
        line[id(contact)] = contact
        if first:
            line.move_to_end(id(contact), last=False)

    def remove(self, contact: Waiting) -> None:
        """The contact waits no longer."""
        self._waiting[contact.queue_name].pop(id(contact), None)

    def ready(self, agent: Agent) -> None:
        """The agent is free: matched with the longest waiting contact of any of its skills, or idle."""
        longest: Waiting | None = None
        for skill in agent.group.skills:
            line = self._waiting[skill]
            if line:
                head = next(iter(line.values()))
                if longest is None or head.queued_us < longest.queued_us:
                    longest = head
        if longest is None:
            for skill in agent.group.skills:
                self._idle[skill][agent.name] = agent
            return
        self.remove(longest)
        longest.decision.succeed(agent)

    def withdraw(self, agent: Agent) -> bool:
        """Offer the agent nothing more; false if the agent is not idle at the moment."""
        if agent.name not in self._idle[agent.group.skills[0]]:
            return False
        self._reserve(agent)
        return True

    def _reserve(self, agent: Agent) -> None:
        for skill in agent.group.skills:
            del self._idle[skill][agent.name]
