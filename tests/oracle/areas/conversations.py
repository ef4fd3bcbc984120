"""Conversations in writing: turns, first responses and responses."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ..differences import Row
from ..model import Event, Facts, grouped, seconds_between
from .contacts import contacts

WRITTEN = ("chat", "messaging", "social", "sms", "email")
SENDERS = ("customer", "agent", "bot", "system")
Turn = tuple[datetime, list[Event], bool]


def _turns(started_at: datetime, reopened_at: list[datetime], messages: list[Event]) -> list[Turn]:
    """The beginning of each turn, its messages, and whether it is the first. Reopened at one moment is one turn."""
    begins = [started_at, *sorted(set(reopened_at))]
    turns = []
    for number, begin in enumerate(begins):
        end = begins[number + 1] if number + 1 < len(begins) else None
        own = [m for m in messages if begin <= m.time and (end is None or m.time < end)]
        if end is None or end > begin:
            turns.append((begin, own, number == 0))
    return turns


def _first_response(turn: Turn, sender: str) -> Decimal | None:
    begin, messages, is_first = turn
    answers = [m.time for m in messages if m.data["sender"] == sender]
    if not answers:
        return None
    asked = [m.time for m in messages if m.data["sender"] == "customer"]
    since = asked[0] if is_first and asked and asked[0] <= answers[0] else begin
    return seconds_between(since, answers[0])


def _responses(turn: Turn) -> list[Decimal]:
    """From the first message of the customer that no agent has answered to the agent's next one."""
    found, asked = [], None
    for message in turn[1]:
        if message.data["sender"] == "customer":
            asked = asked or message.time
        elif message.data["sender"] == "agent":
            found += [seconds_between(asked, message.time)] if asked else []
            asked = None
    return found


def conversation_kpis(facts: Facts, start: datetime, stop: datetime) -> list[Row]:
    """Turns begun in [start, stop) per client, queue and channel, and the contacts begun in it that were resolved."""
    messages = grouped(
        (e for e in facts.events if e.kind == "message_sent"), lambda e: (e.data["client"], e.data["interaction"])
    )
    written = [c for c in contacts(facts).values() if c.channel in WRITTEN]
    turns = [
        ((c.client, c.queue, c.channel), turn)
        for c in written
        for turn in _turns(c.started_at, c.reopened_at, messages.get((c.client, c.interaction), []))
        if start <= turn[0] < stop
    ]
    begun = grouped((c for c in written if start <= c.started_at < stop), lambda c: (c.client, c.queue, c.channel))
    rows: list[Row] = []
    for key, own in grouped(turns, lambda t: t[0]).items():
        sent = [m.data["sender"] for _, (_, said, _) in own for m in said]
        first = [s for _, turn in own if (s := _first_response(turn, "agent")) is not None]
        of_bots = [s for _, turn in own if (s := _first_response(turn, "bot")) is not None]
        answered = [s for _, turn in own for s in _responses(turn)]
        resolved = [c for c in begun.get(key, []) if c.status == "resolved"]
        rows.append({
            **dict(zip(("client", "queue", "channel"), key, strict=True)),
            "conversations": sum(1 for _, turn in own if turn[2]),
            "conversations_reopened": sum(1 for _, turn in own if not turn[2]),
            **{f"{sender}_messages": sent.count(sender) for sender in SENDERS},
            "first_responses": len(first), "first_response_seconds": sum(first, Decimal(0)),
            "bot_first_responses": len(of_bots), "bot_first_response_seconds": sum(of_bots, Decimal(0)),
            "agent_responses": len(answered), "agent_response_seconds": sum(answered, Decimal(0)),
            "conversations_resolved": len(resolved),
            "conversation_resolution_seconds": sum(
                (seconds_between(c.started_at, c.resolved_at[-1]) for c in resolved), Decimal(0)
            ),
        })  # fmt: skip
    return rows
