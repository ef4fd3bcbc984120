"""What an agent does, and what was planned: one class per event type."""

from __future__ import annotations

from msgspec import Struct

from pipeline.contract.envelope import AgentEventBase
from pipeline.contract.values import AgentState, Count, Identifier, Moment, Word


class AgentData(Struct, frozen=True, kw_only=True, gc=False):
    """What every agent event says."""

    client: Identifier
    agent: Identifier


class AgentSignedInData(AgentData, frozen=True, kw_only=True, gc=False):
    """The agent signed in, into a state."""

    state: AgentState = "unavailable"
    reason: Word | None = None
    presence: Word | None = None


class AgentStateChangedData(AgentData, frozen=True, kw_only=True, gc=False):
    """The agent's state from this moment on."""

    state: AgentState
    reason: Word | None = None
    presence: Word | None = None


class AgentScheduledData(AgentData, frozen=True, kw_only=True, gc=False):
    """One planned activity. Of the same schedule only the activities of its highest revision count."""

    schedule: Identifier
    revision: Count = 0
    activity: Word
    starts_at: Moment
    ends_at: Moment
    paid: bool = True


class AgentSignedIn(AgentEventBase, frozen=True, kw_only=True, gc=False, tag="agent.signed_in.v1"):
    """An agent signed in."""

    data: AgentSignedInData


class AgentStateChanged(AgentEventBase, frozen=True, kw_only=True, gc=False, tag="agent.state_changed.v1"):
    """An agent's state changed."""

    data: AgentStateChangedData


class AgentSignedOut(AgentEventBase, frozen=True, kw_only=True, gc=False, tag="agent.signed_out.v1"):
    """An agent signed out."""

    data: AgentData


class AgentScheduled(AgentEventBase, frozen=True, kw_only=True, gc=False, tag="agent.scheduled.v1"):
    """Planned for an agent: work, a break, a training. ``time`` is when the plan was made."""

    data: AgentScheduledData
