"""The event contract, version 1: one class per event type.

Every event is a CloudEvents 1.0 document in structured JSON. The classes below are the single source of the contract:
``schemas/events/*.schema.json`` is generated from them (``callboard contract write``) and a test holds the two equal.

Units and rules:

* ``time`` is the moment the thing happened, RFC 3339 with an offset.
* an event is known by (``source``, ``id``): the same pair again is a duplicate and is counted once.
* ``amount`` is a decimal string (``"19.90"``), never a binary float; ``currency`` is ISO 4217.
* unknown members are allowed and ignored: they stay in the raw event.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

#: Longest identifier a producer may use, in characters.
MAX_IDENTIFIER_CHARS = 200

# No control characters: an identifier is shown on boards, in logs and in file paths.
Identifier = Annotated[
    str, Meta(min_length=1, max_length=MAX_IDENTIFIER_CHARS, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+(?!\n)$")
]
Word = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=60,
        pattern=r"^[a-z][a-z0-9_]*(?!\n)$",
        description="A lower-case word, such as 'break' or 'no_answer'.",
    ),
]
Amount = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,4})?(?!\n)$",
        max_length=18,
        description="A decimal amount of money as a string, at most four decimal places.",
        examples=["19.90"],
    ),
]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}(?!\n)$", description="ISO 4217 code.", examples=["EUR"])]
Direction = Literal["inbound", "outbound", "internal"]
AgentState = Annotated[
    Literal["available", "on_contact", "wrap_up", "break", "unavailable"],
    Meta(description="What the agent does: occupancy counts on_contact and wrap_up against available."),
]


class InteractionData(Struct, frozen=True, kw_only=True, gc=False):
    """What every interaction event says."""

    client: Annotated[Identifier, Meta(description="The tenant on whose behalf the centre works.")]
    interaction: Annotated[Identifier, Meta(description="The contact, the same over all its transfers.")]
    channel: Annotated[Word, Meta(description="voice in version 1; other channels follow.")]
    direction: Direction


class SegmentData(InteractionData, frozen=True, kw_only=True, gc=False):
    """An event about one segment: one pass through one queue to at most one agent."""

    segment: Annotated[Identifier, Meta(description="Named by the producer, unique in its interaction.")]
    queue: Identifier | None = None
    agent: Annotated[Identifier | None, Meta(description="A work identifier, not a person's name.")] = None


class QueuedData(SegmentData, frozen=True, kw_only=True, gc=False):
    """The segment entered a queue."""

    queue: Identifier


class AgentSegmentData(SegmentData, frozen=True, kw_only=True, gc=False):
    """A segment event that always has an agent."""

    agent: Identifier


class DeclinedData(AgentSegmentData, frozen=True, kw_only=True, gc=False):
    """The alerted agent did not take the segment."""

    reason: Word = "no_answer"


class TransferredData(SegmentData, frozen=True, kw_only=True, gc=False):
    """The agent passed the contact on; the onward leg is another segment."""

    kind: Annotated[Literal["cold", "warm", "conference"], Meta(description="How it was handed over.")] = "cold"
    to_queue: Identifier | None = None
    to_agent: Identifier | None = None


class LeftQueueData(SegmentData, frozen=True, kw_only=True, gc=False):
    """The segment left the queue neither answered nor abandoned."""

    reason: Literal["timeout", "key", "closed", "callback"]


class EndedData(InteractionData, frozen=True, kw_only=True, gc=False):
    """The segment ended or, without a segment, the whole interaction."""

    segment: Identifier | None = None
    queue: Identifier | None = None
    agent: Identifier | None = None
    ended_by: Annotated[Literal["customer", "agent", "system"] | None, Meta(description="Who hung up.")] = None


class WrappedUpData(SegmentData, frozen=True, kw_only=True, gc=False):
    """After-contact work is done; the outcome of the segment. The latest by time holds."""

    disposition: Identifier | None = None
    flags: Annotated[
        tuple[Word, ...], Meta(max_length=20, description="Outcome flags; 'sale' is counted.", examples=[["sale"]])
    ] = ()
    amount: Amount | None = None
    currency: Currency | None = None


class AgentData(Struct, frozen=True, kw_only=True, gc=False):
    """What every agent event says."""

    client: Identifier
    agent: Identifier


class AgentSignedInData(AgentData, frozen=True, kw_only=True, gc=False):
    """The agent signed in, into a state."""

    state: AgentState = "unavailable"
    reason: Word | None = None


class AgentStateChangedData(AgentData, frozen=True, kw_only=True, gc=False):
    """The agent's state from this moment on."""

    state: AgentState
    reason: Word | None = None


