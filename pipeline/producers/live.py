"""A running source to Kafka: read, convert, publish, and remember the place only when Kafka has it all.

Whatever happens in between, the next run begins at the last place remembered, with what the converter knew there. It
may then say again what was said already, as the same events: an event's id comes from the source's own records, and a
worker counts it once.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.files import write_whole
from pipeline.producers.adapters.base import Live

_POLL_SECONDS = 0.5


class Sink(Protocol):
    """Where events go: a Publisher, or a spool."""

    def publish(self, event: Event) -> None:
        """Send an event; it may be buffered."""

    def flush(self) -> None:
        """Wait until everything sent is safe. Raises CallboardError if anything is not."""


class Place(msgspec.Struct, frozen=True):
    """How far a source was read: the reader's position, and what the converter knew there."""

    adapter: str
    target: str
    position: bytes
    state: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The file that remembers a place."""

    file: Path

    def load(self, adapter: str, target: str) -> Place | None:
        """The place remembered, or None.

        Raises:
            CallboardError: the file is of another source, or no such file.
        """
        try:
            place = msgspec.json.decode(self.file.read_bytes(), type=Place)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError):
            raise CallboardError(f"{self.file} is not a checkpoint: give another file, or delete it") from None
        if (place.adapter, place.target) != (adapter, target):
            raise CallboardError(
                f"{self.file} remembers {place.adapter} {place.target}: give each source a checkpoint of its own"
            )
        return place

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else follows the source by this checkpoint meanwhile: two would write over each other's places.

        Raises:
            CallboardError: somebody does.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.with_name(f".{self.file.name}.lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go by the system if this process is killed
            except BlockingIOError:
                raise CallboardError(
                    f"{self.file} is in use: another callboard follows this source; end it, or give a --checkpoint"
                ) from None
            yield

    def save(self, place: Place) -> None:
        """Remember a place, also over a power cut."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.file, msgspec.json.encode(place))


@dataclass(slots=True)
class Followed:
    """How much was read and published."""

    records: int = 0
    events: int = 0
    #: Events that are safe in a spool and not yet in Kafka, those of earlier runs among them.
    waiting: int = 0


def follow(
    live: Live,
    sink: Sink,
    remember: Callable[[bytes, bytes], None],
    stopped: Callable[[], bool],
    progress: Callable[[Followed], None] = lambda _done: None,
) -> Followed:
    """Read and publish until ``stopped``; ``remember(position, state)`` is called when everything so far is safe.

    Raises:
        CallboardError: the source or Kafka cannot be had; what was remembered stays.
    """
    done = Followed()
    while not stopped():
        records = live.reader.poll(_POLL_SECONDS)
        if not records:
            continue
        for record in records:
            done.records += 1
            for event in live.converter.convert(record):
                sink.publish(event)
                done.events += 1
        sink.flush()
        remember(live.reader.position(), live.converter.state())
        progress(done)
    return done
