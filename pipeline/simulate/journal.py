"""The floor's journal: each thing that happens becomes an event together with the truth it changes."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import simpy

from pipeline.contract.events import Event
from pipeline.simulate.manifest import Manifest

#: Changes the truth; called with the simulated moment in microseconds and the arguments of the entry.
Note = Callable[..., None]


class Entry(NamedTuple):
    """An event not yet given out. Its truth is noted only when it is, so the manifest holds wherever a reader stops."""

    event: Event
    at_us: int
    note: Note | None
    arguments: tuple[Any, ...]


class Journal:
    """Numbers the events of one run. ``run`` makes ids differ between runs, and between nothing else."""

    def __init__(self, env: simpy.Environment, manifest: Manifest, source: str, run: str) -> None:
        """``source`` is the CloudEvents source of every event."""
        self._env = env
        self._start = manifest.start
        self._source = source
        self._run = run
        self._number = 0
        self._entries: list[Entry] = []
        self._coming: list[tuple[int, int, Entry]] = []

    def say(self, kind: Callable[..., Event], data: Any, note: Note | None = None, *arguments: Any) -> None:
        """Something happened now: an event of class ``kind`` about ``data``, and what it does to the truth."""
        self._entries.append(self._entry(int(self._env.now), kind, data, note, arguments))

    def later(
        self, after_us: int, kind: Callable[..., Event], data: Any, note: Note | None = None, *arguments: Any
    ) -> None:
        """As ``say``, of something that will happen ``after_us`` from now, whatever the floor does until then."""
        entry = self._entry(int(self._env.now) + after_us, kind, data, note, arguments)
        heapq.heappush(self._coming, (entry.at_us, self._number, entry))

    def _entry(
        self, at_us: int, kind: Callable[..., Event], data: Any, note: Note | None, arguments: tuple[Any, ...]
    ) -> Entry:
        self._number += 1
        event = kind(
            specversion="1.0",
            id=f"{self._run}-e{self._number:010d}",
            source=self._source,
            time=self.moment(at_us),
            data=data,
        )
        return Entry(event, at_us, note, arguments)

    def moment(self, at_us: int) -> datetime:
        """A simulated moment as a time of day."""
        return self._start + timedelta(microseconds=at_us)

    def today(self) -> date:
        """The present date, UTC."""
        return self.moment(int(self._env.now)).date()

    def take(self) -> list[Entry]:
        """What was said since the last time, in order."""
        entries, self._entries = self._entries, []
        return entries

    @property
    def next_us(self) -> float:
        """When the next thing that was said for later happens; infinity if there is none."""
        return self._coming[0][0] if self._coming else math.inf

    def take_next(self) -> list[Entry]:
        """The next thing that was said for later."""
        return [heapq.heappop(self._coming)[2]]

    def __bool__(self) -> bool:
        """Something was said that has not been taken."""
        return bool(self._entries)
