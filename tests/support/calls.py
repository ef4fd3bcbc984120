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
    *,
    left_after_seconds: float | None = None,
    left_reason: str = "timeout",
    transferred_after_seconds: float | None = None,
    agent: str = "ann",
    channel: str = "voice",
    segment: str = "1",
    amount: str | None = None,
) -> list[bytes]:
    """A call that waits, unless it is said what became of it. All durations count from ``queued_at``."""
    common = {"client": client, "interaction": f"call-{number}", "channel": channel, "direction": "inbound"}
    identity = f"{client}-{number}" if segment == "1" else f"{client}-{number}.{segment}"

    def event(kind: str, after_seconds: float, **more: Any) -> bytes:
        at = queued_at + timedelta(seconds=after_seconds)
        return line(f"interaction.{kind}", identity, at, {**common, "segment": segment, **more})

    lines = [event("queued", 0, queue=queue)]
    if answered_after_seconds is not None:
        lines.append(event("answered", answered_after_seconds, agent=agent))
    if abandoned_after_seconds is not None:
        lines.append(event("abandoned", abandoned_after_seconds))
    if left_after_seconds is not None:
        lines.append(event("left_queue", left_after_seconds, reason=left_reason))
    if transferred_after_seconds is not None:
        lines.append(event("transferred", transferred_after_seconds))
    if ended_after_seconds is not None:
        lines.append(event("ended", ended_after_seconds, ended_by="customer"))
        sale = {} if amount is None else {"amount": amount, "currency": "EUR"}
        wrapped = {"agent": agent, "disposition": "done", "flags": flags or [], **sale}
        lines.append(event("wrapped_up", ended_after_seconds + 5, **wrapped))
    return lines


def agent(name: str, state: str, at: datetime, client: str = "acme") -> bytes:
    """An agent's change of state."""
    return line(
        "agent.state_changed", f"{client}-{name}-{state}", at, {"client": client, "agent": name, "state": state}
    )
