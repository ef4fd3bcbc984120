"""What is said of a contact of Amazon Connect: the same events whichever of its streams told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

from pipeline.contract import events as ev
from pipeline.producers.adapters.connect.contact import Contact, without_contradictions
from pipeline.producers.adapters.speaker import Speaker

#: The outcome flags of a client's disposition.
Flags = Callable[[str, str | None], tuple[str, ...]]

#: Who answered, where nobody says it.
UNKNOWN_AGENT = "unknown"

#: How the answering machine detection of a campaign's call ended. What is missing here says nothing of who was reached.
_AMD: dict[str, Literal["human", "machine", "busy", "no_answer", "invalid", "failed"]] = {
    "human_answered": "human",
    "voicemail_beep": "machine",
    "voicemail_no_beep": "machine",
    "fax_machine_detected": "machine",
    "amd_unanswered": "no_answer",
    "sit_tone_busy": "busy",
    "sit_tone_invalid_number": "invalid",
    "sit_tone_detected": "failed",
}


def said_of(speaker: Speaker, told: Contact, revision: int, flags: Flags) -> list[ev.Event]:
    """Everything that is to be said of a contact, under a revision."""
    contact = without_contradictions(told)
    if contact.method == "monitor":
        return list(_monitoring(speaker, contact))
    return [
        *_interaction(speaker, contact),
        *_segment(speaker, contact, revision, flags),
        *_callback(speaker, contact),
        *_dial(speaker, contact),
        *_reported(speaker, contact),
        *_contradictions(speaker, contact),
    ]


def _interaction(speaker: Speaker, contact: Contact) -> Iterator[ev.Event]:
    base = _base(contact)
    if contact.initiated is not None:
        if contact.contact == contact.interaction:
            yield speaker.say(ev.InteractionStarted, contact.initiated, **base)
        known = {
            "customer": contact.customer,
            "language": contact.language,
            "skill": contact.skill,
            "campaign": contact.campaign,
        }
        if any(known.values()):
            yield speaker.say(ev.InteractionDescribed, contact.initiated, **base, **known)
    if contact.disconnected is not None and _is_last(contact):
        yield speaker.say(ev.InteractionEnded, contact.disconnected, **base, ended_by=contact.ended_by)


def _is_last(contact: Contact) -> bool:
    """Whether the interaction ends with it: it names no next contact. Only a record names one for certain."""
    if contact.next is not None or contact.next_method is not None:
        return False
    return contact.updated is not None or (contact.queue is None and contact.agent is None)


def _segment(speaker: Speaker, contact: Contact, revision: int, flags: Flags) -> Iterator[ev.Event]:
    """One contact is one segment, unless it never came to a queue or an agent."""
    if contact.queue is None and contact.agent is None:
        return
    members: dict[str, Any] = {
        **_base(contact),
        "segment": contact.contact,
        "queue": contact.queue,
        "revision": revision,
    }
    if contact.enqueued is not None and contact.queue is not None:
        yield speaker.say(ev.InteractionQueued, contact.enqueued, **members)
    if contact.connected is None:
        yield from _unanswered(speaker, contact, members)
        return
    members["agent"] = contact.agent or UNKNOWN_AGENT
    yield speaker.say(ev.InteractionAnswered, contact.connected, **members)
    yield from _holds(speaker, contact, members)
    until = contact.handled_until
    if until is None:
        return
    if contact.is_transferred:
        at = contact.transferred_out or until
        yield speaker.say(ev.InteractionTransferred, at, to_queue=contact.next_queue, **members)
    yield speaker.say(ev.InteractionEnded, until, ended_by=contact.ended_by, **members)
    if contact.acw_ended is not None or contact.disposition is not None:
        yield speaker.say(
            ev.InteractionWrappedUp,
            contact.acw_ended or until,
            disposition=contact.disposition,
            flags=flags(contact.client, contact.disposition),
            **members,
        )


def _unanswered(speaker: Speaker, contact: Contact, members: dict[str, Any]) -> Iterator[ev.Event]:
    if contact.disconnected is None:
        return
    # With an agent and without the time of the answer it was lost, not given up.
    if contact.enqueued is not None and (contact.agent is None or contact.is_callback):
        left = contact.left_reason
        at = contact.dequeued or contact.disconnected
        if left is None:
            yield speaker.say(ev.InteractionAbandoned, at, **members)
        else:
            yield speaker.say(ev.InteractionLeftQueue, at, reason=left, **members)
    yield speaker.say(ev.InteractionEnded, contact.disconnected, ended_by=contact.ended_by, **members)


def _holds(speaker: Speaker, contact: Contact, members: dict[str, Any]) -> Iterator[ev.Event]:
    """Only how often and how long is known, not when: the holds are put one after another right behind the answer.

    The longest comes first; the others share the rest.
    """
    if not contact.hold_ms or contact.connected is None:
        return
    number = max(1, contact.holds or 1)
    longest = contact.hold_ms if number == 1 else min(contact.hold_ms, contact.longest_hold_ms or 0)
    lengths = [longest]
    rest = contact.hold_ms - longest
    for others in range(number - 1, 0, -1):
        lengths.append(rest // others)
        rest -= lengths[-1]
    at = contact.connected
    for place, length in enumerate(lengths):
        yield speaker.say(ev.InteractionHeld, at, apart=place, **members)
        at += timedelta(milliseconds=length)
        yield speaker.say(ev.InteractionResumed, at, apart=place, **members)


def _callback(speaker: Speaker, contact: Contact) -> Iterator[ev.Event]:
    """A callback is a contact of its own. It enters its queue when the delay that was set has passed."""
    if not contact.is_callback:
        return
    members: dict[str, Any] = {
        **_base(contact),
        "segment": contact.contact,
        "queue": contact.queue,
        "callback": contact.contact,
    }

    def changed(time: datetime, status: str, **more: Any) -> ev.Event:
        return speaker.say(ev.InteractionCallbackChanged, time, status=status, **members, **more)

    if contact.initiated is not None:
        yield changed(contact.initiated, "requested", due_at=contact.enqueued)
    reached = contact.reached or contact.connected
    attempted = reached if contact.dequeued is None else contact.dequeued
    if contact.agent is not None and attempted is not None:
        yield changed(attempted, "attempted", agent=contact.agent)
    if reached is not None:
        yield changed(reached, "reached", agent=contact.agent)
    elif contact.disconnected is not None:
        yield changed(contact.disconnected, "not_reached" if contact.agent else "expired", agent=contact.agent)


def _dial(speaker: Speaker, contact: Contact) -> Iterator[ev.Event]:
    if contact.campaign is None or contact.amd is None or contact.initiated is None:
        return
    time = contact.reached or contact.disconnected or contact.initiated
    result = _AMD.get(contact.amd)
    if result is None:
        yield from speaker.notice(contact.client, time, "unknown_verb", contact.amd, apart=contact.contact)
        return
    yield speaker.say(
        ev.InteractionDialled,
        time,
        segment=contact.contact,
        attempt=contact.contact,
        campaign=contact.campaign,
        result=result,
        **_base(contact),
    )


def _reported(speaker: Speaker, contact: Contact) -> Iterator[ev.Event]:
    """Connect's own durations: of a callback its wait holds the delay that was set at first."""
    durations = {
        "wait_ms": contact.queue_ms,
        "talk_ms": contact.talk_ms,
        "hold_ms": contact.hold_ms,
        "wrap_ms": contact.acw_ms,
    }
    if contact.updated is None or (contact.queue is None and contact.agent is None):
        return
    yield speaker.say(
        ev.InteractionReported,
        contact.updated,
        segment=contact.contact,
        queue=contact.queue,
        agent=contact.agent,
        outcome=contact.reason,
        **_base(contact),
        **durations,
    )


def _monitoring(speaker: Speaker, contact: Contact) -> Iterator[ev.Event]:
    """A supervisor who listens in is a contact of the interaction, and no pass of it."""
    if contact.agent is None or contact.connected is None:
        return
    members: dict[str, Any] = {**_base(contact), "agent": contact.agent, "role": "monitor"}
    yield speaker.say(ev.InteractionParticipated, contact.connected, change="joined", **members)
    if contact.disconnected is not None:
        yield speaker.say(ev.InteractionParticipated, contact.disconnected, change="left", **members)


def _contradictions(speaker: Speaker, contact: Contact) -> Iterator[ev.Event]:
    time = contact.disconnected or contact.acw_ended or contact.connected or contact.updated
    if time is None:
        return
    for name in contact.contradictions:
        yield from speaker.notice(contact.client, time, "contradiction", name, apart=contact.contact)


def _base(contact: Contact) -> dict[str, Any]:
    return {
        "client": contact.client,
        "interaction": contact.interaction,
        "channel": contact.channel,
        "direction": contact.direction,
    }
