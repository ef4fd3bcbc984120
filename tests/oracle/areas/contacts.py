"""A contact as a whole: what its segments and everything said of it amount to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from ..model import Event, Facts, Segment, grouped

#: Details that make a contact known even where no other event tells of it.
MENTIONS = ("described", "message_sent", "menu_stepped", "callback_changed", "resolution_changed")
#: Details that do not: they are about something that comes of a contact.
APART = ("surveyed", "outcome_changed", "dialled", "participated", "reported")
Key = tuple[str, str]


@dataclass(frozen=True)
class Contact:
    """One contact. ``status``: the latest that a change of its resolution said."""

    client: str
    interaction: str
    channel: str
    direction: str
    queue: str | None
    started_at: datetime
    ended_at: datetime | None
    first_answered_at: datetime | None
    last_passed_at: datetime | None
    abandoned: bool
    transfers: int
    customer: str | None
    reason: str | None
    product: str | None
    tier: int | None
    status: str | None
    resolved_at: list[datetime]
    reopened_at: list[datetime]
    escalated: bool
    resolved_by_agent: bool


def contacts(facts: Facts) -> dict[Key, Contact]:
    """Every contact, by (client, interaction)."""
    told = [e for e in facts.events if not e.is_about_agent and e.kind not in APART]
    segments = grouped(facts.segments.values(), lambda s: (s.client, s.interaction))
    by_contact = grouped(told, lambda e: (str(e.data["client"]), str(e.data["interaction"])))
    return {key: _contact(key, events, segments.get(key, [])) for key, events in by_contact.items()}


def _contact(key: Key, events: list[Event], segments: list[Segment]) -> Contact:
    mentions = [e for e in events if e.kind in MENTIONS]
    moves = [e for e in events if e.kind not in MENTIONS]
    of_whole = [e for e in moves if e.data.get("segment") is None]
    # A menu's reason for its hand-over is not the contact's reason.
    described = [e for e in mentions if e.kind == "described"]
    cases = [e for e in mentions if e.kind in ("described", "resolution_changed")]
    status = [e for e in mentions if e.kind == "resolution_changed"]
    first = _first_part(moves) if moves else mentions[0]
    passes = sorted(segments, key=lambda s: (s.queued_at or s.first_event_at, s.segment))
    answered = [s for s in segments if s.answered_at is not None]
    whole_ends = [e.time for e in of_whole if e.kind == "ended"]
    outcomes = [s.outcome for s in segments]
    last_answered = max(answered, key=lambda s: (s.answered_at, s.segment), default=None)
    return Contact(
        client=key[0],
        interaction=key[1],
        channel=first.data["channel"],
        direction=first.data["direction"],
        queue=_queue(moves, of_whole, passes, mentions),
        started_at=events[0].time,
        ended_at=max(whole_ends) if whole_ends else _over_at(passes),
        first_answered_at=min((s.answered_at for s in answered if s.answered_at), default=None),
        last_passed_at=max((t for s in segments for t in (s.queued_at, s.answered_at) if t), default=None),
        abandoned="abandoned" in outcomes and "answered" not in outcomes,
        transfers=sum(1 for s in segments if s.transferred_at is not None),
        customer=latest(described, "customer"),
        reason=latest(described, "reason"),
        product=latest(cases, "product"),
        tier=latest(cases, "tier"),
        status=status[-1].data["status"] if status else None,
        resolved_at=[e.time for e in status if e.data["status"] == "resolved"],
        reopened_at=[e.time for e in status if e.data["status"] == "reopened"],
        escalated=any(e.data["status"] == "escalated" for e in status),
        resolved_by_agent=last_answered is not None and "resolved" in last_answered.flags,
    )


def _first_part(moves: list[Event]) -> Event:
    parts = [own[0] for own in grouped(moves, lambda e: str(e.data.get("segment") or "")).values()]
    return min(parts, key=lambda e: (e.time, str(e.data.get("segment") or "")))


def _queue(moves: list[Event], of_whole: list[Event], passes: list[Segment], mentions: list[Event]) -> str | None:
    """Of the first part that names one; where no part is known at all, of the first mention that does."""
    named = [(s.queued_at or s.first_event_at, s.segment, s.queue) for s in passes if s.queue is not None]
    named += [(of_whole[0].time, "", e.data["queue"]) for e in of_whole if e.data.get("queue") is not None][:1]
    if named:
        return min(named)[2]
    return next((e.data["queue"] for e in mentions if e.data.get("queue") is not None), None)


def _over_at(passes: list[Segment]) -> datetime | None:
    """When the last of its passes was over: none may still go on."""
    over: list[datetime] = []
    for position, one in enumerate(passes):
        following = passes[position + 1] if position + 1 < len(passes) else None
        moved_on = one.transferred_at is not None or one.left_at is not None
        end = one.ended_at or (one.abandoned_at if one.outcome == "abandoned" else None)
        if end is None and moved_on and following is not None:
            end = following.queued_at or following.first_event_at
        if end is None:
            return None
        over.append(end)
    return max(over, default=None)


def latest(events: Iterable[Event], member: str) -> Any:
    """What was said last of a member, in the order given; None if nothing was."""
    return next((e.data[member] for e in reversed(list(events)) if e.data.get(member) is not None), None)


def share(part: int, whole: int) -> Fraction | None:
    """A ratio, None over nothing."""
    return Fraction(part, whole) if whole else None
