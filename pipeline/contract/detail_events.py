"""What is said about a contact besides its way through the queues; each event stands for itself and is kept as one row.

None of these changes a segment. They may come at any time after the contact began, an outcome weeks later.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from pipeline.contract.envelope import InteractionEventBase
from pipeline.contract.segment_events import InteractionData
from pipeline.contract.values import (
    Amount,
    Count,
    Currency,
    Day,
    Identifier,
    Language,
    Milliseconds,
    Moment,
    Whole,
    Word,
)


class DetailData(InteractionData, frozen=True, kw_only=True, gc=False):
    """A detail of a contact, and where in it the detail belongs."""

    segment: Annotated[Identifier | None, Meta(description="The segment it belongs to, if to one.")] = None
    queue: Identifier | None = None
    agent: Identifier | None = None


class DescribedData(DetailData, frozen=True, kw_only=True, gc=False):
    """What is known of the contact. Of each member the latest value by time holds; what is absent says nothing."""

    customer: Identifier | None = None
    language: Language | None = None
    skill: Word | None = None
    product: Identifier | None = None
    reason: Identifier | None = None
    ticket: Identifier | None = None
    campaign: Identifier | None = None
    tier: Count | None = None
    priority: Whole | None = None
    promised_at: Moment | None = None
    audio_seconds: Count | None = None
    items: Count | None = None


class MenuSteppedData(DetailData, frozen=True, kw_only=True, gc=False):
    """One step in a menu or with a bot, and how it went on from there."""

    bot: Identifier
    kind: Literal["menu", "bot"] = "menu"
    step: Identifier
    intent: Identifier | None = None
    result: Annotated[
        Literal["continued", "contained", "handed_over", "abandoned"],
        Meta(description="contained: the customer's concern was settled here, no agent needed."),
    ] = "continued"
    reason: Word | None = None


class MessageSentData(DetailData, frozen=True, kw_only=True, gc=False):
    """One message of a conversation, an email or a letter: who spoke, never what was said."""

    sender: Literal["customer", "agent", "bot", "system"]


class CallbackChangedData(DetailData, frozen=True, kw_only=True, gc=False):
    """Where a promised callback stands. Until it is reached it is neither answered nor abandoned."""

    callback: Identifier
    status: Literal["requested", "scheduled", "attempted", "reached", "not_reached", "cancelled", "expired"]
    due_at: Moment | None = None


class SurveyedData(DetailData, frozen=True, kw_only=True, gc=False):
    """A survey sent, one answer to it, or its refusal."""

    survey: Identifier
    status: Literal["sent", "answered", "completed", "refused"]
    question: Annotated[Word | None, Meta(description="csat, nps, ces, or a name of your own.")] = None
    score: Whole | None = None


class OutcomeChangedData(DetailData, frozen=True, kw_only=True, gc=False):
    """An outcome and what became of it, days later perhaps. The latest status by time holds, as does each amount."""

    outcome: Identifier
    kind: Word
    status: Literal["made", "part_kept", "kept", "broken", "fulfilled", "cancelled"] = "made"
    amount: Amount | None = None
    currency: Currency | None = None
    quantity: Count = 1
    due_on: Day | None = None
    product: Identifier | None = None
    campaign: Identifier | None = None


class ResolutionChangedData(DetailData, frozen=True, kw_only=True, gc=False):
    """Whether the customer's concern is settled."""

    status: Literal["resolved", "reopened", "pending", "escalated"]
    actor: Literal["agent", "bot", "customer", "system"] = "agent"
    tier: Count | None = None
    product: Identifier | None = None


class DialledData(DetailData, frozen=True, kw_only=True, gc=False):
    """One dial of an outbound campaign and its result."""

    attempt: Identifier
    campaign: Identifier
    list: Identifier | None = None
    lead: Identifier | None = None
    result: Literal["human", "machine", "busy", "no_answer", "invalid", "blocked", "failed"]
    rung_seconds: Count | None = None
    greeting_ended_at: Moment | None = None
    connected_at: Moment | None = None
    dropped: bool = False


class ParticipatedData(DetailData, frozen=True, kw_only=True, gc=False):
    """Somebody besides the segment's own agent joined it, or left."""

    agent: Identifier
    role: Literal["monitor", "coach", "barge", "consult", "conference"]
    change: Literal["joined", "left"]


class ReportedData(DetailData, frozen=True, kw_only=True, gc=False):
    """What the source itself measured of a segment. Of each member the latest by time holds; absent: not reported."""

    # No KPI is made of these: beside what follows from the events they show where two systems differ.

    segment: Identifier
    wait_ms: Milliseconds | None = None
    ring_ms: Milliseconds | None = None
    talk_ms: Milliseconds | None = None
    hold_ms: Milliseconds | None = None
    wrap_ms: Milliseconds | None = None
    outcome: Annotated[Word | None, Meta(description="How the source itself says that it ended.")] = None


class InteractionDescribed(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.described.v1"):
    """Something became known of the contact: its customer, its language, its case."""

    data: DescribedData


class InteractionMenuStepped(
    InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.menu_stepped.v1"
):
    """A step in a menu or with a bot, before an agent or instead of one."""

    data: MenuSteppedData


class InteractionMessageSent(
    InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.message_sent.v1"
):
    """A message went one way or the other."""

    data: MessageSentData


class InteractionCallbackChanged(
    InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.callback_changed.v1"
):
    """A callback was asked for, planned, tried, reached or given up."""

    data: CallbackChangedData


class InteractionSurveyed(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.surveyed.v1"):
    """A survey was sent, answered or refused."""

    data: SurveyedData


class InteractionOutcomeChanged(
    InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.outcome_changed.v1"
):
    """A sale, a promise, a payment, a pledge: made, kept, broken or cancelled."""

    data: OutcomeChangedData


class InteractionResolutionChanged(
    InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.resolution_changed.v1"
):
    """Resolved, reopened, pending or escalated."""

    data: ResolutionChangedData


class InteractionDialled(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.dialled.v1"):
    """A dial ended with a result."""

    data: DialledData


class InteractionParticipated(
    InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.participated.v1"
):
    """A supervisor, a colleague or a third party joined or left."""

    data: ParticipatedData


class InteractionReported(InteractionEventBase, frozen=True, kw_only=True, gc=False, tag="interaction.reported.v1"):
    """The source's own durations of a segment."""

    data: ReportedData
