"""What the agent event stream tells of the contacts at an agent's desk.

It says neither when they were queued nor who gave up, so no queue is named and nothing is counted by these events
alone: contact events (or the records, later) tell the queue of the same segments.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from pipeline.contract import events as ev
from pipeline.producers.adapters.connect.contact import Contact, channel_of
from pipeline.producers.adapters.documents.fields import Fields
from pipeline.producers.adapters.speaker import Speaker

_ALERTING = frozenset({"incoming", "pending", "connecting"})
_CONNECTED = frozenset({"connected", "connected_onhold"})
_DECLINED = {"missed": "no_answer", "rejected": "rejected", "error": "error"}


class AtDesk(NamedTuple):
    """A contact at an agent's desk. ``state`` is ``dialling`` where the agent calls out and nobody took it yet."""

    contact: Contact
    state: str
    since: datetime | None


def contact_states(snapshot: Fields) -> dict[str, AtDesk]:
    """The contacts of a snapshot by their identifiers."""
    found = {}
    for each in snapshot.parts("contacts"):
        name, state = each.name("contactid"), each.word("state")
        if name is None or state is None:
            continue
        method = each.word("initiationmethod") or ""
        contact = Contact(
            client="",
            contact=name,
            interaction=each.name("initialcontactid") or name,
            channel=channel_of(each)[0],
            method=method,
            connected=each.moment("connectedtoagenttimestamp"),
        )
        if state in _ALERTING and contact.direction == "outbound":
            state = "dialling"
        found[name] = AtDesk(contact, state, each.moment("statestarttimestamp"))
    return found


def agent_contact_events(
    speaker: Speaker, record: Fields, client: str, agent: str, time: datetime
) -> Iterator[ev.Event]:
    """What changed at the desk between the two snapshots of an event that happened at ``time``."""
    now = contact_states(record.part("currentagentsnapshot"))
    before = contact_states(record.part("previousagentsnapshot"))
    for name, desk in now.items():
        was = before.get(name)
        if was is None or was.state != desk.state:
            yield from _changed(speaker, _members(client, agent, desk.contact), was, desk, _moment(was, desk, time))
    for name, desk in before.items():
        if name not in now and desk.state == "ended" and desk.contact.connected is not None:
            # There is no event for the end of after-contact work: it ends when the contact leaves the desk.
            yield speaker.say(ev.InteractionWrappedUp, time, **_members(client, agent, desk.contact))


def _moment(was: AtDesk | None, desk: AtDesk, time: datetime) -> datetime:
    """When the state began. Connect leaves the time as it was when it puts a contact on hold."""
    if desk.since is None or (was is not None and was.since == desk.since):
        return time
    return desk.since


def _changed(
    speaker: Speaker, members: dict[str, Any], was: AtDesk | None, desk: AtDesk, at: datetime
) -> Iterator[ev.Event]:
    before = was.state if was is not None else ""
    if desk.state in _ALERTING and before not in _ALERTING:
        yield speaker.say(ev.InteractionOffered, at, **members)
    elif desk.state in _DECLINED and before not in _CONNECTED:
        yield speaker.say(ev.InteractionDeclined, at, reason=_DECLINED[desk.state], **members)
    elif desk.state in _CONNECTED and before not in _CONNECTED:
        answered = desk.contact.connected or at
        yield speaker.say(ev.InteractionAnswered, answered, **members)
        if was is not None and was.state in _ALERTING and was.since is not None and was.since <= answered:
            rung = round((answered - was.since).total_seconds() * 1000)
            detail = {name: value for name, value in members.items() if name != "revision"}
            yield speaker.say(ev.InteractionReported, answered, ring_ms=rung, **detail)
    if desk.state == "connected_onhold":
        yield speaker.say(ev.InteractionHeld, at, **members)
    elif desk.state == "connected" and before == "connected_onhold":
        yield speaker.say(ev.InteractionResumed, at, **members)
    elif desk.state == "ended":
        yield speaker.say(ev.InteractionEnded, at, **members)


def _members(client: str, agent: str, contact: Contact) -> dict[str, Any]:
    return {
        "client": client,
        "interaction": contact.interaction,
        "channel": contact.channel,
        "direction": contact.direction,
        "segment": contact.contact,
        "agent": agent,
        "revision": 0,
    }
