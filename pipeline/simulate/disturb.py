"""Disturbances over a clean stream: repeated, shuffled, late and bad records, with a seed of their own.

Disturbing never loses a record, and bad records come on top of the good ones, so the truth of the centre stays.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal, NamedTuple

from pipeline.contract.events import Event, encode, record_key
from pipeline.errors import CallboardError
from pipeline.simulate.spoil import Spoiler

Kind = Literal["event", "duplicate", "late", "bad"]
#: A repeated record follows its original within about this time.
DUPLICATE_DELAY_SECONDS = 20.0


class Record(NamedTuple):
    """One record to be sent. ``due`` is when it is sent in simulated time: never before ``time``, the event's."""

    topic: str
    key: bytes
    value: bytes
    time: datetime
    due: datetime
    source: str
    id: str
    kind: Kind = "event"
    #: For a bad record: the reason of the closed list with which it must be refused, and how it was spoilt.
    reason: str | None = None
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class Disturbance:
    """How much to disturb. Shares lie between 0 and 1 of the records; durations are in simulated seconds.

    Raises:
        CallboardError: a share is not between 0 and 1, or a duration is negative.
    """

    duplicates: float = 0.0
    #: Every record is delayed by a random time up to this, so that records of this span change places.
    shuffle_seconds: float = 0.0
    late: float = 0.0
    #: A late record is delayed by half of this to all of it.
    late_seconds: float = 900.0
    #: Bad records that are added, as a share of the good ones.
    bad: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        for name, share in (("duplicates", self.duplicates), ("late", self.late), ("bad", self.bad)):
            if not 0 <= share <= 1:
                raise CallboardError(f"{name} is {share}: give a share between 0 and 1, such as 0.01")
        for name, seconds in (("shuffle-seconds", self.shuffle_seconds), ("late-seconds", self.late_seconds)):
            if not 0 <= seconds < float("inf"):
                raise CallboardError(f"{name} is {seconds}: give 0 or more seconds")

    @property
    def calm(self) -> bool:
        """Nothing is disturbed."""
        return not (self.duplicates or self.shuffle_seconds or self.late or self.bad)


def to_record(event: Event) -> Record:
    """The record of an event, sent when it happened."""
    return Record(event.topic, record_key(event), encode(event), event.time, event.time, event.source, event.id)


def disturb(records: Iterable[Record], seed: int, disturbance: Disturbance) -> Iterator[Record]:
    """The records, disturbed and in the order of their ``due`` time; the same for the same seed.

    ``records`` must be in time order. At their end everything still held back is given out.
    """
    if disturbance.calm:
        yield from records
        return
    held: list[tuple[datetime, int, Record]] = []
    number = 0
    for record, disturbed in _disturbed(records, Random(f"disturb/{seed}"), disturbance):
        for out in disturbed:
            heapq.heappush(held, (out.due, number, out))
            number += 1
        while held and held[0][0] <= record.time:
            yield heapq.heappop(held)[2]
    while held:
        yield heapq.heappop(held)[2]


def _disturbed(records: Iterable[Record], rng: Random, wanted: Disturbance) -> Iterator[tuple[Record, list[Record]]]:
    """Each record with what is sent for it: itself, perhaps a copy, perhaps a bad one."""
    spoiler = Spoiler()
    for record in records:
        delay_seconds = rng.random() * wanted.shuffle_seconds
        kind: Kind = "event"
        if wanted.late and rng.random() < wanted.late:
            delay_seconds += wanted.late_seconds * (1 + rng.random()) / 2
            kind = "late"
        sent = record._replace(due=record.time + timedelta(seconds=delay_seconds), kind=kind)
        out = [sent]
        if wanted.duplicates and rng.random() < wanted.duplicates:
            again = sent.due + timedelta(seconds=rng.expovariate(1 / DUPLICATE_DELAY_SECONDS))
            out.append(sent._replace(due=again, kind="duplicate"))
        if wanted.bad and rng.random() < wanted.bad:
            spoilt = spoiler.spoil(record.value)
            out.append(
                sent._replace(
                    value=spoilt.value, kind="bad", id=spoilt.id, reason=spoilt.reason.value, variant=spoilt.variant
                )
            )
        yield record, out
