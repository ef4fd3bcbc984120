"""The same counts by other keys: hours and days of the queue's own clocks, its attributes, agents and teams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from .judgement import Rules
from .kpis import measure, queued
from .model import Cell, Facts, Segment, grouped
from .segments import money

ZERO = Decimal(0)
PLACE = ("client", "queue", "channel", "direction")


def local_hour(segment: Segment, rules: Rules) -> dict[str, Any]:
    """The hour in which a segment was queued, as the clocks of its queue showed it."""
    assert segment.queued_at is not None
    zone = rules.of(segment.client, segment.queue, segment.queued_at).time_zone or "UTC"
    wall = segment.queued_at.astimezone(ZoneInfo(zone))
    offset = wall.utcoffset() or timedelta(0)
    past_the_hour = timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
    return {
        **{name: getattr(segment, name) for name in PLACE},
        "time_zone": zone,
        "local_day": wall.date(),
        "local_hour_start": (segment.queued_at - past_the_hour).astimezone(UTC),
        "utc_offset": _written(offset),
    }


def _written(offset: timedelta) -> str:
    minutes = abs(offset) // timedelta(minutes=1)
    return f"{'-' if offset < timedelta(0) else '+'}{minutes // 60:02}:{minutes % 60:02}"


def kpi_local(facts: Facts, rules: Rules, *, days: bool) -> list[dict[str, Any]]:
    """Rows of ``kpi_local_hour``, or of ``kpi_local_day``."""

    def key(segment: Segment) -> tuple[tuple[str, Any], ...]:
        found = local_hour(segment, rules)
        return tuple(item for item in found.items() if not days or item[0] not in ("local_hour_start", "utc_offset"))

    return [{**dict(own), **vars(measure(s, rules))} for own, s in grouped(queued(facts), key).items()]


def kpi_by_attribute(
    facts: Facts, start: datetime, stop: datetime, attribute: str, rules: Rules
) -> dict[tuple[str, str | None], Cell]:
    """Counts by (client, attribute of the queue when the segment came); ``channel`` is the segment's own."""

    def key(segment: Segment) -> tuple[str, str | None]:
        assert segment.queued_at is not None
        if attribute in ("client", "channel"):
            return segment.client, getattr(segment, attribute)
        return segment.client, getattr(rules.of(segment.client, segment.queue, segment.queued_at), attribute)

    return {found: measure(own, rules) for found, own in grouped(queued(facts, start, stop), key).items()}


@dataclass(frozen=True)
class Answers:
    """What the answered segments of an agent, or of a team, amount to."""

    answered: int
    wait_seconds_answered: Decimal
    handled: int
    talk_seconds: Decimal
    hold_seconds: Decimal
    wrap_seconds: Decimal
    held: int
    transferred: int
    sales: int
    revenue: Decimal | None
    currency: str | None


def kpi_by_agent(
    facts: Facts, start: datetime, stop: datetime, teams: dict[tuple[str, str], str] | None = None
) -> dict[tuple[str, str | None], Answers]:
    """By (client, agent who answered), or with ``teams`` by (client, team)."""

    def key(segment: Segment) -> tuple[str, str | None]:
        agent = str(segment.agent)
        return segment.client, agent if teams is None else teams.get((segment.client, agent))

    answered = [s for s in queued(facts, start, stop) if s.outcome == "answered"]
    return {found: _answers(own) for found, own in grouped(answered, key).items()}


def _answers(segments: list[Segment]) -> Answers:
    def total(name: str) -> Decimal:
        return sum((getattr(s, name) or ZERO for s in segments), ZERO)

    return Answers(
        len(segments),
        total("wait_seconds"),
        sum(1 for s in segments if s.handle_ended_at is not None),
        total("talk_seconds"),
        total("hold_seconds"),
        total("wrap_seconds"),
        sum(1 for s in segments if s.holds > 0),
        sum(1 for s in segments if s.transferred_at is not None),
        sum(1 for s in segments if "sale" in s.flags),
        *money(segments),
    )
