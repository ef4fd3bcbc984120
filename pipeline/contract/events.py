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

import msgspec

from pipeline.contract.agent_events import (
    AgentData,
    AgentScheduled,
    AgentScheduledData,
    AgentSignedIn,
    AgentSignedInData,
    AgentSignedOut,
    AgentStateChanged,
    AgentStateChangedData,
)
from pipeline.contract.detail_events import (
    CallbackChangedData,
    DescribedData,
    DetailData,
    DialledData,
    InteractionCallbackChanged,
    InteractionDescribed,
    InteractionDialled,
    InteractionMenuStepped,
    InteractionMessageSent,
    InteractionOutcomeChanged,
    InteractionParticipated,
    InteractionReported,
    InteractionResolutionChanged,
    InteractionSurveyed,
    MenuSteppedData,
    MessageSentData,
    OutcomeChangedData,
    ParticipatedData,
    ReportedData,
    ResolutionChangedData,
    SurveyedData,
)
from pipeline.contract.envelope import (
    CloudEvent,
)
from pipeline.contract.segment_events import (
    AgentSegmentData,
    DeclinedData,
    EndedData,
    InteractionAbandoned,
    InteractionAnswered,
    InteractionData,
    InteractionDeclined,
    InteractionEnded,
    InteractionHeld,
    InteractionLeftQueue,
    InteractionOffered,
    InteractionQueued,
    InteractionResumed,
    InteractionStarted,
    InteractionTransferred,
    InteractionWrappedUp,
    LeftQueueData,
    QueuedData,
    SegmentData,
    TransferredData,
    WrappedUpData,
)
from pipeline.contract.source_events import SourceNoticed, SourceNoticedData
from pipeline.contract.values import (
    MAX_IDENTIFIER_CHARS,
    AgentState,
)

__all__ = [
    "AGENT_EVENTS",
    "AgentData",
    "AgentEvent",
    "AgentScheduled",
    "AgentScheduledData",
    "AgentSegmentData",
    "AgentSignedIn",
    "AgentSignedInData",
    "AgentSignedOut",
    "AgentState",
    "AgentStateChanged",
    "AgentStateChangedData",
    "CallbackChangedData",
    "CloudEvent",
    "DETAIL_EVENTS",
    "DeclinedData",
    "DescribedData",
    "DetailData",
    "DetailEvent",
    "DialledData",
    "EVENT_TYPES",
    "EndedData",
    "Event",
    "INTERACTION_EVENTS",
    "InteractionAbandoned",
    "InteractionAnswered",
    "InteractionCallbackChanged",
    "InteractionData",
    "InteractionDeclined",
    "InteractionDescribed",
    "InteractionDialled",
    "InteractionEnded",
    "InteractionEvent",
    "InteractionHeld",
    "InteractionLeftQueue",
    "InteractionMenuStepped",
    "InteractionMessageSent",
    "InteractionOffered",
    "InteractionOutcomeChanged",
    "InteractionParticipated",
    "InteractionQueued",
    "InteractionReported",
    "InteractionResolutionChanged",
    "InteractionResumed",
    "InteractionStarted",
    "InteractionSurveyed",
    "InteractionTransferred",
    "InteractionWrappedUp",
    "LeftQueueData",
    "MAX_IDENTIFIER_CHARS",
    "MenuSteppedData",
    "MessageSentData",
    "OutcomeChangedData",
    "ParticipatedData",
    "QueuedData",
    "ReportedData",
    "ResolutionChangedData",
    "SegmentData",
    "SOURCE_EVENTS",
    "SegmentEvent",
    "SourceEvent",
    "SourceNoticed",
    "SourceNoticedData",
    "StateEvent",
    "SurveyedData",
    "TransferredData",
    "WrappedUpData",
    "encode",
    "key_form",
    "record_key",
    "type_name",
]

#: What moves a segment through its life: these are merged.
SegmentEvent = (
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
#: What is said besides: each is a row of its own.
DetailEvent = (
    InteractionDescribed
    | InteractionMenuStepped
    | InteractionMessageSent
    | InteractionCallbackChanged
    | InteractionSurveyed
    | InteractionOutcomeChanged
    | InteractionResolutionChanged
    | InteractionDialled
    | InteractionParticipated
    | InteractionReported
)
StateEvent = AgentSignedIn | AgentStateChanged | AgentSignedOut
InteractionEvent = SegmentEvent | DetailEvent
AgentEvent = StateEvent | AgentScheduled
#: What is said of the system that speaks, and not of a contact or an agent.
SourceEvent = SourceNoticed
Event = InteractionEvent | AgentEvent | SourceEvent

DETAIL_EVENTS: tuple[type[CloudEvent], ...] = (*DetailEvent.__args__, AgentScheduled, SourceNoticed)
INTERACTION_EVENTS: tuple[type[CloudEvent], ...] = InteractionEvent.__args__
AGENT_EVENTS: tuple[type[CloudEvent], ...] = AgentEvent.__args__
SOURCE_EVENTS: tuple[type[CloudEvent], ...] = (SourceNoticed,)


def type_name(cls: type[CloudEvent]) -> str:
    """The CloudEvents ``type`` of an event class, for instance ``interaction.queued.v1``."""
    return str(cls.__struct_config__.tag)


EVENT_TYPES: dict[str, type[CloudEvent]] = {
    type_name(cls): cls for cls in (*INTERACTION_EVENTS, *AGENT_EVENTS, *SOURCE_EVENTS)
}


def key_form(event_type: str) -> str:
    """What the record key of a type of event is made of, such as ``client/interaction``."""
    cls = EVENT_TYPES[event_type]
    if cls in SOURCE_EVENTS:
        return "client/source"
    return "client/agent" if cls in AGENT_EVENTS else "client/interaction"


def record_key(event: Event) -> bytes:
    """The Kafka record key: all events of one interaction (agent, source) share a partition, so they share an owner."""
    data = event.data
    if isinstance(data, SourceNoticedData):
        name = event.source
    else:
        name = data.agent if isinstance(data, AgentData) else data.interaction
    return f"{data.client}/{name}".encode()


_encoder = msgspec.json.Encoder()


def encode(event: Event) -> bytes:
    """The structured-mode JSON of an event. Optional members that are not set are left out."""
    document = msgspec.to_builtins(event)
    document["data"] = {k: v for k, v in document["data"].items() if v is not None}
    return _encoder.encode({k: v for k, v in document.items() if v is not None})
