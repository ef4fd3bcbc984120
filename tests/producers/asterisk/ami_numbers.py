"""The numbers of the recorded dialogue, as README.md works them out by hand, read from a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.areas.outbound_events import ask

NAMES = (
    "offered answered abandoned left_timeout left_key wait_seconds_answered wait_seconds_abandoned wait_seconds_left "
    "talk_seconds hold_seconds alerts declines transferred"
).split()
QUEUES = {
    "support": (7, 3, 1, 1, 1, 100, 20, 40, 105, 15, 4, 1, 0),
    "sales": (1, 1, 0, 0, 0, 9, 0, 0, 30, 0, 1, 0, 1),
}
#: By agent and state: seconds, -1 for a state that has not ended.
AGENTS = {
    ("201", "available"): 180,
    ("201", "on_contact"): 150,
    ("201", "break"): 30,
    ("202", "break"): -1,
    ("203", "unavailable"): -1,
}
NOTICES = [
    ("gap", "call_ended_unseen", 1),
    ("gap", "connection_lost", 2),
    ("unknown_verb", "queuefrobnicated", 1),
]


def queues(store: Path) -> dict[str, tuple[int, ...]]:
    """What the store says of each queue."""
    sums = ", ".join(f"sum({name}) AS {name}" for name in NAMES)
    rows = ask(store, f"SELECT queue, {sums} FROM kpi_day GROUP BY queue")
    return {row["queue"]: tuple(int(row[name]) for name in NAMES) for row in rows}


def agents(store: Path) -> dict[tuple[str, str], int]:
    """How long each agent was in each state."""
    rows = ask(
        store,
        "SELECT agent, state, coalesce(sum(round(epoch(ended_at) - epoch(started_at))), -1) AS seconds "
        "FROM agent_spans GROUP BY ALL",
    )
    return {(row["agent"], row["state"]): int(row["seconds"]) for row in rows}


def notices(store: Path) -> list[tuple[Any, ...]]:
    """How often what was noticed."""
    rows = ask(store, "SELECT kind, name, count(*) AS times FROM source_notices GROUP BY ALL ORDER BY kind, name")
    return [tuple(row.values()) for row in rows]
