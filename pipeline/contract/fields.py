"""What the schemas say about each field beyond its type: whether it can point at a person, and what it means.

``pseudonym`` is a value that, with another system's records, leads to a person: it is shown to those who need it, never
logged, and covered by erasure. ``none`` cannot. The contract has no field for names, numbers, addresses or free text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Privacy = Literal["none", "pseudonym"]


@dataclass(frozen=True, slots=True)
class FieldNote:
    """One field's privacy and, where its class or its type does not say it well, its meaning."""

    privacy: Privacy
    meaning: str | None = None


#: By member name, or by ``Class.member`` where one class means something of its own; that entry comes first.
FIELDS: dict[str, FieldNote] = {
    "type": FieldNote("none", "The kind of event, with the version of its contract."),
    "specversion": FieldNote("none", "The version of CloudEvents."),
    "id": FieldNote("pseudonym"),  # producers like to build it from the contact's number
    "source": FieldNote("none"),
    "time": FieldNote("none"),
    "subject": FieldNote("pseudonym", "What the event is about, as CloudEvents has it; not used by callboard."),
    "datacontenttype": FieldNote("none", "The media type of data."),
    "dataschema": FieldNote("none", "The identifier of this schema; not used by callboard."),
    "data": FieldNote("pseudonym"),
    "client": FieldNote("none", "The tenant on whose behalf the centre works."),
    "interaction": FieldNote("pseudonym"),
    "channel": FieldNote("none"),
    "direction": FieldNote("none", "Who began the contact, seen from the centre."),
    "segment": FieldNote("pseudonym"),  # on its own a number, but producers may use a call-leg identifier
    "EndedData.segment": FieldNote("pseudonym", "The segment that ended; without it, the whole interaction ended."),
    "queue": FieldNote("none", "The queue, by the name the boards show."),
    "agent": FieldNote("pseudonym", "A work identifier, not a person's name."),
    "DeclinedData.reason": FieldNote("none", "Why the agent did not take it, such as 'no_answer' or 'declined'."),
    "LeftQueueData.reason": FieldNote("none", "How it left the queue."),
    "reason": FieldNote("none", "Why the agent is in this state, such as 'lunch' or 'training'."),
    "state": FieldNote("none"),
    "kind": FieldNote("none"),
    "to_queue": FieldNote("none", "The queue it was passed on to."),
    "to_agent": FieldNote("pseudonym", "The agent it was passed on to, by work identifier."),
    "ended_by": FieldNote("none"),
    "disposition": FieldNote("none", "The code the agent chose for the outcome; a code, never free text."),
    "flags": FieldNote("none"),
    "amount": FieldNote("none"),
    "currency": FieldNote("none", "The currency of amount, ISO 4217."),
    "presence": FieldNote("none", "The other axis of the state: on_queue, meal, meeting, training, away."),
    "schedule": FieldNote("none", "The plan this belongs to, for instance a team's week."),
    "revision": FieldNote("none"),
    "AgentScheduledData.revision": FieldNote("none", "Of one schedule the activities of the highest revision count."),
    "activity": FieldNote("none", "What is planned, such as 'work', 'break' or 'training'."),
    "starts_at": FieldNote("none", "When it is to begin."),
    "ends_at": FieldNote("none", "When it is to end."),
    "paid": FieldNote("none", "Whether the time is paid."),
    "customer": FieldNote("pseudonym", "A keyed hash of the customer's number or address, the same for every contact."),
    "language": FieldNote("none", "The language, by its BCP 47 tag."),
    "skill": FieldNote("none", "The skill that was asked for."),
    "product": FieldNote("none", "The product it is about."),
    "DescribedData.reason": FieldNote("none", "Why the customer made contact, as a code."),
    "ticket": FieldNote("pseudonym", "The ticket or case, the same for every contact about it."),
    "campaign": FieldNote("none", "The campaign it belongs to."),
    "tier": FieldNote("none", "The level of support: 1, 2, 3."),
    "priority": FieldNote("none", "The priority, as the source numbers it."),
    "promised_at": FieldNote("none", "By when it was promised to be settled."),
    "audio_seconds": FieldNote("none", "Seconds of audio to be transcribed."),
    "items": FieldNote("none", "Pieces of work in it, such as pages."),
    "bot": FieldNote("none", "The menu or the bot, by name."),
    "MenuSteppedData.kind": FieldNote("none", "A menu of keys, or a bot that understands."),
    "step": FieldNote("none", "The step, by name."),
    "intent": FieldNote("none", "What the customer was understood to want, as a code."),
    "result": FieldNote("none", "How it went on."),
    "MenuSteppedData.reason": FieldNote("none", "Why it was handed over, such as 'asked_for_agent'."),
    "sender": FieldNote("none", "Who wrote."),
    "callback": FieldNote("pseudonym", "The callback, the same over all its attempts."),
    "status": FieldNote("none", "Where it stands."),
    "due_at": FieldNote("none", "When the callback is to be made."),
    "survey": FieldNote("pseudonym", "One sending of a survey."),
    "question": FieldNote("none", "What was asked: csat, nps, ces, or a name of your own."),
    "score": FieldNote("none", "The answer on the question's own scale: csat 1 to 5, nps 0 to 10, ces 1 to 7."),
    "outcome": FieldNote("pseudonym", "The outcome, the same in all its changes; unique for the client."),
    "OutcomeChangedData.kind": FieldNote(
        "none", "sale, order, upsell, payment, promise, pledge, lead, activation, ..."
    ),
    "quantity": FieldNote("none", "How many of them."),
    "due_on": FieldNote("none", "For a promise or a pledge: the day by which it is to be kept."),
    "actor": FieldNote("none", "Who settled or reopened it."),
    "attempt": FieldNote("pseudonym", "The dial, unique for the client."),
    "list": FieldNote("none", "The list that the lead came from."),
    "lead": FieldNote("pseudonym", "The lead, the same in all its dials."),
    "DialledData.result": FieldNote("none", "Who or what took the call."),
    "rung_seconds": FieldNote("none", "How long it rang."),
    "greeting_ended_at": FieldNote("none", "When the called person had finished the greeting."),
    "connected_at": FieldNote("none", "When an agent was connected."),
    "dropped": FieldNote("none", "A person answered and was given no agent."),
    "role": FieldNote("none", "As what somebody took part."),
    "change": FieldNote("none", "Joined or left."),
    "ReportedData.segment": FieldNote("pseudonym", "The segment that was measured."),
    "wait_ms": FieldNote("none", "How long it waited, as the source says, in milliseconds."),
    "ring_ms": FieldNote("none", "How long it rang at agents, as the source says, in milliseconds."),
    "talk_ms": FieldNote("none", "How long they talked without hold, as the source says, in milliseconds."),
    "hold_ms": FieldNote("none", "How long it was on hold, as the source says, in milliseconds."),
    "wrap_ms": FieldNote("none", "How long the after-contact work took, as the source says, in milliseconds."),
    "ReportedData.outcome": FieldNote("none"),
    "SourceNoticed.data": FieldNote("none"),
    "adapter": FieldNote("none"),
    "name": FieldNote("none"),
    "count": FieldNote("none"),
    "lost_from": FieldNote("none"),
}


def field_note(owner: str, member: str) -> FieldNote:
    """The note on ``member`` of the class named ``owner``; KeyError if the table lacks it."""
    return FIELDS.get(f"{owner}.{member}") or FIELDS[member]
