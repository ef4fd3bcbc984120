"""Messages of Asterisk's manager interface into events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from pipeline.centre.model import Centre
from pipeline.producers.adapters.asterisk.ami_calls import AmiCalls
from pipeline.producers.adapters.asterisk.ami_wire import CONNECTED, RECEIVED, TICK, TIMESTAMP, Message, time_of
from pipeline.producers.adapters.asterisk.names import Agents, Clients, code
from pipeline.producers.adapters.asterisk.passes import Pass, Passes
from pipeline.producers.adapters.asterisk.rosters import Member, Rosters, Said
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.door import Door

DEFAULT_SOURCE = "asterisk/ami"
_ADAPTER = "ami"
_REMEMBERED = timedelta(hours=4)
_FORGET_EVERY = timedelta(minutes=5)
#: As versions before 12 say it.
_OLD_NAMES = {"Join": "QueueCallerJoin", "Leave": "QueueCallerLeave", "QueueMemberPaused": "QueueMemberPause"}
#: About queues and agents, and nothing that an event could say.
_SILENT = {
    "QueueParams",
    "QueueSummary",
    "QueueSummaryComplete",
    "QueueStatusComplete",
    "QueueMemberPenalty",
    "QueueMemberRinginuse",
    "Agents",
    "AgentsComplete",
    "QueueRuleReload",
}
_NOT_ALLOWED = "CoreShowChannels refused"
#: Besides what AmiCalls reads.
_OF_CALLS = {"QueueEntry", "QueueStatusComplete", "CoreShowChannel", "CoreShowChannelsComplete", _NOT_ALLOWED}
#: What ``read_as`` says of messages that are of no matter.
NOT_FOR_EVENTS = "not for events"
#: Of a device: not valid, not available.
_UNREACHABLE = {"4", "5"}


class State(msgspec.Struct):
    """What is remembered between two messages."""

    calls: dict[str, Pass] = {}
    agents: dict[str, Member] = {}
    #: Calls that left their queue, and nobody said yet what for.
    leaving: dict[str, datetime] = {}
    sees_results: bool = False
    last: datetime | None = None
    forgot_at: datetime | None = None
    #: Since the last connection: who waits, and which channels there are. None once the snapshot is complete.
    waiting: list[str] | None = None
    channels: list[str] | None = None


class AmiConverter:
    """Messages in the order in which they came, each with the time at which it did."""

    def __init__(self, source: str | None, client: str | None, centre: Centre | None, door: Door) -> None:
        """Raises CallboardError when nothing says whose contacts these are."""
        self._speaker = Speaker(source or DEFAULT_SOURCE, _ADAPTER)
        self._clients = Clients(client, centre)
        self._agent_names = Agents(door)
        self._rosters = Rosters(self._speaker)
        self._passes = Passes(self._speaker, self._rosters)
        self._calls = AmiCalls(self._speaker, self._passes, self._clients, self._agent_names, door)
        self._state = State()
        self._handlers: dict[str, Callable[[Message, datetime], Said]] = {
            CONNECTED: self._connected,
            TICK: lambda _message, _when: [],
            "QueueEntry": self._entry,
            "QueueMember": self._member,
            "QueueStatusComplete": lambda _message, when: self._complete(when, "waiting"),
            "CoreShowChannel": self._channel,
            "CoreShowChannelsComplete": lambda _message, when: self._complete(when, "channels"),
            _NOT_ALLOWED: self._no_channels,
            "QueueMemberAdded": self._member,
            "QueueMemberStatus": self._member,
            "QueueMemberPause": self._member,
            "QueueMemberRemoved": self._removed,
            "AgentLogin": lambda message, when: self._log_in(message, when, signed_in=True),
            "AgentLogoff": lambda message, when: self._log_in(message, when, signed_in=False),
            **self._calls.handlers,
        }

    def state(self) -> bytes:
        """What it remembers."""
        state = self._state
        state.calls, state.agents = self._passes.open, self._rosters.members
        state.leaving, state.sees_results = self._calls.leaving, self._calls.sees_results
        return msgspec.json.encode(state)

    def restore(self, state: bytes) -> None:
        """Go on from there. Raises msgspec.MsgspecError for the state of another version."""
        found = self._state = msgspec.json.decode(state, type=State)
        self._passes.open, self._rosters.members = found.calls, found.agents
        self._calls.leaving, self._calls.sees_results = found.leaving, found.sees_results

    def convert(self, record: Message) -> Said:
        """The events of one message. Answers to what was asked say nothing."""
        name = _name_of(record)
        when = time_of(record, TIMESTAMP, RECEIVED)
        if when is None:
            return []
        said = self._pass_time(when)
        try:
            handler = self._handlers.get(name)
            if handler is not None:
                said += handler(record, when)
            elif _is_unknown(name):
                said += self.noticed(when, "unknown_verb", code(name) or "unnamed")
        except msgspec.ValidationError:
            # The message would hold a value.
            said += self.noticed(when, "unreadable", code(name) or "unnamed")
        if name != CONNECTED or self._state.last is None:
            self._state.last = when
        return said

    def read_as(self, message: Message) -> str:
        """What a message is counted as."""
        name = _name_of(message)
        if name in self._calls.handlers or name in _OF_CALLS:
            return "about calls"
        if name in self._handlers:
            return "about agents"
        if not name:
            return "answers"
        return "unknown" if _is_unknown(name) else NOT_FOR_EVENTS

    def noticed(self, when: datetime, kind: str, name: str, apart: object = None, count: int = 1) -> Said:
        """What whoever reads the messages noticed of the stream: a gap is everybody's."""
        clients = self._clients.all if kind == "gap" else self._clients.all[:1]
        return [
            notice
            for client in clients
            for notice in self._speaker.notice(client, when, kind, name, apart, count=count)
        ]

    def _pass_time(self, when: datetime) -> Said:
        said = self._calls.pass_time(when)
        state = self._state
        if state.forgot_at is None or when - state.forgot_at > _FORGET_EVERY:
            state.forgot_at = when
            said += self._passes.forget(when, _REMEMBERED)
            self._rosters.forget()
        return said

    def _connected(self, _message: Message, when: datetime) -> Said:
        """What was said since the last message of the connection before is not known; the snapshot follows."""
        state = self._state
        state.waiting, state.channels = [], []
        if state.last is None:
            return []
        return [
            notice
            for client in self._clients.all
            for notice in self._speaker.notice(client, when, "gap", "connection_lost", lost_from=state.last)
        ]

    def _entry(self, message: Message, when: datetime) -> Said:
        if self._state.waiting is not None:
            self._state.waiting.append(message.get("Uniqueid", ""))
        return self._calls.entry(message, when)

    def _channel(self, message: Message, _when: datetime) -> Said:
        if self._state.channels is not None:
            self._state.channels.append(message.get("Uniqueid", ""))
        return []

    def _complete(self, when: datetime, part: str) -> Said:
        """The snapshot is complete with its last part: calls that are not in it ended meanwhile, nobody saw when."""
        state = self._state
        if part == "waiting" or state.waiting is None or state.channels is None:
            return []
        waiting, channels = set(state.waiting), set(state.channels)
        state.waiting = state.channels = None
        gone = [
            call
            for call, one in self._passes.open.items()
            if one.phase in {"waiting", "talking"} and call not in channels and call not in waiting
        ]
        said: Said = []
        for call in gone:
            one = self._passes.open[call]
            said += self._passes.over(when, one)
            said += self._speaker.notice(one.client, when, "gap", "call_ended_unseen", call, lost_from=one.last)
            self._calls.leaving.pop(call, None)
        return said

    def _no_channels(self, _message: Message, when: datetime) -> Said:
        """Without the right to see channels nobody can tell which calls ended meanwhile: they are left as they were."""
        self._state.waiting = self._state.channels = None
        return self.noticed(when, "gap", "no_right_to_see_channels")

    def _member(self, message: Message, when: datetime) -> Said:
        """A member as it is now: its queue, whether it is paused, whether its device can be reached."""
        agent, client, queue = self._who(message)
        if agent is None or client is None:
            return []
        paused = message.get("Paused") == "1"
        self._rosters.reachable(agent, message.get("Status", "") not in _UNREACHABLE)
        reason = code(message.get("PausedReason") or message.get("Reason", ""))
        return self._rosters.joined(when, client, agent, queue, paused=paused, reason=reason)

    def _removed(self, message: Message, when: datetime) -> Said:
        agent, client, queue = self._who(message)
        return [] if agent is None or client is None else self._rosters.left(when, client, agent, queue)

    def _log_in(self, message: Message, when: datetime, signed_in: bool) -> Said:
        agent = self._agent_names.name(message.get("Agent", ""))
        if agent is None:
            return []
        if not signed_in:
            return self._rosters.logged_off(when, agent, self._clients.all[0])
        said: Said = []
        for client in self._rosters.clients_of(agent) or self._clients.all[:1]:
            said += self._rosters.logged_in(when, client, agent)
        return said

    def _who(self, message: Message) -> tuple[str | None, str | None, str]:
        queue = message.get("Queue", "")
        name = message.get("MemberName") or message.get("Name") or message.get("Interface", "")
        return self._agent_names.name(name), self._clients.of(queue), queue


def _name_of(message: Message) -> str:
    """What a message is; empty for an answer that says nothing."""
    name = message.get("Event", "")
    if not name and message.get("Response") == "Error" and message.get("ActionID") == "CoreShowChannels":
        return _NOT_ALLOWED
    return _OLD_NAMES.get(name, name)


def _is_unknown(name: str) -> bool:
    return name not in _SILENT and name.startswith(("Queue", "Agent"))
