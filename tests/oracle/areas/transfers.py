"""Transfers, and queue entries of contacts that had been in the queue before."""

from __future__ import annotations

from datetime import datetime

from ..differences import Row
from ..model import Facts, grouped
from .contacts import share


def transfers(facts: Facts, start: datetime, stop: datetime) -> list[Row]:
    """By the queue they came from, kind, target and the queue they went to."""
    made = []
    for event in facts.events:
        if event.kind == "transferred" and start <= event.time < stop:
            data = event.data
            segment = facts.segments.get((data["client"], data["interaction"], data.get("segment")))
            queue = data.get("queue") or (segment.queue if segment else None)
            to_agent, to_queue = data.get("to_agent"), data.get("to_queue")
            target = "agent" if to_agent is not None else "queue" if to_queue is not None else "not_said"
            key = (data["client"], queue, data.get("kind", "cold"), target, to_queue)
            made.append((key, data["interaction"]))
    return [
        {
            **dict(zip(("client", "from_queue", "kind", "target", "to_queue"), key, strict=True)),
            "transfers": len(own),
            "contacts": len({interaction for _, interaction in own}),
        }
        for key, own in grouped(made, lambda t: t[0]).items()
    ]


def reentries(facts: Facts, start: datetime, stop: datetime) -> list[Row]:
    """Entries of each queue in [start, stop), and those of contacts that had been in it before."""
    queued = [s for s in facts.segments.values() if s.queued_at is not None and s.queue is not None]
    entries = []
    for (client, interaction, queue), own in grouped(queued, lambda s: (s.client, s.interaction, s.queue)).items():
        in_order = sorted(own, key=lambda s: (s.queued_at, s.segment))
        entries += [
            (client, queue, interaction, nth > 0)
            for nth, s in enumerate(in_order)
            if s.queued_at is not None and start <= s.queued_at < stop
        ]
    rows: list[Row] = []
    for (client, queue), own in grouped(entries, lambda e: e[:2]).items():
        again = sum(1 for *_, is_again in own if is_again)
        rows.append({"client": client, "queue": queue, "entries": len(own), "contacts": len({e[2] for e in own}),
                     "reentries": again, "reentry_rate": share(again, len(own))})  # fmt: skip
    return rows
