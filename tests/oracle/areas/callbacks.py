"""Callbacks: requested, attempted, reached, and how long that took."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ..differences import Row
from ..model import Facts, grouped, seconds_between
from .contacts import share

CLOSED = ("reached", "cancelled", "expired")


def _callbacks(facts: Facts, until: datetime | None = None) -> list[dict[str, Any]]:
    changes = [c for c in facts.details["callback_changes"] if until is None or c["time"] <= until]
    found = []
    for (client, _), own in grouped(changes, lambda c: (c["client"], c["callback"])).items():
        said = [c["status"] for c in own]
        reached = [c["time"] for c in own if c["status"] == "reached"]
        requested = [c["time"] for c in own if c["status"] == "requested"] or [own[0]["time"]]
        due = [c["due_at"] for c in own if c["due_at"] is not None]
        found.append({
            "client": client, "queue": next((c["queue"] for c in own if c["queue"] is not None), None),
            "first_at": own[0]["time"], "requested_at": requested[0], "due_at": due[-1] if due else None,
            "attempts": max(said.count("attempted"), said.count("reached") + said.count("not_reached")),
            "reached_at": reached[0] if reached else None, "status": "reached" if reached else said[-1],
        })  # fmt: skip
    return found


def callback_kpis(facts: Facts, start: datetime, stop: datetime) -> list[Row]:
    """Of the callbacks requested in [start, stop), per client and queue."""
    rows: list[Row] = []
    asked = [c for c in _callbacks(facts) if start <= c["requested_at"] < stop]
    for (client, queue), own in grouped(asked, lambda c: (c["client"], c["queue"])).items():
        reached = [c for c in own if c["reached_at"]]
        due = [c for c in own if c["due_at"] and c["status"] != "cancelled" and (c["reached_at"] or c["due_at"] < stop)]
        on_time = sum(1 for c in due if c["reached_at"] and c["reached_at"] <= c["due_at"])
        rows.append({
            "client": client, "queue": queue, "callbacks_requested": len(own),
            "callback_attempts": sum(c["attempts"] for c in own), "callbacks_reached": len(reached),
            "callbacks_on_time": on_time, "callbacks_due": len(due),
            "callbacks_cancelled": sum(1 for c in own if c["status"] == "cancelled"),
            "callbacks_expired": sum(1 for c in own if c["status"] == "expired"),
            "callbacks_open": sum(1 for c in own if c["status"] not in CLOSED),
            "callback_wait_seconds": sum(
                (seconds_between(c["requested_at"], c["reached_at"]) for c in reached), Decimal(0)
            ),
            "callback_reached_share": share(len(reached), len(own)),
            "callback_on_time_share": share(on_time, len(due)),
        })  # fmt: skip
    return rows


def callbacks_now(facts: Facts, as_of: datetime) -> list[Row]:
    """Open callbacks at a moment, by what was known then."""
    rows: list[Row] = []
    still_open = [c for c in _callbacks(facts, as_of) if c["status"] not in CLOSED]
    for (client, queue), own in grouped(still_open, lambda c: (c["client"], c["queue"])).items():
        later = [c for c in own if c["due_at"] is not None and c["due_at"] > as_of]
        waits = [
            seconds_between(max(c["due_at"] or c["first_at"], c["first_at"]), as_of) for c in own if c not in later
        ]
        rows.append({
            "client": client, "queue": queue, "callbacks_scheduled": len(later), "callbacks_in_queue": len(waits),
            "callback_longest_wait_seconds": max(waits, default=None),
        })  # fmt: skip
    return rows
