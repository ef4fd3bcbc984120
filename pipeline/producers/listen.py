"""What ``callboard listen`` and ``callboard publish --follow`` do: a running source to Kafka, or to an event file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from pipeline.centre.model import Centre
from pipeline.clock import Clock
from pipeline.errors import CallboardError
from pipeline.producers.adapters import Live, LiveRequest, adapter
from pipeline.producers.door import Door
from pipeline.producers.file_sink import FileSink
from pipeline.producers.live import Checkpoint, Followed, Place, Sink, follow
from pipeline.producers.publisher import Publisher
from pipeline.producers.spool import Spool, SpoolSink

_NAME_BYTES = 4


@dataclass(frozen=True, slots=True)
class ListenRequest:
    """What to listen to, and how. ``target`` is a growing file's path, or a URL such as ``tcp://user@host:5038``."""

    adapter: str
    target: str
    #: Where the place is remembered; None: nowhere, so that the next run begins anew.
    checkpoint: Path | None = None
    #: An event file that is appended to, ``-`` for standard output, or None for Kafka.
    to: str | None = None
    client: str | None = None
    source: str | None = None
    zone: str | None = None
    centre: Centre | None = None
    door: Door = field(default_factory=lambda: Door(None))
    password: str = field(default="", repr=False)
    #: What the source's own names of agents' states mean.
    states: Mapping[str, str] = field(default_factory=dict)
    #: SQLite file in which events are safe before Kafka has them; None: they are safe when Kafka has acknowledged them.
    spool: Path | None = None


def listen(
    request: ListenRequest,
    clock: Clock,
    connection: Mapping[str, Any],
    stopped: Callable[[], bool],
    progress: Callable[[Followed], None] = lambda _done: None,
) -> Followed:
    """Read a running source and send its events to Kafka (``connection``, as Publisher has it) until ``stopped``.

    Raises:
        CallboardError: what is asked for cannot be done, the source refuses, or Kafka is away for too long (with a
            spool: so long that the spool is full). What was remembered stays: the next run goes on from there.
    """
    if request.spool is not None and request.to is not None:
        raise CallboardError("leave --spool out with --to: it keeps events for Kafka")
    target, username = _target(request.target)
    checkpoint = None if request.checkpoint is None else Checkpoint(request.checkpoint)

    def remember(position: bytes, state: bytes) -> None:
        if checkpoint is not None:
            checkpoint.save(Place(request.adapter, target, position, state))

    with ExitStack() as open_things:
        if checkpoint is not None:
            open_things.enter_context(checkpoint.held())
        place = None if checkpoint is None else checkpoint.load(request.adapter, target)
        live = _opened(request, target, username, place)
        open_things.callback(live.reader.close)
        sink: Sink
        spool = None
        if request.to is not None:
            sink = open_things.enter_context(FileSink(request.to))
        elif request.spool is not None:
            spool = open_things.enter_context(Spool(request.spool, connection, clock))
            sink = SpoolSink(spool)
        else:
            sink = open_things.enter_context(Publisher(connection, clock))
        done = follow(live, sink, remember, stopped, progress)
    if spool is not None:
        done.waiting = spool.status.waiting_events
    return done


def default_checkpoint(folder: Path, adapter_name: str, target: str) -> Path:
    """Where in ``folder`` the place in a source is remembered unless told otherwise: a file for each source."""
    name = hashlib.blake2b(_target(target)[0].encode(), digest_size=_NAME_BYTES).hexdigest()
    return folder / f"{adapter_name}-{name}.json"


def _opened(request: ListenRequest, target: str, username: str, place: Place | None) -> Live:
    found = adapter(request.adapter)
    opener = found.live
    if opener is None:
        raise CallboardError(f"{request.adapter} cannot be followed: it is read whole, by callboard publish")
    found.check_states(request.states)
    found.check_client(request.client)
    found.check_followable(request.target)
    live = opener(
        LiveRequest(
            target,
            client=request.client,
            source=request.source,
            zone=request.zone,
            centre=request.centre,
            door=request.door,
            username=username,
            password=request.password,
            states=request.states,
            position=None if place is None else place.position,
        )
    )
    if place is not None:
        try:
            live.converter.restore(place.state)
        except msgspec.MsgspecError:
            live.reader.close()
            raise CallboardError(
                f"{request.checkpoint} is of another version of callboard: delete it, and the source is read from its "
                "start; events that were published already are counted once"
            ) from None
    return live


def _target(given: str) -> tuple[str, str]:
    """The target without who asks, and who asks; a file's path whole, so that it is the same from every folder."""
    if "://" not in given:
        return str(Path(given).absolute()), ""
    parts = urlsplit(given)
    if parts.password is not None:
        raise CallboardError(
            "leave the password out of the URL: others can read it there. Set CALLBOARD_SOURCE_PASSWORD"
        )
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host)), parts.username or ""
