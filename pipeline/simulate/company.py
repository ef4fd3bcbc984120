"""Who else is on the line of a conversation: supervisors, a consulted specialist, somebody in a conference."""

from __future__ import annotations

from typing import Literal

import simpy

from pipeline.contract.events import InteractionParticipated, ParticipatedData
from pipeline.simulate.afterwards import Afterwards
from pipeline.simulate.contact import Segment
from pipeline.simulate.journal import Journal

Role = Literal["monitor", "coach", "barge", "consult", "conference"]


def supervisor_of(group: str) -> str:
    """The work identifier of a group's supervisor, who takes no contacts from a queue."""
    return f"{group}-lead"


def specialist_of(group: str) -> str:
    """The work identifier of the specialist whom a group's agents ask, and who takes no contacts."""
    return f"{group}-specialist"


class Company:
    """Those who are on the line of ``segment`` besides its own agent. Each may be there once in a role."""

    def __init__(self, env: simpy.Environment, journal: Journal, after: Afterwards, segment: Segment) -> None:
        """Nobody yet."""
        self._env = env
        self._journal = journal
        self._segment = segment
        self._line = after.line(segment)
        self._since_us: dict[tuple[Role, str], int] = {}

    def join(self, role: Role, who: str) -> None:
        """Somebody joins now."""
        self._since_us[role, who] = int(self._env.now)
        data = ParticipatedData(**self._segment.detail(who), role=role, change="joined")
        self._journal.say(InteractionParticipated, data, self._line.joined, role)

    def leave(self, role: Role, who: str) -> None:
        """Whoever joined in this role leaves now; who is not there says nothing."""
        since_us = self._since_us.pop((role, who), None)
        if since_us is not None:
            data = ParticipatedData(**self._segment.detail(who), role=role, change="left")
            self._journal.say(InteractionParticipated, data, self._line.parted, role, since_us)

    def go(self) -> None:
        """All leave, in the order in which they came."""
        for role, who in list(self._since_us):
            self.leave(role, who)
