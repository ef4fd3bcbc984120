"""Records of Asterisk's queue log into events."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from pipeline.centre.model import Centre
from pipeline.contract import events as ev
from pipeline.producers.adapters.asterisk.agent_verbs import AgentVerbs
from pipeline.producers.adapters.asterisk.call_verbs import CallVerbs, ContradictionError
from pipeline.producers.adapters.asterisk.lines import Line, Lines, UnreadableLineError
from pipeline.producers.adapters.asterisk.names import Agents, Clients, code
from pipeline.producers.adapters.asterisk.passes import Pass, Passes
from pipeline.producers.adapters.asterisk.rosters import Member, Rosters, Said
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.door import Door
from pipeline.producers.growing_file import Gap

DEFAULT_SOURCE = "asterisk/queue_log"
_ADAPTER = "queue_log"
#: Like records are told apart by their number in their second; records are hardly ever more than this out of order.
_SECONDS_REMEMBERED = 5
_FORGET_EVERY = timedelta(minutes=5)
#: Known, and nothing to be said of it: the number that was dialled, and what a version of QueueMetrics is.
_SILENT = {"DID", "QUEUEMETRICS", "TRACE"}
#: About a call, and some write them without saying which.
_MAY_LACK_CALL = {"WRAPUPSTART", "INFO"}
_RESTART = "QUEUESTART"
_RELOAD = "CONFIGRELOAD"


class State(msgspec.Struct):
    """What is remembered between two records."""

    calls: dict[str, Pass] = {}
    wrapping: list[str] = []
    agents: dict[str, Member] = {}
    last: datetime | None = None
    forgot_at: datetime | None = None
    #: Of the last few seconds: how often each verb of a call and an agent was there, by their digest.
    recent: dict[int, dict[str, int]] = {}
    #: Told with the next record, which has a time.
    gaps: list[str] = []
    unreadable: int = 0


class QueueLogConverter:
    """Lines of the file, or rows of the table, in the order in which they were written.

    After each ``convert``, ``read_as`` says how the record was read, and ``problem`` why it was not (else None).
    """

    def __init__(
        self,
        source: str | None,
        client: str | None,
        centre: Centre | None,
        door: Door,
        zone: ZoneInfo | None = None,
    ) -> None:
        """Raises CallboardError when nothing says whose contacts these are."""
        self.read_as = ""
        self.problem: str | None = None
        self._speaker = Speaker(source or DEFAULT_SOURCE, _ADAPTER)
        self._clients = Clients(client, centre)
        self._lines = Lines(Agents(door), zone)
        self._rosters = Rosters(self._speaker)
        self._passes = Passes(self._speaker, self._rosters)
        self._calls = CallVerbs(self._speaker, self._passes, self._rosters, door, centre)
        self._agents = AgentVerbs(self._rosters, self._clients)
        self._state = State()
        self._before: datetime | None = None

    def state(self) -> bytes:
        """What it remembers."""
        self._state.calls, self._state.wrapping = self._passes.open, self._passes.wrapping
        self._state.agents = self._rosters.members
        return msgspec.json.encode(self._state)

    def restore(self, state: bytes) -> None:
        """Go on from there. Raises msgspec.MsgspecError for the state of another version."""
        self._state = msgspec.json.decode(state, type=State)
        self._passes.open, self._passes.wrapping = self._state.calls, self._state.wrapping
        self._rosters.members = self._state.agents

    def convert(self, record: str | Sequence[str] | Gap) -> Said:
        """The events of one record."""
        self.problem, self.read_as = None, "empty lines"
        if isinstance(record, Gap):
            self._state.gaps.append(record.name)
            return []
        if not record or record == "\r":
            return []
        try:
            line = self._lines.read(record)
        except UnreadableLineError as error:
            return self._unreadable(str(error))
        said = self._pass_time(line)
        try:
            return said + self._say(line)
        except ContradictionError as error:
            return said + self._notice(line, error.kind, error.name)
        except msgspec.ValidationError:
            # The message would hold a value of the record.
            return said + self._unreadable("a value that no event can have")

    def finish(self, until: datetime) -> Said:
        """Nothing more will come: what was told beforehand and has come true by ``until``."""
        return self._calls.pass_time(until)

    def _say(self, line: Line) -> Said:
        verb = line.verb
        if verb in self._calls.verbs:
            self.read_as = "about calls"
            client = self._client(line)
            if not line.call and verb not in _MAY_LACK_CALL:
                raise ContradictionError("contradiction", f"{verb.lower()}_without_call")
            line.apart = self._ordinal(line)
            return self._calls.verbs[verb](line, client)
        if verb in self._agents.verbs:
            self.read_as = "about agents"
            client = self._client(line)
            if line.agent is None:
                raise ContradictionError("contradiction", f"{verb.lower()}_without_agent")
            return self._agents.verbs[verb](line, client, line.agent)
        if verb in {_RESTART, _RELOAD}:
            self.read_as = "restarts"
            return self._restart(line)
        if verb in _SILENT:
            self.read_as = "not for events"
            return []
        self.read_as = "unknown verbs"
        return self._notice(line, "unknown_verb", code(verb) or "unnamed")

    def _client(self, line: Line) -> str:
        client = self._clients.of(line.queue) if line.queue else self._clients.all[0]
        if client is None:
            self.problem = "its queue is none that centre.yaml names for one client: name it there, or give --client"
            raise ContradictionError("unreadable", "queue_of_no_client")
        return client

    def _restart(self, line: Line) -> Said:
        """A start: no call of before goes on. A reload loses nothing, but what was written meanwhile may be missing."""
        said: Said = []
        open_calls = 0
        if line.verb == _RESTART:
            said += self._rosters.lost(line.time)
            open_calls = self._passes.lost()
        return said + self._gap(line, line.verb.lower(), open_calls)

    def _gap(self, line: Line, name: str, count: int) -> Said:
        return [
            notice
            for client in self._clients.all
            for notice in self._speaker.notice(
                client, line.time, "gap", name, line.apart, count=count, lost_from=self._before
            )
        ]

    def _pass_time(self, line: Line) -> Said:
        """What is due before the record: its time has come."""
        state = self._state
        self._before = state.last
        said: Said = []
        if state.gaps or state.unreadable:
            said += [event for name in state.gaps for event in self._gap(line, name, 1)]
            if state.unreadable:
                said += self._notice(line, "unreadable", "record", count=state.unreadable)
            state.gaps, state.unreadable = [], 0
        if self._passes.wrapping:
            said += self._calls.pass_time(line.time)
        if state.forgot_at is None or line.time - state.forgot_at > _FORGET_EVERY:
            state.forgot_at = line.time
            said += self._passes.forget(line.time)
            self._rosters.forget()
        state.last = line.time
        return said

    def _unreadable(self, why: str) -> Said:
        self.read_as, self.problem = "", why
        self._state.unreadable += 1
        return []

    def _notice(self, line: Line, kind: str, name: str, count: int = 1) -> list[ev.Event]:
        apart = (line.call, line.queue, self._ordinal(line))
        return [*self._speaker.notice(self._clients.all[0], line.time, kind, name, apart, count=count)]

    def _ordinal(self, line: Line) -> int | None:
        """None for the first record of its second with this verb of the same call and agent, else which it is.

        Its data do not count: two of them may differ and yet give an event that says the same.
        """
        if line.apart is not None:
            return line.apart
        recent = self._state.recent
        second = int(line.time.timestamp())
        seen = recent.get(second)
        if seen is None:
            seen = recent[second] = {}
            while len(recent) > _SECONDS_REMEMBERED:
                del recent[next(iter(recent))]
        content = "|".join((line.call, line.queue, line.agent or "", line.verb))
        digest = hashlib.blake2b(content.encode(), digest_size=8).hexdigest()
        number = seen[digest] = seen.get(digest, 0) + 1
        return None if number == 1 else number
