"""What ``callboard publish`` does: a file through an adapter to Kafka or to an event file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pipeline.centre.model import Centre
from pipeline.clock import Clock
from pipeline.contract.events import Event
from pipeline.errors import CallboardError, CheckFailedError
from pipeline.producers.adapters import AdapterRequest, Reading, RowProblem, adapter
from pipeline.producers.door import Door
from pipeline.producers.eventfile import write_events
from pipeline.producers.pacing import paced
from pipeline.producers.publisher import Publisher

_PROGRESS_EVERY_EVENTS = 200
_PROBLEMS_NAMED = 5

Stage = Literal["reading", "publishing"]
#: Called with the stage, how much is done (rows, then events) and how much there is in all (None: not known).
Progress = Callable[[Stage, int, int | None], None]


@dataclass(frozen=True, slots=True)
class PublishSummary:
    """What became of a file."""

    rows: int
    #: Rows by the name of the rule that read them.
    read_as: Mapping[str, int]
    problems: tuple[RowProblem, ...]
    #: Events acknowledged by Kafka, or written to the event file.
    events: int
    #: Acknowledged events per (topic, partition); empty for an event file.
    acknowledged: Mapping[tuple[str, int], int] = field(default_factory=dict)

    def check(self) -> None:
        """Raise CheckFailedError (exit code 1) if a row could not be read."""
        consequence = "the others were published" if self.events else "nothing was published: is this the right file?"
        _refuse_problems(self.problems, self.rows, consequence)


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """What to publish, and how. The members are the command's arguments."""

    adapter: str
    file: Path
    #: The name of a bundled mapping or the path of a mapping file, for an adapter that needs one.
    mapping: str | None = None
    #: The date of a file that has times of day only.
    date: date | None = None
    #: IANA name of the zone of local times, for an adapter without a mapping.
    zone: str | None = None
    #: An event file, ``-`` for standard output, or None for Kafka.
    to: str | None = None
    #: A multiple of the events' own pace; None is as fast as possible.
    speed: float | None = None
    #: Publish nothing if a row cannot be read. Without it the readable rows are published.
    all_rows: bool = False
    #: Whose contacts these are, where the records do not say it themselves.
    client: str | None = None
    #: How the source is named in its events, where not by the adapter.
    source: str | None = None
    centre: Centre | None = None
    door: Door = field(default_factory=lambda: Door(None))
    #: What the source's own names of agents' states mean.
    states: Mapping[str, str] = field(default_factory=dict)


def publish_file(
    request: PublishRequest,
    clock: Clock,
    connection: Mapping[str, Any],
    progress: Progress = lambda _stage, _done, _total: None,
) -> PublishSummary:
    """Read a file by an adapter and send its events to Kafka (``connection``, as Publisher has it) or to ``to``.

    Rows that could not be read are in the summary, for ``summary.check()``.

    Raises:
        CallboardError: what is asked for cannot be done; the message says why and what to do.
        CheckFailedError: ``all_rows`` and a row cannot be read.
    """
    found = adapter(request.adapter)
    read = found.read
    if read is None:
        raise CallboardError(f"{request.adapter} has no files to read: see `callboard listen --help`")
    found.check_states(request.states)
    found.check_client(request.client)
    found.check_readable(request.file)
    reading = read(
        AdapterRequest(
            request.file,
            clock.now(),
            request.mapping,
            request.date,
            request.zone,
            progress=lambda rows: progress("reading", rows, None),
            client=request.client,
            source=request.source,
            centre=request.centre,
            door=request.door,
            states=request.states,
        )
    )
    if request.all_rows:
        reading.events = list(reading.events)
        _refuse_problems(reading.problems, reading.rows, "nothing was published")
    events = paced(_reported(reading.events, progress), request.speed, clock)
    if request.to is not None:
        written = write_events(request.to, events)
        return _summary(reading, written, {})
    with Publisher(connection, clock) as publisher:
        for event in events:
            publisher.publish(event)
    acknowledged = publisher.acknowledged
    return _summary(reading, sum(acknowledged.values()), acknowledged)


def _summary(reading: Reading, events: int, acknowledged: Mapping[tuple[str, int], int]) -> PublishSummary:
    return PublishSummary(reading.rows, dict(reading.read_as), tuple(reading.problems), events, acknowledged)


def _reported(events: Iterable[Event], progress: Progress) -> Iterator[Event]:
    total = len(events) if isinstance(events, Sized) else None
    progress("publishing", 0, total)
    done = 0
    for done, event in enumerate(events, start=1):
        yield event
        if done % _PROGRESS_EVERY_EVENTS == 0:
            progress("publishing", done, total)
    progress("publishing", done, done)


def _refuse_problems(problems: Iterable[RowProblem], rows: int, consequence: str) -> None:
    listed = list(problems)
    if listed:
        named = " | ".join(str(problem) for problem in listed[:_PROBLEMS_NAMED])
        more = f" | and {len(listed) - _PROBLEMS_NAMED} more" if len(listed) > _PROBLEMS_NAMED else ""
        raise CheckFailedError(f"{len(listed)} of {rows} rows could not be read ({consequence}): {named}{more}")
