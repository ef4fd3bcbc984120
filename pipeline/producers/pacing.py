"""Replaying events at a multiple of their own speed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.clock import Clock
from pipeline.contract.events import Event
from pipeline.errors import CallboardError


def paced(events: Iterable[Event], speed: float | None, clock: Clock) -> Iterator[Event]:
    """Yield each event when its turn has come: ``speed`` 1 keeps the events' own spacing, 60 plays an hour in a minute.

    ``speed`` None does not wait at all. The pace is held against the start, so it does not drift; an event that is
    earlier than one before it comes at once.

    Raises:
        CallboardError: ``speed`` is not above 0.
    """
    if speed is None:
        yield from events
        return
    if not speed > 0:
        raise CallboardError(f"--speed must be above 0, and is {speed:g}: 1 is the events' own pace, 60 sixty times it")
    started_at = clock.monotonic()
    first_time = None
    for event in events:
        first_time = first_time or event.time
        due_seconds = (event.time - first_time).total_seconds() / speed
        wait_seconds = started_at + due_seconds - clock.monotonic()
        if wait_seconds > 0:
            clock.sleep(wait_seconds)
        yield event
