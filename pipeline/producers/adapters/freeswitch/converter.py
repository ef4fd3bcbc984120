"""FreeSWITCH's records into contract events: which record is read by what, and what nobody reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from pipeline.contract.events import Event
from pipeline.producers.adapters.freeswitch.agents import STATES, STATUSES, Agents
from pipeline.producers.adapters.freeswitch.calls import Calls
from pipeline.producers.adapters.freeswitch.names import NO_DOMAIN, Names
from pipeline.producers.adapters.freeswitch.records import Connected, Garbled, Headers, Snapshot, micros, moment
from pipeline.producers.adapters.freeswitch.state import State
from pipeline.producers.adapters.freeswitch.sync import Sync
from pipeline.producers.adapters.noticed import notice_name
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.adapters.states import by_word
from pipeline.producers.door import Door

ADAPTER = "freeswitch"
SOURCE = "freeswitch"
SUBCLASS = "callcenter::info"
_HOLDS = ("CHANNEL_HOLD", "CHANNEL_UNHOLD")
#: Understood, and nothing follows from them: a count, a dial string, an answer to somebody's question.
_OF_NO_MATTER = ("members-count", "agent-add", "agent-contact-change", "agent-max-no-answer")
_OF_AGENTS = ("agent-status-change", "agent-state-change")
_FIELDS = frozenset(
    f"CC-{name}"
    for name in (
        "Action Queue Count Selection Cause Cancel-Reason Hangup-Cause Agent Agent-Type Agent-System Agent-UUID "
        "Agent-Status Agent-State Agent-Contact Agent-Bridged Agent-Called-Time Agent-Answered-Time Agent-Aborted-Time "
        "Agent-No-Answer-Count Agent-No-Answer-Status Bridge-Terminated-Time Member-UUID Member-Session-UUID "
        "Member-CID-Name Member-CID-Number Member-DNIS Member-Joined-Time Member-Leaving-Time"
    ).split()
)
#: After a caller left, events about the agents who were alerted still come in.
_KEPT_AFTER_THE_END_US = 120 * 1_000_000
#: Nobody waits so long: the end of such a pass was missed.
_KEPT_OPEN_US = 24 * 3600 * 1_000_000
_FORGETS_EVERY_US = 10 * 1_000_000


class FreeSwitchConverter:
    """Pure: the same records give the same events."""

    def __init__(
        self, names: Names, door: Door, source: str | None = None, states: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """``names`` says how queues' and agents' names are read, ``states`` what statuses mean in this centre."""
        self._states = by_word(states)
        self._names = names
        self._speaker = Speaker(source or SOURCE, ADAPTER)
        self._door = door
        self._begin(State())

    def _begin(self, state: State) -> None:
        self._state = state
        self._calls = Calls(self._speaker, self._names, self._door, state)
        self._agents = Agents(self._speaker, self._names, state, self._states)
        self._sync = Sync(self._speaker, self._calls, self._agents, state, self._names.client or NO_DOMAIN)

    def state(self) -> bytes:
        """Callers in queues and with agents, and what the agents do."""
        return msgspec.json.encode(self._state)

    def restore(self, state: bytes) -> None:
        """Go on from there."""
        self._begin(msgspec.json.decode(state, type=State))

    def convert(self, record: Any) -> Iterable[Event]:
        """The events of one record: headers, or what a connection or a captured stream says of itself."""
        found: list[Event] = []
        try:
            # One by one: what was said before a member is refused stays said.
            for event in self._converted(record):
                found.append(event)
        except msgspec.ValidationError:
            headers = record if isinstance(record, dict) else {}
            found += self._notice("unreadable", notice_name(headers.get("CC-Action", "value")), headers)
        return found

    def read_as(self, headers: Headers) -> str:
        """What a record is counted as: what it says happened, where that is known. Anything else may be anybody's."""
        action, kind = headers.get("CC-Action", ""), headers.get("Event-Name", "")
        if self._is_known(action):
            return action
        return kind if kind in (*_HOLDS, "HEARTBEAT") else "not known"

    def _is_known(self, action: str) -> bool:
        return action in self._calls.actions or action in _OF_AGENTS or _is_of_no_matter(action)

    def _converted(self, record: Headers | Connected | Snapshot | Garbled) -> Iterator[Event]:
        if isinstance(record, Connected):
            yield from self._sync.connected(record)
        elif isinstance(record, Snapshot):
            yield from self._sync.taken(record)
        elif isinstance(record, Garbled):
            yield from self._notice("unreadable", record.what, {}, record.line)
        else:
            yield from self._event(record)

    def _event(self, headers: Headers) -> Iterator[Event]:
        action = headers.get("CC-Action", "")
        time_us = micros(headers, second=_TIMES.get(action, ""))
        if time_us is None:
            yield from self._notice("unreadable", "time", headers)
            return
        core = headers.get("Core-UUID", "")
        apart = f"{core}/{headers.get('Event-Sequence', time_us)}"
        yield from self._sync.core_seen(core, time_us)
        self._state.last_us = max(time_us, self._state.last_us or 0)
        self._forget(time_us)
        kind = headers.get("Event-Name", "")
        if kind in _HOLDS:
            yield from self._calls.hold(headers, time_us, apart)
        elif kind == "CUSTOM" and headers.get("Event-Subclass") == SUBCLASS:
            yield from self._of_callcenter(headers, action, time_us, apart)
        elif kind != "HEARTBEAT":
            yield from self._notice("unknown_verb", notice_name(kind), headers, apart)

    def _of_callcenter(self, headers: Headers, action: str, time_us: int, apart: str) -> Iterator[Event]:
        for name in headers:
            if name.startswith("CC-") and name not in _FIELDS:
                yield from self._notice("unknown_field", notice_name(name), headers)
        read = self._calls.actions.get(action)
        if read is not None:
            if not (headers.get("CC-Member-UUID") and headers.get("CC-Queue")):
                yield from self._notice("unreadable", notice_name(action), headers, apart)
                return
            yield from read(headers, time_us, apart)
            known = self._state.passes.get(headers["CC-Member-UUID"])
            if known is not None:
                known.seen_us = time_us
        elif action in _OF_AGENTS:
            yield from self._agent(headers, time_us, apart)
        elif not _is_of_no_matter(action):
            yield from self._notice("unknown_verb", notice_name(action), headers, apart)

    def _agent(self, headers: Headers, time_us: int, apart: str) -> Iterator[Event]:
        status, state = headers.get("CC-Agent-Status"), headers.get("CC-Agent-State")
        if status not in (None, *STATUSES) or state not in (None, *STATES):
            yield from self._notice("unknown_verb", notice_name(status or state), headers, apart)
        else:
            yield from self._agents.changed(headers.get("CC-Agent", ""), time_us, apart, status=status, state=state)

    def _notice(self, kind: str, name: str, headers: Headers, apart: object = None) -> list[Event]:
        """A notice at the record's time, or at that of the last one before it; none before the first time of all."""
        at_us = micros(headers) or self._state.last_us
        if at_us is None:
            return []
        owner = self._names.queue(headers.get("CC-Queue") or headers.get("CC-Agent"))
        client = owner[0] if owner else self._names.client or NO_DOMAIN
        return list(self._speaker.notice(client, moment(at_us), kind, name, apart))

    def _forget(self, time_us: int) -> None:
        if time_us - self._state.forgot_us < _FORGETS_EVERY_US:
            return
        self._state.forgot_us = time_us
        self._state.passes = {
            member: known
            for member, known in self._state.passes.items()
            if time_us - known.seen_us <= _KEPT_OPEN_US
            and (known.gone_us is None or time_us - known.gone_us <= _KEPT_AFTER_THE_END_US)
        }


def _is_of_no_matter(action: str) -> bool:
    return action in _OF_NO_MATTER or (action.startswith("agent-") and action.endswith("-get"))


#: The header of whole seconds that tells when an action was, for a stream without Event-Date-Timestamp.
_TIMES = {
    "bridge-agent-start": "CC-Agent-Answered-Time",
    "bridge-agent-fail": "CC-Agent-Aborted-Time",
    "bridge-agent-end": "CC-Bridge-Terminated-Time",
    "member-queue-end": "CC-Member-Leaving-Time",
}
