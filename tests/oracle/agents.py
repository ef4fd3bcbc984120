"""What agents did: their spans, their state at a moment, and their occupancy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from .model import AgentSpan, Event, Facts, grouped, seconds_between

ZERO = Decimal(0)


def build_agent_spans(events: list[Event]) -> list[AgentSpan]:
    """The spans of every agent, in order per agent. ``events``, none a detail, is in the order (time, source, id)."""
    by_agent = grouped((e for e in events if e.is_about_agent), lambda e: (str(e.data["client"]), str(e.data["agent"])))
    spans = []
    for (client, agent), own in by_agent.items():
        for event, following in zip(own, [*own[1:], None], strict=True):
            if event.kind == "signed_out":
                continue
            ended_at = following.time if following else None
            seconds = seconds_between(event.time, ended_at) if ended_at else None
            state, reason, presence = event.data["state"], event.data.get("reason"), event.data.get("presence")
            spans.append(AgentSpan(client, agent, state, reason, presence, event.time, ended_at, seconds))
    return spans


@dataclass(frozen=True)
class AgentNow:
    """What an agent is doing at a moment, and since when."""

    state: str
    reason: str | None
    since: datetime
    seconds_in_state: Decimal


def agent_now(facts: Facts, as_of: datetime) -> dict[tuple[str, str], AgentNow]:
    """The state at ``as_of`` of every (client, agent) who is signed in then."""
    return {
        (span.client, span.agent): AgentNow(
            span.state, span.reason, span.started_at, seconds_between(span.started_at, as_of)
        )
        for span in facts.agent_spans
        if span.started_at <= as_of and (span.ended_at is None or as_of < span.ended_at)
    }


@dataclass(frozen=True)
class Occupancy:
    """How an agent's time in a window was used. ``occupancy`` is None when none of it could be occupied."""

    on_contact_seconds: Decimal
    wrap_up_seconds: Decimal
    available_seconds: Decimal
    occupancy: Fraction | None


def occupancy(facts: Facts, start: datetime, stop: datetime) -> dict[tuple[str, str], Occupancy]:
    """Occupancy of every (client, agent) with a span in [start, stop); a span still open lasts to ``stop``.

    Occupied (on contact, wrapping up) over occupied plus available; breaks and other absences are on neither side.
    """
    result = {}
    for key, spans in grouped(facts.agent_spans, lambda s: (s.client, s.agent)).items():
        inside: dict[str, Decimal] = {}
        for span in spans:
            begin, end = max(span.started_at, start), min(span.ended_at or stop, stop)
            if begin < end:
                inside[span.state] = inside.get(span.state, ZERO) + seconds_between(begin, end)
        if inside:
            on_contact, wrap_up, available = (inside.get(s, ZERO) for s in ("on_contact", "wrap_up", "available"))
            occupied, staffed = Fraction(on_contact + wrap_up), Fraction(on_contact + wrap_up + available)
            result[key] = Occupancy(on_contact, wrap_up, available, occupied / staffed if staffed else None)
    return result
