"""When an alert is raised and when it clears: hold-down, hysteresis, one alert at a time. Pure.

Time is whole minutes since 1970. What is judged arrives as runs: consecutive minutes of one kind. A minute that is in
no run is good: the value is on the right side, or there is nothing to say. However a span is cut into pieces, the
changes are the same; so evaluating live, after a restart and over ninety days at once are one thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Run:
    """Minutes ``first`` to ``first + len(values) - 1``; ``breach``, or ``between``: neither breached nor back."""

    kind: Literal["breach", "between"]
    first: int
    values: tuple[float, ...]

    @property
    def last(self) -> int:
        """Its last minute."""
        return self.first + len(self.values) - 1


@dataclass(frozen=True, slots=True)
class Hold:
    """What a rule says of time and direction."""

    raise_minutes: int
    clear_minutes: int
    is_upper: bool

    @classmethod
    def of_seconds(cls, raise_after: int, clear_after: int, *, is_upper: bool) -> Hold:
        """Seconds, in whole minutes rounded up: between two minutes nothing is judged."""
        return cls(-(-raise_after // _SECONDS), -(-clear_after // _SECONDS), is_upper)

    def worst(self, values: Iterable[float]) -> float:
        """The value that is furthest off."""
        return max(values) if self.is_upper else min(values)


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered of one subject: nothing, a breach that has not lasted long enough, or an alert."""

    #: First minute of the breach.
    since: int | None = None
    raised: int | None = None
    #: First minute of the time in which all has been well, while an alert is open.
    good_since: int | None = None
    #: The newest value that was not good, and the worst since the breach began.
    value: float | None = None
    peak: float | None = None

    @property
    def is_open(self) -> bool:
        """An alert is open."""
        return self.raised is not None

    @property
    def is_idle(self) -> bool:
        """Nothing is to be remembered."""
        return self.since is None


IDLE = Watch()


@dataclass(frozen=True, slots=True)
class Change:
    """An alert was raised or has cleared, at a minute; ``watch`` is as it was then."""

    kind: Literal["raised", "cleared"]
    minute: int
    watch: Watch


def advance(watch: Watch, runs: Iterable[Run], start: int, stop: int, hold: Hold) -> tuple[Watch, list[Change]]:
    """Judge the minutes in [start, stop). ``runs`` lie in it, in order of time, and do not overlap.

    Raises:
        ValueError: they do not.
    """
    changes: list[Change] = []
    minute = start
    for run in runs:
        if run.first < minute or run.last >= stop:
            raise ValueError("runs must be in order, without overlap, and within the span")
        watch = _good(watch, minute, run.first, hold, changes)
        watch = (_breach if run.kind == "breach" else _between)(watch, run, hold, changes)
        minute = run.last + 1
    return _good(watch, minute, stop, hold, changes), changes


def _good(watch: Watch, first: int, stop: int, hold: Hold, changes: list[Change]) -> Watch:
    """Minutes in which all is well; there may be none."""
    if first >= stop or watch.is_idle:
        return watch
    if not watch.is_open:
        return IDLE
    since = first if watch.good_since is None else watch.good_since
    cleared = max(first, since + hold.clear_minutes)
    if cleared >= stop:
        return replace(watch, good_since=since)
    changes.append(Change("cleared", cleared, replace(watch, good_since=since)))
    return IDLE


def _between(watch: Watch, run: Run, hold: Hold, changes: list[Change]) -> Watch:
    """Not bad enough to raise an alert, not good enough to clear one."""
    if not watch.is_open:
        return IDLE
    return _seen(replace(watch, good_since=None), run.values, hold)


def _breach(watch: Watch, run: Run, hold: Hold, changes: list[Change]) -> Watch:
    since = run.first if watch.since is None else watch.since
    watch = replace(watch, since=since, good_since=None)
    due = max(run.first, since + hold.raise_minutes)
    if not watch.is_open and due <= run.last:
        before = due - run.first + 1
        watch = replace(_seen(watch, run.values[:before], hold), raised=due)
        changes.append(Change("raised", due, watch))
        return _seen(watch, run.values[before:], hold)
    return _seen(watch, run.values, hold)


def _seen(watch: Watch, values: tuple[float, ...], hold: Hold) -> Watch:
    if not values:
        return watch
    known = values if watch.peak is None else (watch.peak, *values)
    return replace(watch, value=values[-1], peak=hold.worst(known))


def spans(changes: Iterable[Change], watch: Watch) -> Iterator[tuple[Change, int | None]]:
    """Each alert with the minute in which it cleared; None: it is open. ``watch``: as it is at the end."""
    raised: Change | None = None
    for change in changes:
        if change.kind == "raised":
            raised = change
        elif raised is not None:
            yield replace(raised, watch=change.watch), change.minute
            raised = None
    if raised is not None:
        yield replace(raised, watch=watch), None
