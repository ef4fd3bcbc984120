"""What a merged segment means: its outcome and its durations. Pure arithmetic on one row."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.domain.segment import Segment


class Lifecycle(NamedTuple):
    """Derived facts of one segment; durations in microseconds, ``None`` while not known."""

    outcome: str
    wait_ended_us: int | None
    handle_ended_us: int | None
    wait_us: int | None
    talk_us: int | None
    hold_us: int | None
    wrap_up_us: int | None


def lifecycle(row: Segment) -> Lifecycle:
    """Outcome and durations.

    An answer outweighs an abandon and an abandon outweighs leaving otherwise, whatever the order in which they were
    reported, so contradictory reports still give one outcome. A negative duration counts as zero.
    """
    queued, answered = row.queued_us, row.answered_us
    if answered is not None:
        outcome, wait_ended = "answered", answered
    elif row.abandoned_us is not None:
        outcome, wait_ended = "abandoned", row.abandoned_us
    elif row.left_us is not None:
        outcome, wait_ended = "left", row.left_us
    else:
        return Lifecycle("not_queued" if queued is None else "waiting", None, None, None, None, None, None)
    wait = None if queued is None else max(0, wait_ended - queued)
    if answered is None:
        return Lifecycle(outcome, wait_ended, None, wait, None, None, None)
    handle_ended = row.ended_us if row.ended_us is not None else row.transferred_us
    if handle_ended is None:
        return Lifecycle(outcome, wait_ended, None, wait, None, None, None)
    handled = max(0, handle_ended - answered)
    hold = _hold_us(row, handle_ended, handled) if row.holds else 0
    wrap_up = None if row.wrapped_up_us is None else max(0, row.wrapped_up_us - handle_ended)
    return Lifecycle(outcome, wait_ended, handle_ended, wait, handled - hold, hold, wrap_up)


def _hold_us(row: Segment, handle_ended_us: int, handled_us: int) -> int:
    """Sum of resume times minus sum of hold times; a hold that was never resumed lasted to the end.

    More resumes than holds means that a hold event is missing: the time on hold is then unknown and counts as none.
    """
    open_holds = row.holds - row.resumes
    if open_holds < 0:
        return 0
    hold = row.resumed_sum_us + open_holds * handle_ended_us - row.held_sum_us
    return min(max(0, hold), handled_us)
