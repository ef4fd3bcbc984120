"""What agents do, by what Asterisk says of its queues' members.

Asterisk has members, pauses and calls, and no states. A member of at least one queue is signed in; paused in all of
them is on a break; on a call is on contact; else available. Of somebody who was never seen to join a queue or to
pause no state is said: such a member is in the queue day and night, and nobody knows when there is somebody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from pipeline.contract import events as ev
from pipeline.producers.adapters.speaker import Speaker

Said = list[ev.Event]

OTHER_CLIENT = "other_client"
UNREACHABLE = "unreachable"
_MICROSECOND = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


class Roster(Struct, omit_defaults=True):
    """An agent as a member of one client's queues."""

    queues: list[str] = []
    paused: list[str] = []
    #: Paused everywhere at once, whatever the queues.
    paused_all: bool = False
    #: Signed in by a log-in of its own, which is apart from the queues.
    logged_in: bool = False
    #: A configured member, who never joins and is known by its pauses.
    configured: bool = False
    reason: str | None = None
    said: tuple[str, str | None] | None = None
    said_at: datetime | None = None


class Member(Struct, omit_defaults=True):
    """An agent over all clients."""

    rosters: dict[str, Roster] = {}
    #: Calls at this moment, by client.
    calls: dict[str, int] = {}
    #: The end of after-call work, and for whom.
    wrap_until: datetime | None = None
    wrap_client: str | None = None
    #: The device cannot be reached, where the source says so.
    unreachable: bool = False


