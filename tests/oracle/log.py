"""A log of raw lines to all of the facts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .agents import build_agent_spans
from .contract import DETAIL_SHAPES, Rejected, classify
from .details import detail_rows
from .kpis import kpi_by
from .model import Event, Facts
from .segments import build_interactions, build_segments, counted


def facts(lines: Iterable[bytes], now: datetime) -> Facts:
    """All facts of a log of raw event lines in any order, with repetitions and bad ones.

    ``now`` is the aware time at which the log was read: it decides which times are too far in the future. Of lines
    with one (source, id) the first one given is the event; so the facts depend on the order of the lines only if such
    lines say different things (``conflicting`` counts them).
    """
    count = 0
    accepted: dict[tuple[str, str], Event] = {}
    duplicates: list[tuple[str, str]] = []
    conflicting = 0
    rejected: dict[str, int] = {}
    for line in lines:
        count += 1
        verdict = classify(line, now)
        if isinstance(verdict, Rejected):
            rejected[verdict.reason] = rejected.get(verdict.reason, 0) + 1
            continue
        identity = (verdict.source, verdict.id)
        if identity in accepted:
            duplicates.append(identity)
            conflicting += verdict != accepted[identity]
        else:
            accepted[identity] = verdict
    events = sorted(accepted.values(), key=lambda e: e.order)
    telling = counted([event for event in events if event.type not in DETAIL_SHAPES])
    segments = build_segments(telling)
    return Facts(
        lines=count,
        events=events,
        duplicates=duplicates,
        conflicting=conflicting,
        rejected=rejected,
        segments=segments,
        interactions=build_interactions(telling, segments),
        agent_spans=build_agent_spans(telling),
        details=detail_rows(events),
        kpi_minute=kpi_by(segments.values(), "minute"),
    )
