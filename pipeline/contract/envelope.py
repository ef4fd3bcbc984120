"""What all events share: the CloudEvents envelope, and the topic that an event belongs to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct

from pipeline.contract.topics import AGENT_TOPIC, INTERACTION_TOPICS, topic_of_channel
from pipeline.contract.values import Identifier


class CloudEvent(Struct, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """The CloudEvents 1.0 attributes that all events share."""

    #: The topics in which an event of this class may lie.
    topics: ClassVar[tuple[str, ...]]

    specversion: Literal["1.0"]
    id: Annotated[Identifier, Meta(description="With source, the identity of the event.")]
    source: Annotated[Identifier, Meta(description="The system that speaks, for instance 'bank/pbx-1'.")]
    time: Annotated[datetime, Meta(tz=True, description="When it happened (RFC 3339 with an offset).")]
    subject: Identifier | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str | None = None


class InteractionEventBase(CloudEvent, frozen=True, kw_only=True, gc=False):
    """An event about a contact: it lies in the topic of the contact's channel."""

    topics = INTERACTION_TOPICS

    @property
    def topic(self) -> str:
        """The topic of this event."""
        data: Any = self.data  # type: ignore[attr-defined]  # each event declares its own
        return topic_of_channel(data.channel)


class AgentEventBase(CloudEvent, frozen=True, kw_only=True, gc=False):
    """An event about an agent."""

    topics = (AGENT_TOPIC,)

    @property
    def topic(self) -> str:
        """The topic of this event."""
        return AGENT_TOPIC