class Rosters:
    """Says the states of agents; ``members`` is all that it remembers."""

    def __init__(self, speaker: Speaker) -> None:
        """Nobody is known."""
        self.members: dict[str, Member] = {}
        self._speaker = speaker

    def joined(
        self, when: datetime, client: str, agent: str, queue: str, paused: bool = False, reason: str | None = None
    ) -> Said:
        """Is a member of a queue."""
        roster = self._roster(client, agent)
        if queue not in roster.queues:
            roster.queues.append(queue)
        _mark(roster.paused, queue, paused)
        if paused:
            roster.reason = reason
        return self._say(when, client, agent)

    def left(self, when: datetime, client: str, agent: str, queue: str) -> Said:
        """Is a member of the queue no more; of no queue any more is signed out."""
        roster = self._roster(client, agent)
        _mark(roster.queues, queue, False)
        _mark(roster.paused, queue, False)
        roster.configured = False
        if not roster.queues:
            roster.paused_all = False
        return self._say(when, client, agent)

    def logged_in(self, when: datetime, client: str, agent: str) -> Said:
        """Signed in apart from any queue."""
        self._roster(client, agent).logged_in = True
        return self._say(when, client, agent)

    def logged_off(self, when: datetime, agent: str, default: str) -> Said:
        """Signed out of everything."""
        said: Said = []
        for client in self.clients_of(agent) or [default]:
            said_before = self._roster(client, agent)
            self.members[agent].rosters[client] = Roster(said=said_before.said, said_at=said_before.said_at)
            said += self._say(when, client, agent)
        return said

    def paused(
        self, when: datetime, client: str, agent: str, queue: str | None, paused: bool, reason: str | None
    ) -> Said:
        """Paused, or not any more, in a queue or (None) in all."""
        roster = self._roster(client, agent)
        if not (roster.queues or roster.logged_in):
            roster.configured = True
        if queue is None:
            roster.paused_all = paused
            if not paused:
                roster.paused.clear()
        else:
            if roster.configured and queue not in roster.queues:
                roster.queues.append(queue)
            _mark(roster.paused, queue, paused)
            if not paused:
                roster.paused_all = False
        roster.reason = reason if paused else None
        return self._say(when, client, agent)

    def reason(self, when: datetime, client: str, agent: str, reason: str | None) -> Said:
        """Said afterwards why the agent is paused."""
        self._roster(client, agent).reason = reason
        return self._say(when, client, agent)

    def busy(self, when: datetime, client: str, agent: str) -> Said:
        """Took a call."""
        member = self._member(agent)
        member.calls[client] = member.calls.get(client, 0) + 1
        return self._say_all(when, agent)

    def free(self, when: datetime, client: str, agent: str) -> Said:
        """A call is over."""
        member = self._member(agent)
        left = member.calls.get(client, 0) - 1
        if left > 0:
            member.calls[client] = left
        else:
            member.calls.pop(client, None)
        return self._say_all(when, agent)

    def wrapping(self, when: datetime, client: str, agent: str, until: datetime) -> Said:
        """After-call work began and will be over at a known time."""
        member = self._member(agent)
        member.wrap_until, member.wrap_client = until, client
        return self._say_all(when, agent)

    def wrapped(self, agent: str) -> Said:
        """After-call work is over, at the time that was said."""
        member = self._member(agent)
        until, member.wrap_until, member.wrap_client = member.wrap_until, None, None
        return [] if until is None else self._say_all(until, agent)

    def reachable(self, agent: str, reachable: bool) -> None:
        """The device can be reached or not; what is said next takes it into account."""
        self._member(agent).unreachable = not reachable

    def lost(self, when: datetime) -> Said:
        """Asterisk began anew: no call goes on. Members are kept, as it keeps them itself."""
        said: Said = []
        for agent, member in self.members.items():
            if member.calls or member.wrap_until is not None:
                member.calls.clear()
                member.wrap_until = member.wrap_client = None
                said += self._say_all(when, agent)
        return said

    def clients_of(self, agent: str) -> list[str]:
        """The clients for whom the agent is known to work."""
        member = self.members.get(agent)
        return [] if member is None else list(member.rosters)

    def _member(self, agent: str) -> Member:
        found = self.members.get(agent)
        if found is None:
            found = self.members[agent] = Member()
        return found

    def _roster(self, client: str, agent: str) -> Roster:
        return self._member(agent).rosters.setdefault(client, Roster())

    def _say_all(self, when: datetime, agent: str) -> Said:
        return [event for client in self.members[agent].rosters for event in self._say(when, client, agent)]

    def _say(self, when: datetime, client: str, agent: str) -> Said:
        member = self.members[agent]
        roster = member.rosters[client]
        state = _state(member, roster, client)
        if state == roster.said:
            return []
        signed_in = roster.said is not None
        roster.said = state
        when = roster.said_at = _after(roster.said_at, when)
        if state is None:
            return [self._speaker.say(ev.AgentSignedOut, when, client=client, agent=agent)]
        members = {"client": client, "agent": agent, "state": state[0], "reason": state[1]}
        if signed_in or roster.configured:
            return [self._speaker.say(ev.AgentStateChanged, when, **members)]
        return [self._speaker.say(ev.AgentSignedIn, when, **members)]

    def forget(self) -> None:
        """Forget agents who are signed out: an agent's name need not come again."""
        for agent in list(_gone(self.members)):
            del self.members[agent]


def _state(member: Member, roster: Roster, client: str) -> tuple[str, str | None] | None:
    if not (roster.queues or roster.logged_in or roster.configured):
        return None
    if member.calls:
        return ("on_contact", None) if client in member.calls else ("unavailable", OTHER_CLIENT)
    if member.wrap_until is not None:
        return ("wrap_up", None) if client == member.wrap_client else ("unavailable", OTHER_CLIENT)
    if member.unreachable:
        return "unavailable", UNREACHABLE
    if roster.paused_all or (roster.paused and set(roster.queues) <= set(roster.paused)):
        return "break", roster.reason
    return "available", None


def _after(before: datetime | None, when: datetime) -> datetime:
    """Later than what was said before, by microseconds where the source has whole seconds; in the same second."""
    if before is None or when > before:
        return when
    return min(before + _MICROSECOND, before.replace(microsecond=0) + _SECOND - _MICROSECOND)


def _mark(names: list[str], name: str, is_in: bool) -> None:
    if is_in and name not in names:
        names.append(name)
    elif not is_in and name in names:
        names.remove(name)


def _gone(members: dict[str, Member]) -> Iterator[str]:
    for agent, member in members.items():
        idle = not member.calls and member.wrap_until is None
        if idle and all(roster.said is None for roster in member.rosters.values()):
            yield agent
