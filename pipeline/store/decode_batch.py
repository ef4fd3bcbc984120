"""Many record values at once: what almost every event passes is asked of all of them together.

The answers are those of ``decode``, value by value. A part of the batch in which nothing is remarkable is decoded
without a line of Python for each event; any other part goes through ``decode``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.contract.cards import FEWEST_DIGITS, SEPARATORS, holds_card
from pipeline.contract.decode import (
    EARLIEST_TIME,
    MAX_CLOCK_AHEAD,
    MAX_EVENT_BYTES,
    PLANS,
    decode,
    decoder,
    has_implausible_plan,
)
from pipeline.contract.events import Event
from pipeline.contract.plain_text import check_plain, may_hold_control
from pipeline.contract.rejects import Rejection

#: Values that are looked at together: enough that numpy's calls do not count, and few enough that one bad event does
#: not send many others through ``decode``.
_TOGETHER = 128
_BETWEEN = b"\n"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DURATION = pa.duration("us")

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


def decode_batch(values: Sequence[bytes | None], now: datetime) -> Iterator[Event | Rejection]:
    """Decode and validate record values, in their order; see ``decode``."""
    for at in range(0, len(values), _TOGETHER):
        part = values[at : at + _TOGETHER]
        events = _unremarkable(part, now)
        yield from events if events is not None else [decode(value, now) for value in part]


def times_us(events: Sequence[Event]) -> list[int]:
    """``to_micros`` of each event's time: Arrow takes the differences apart in a third of the instructions."""
    since = pa.array([event.time - _EPOCH for event in events], _DURATION)
    return list(since.view(pa.int64()).to_numpy().tolist())


def _unremarkable(values: Sequence[bytes | None], now: datetime) -> list[Event] | None:
    """The events, if none of the values is to be refused."""
    present = [value for value in values if value]
    if len(present) < len(values) or max(map(len, present)) > MAX_EVENT_BYTES:
        return None
    together = _BETWEEN.join(present)
    try:
        if not together.isascii():
            together.decode()  # the line breaks between them keep one value from completing the last of another
        events = list(map(decoder.decode, present))
        if may_hold_control(together):
            for value, event in zip(present, events, strict=True):
                if may_hold_control(value):
                    check_plain(event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    times = [event.time for event in events]
    if min(times) < EARLIEST_TIME or max(times) > now + MAX_CLOCK_AHEAD:
        return None
    # Most parts have no event of a class that names moments.
    if not PLANS.keys().isdisjoint(map(type, events)) and any(map(has_implausible_plan, events)):
        return None
    if any(holds_card(present[at]) for at in _long_numbers(together, present)):
        return None
    return events


def _long_numbers(together: bytes, values: Sequence[bytes]) -> list[int]:
    """Which of the values, here ``together``, have enough digits in a row, with what may be between, for a card."""
    codes: Bytes = np.frombuffer(together, np.uint8)
    runs: Flags = (codes - np.uint8(ord("0"))) < np.uint8(10)  # below '0' the difference wraps around
    for separator in SEPARATORS:
        runs |= codes == separator
    # Each step leaves those places from which a run of twice the length, at the end of FEWEST_DIGITS, begins.
    length = 1
    while length < FEWEST_DIGITS:
        step = min(length, FEWEST_DIGITS - length)
        runs = runs[:-step] & runs[step:]
        length += step
    places = np.flatnonzero(runs)
    if not len(places):
        return []
    ends = np.cumsum([len(value) + len(_BETWEEN) for value in values])
    return [int(at) for at in np.unique(np.searchsorted(ends, places, "right"))]
