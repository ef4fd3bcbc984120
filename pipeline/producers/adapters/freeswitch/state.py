"""What the adapter remembers between events: callers in queues and with agents, and what the agents do."""

from __future__ import annotations

from msgspec import Struct, field


class Said(Struct, array_like=True):
    """An event of a pass that may have to be said again: its kind, its time, and who or why."""

    kind: str
    time_us: int
    apart: str
    agent: str | None = None
    reason: str | None = None


class Pass(Struct):
    """One pass of a caller through one queue: a segment."""

    client: str
    queue: str
    interaction: str
    segment: str
    direction: str = "inbound"
    #: Raised when FreeSWITCH takes an answer back; then everything is said anew.
    revision: int = 0
    agent: str | None = None
    #: The agent's channel, whose hold events belong to this pass.
    agent_channel: str | None = None
    answered_us: int | None = None
    held: bool = False
    #: When the bridge to the agent ended.
    bridge_ended_us: int | None = None
    #: When the caller left the queue; what belongs to the pass may still come in for a while.
    gone_us: int | None = None
    seen_us: int = 0
    said: list[Said] = field(default_factory=list)


class AgentAxes(Struct):
    """The two axes of an agent in mod_callcenter, and what was last said of them."""

    status: str | None = None
    state: str | None = None
    said: tuple[str, str | None, str | None] | None = None


class State(Struct):
    """Everything that is remembered."""

    #: By the member's UUID.
    passes: dict[str, Pass] = field(default_factory=dict)
    #: By the agent's name as FreeSWITCH has it.
    agents: dict[str, AgentAxes] = field(default_factory=dict)
    core: str = ""
    #: The newest event's time.
    last_us: int | None = None
    #: The newest event's time when the connection was lost.
    lost_from_us: int | None = None
    forgot_us: int = 0
