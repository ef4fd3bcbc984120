"""Event lines for tests that need a few calls of known fate, rather than a whole centre."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

SOURCE = "test/telephony"


def line(kind: str, number: str, at: datetime, data: dict[str, Any]) -> bytes:
    """One event as a line of an event file; ``number`` makes its id."""
    document = {
        "specversion": "1.0",
        "type": f"{kind}.v1",
        "source": SOURCE,
        "id": f"{number}-{kind}-{at:%H%M%S}",
        "time": at.isoformat(),
        "data": data,
    }
    return json.dumps(document).encode()


def call(
    number: int,
    queued_at: datetime,
    queue: str = "sales",
    client: str = "acme",
    answered_after_seconds: float | None = None,
    abandoned_after_seconds: float | None = None,
    ended_after_seconds: float | None = None,
    flags: list[str] | None = None,
) -> list[bytes]:
    """A call that waits, unless it is said what became of it. All durations count from ``queued_at``."""
    common = {"client": client, "interaction": f"call-{number}", "channel": "voice", "direction": "inbound"}
    segment = {**common, "segment": "1"}

    def event(kind: str, after_seconds: float, **more: Any) -> bytes:
        at = queued_at + timedelta(seconds=after_seconds)
        return line(f"interaction.{kind}", f"{client}-{number}", at, {**segment, **more})

    lines = [event("queued", 0, queue=queue)]
    if answered_after_seconds is not None:
        lines.append(event("answered", answered_after_seconds, agent="ann"))
    if abandoned_after_seconds is not None:
        lines.append(event("abandoned", abandoned_after_seconds))
    if ended_after_seconds is not None:
        lines.append(event("ended", ended_after_seconds, ended_by="customer"))
        lines.append(event("wrapped_up", ended_after_seconds + 5, agent="ann", disposition="done", flags=flags or []))
    return lines


def agent(name: str, state: str, at: datetime, client: str = "acme") -> bytes:
    """An agent's change of state."""
    return line(
        "agent.state_changed", f"{client}-{name}-{state}", at, {"client": client, "agent": name, "state": state}
    )
