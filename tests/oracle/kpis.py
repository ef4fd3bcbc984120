"""What a set of segments amounts to: counts and sums, service levels, percentiles, a queue at a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from .judgement import Rules
from .model import Cell, CellKey, Facts, Group, Segment, grouped, seconds_between
from .segments import money

ZERO = Decimal(0)
TARGET_SECONDS = 20
BY_DEFAULT = Rules()
HISTOGRAM_BOUND = Fraction(2, 100)

#: The start of the period that a moment lies in, by the name of the time column of the KPI views.
PERIOD_START: dict[str, Callable[[datetime], datetime]] = {
    "minute": lambda t: t.replace(second=0, microsecond=0),
    "quarter": lambda t: t.replace(minute=t.minute - t.minute % 15, second=0, microsecond=0),
    "hour": lambda t: t.replace(minute=0, second=0, microsecond=0),
    "day": lambda t: t.replace(hour=0, minute=0, second=0, microsecond=0),
}


def measure(segments: Iterable[Segment], rules: Rules = BY_DEFAULT) -> Cell:
    """The counts and sums of a set of segments, all of them queued, under the settings of their queues."""
    everything = list(segments)
    judged = rules.judge_all(everything)
    calls = [j for j in judged if j.is_call]
    answered = [s for s in everything if s.outcome == "answered"]
    abandoned = [j for j in calls if j.is_("abandoned")]
    left = [s for s in everything if s.outcome == "left"]
    revenue, currency = money(everything)
    return Cell(
        offered=len(calls),
        answered=len(answered),
        abandoned=len(abandoned),
        short_abandoned=sum(1 for j in abandoned if j.short),
        short_excluded=sum(1 for j in abandoned if not j.in_abandonment),
        short_not_offered=len(judged) - len(calls),
        left_timeout=sum(1 for s in left if s.left_reason == "timeout"),
        left_key=sum(1 for s in left if s.left_reason == "key"),
        left_closed=sum(1 for s in left if s.left_reason == "closed"),
        left_callback=sum(1 for s in left if s.left_reason == "callback"),
        abandoned_in_service_level=sum(1 for j in abandoned if j.in_service_level),
        answered_in_target=sum(1 for j in judged if j.is_("answered") and j.in_time),
        abandoned_in_target=sum(1 for j in abandoned if j.in_service_level and j.in_time),
        wait_seconds_answered=_total(s.wait_seconds for s in answered),
        wait_seconds_abandoned=_total(j.segment.wait_seconds for j in abandoned),
        wait_seconds_left=_total(s.wait_seconds for s in left),
        longest_wait_seconds=max(
            (j.segment.wait_seconds for j in calls if j.segment.wait_seconds is not None), default=None
        ),
        handled=sum(1 for s in answered if s.handle_ended_at is not None),
        talk_seconds=_total(s.talk_seconds for s in everything),
        hold_seconds=_total(s.hold_seconds for s in everything),
        wrap_seconds=_total(s.wrap_seconds for s in everything),
        held=sum(1 for s in everything if s.holds > 0),
        alerts=sum(s.alerts for s in everything),
        declines=sum(s.declines for s in everything),
        transferred=sum(1 for s in answered if s.transferred_at is not None),
        sales=sum(1 for s in everything if "sale" in s.flags),
        revenue=revenue,
        currency=currency,
    )


def _within(segments: list[Segment], seconds: int | Decimal) -> list[Segment]:
    return [s for s in segments if s.wait_seconds is not None and s.wait_seconds <= seconds]


def _total(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), ZERO)


def queued(facts: Facts, start: datetime | None = None, stop: datetime | None = None) -> list[Segment]:
    """The segments that entered their queue in [start, stop); None leaves that side open."""
    return [
        s
        for s in facts.segments.values()
        if s.queued_at is not None and (start is None or start <= s.queued_at) and (stop is None or s.queued_at < stop)
    ]


def group_of(segment: Segment) -> Group:
    if segment.queue is None:
        raise AssertionError("a queued event always names its queue")
    return (segment.client, segment.queue, segment.channel, segment.direction)


def kpi_by(segments: Iterable[Segment], period: str, rules: Rules = BY_DEFAULT) -> dict[CellKey, Cell]:
    """The KPI cells by ``period`` (minute, quarter, hour or day, of UTC), each from its segments, not from sums."""

    def cell_key(segment: Segment) -> CellKey:
        if segment.queued_at is None:
            raise AssertionError("only queued segments are counted")
        return (*group_of(segment), PERIOD_START[period](segment.queued_at))

    entered = [s for s in segments if s.queued_at is not None]
    return {key: measure(own, rules) for key, own in grouped(entered, cell_key).items()}


def kpi_by_key(
    facts: Facts, start: datetime, stop: datetime, key: Callable[[Segment], tuple[Any, ...]], rules: Rules
) -> dict[tuple[Any, ...], Cell]:
    """Counts and sums per ``key`` of what was queued in [start, stop)."""
    return {found: measure(own, rules) for found, own in grouped(queued(facts, start, stop), key).items()}


def kpi_between(facts: Facts, start: datetime, stop: datetime, rules: Rules = BY_DEFAULT) -> dict[Group, Cell]:
    """Counts and sums per (client, queue, channel, direction) of what was queued in [start, stop)."""
    return {group: measure(own, rules) for group, own in grouped(queued(facts, start, stop), group_of).items()}


def per_hour(facts: Facts, start: datetime, stop: datetime, zone: str = "UTC") -> dict[datetime, Cell]:
    """Counts and sums by the hour of queue entry on the clocks of ``zone``; the key is the hour's start in UTC."""

    def hour_start(segment: Segment) -> datetime:
        if segment.queued_at is None:
            raise AssertionError("only queued segments are counted")
        return PERIOD_START["hour"](segment.queued_at.astimezone(ZoneInfo(zone))).astimezone(UTC)

    return {hour: measure(own) for hour, own in sorted(grouped(queued(facts, start, stop), hour_start).items())}