class CloudEvent(Struct, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """The CloudEvents 1.0 attributes that all events share."""

    #: The topic an event of this class belongs to.
    topic: ClassVar[str]

    specversion: Literal["1.0"]
    id: Annotated[Identifier, Meta(description="With source, the identity of the event.")]
    source: Annotated[Identifier, Meta(description="The system that speaks, for instance 'bank/pbx-1'.")]
    time: Annotated[datetime, Meta(tz=True, description="When it happened (RFC 3339 with an offset).")]
    subject: Identifier | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str | None = None


class InteractionStarted(CloudEvent, frozen=True, kw_only=True, gc=False, tag="interaction.started.v1"):
    """A contact reached the centre (for a call: the menu) or was dialled."""

    topic = "calls"
    data: InteractionData


class InteractionQueued(CloudEvent, frozen=True, kw_only=True, gc=False, tag="interaction.queued.v1"):
    """Offered to a queue: the waiting starts."""

    topic = "calls"
    data: QueuedData


class InteractionOffered(CloudEvent, frozen=True, kw_only=True, gc=False, tag="interaction.offered.v1"):
    """Alerting at an agent's desk."""

    topic = "calls"
    data: AgentSegmentData


class InteractionDeclined(CloudEvent, frozen=True, kw_only=True, gc=False, tag="interaction.declined.v1"):
    """Declined or not answered by the alerted agent; the segment waits on."""

    topic = "calls"
    data: DeclinedData


class InteractionAnswered(CloudEvent, frozen=True, kw_only=True, gc=False, tag="interaction.answered.v1"):
    """Answered by an agent: the waiting ends, the talking starts."""

    topic = "calls"
    data: AgentSegmentData


class InteractionHeld(CloudEvent, frozen=True, kw_only=True, gc=False, tag="interaction.held.v1"):
    """Put on hold."""

    topic = "calls"
    data: SegmentData


class InteractionResumed(CloudEvent, frozen=True, kw_only=True, gc=False, tag="interaction.resumed.v1"):
    """Taken off hold."""

    topic = "calls"
    data: SegmentData


class InteractionTransferred(CloudEvent, frozen=True, kw_only=True, gc=False, tag="interaction.transferred.v1"):
    """Passed on to a queue or an agent; this agent's part ends here unless an ended event says later."""

    topic = "calls"
    data: TransferredData


class InteractionAbandoned(CloudEvent, frozen=True, kw_only=True, gc=False, tag="interaction.abandoned.v1"):
    """The customer gave up in the queue (or while an agent was alerted)."""

    topic = "calls"
    data: SegmentData


class InteractionLeftQueue(CloudEvent, frozen=True, kw_only=True, gc=False, tag="interaction.left_queue.v1"):
    """Left the queue otherwise: timeout, key pressed, queue closed, or a callback asked for."""

    topic = "calls"
    data: LeftQueueData


class InteractionEnded(CloudEvent, frozen=True, kw_only=True, gc=False, tag="interaction.ended.v1"):
    """The segment is over; without a segment, the interaction is over."""

    topic = "calls"
    data: EndedData


class InteractionWrappedUp(CloudEvent, frozen=True, kw_only=True, gc=False, tag="interaction.wrapped_up.v1"):
    """After-contact work finished: disposition, outcome flags, amount."""

    topic = "calls"
    data: WrappedUpData


class AgentSignedIn(CloudEvent, frozen=True, kw_only=True, gc=False, tag="agent.signed_in.v1"):
    """An agent signed in."""

    topic = "agents"
    data: AgentSignedInData


class AgentStateChanged(CloudEvent, frozen=True, kw_only=True, gc=False, tag="agent.state_changed.v1"):
    """An agent's state changed."""

    topic = "agents"
    data: AgentStateChangedData


class AgentSignedOut(CloudEvent, frozen=True, kw_only=True, gc=False, tag="agent.signed_out.v1"):
    """An agent signed out."""

    topic = "agents"
    data: AgentData


InteractionEvent = (
    InteractionStarted
    | InteractionQueued
    | InteractionOffered
    | InteractionDeclined
    | InteractionAnswered
    | InteractionHeld
    | InteractionResumed
    | InteractionTransferred
    | InteractionAbandoned
    | InteractionLeftQueue
    | InteractionEnded
    | InteractionWrappedUp
)
AgentEvent = AgentSignedIn | AgentStateChanged | AgentSignedOut
Event = InteractionEvent | AgentEvent

INTERACTION_EVENTS: tuple[type[CloudEvent], ...] = InteractionEvent.__args__
AGENT_EVENTS: tuple[type[CloudEvent], ...] = AgentEvent.__args__


def type_name(cls: type[CloudEvent]) -> str:
    """The CloudEvents ``type`` of an event class, for instance ``interaction.queued.v1``."""
    return str(cls.__struct_config__.tag)


EVENT_TYPES: dict[str, type[CloudEvent]] = {type_name(cls): cls for cls in (*INTERACTION_EVENTS, *AGENT_EVENTS)}


def record_key(event: Event) -> bytes:
    """The Kafka record key: all events of one interaction (or agent) share a partition, so they share an owner."""
    data = event.data
    name = data.agent if isinstance(data, AgentData) else data.interaction
    return f"{data.client}/{name}".encode()


_encoder = msgspec.json.Encoder()


def encode(event: Event) -> bytes:
    """The structured-mode JSON of an event. Optional members that are not set are left out."""
    document = msgspec.to_builtins(event)
    document["data"] = {k: v for k, v in document["data"].items() if v is not None}
    return _encoder.encode({k: v for k, v in document.items() if v is not None})
