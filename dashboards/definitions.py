"""What each number means: from the KPI catalogue in the store, so that the board says what the store computes.

The catalogue defines what is counted over time. What is read off at one moment, and what describes the data itself, is
defined here; an entry of the same name in the catalogue takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dashboards.connection import Rows


@dataclass(frozen=True, slots=True)
class Definition:
    """One number. ``unit``: count, seconds, ratio, money or state."""

    name: str
    title: str
    unit: str
    formula: str
    description: str
    source: str
    higher_is_better: bool | None = None
    target: float | None = None


_BOARD = (
    Definition(
        "waiting",
        "Waiting now",
        "count",
        "queued_at <= now and not (wait_ended_at <= now)",
        "Contacts that are in a queue at this moment, also while an agent is being alerted.",
        "Amazon Connect real-time metrics (queue size)",
    ),
    Definition(
        "longest_wait_now_seconds",
        "Longest wait now",
        "seconds",
        "now - min(queued_at) of those waiting",
        "How long the contact that has waited longest has been in its queue. None is waiting: no number.",
        "Amazon Connect real-time metrics (oldest contact)",
        higher_is_better=False,
        target=120.0,
    ),
    Definition(
        "in_progress",
        "In progress",
        "count",
        "answered_at <= now and not (handle_ended_at <= now)",
        "Contacts that an agent is talking with, or has on hold, at this moment. Wrap-up is not part of it.",
        "Amazon Connect real-time metrics (active contacts)",
    ),
    Definition(
        "agents_by_state",
        "Agents by state",
        "count",
        "agents whose latest state began before now and has not ended",
        "Agents that are signed in, by what they do: available, on contact, wrap-up, break, or otherwise unavailable.",
        "Amazon Connect real-time metrics (agents); Genesys Cloud presence",
    ),
    Definition(
        "data_age",
        "Data age",
        "seconds",
        "now - meta.published_at",
        "Time since the slowest partition was last published. Above the limit the board goes grey.",
        "callboard",
    ),
    Definition(
        "lag",
        "Lag",
        "count",
        "sum(log_end_offset - next_offset)",
        "Records that lie in the log and are not in the store yet.",
        "Kafka consumer lag",
    ),
    Definition(
        "conservation",
        "Conservation",
        "state",
        "consumed = stored + duplicates + rejected, in each partition",
        "Every record that was read is stored, known already, or a dead letter. Nothing is dropped silently.",
        "callboard",
    ),
    Definition(
        "duplicates",
        "Duplicates",
        "count",
        "count(*) of duplicates",
        "Records whose event (source, id) is stored already. They change no number. Conflicting: the same source and "
        "id with another content, which is a fault of the producer.",
        "CloudEvents 1.0 (source and id name an event)",
    ),
    Definition(
        "dead_letters",
        "Dead letters",
        "count",
        "count(*) of rejects",
        "Records that were refused. Their bytes are kept; `callboard dead-letters` lists, shows and replays them.",
        "callboard",
    ),
    Definition(
        "corrections",
        "Corrections",
        "count",
        "count(*) of corrections",
        "Changes that late events made to minutes already published. Each says what the number was and what it is.",
        "callboard",
    ),
)
#: The board's own definitions by name.
BOARD: Mapping[str, Definition] = MappingProxyType({definition.name: definition for definition in _BOARD})


def definitions(catalogue: Rows) -> Mapping[str, Definition]:
    """All definitions by name, of the rows of the store's ``kpi_catalogue``."""
    fields = ("name", "title", "unit", "formula", "description", "source", "higher_is_better", "target")
    stored = {row["name"]: Definition(**{field: row[field] for field in fields}) for row in catalogue}
    return MappingProxyType({**BOARD, **stored})
