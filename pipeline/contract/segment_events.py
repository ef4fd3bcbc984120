"""The life of a contact and of its segments: one class per event type."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from pipeline.contract.envelope import InteractionEventBase
from pipeline.contract.values import Amount, Currency, Direction, Identifier, Revision, Word


class InteractionData(Struct, frozen=True, kw_only=True, gc=False):
    """What every interaction event says."""

    client: Annotated[Identifier, Meta(description="The tenant on whose behalf the centre works.")]
    interaction: Annotated[Identifier, Meta(description="The contact, the same over all its transfers.")]
    channel: Annotated[
        Word, Meta(description="voice, video, chat, messaging, social, sms, email, letter, fax, work_item.")
    ]
    direction: Direction


class SegmentData(InteractionData, frozen=True, kw_only=True, gc=False):
    """An event about one segment: one pass through one queue to at most one agent."""

    segment: Annotated[Identifier, Meta(description="Named by the producer, unique in its interaction.")]
    queue: Identifier | None = None
    agent: Annotated[Identifier | None, Meta(description="A work identifier, not a person's name.")] = None
    revision: Revision = 0


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
    revision: Revision = 0


class WrappedUpData(SegmentData, frozen=True, kw_only=True, gc=False):
    """After-contact work is done; the outcome of the segment. The latest by time holds."""

    disposition: Identifier | None = None
    flags: Annotated[
        tuple[Word, ...], Meta(max_length=20, description="Outcome flags; 'sale' is counted.", examples=[["sale"]])
    ] = ()
    amount: Amount | None = None
    currency: Currency | None = None


class InteractionStarted(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.started.v1"):
    """A contact reached the centre (for a call: the menu) or was dialled."""

    data: InteractionData


class InteractionQueued(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.queued.v1"):
    """Offered to a queue: the waiting starts."""

    data: QueuedData


class InteractionOffered(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.offered.v1"):
    """Alerting at an agent's desk."""

    data: AgentSegmentData


class InteractionDeclined(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.declined.v1"):
    """Declined or not answered by the alerted agent; the segment waits on."""

    data: DeclinedData


class InteractionAnswered(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.answered.v1"):
    """Answered by an agent: the waiting ends, the talking starts."""

    data: AgentSegmentData


class InteractionHeld(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.held.v1"):
    """Put on hold."""

    data: SegmentData


class InteractionResumed(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.resumed.v1"):
    """Taken off hold."""

    data: SegmentData


class InteractionTransferred(
    InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.transferred.v1"
):
    """Passed on to a queue or an agent; this agent's part ends here unless an ended event says later."""

    data: TransferredData


class InteractionAbandoned(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.abandoned.v1"):
    """The customer gave up in the queue (or while an agent was alerted)."""

    data: SegmentData


class InteractionLeftQueue(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.left_queue.v1"):
    """Left the queue otherwise: timeout, key pressed, queue closed, or a callback asked for."""

    data: LeftQueueData


class InteractionEnded(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.ended.v1"):
    """The segment is over; without a segment, the interaction is over."""

    data: EndedData


class InteractionWrappedUp(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.wrapped_up.v1"):
    """After-contact work finished: disposition, outcome flags, amount."""

    data: WrappedUpData
