"""The agent event stream of Amazon Connect: each event holds an agent as it is now and as it was before.

Every event is understood by itself, so order and repetition do not matter: what changed between its two snapshots is
said at the event's own time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from pipeline.contract import events as ev
from pipeline.producers.adapters.connect.agent_contacts import agent_contact_events, contact_states
from pipeline.producers.adapters.connect.contact import client_names, last_part
from pipeline.producers.adapters.documents.clients import Clients
from pipeline.producers.adapters.documents.converter import DocumentConverter, notice_names
from pipeline.producers.adapters.documents.fields import Fields, UnreadableError
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.adapters.states import SIGNED_OUT, by_word
from pipeline.producers.adapters.words import word

VERSIONS = frozenset({"2017-10-01", "2019-05-25"})
KNOWN = frozenset(
    {
        *("awsaccountid", "agentarn", "currentagentsnapshot", "previousagentsnapshot", "eventid", "eventtimestamp"),
        *("eventtype", "instancearn", "version"),
    }
)
#: Words in the name of a custom status that make it a break; any other is work away from the customers.
_BREAKS = frozenset({"break", "lunch", "meal", "dinner", "rest", "coffee", "tea", "pause", "pausa", "mittag"})
#: What a contact makes of its agent, the strongest first.
_PRECEDENCE = ("error", "missed", "rejected", "connected", "connected_onhold", "dialling", "ended")
_UNAVAILABLE = {"error": "contact_error", "missed": "missed", "rejected": "rejected"}


class State(NamedTuple):
    """What an agent does, in the contract's words."""

    state: str
    reason: str | None
    presence: str | None


class AgentConverter(DocumentConverter):
    """Agents' states, and what happens to contacts at their desks."""

    def __init__(self, speaker: Speaker, clients: Clients, states: Mapping[str, str] = MappingProxyType({})) -> None:
        """``states`` says what the instance's own statuses mean, by their names."""
        super().__init__(speaker, clients)
        self._states = by_word(states)

    def events(self, record: Fields) -> list[ev.Event]:
        """The events of one agent event. A HEART_BEAT changes nothing."""
        kind, time = record.word("eventtype"), record.moment("eventtimestamp")
        agent, client = last_part(record.text("agentarn")), self.clients.of(client_names(record))
        if kind is None or time is None or agent is None:
            raise UnreadableError("eventtype, eventtimestamp or agentarn is missing")
        events: list[ev.Event] = [*notice_names(self.speaker, client, time, record.names(), KNOWN)]
        version = record.name("version")
        if version is not None and version not in VERSIONS:
            events += self.speaker.notice(client, time, "unknown_version", version)
        if kind not in {"login", "logout", "state_change", "heart_beat"}:
            return [*events, *self.speaker.notice(client, time, "unknown_verb", kind, apart=record.text("eventid"))]
        if kind != "heart_beat":
            events += self._state_events(record, kind, client, agent, time)
            events += agent_contact_events(self.speaker, record, client, agent, time)
        return events

    def _state_events(self, record: Fields, kind: str, client: str, agent: str, time: datetime) -> Iterator[ev.Event]:
        identity = record.text("eventid")
        members = {"client": client, "agent": agent}
        if kind == "logout":
            yield self.speaker.say(ev.AgentSignedOut, time, identity, **members)
            return
        now = state_of(record.part("currentagentsnapshot"), self._states)
        previous = record.part("previousagentsnapshot")
        before = state_of(previous, self._states) if previous else None
        if now.state == SIGNED_OUT:
            if before is None or before.state != SIGNED_OUT:
                yield self.speaker.say(ev.AgentSignedOut, time, identity, **members)
        elif kind == "login" or (before is not None and before.state == SIGNED_OUT):
            yield self.speaker.say(ev.AgentSignedIn, time, identity, **members, **now._asdict())
        elif now != before:
            yield self.speaker.say(ev.AgentStateChanged, time, identity, **members, **now._asdict())


def state_of(snapshot: Fields, states: Mapping[str, str]) -> State:
    """What an agent does by a snapshot: its contacts first, in the order of Connect's own screens, then its status.

    ``states`` are the centre's own meanings by the word of a status' name, and come before what its type says.
    """
    status = snapshot.part("agentstatus")
    presence = word(status.name("name"))
    held = {contact.state for contact in contact_states(snapshot).values()}
    strongest = next((state for state in _PRECEDENCE if state in held), None)
    if strongest in _UNAVAILABLE:
        return State("unavailable", _UNAVAILABLE[strongest], presence)
    if strongest in {"connected", "connected_onhold", "dialling"}:
        return State("on_contact", None, presence)
    if strongest == "ended":
        return State("wrap_up", None, presence)
    own = states.get(presence or "")
    if own is not None and own != "available":
        return State(own, None if own in {"on_contact", SIGNED_OUT} else presence, presence)
    kind = status.word("type") or {"available": "routable", "offline": "offline"}.get(presence or "", "custom")
    if kind == "routable" or own is not None:
        return State("available", "alerting" if held else None, presence)
    if kind == "offline":
        return State("unavailable", "offline", presence)
    is_break = bool(_BREAKS.intersection((presence or "").split("_")))
    return State("break" if is_break else "unavailable", presence, presence)
