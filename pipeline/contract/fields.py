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
}


def field_note(owner: str, member: str) -> FieldNote:
    """The note on ``member`` of the class named ``owner``; KeyError if the table lacks it."""
    return FIELDS.get(f"{owner}.{member}") or FIELDS[member]
