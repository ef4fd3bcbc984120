"""Service level under every name, over any window, and rolling at any moment; each definition written out plainly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from .judgement import Judged, Rules
from .kpis import BY_DEFAULT, queued
from .model import Facts, Segment

ROLLING = timedelta(minutes=30)
MICROSECOND = timedelta(microseconds=1)
#: (numerator, denominator)
Parts = tuple[int, int]
#: (client, queue, definition); None stands for all.
LevelKey = tuple[str | None, str | None, str]


@dataclass(frozen=True)
class Switches:
    """The three parameters of the switchable definition."""

    include_flow_outs: bool = False
    include_short_abandons: bool = False
    include_abandons: bool = True


class Counts:
    """How many of the segments that count in service level are what."""

    def __init__(self, judged: Iterable[Judged], switches: Switches) -> None:
        everything = [j for j in judged if j.in_service_level]
        answered = [j for j in everything if j.is_("answered")]
        abandoned = [j for j in everything if j.is_("abandoned")]
        left = [j for j in everything if j.is_("left")]
        called_back = [j for j in left if j.segment.left_reason == "callback"]
        self.offered = len(everything)
        self.a, self.b, self.f = len(answered), len(abandoned), len(left)
        self.a_t = sum(j.in_time for j in answered)
        self.b_t = sum(j.in_time for j in abandoned)
        self.b_s = sum(j.short for j in abandoned)
        self.removed = sum(j.in_less for j in [*answered, *abandoned, *called_back])
        self.switches = switches


def switchable(n: Counts) -> Parts:
    """Genesys: abandons are below the line, without the short ones, and flow-outs are not; each can be switched."""
    below = n.a
    if n.switches.include_flow_outs:
        below += n.f
    if n.switches.include_abandons:
        below += n.b if n.switches.include_short_abandons else n.b - n.b_s
    return n.a_t, below


DEFINITIONS: dict[str, Callable[[Counts], Parts]] = {
    "abandons_negative": lambda n: (n.a_t, n.a + n.b),
    "abandons_ignored": lambda n: (n.a_t, n.a + n.b - n.b_t),
    "abandons_positive": lambda n: (n.a_t + n.b_t, n.a + n.b),
    "answered_only": lambda n: (n.a_t, n.a),
    "short_abandons_out": lambda n: (n.a_t, n.a + n.b - n.b_s),
    "short_abandons_positive": lambda n: (n.a_t + n.b_s, n.a + n.b),
    "with_callbacks": lambda n: (n.removed, n.offered),
    "switchable": switchable,
    "with_breakouts": lambda n: (n.a_t, n.a + n.b + n.f),
    "without_abandons": lambda n: (n.a_t, n.offered - n.b_t),
    "parameterised": lambda n: (n.a_t, n.a + (n.b - n.b_s if n.switches.include_abandons else 0)),
    "empty_is_full": lambda n: (n.a_t, n.a + n.b),
}


def service_levels(
    facts: Facts, start: datetime, stop: datetime, rules: Rules = BY_DEFAULT, switches: Switches | None = None
) -> dict[LevelKey, Parts]:
    """Numerator and denominator of every definition, where anything is below the line."""
    switched = switches or Switches()
    window = rules.judge_all(queued(facts, start, stop))
    rolling = rules.judge_all(queued(facts, stop - ROLLING, stop))
    places: set[tuple[str | None, str | None]] = {(None, None)}
    for judged in (*window, *rolling):
        places |= {(judged.segment.client, None), (judged.segment.client, judged.segment.queue)}
    result: dict[LevelKey, Parts] = {}
    for client, queue in places:
        own = [j for j in window if _is_at(j, client, queue)]
        recent = [j for j in rolling if _is_at(j, client, queue)]
        for name, formula in DEFINITIONS.items():
            result[client, queue, name] = formula(Counts(own, switched))
        result[client, queue, "rolling_30min"] = switchable(Counts(recent, switched))
        result[client, queue, "contract"] = _contract(own, recent, switched)
    return {key: parts for key, parts in result.items() if parts[1]}


def _is_at(judged: Judged, client: str | None, queue: str | None) -> bool:
    return client in (None, judged.segment.client) and queue in (None, judged.segment.queue)


def _contract(window: list[Judged], rolling: list[Judged], switches: Switches) -> Parts:
    """Each segment under the definition that its own settings name; numerators and denominators add up."""
    above = below = 0
    for name in {j.settings.service_level for j in (*window, *rolling)}:
        definition = name or "abandons_negative"
        segments = rolling if definition == "rolling_30min" else window
        counts = Counts([j for j in segments if j.settings.service_level == name], switches)
        parts = switchable(counts) if definition == "rolling_30min" else DEFINITIONS[definition](counts)
        above, below = above + parts[0], below + parts[1]
    return above, below


@dataclass(frozen=True)
class LevelNow:
    """A rolling service level: of what was decided by the moment, and of what was answered or abandoned by then."""

    answered_in_time: int
    completed: int
    decided: int
    waiting_past_threshold: int
    service_level_with_expired: Fraction | None
    service_level_completed: Fraction | None


def service_level_now(
    facts: Facts, as_of: datetime, window_minutes: int = 30, rules: Rules = BY_DEFAULT
) -> dict[tuple[str | None, str | None], LevelNow]:
    """Per (client, queue), per (client, None) and over all (None, None), where anything was decided or completed."""
    since = as_of - timedelta(minutes=window_minutes)
    tallies: dict[tuple[str | None, str | None], list[tuple[bool, bool, bool, bool]]] = {}
    for segment in facts.segments.values():
        if segment.queued_at is None or segment.queued_at > as_of:
            continue
        found = _now(segment, rules.judge(segment), since, as_of)
        if any(found):
            for place in ((segment.client, segment.queue), (segment.client, None), (None, None)):
                tallies.setdefault(place, []).append(found)
    return {place: _level_now(found) for place, found in tallies.items()}


def _now(segment: Segment, judged: Judged, since: datetime, as_of: datetime) -> tuple[bool, bool, bool, bool]:
    """Whether it is answered in time, completed, decided, and waiting past its threshold."""
    assert segment.queued_at is not None
    expires_at = segment.queued_at + (judged.limit_us + 1) * MICROSECOND
    ended_at = max(segment.wait_ended_at, segment.queued_at) if segment.wait_ended_at is not None else None
    if segment.wait_ended_at is None or segment.wait_ended_at > as_of or ended_at is None:
        waits_past = expires_at <= as_of
        return False, False, waits_past, waits_past
    if not judged.in_service_level:
        return False, False, False, False
    completed = segment.outcome in ("answered", "abandoned") and ended_at > since
    # What decided it: the threshold if it ran out first, else the answer or the abandon.
    decided = since < expires_at <= as_of if ended_at >= expires_at else completed
    return completed and segment.outcome == "answered" and judged.in_time, completed, decided, False


def _level_now(found: list[tuple[bool, bool, bool, bool]]) -> LevelNow:
    in_time, completed, decided, past = (sum(column) for column in zip(*found, strict=True))
    return LevelNow(
        in_time,
        completed,
        decided,
        past,
        Fraction(in_time, decided) if decided else None,
        Fraction(in_time, completed) if completed else None,
    )


def level(parts: Parts) -> Fraction:
    """The service level of parts with something below the line."""
    return Fraction(*parts)


def rules_for(
    rules: Rules, threshold_seconds: int | Decimal | None, short_abandon_seconds: int | None, boundary: str | None
) -> Rules:
    """The same settings with what a reader asks for in their place."""
    return Rules(
        rules.settings,
        rules.at,
        None if threshold_seconds is None else int(threshold_seconds * 1_000_000),
        None if short_abandon_seconds is None else short_abandon_seconds * 1_000_000,
        None if boundary is None else boundary == "<=",
    )