def service_level(
    facts: Facts, start: datetime, stop: datetime, threshold_seconds: int | Decimal = TARGET_SECONDS
) -> dict[tuple[str | None, str], Fraction | None]:
    """The service level by (queue, definition); queue None is the centre over all of its queues.

    None where nothing is below the line. A queue with nothing queued in [start, stop) has no entry.
    """
    entered = queued(facts, start, stop)
    result: dict[tuple[str | None, str], Fraction | None] = {}
    for queue, segments in [(None, entered), *sorted(grouped(entered, lambda s: str(s.queue)).items())]:
        answered = [s for s in segments if s.outcome == "answered"]
        abandoned = [s for s in segments if s.outcome == "abandoned"]
        a, b = len(answered), len(abandoned)
        a_in_time, b_in_time = len(_within(answered, threshold_seconds)), len(_within(abandoned, threshold_seconds))
        result[queue, "abandons_negative"] = _ratio(a_in_time, a + b)
        result[queue, "abandons_ignored"] = _ratio(a_in_time, a + b - b_in_time)
        result[queue, "abandons_positive"] = _ratio(a_in_time + b_in_time, a + b)
        result[queue, "answered_only"] = _ratio(a_in_time, a)
    return result


def _ratio(above: int, below: int) -> Fraction | None:
    return Fraction(above, below) if below else None


@dataclass(frozen=True)
class QueueNow:
    """A queue at a moment. ``longest_wait_seconds`` is None when nobody waits."""

    waiting: int
    longest_wait_seconds: Decimal | None
    in_progress: int


def queue_now(facts: Facts, as_of: datetime, client: str | None = None) -> dict[str | None, QueueNow]:
    """Every queue with anyone waiting or in progress at ``as_of``; None holds what was answered without a queue.

    With ``client``, that client's segments only; without, a queue's name stands for the queues of all clients.
    """
    waiting: dict[str | None, list[datetime]] = {}
    in_progress: dict[str | None, int] = {}
    for s in facts.segments.values():
        if client is not None and s.client != client:
            continue
        if s.queued_at is not None and s.queued_at <= as_of and not _by(s.wait_ended_at, as_of):
            waiting.setdefault(s.queue, []).append(s.queued_at)
        if s.answered_at is not None and s.answered_at <= as_of and not _by(s.handle_ended_at, as_of):
            in_progress[s.queue] = in_progress.get(s.queue, 0) + 1
    return {
        queue: QueueNow(
            waiting=len(waiting.get(queue, [])),
            longest_wait_seconds=seconds_between(min(waiting[queue]), as_of) if queue in waiting else None,
            in_progress=in_progress.get(queue, 0),
        )
        for queue in {*waiting, *in_progress}
    }


def _by(moment: datetime | None, as_of: datetime) -> bool:
    return moment is not None and moment <= as_of


def waits(facts: Facts, outcome: str, start: datetime | None = None, stop: datetime | None = None) -> list[Decimal]:
    """The ended waits, shortest first, of segments queued in [start, stop) with that outcome."""
    return sorted(
        s.wait_seconds for s in queued(facts, start, stop) if s.outcome == outcome and s.wait_seconds is not None
    )


def percentile(ordered: list[Decimal], percent: int | Fraction) -> Decimal | None:
    """The nearest-rank percentile of an ascending list, 0 < percent <= 100; None of an empty list.

    It is the smallest value that at least ``percent`` of all values do not exceed, so always one that occurred.
    """
    if not ordered:
        return None
    return ordered[ceil(Fraction(percent) * len(ordered) / 100) - 1]


def within_histogram_bound(exact: Decimal, estimate: Decimal | float) -> bool:
    """Whether a percentile read from the store's histogram is within 2 % of the exact one."""
    return abs(Fraction(estimate) - Fraction(exact)) <= HISTOGRAM_BOUND * Fraction(exact)
