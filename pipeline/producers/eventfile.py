"""Event files: JSON lines, one CloudEvent per line. ``-`` stands for standard input or output."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from pipeline.contract.decode import decode
from pipeline.contract.events import Event, encode
from pipeline.contract.rejects import Rejection
from pipeline.errors import CallboardError

STANDARD_STREAM = "-"


def write_events(target: str | Path, events: Iterable[Event]) -> int:
    """Write events to a file or ``-``; returns how many. See ``write_values``."""
    return write_values(target, (encode(event) for event in events))


def write_values(target: str | Path, values: Iterable[bytes]) -> int:
    """Write record values as they are, one per line; returns how many.

    A file appears whole or not at all: it is written beside its place and renamed when it is complete.

    Raises:
        CallboardError: the file cannot be written, the reader of standard output left, or a value has a line break.
    """
    count = 0
    try:
        with _output(target) as stream:
            for value in values:
                if b"\n" in value:
                    raise CallboardError(f"record {count + 1} has a line break and cannot stand in an event file")
                stream.write(value + b"\n")
                count += 1
                if str(target) == STANDARD_STREAM:
                    # Whoever reads the pipe gets each event when its turn has come (--speed).
                    stream.flush()
            stream.flush()
    except BrokenPipeError:
        raise CallboardError(f"the reader of standard output left after about {count} events") from None
    except OSError as error:
        raise CallboardError(f"cannot write {target}: {error.strerror}") from None
    return count


def read_values(source: str | Path) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, record value) of a file or ``-``: every line, whether it holds an event or not.

    An empty line is an empty value. Raises CallboardError when the file cannot be read.
    """
    try:
        with _input(source) as stream:
            for line_number, line in enumerate(stream, start=1):
                yield line_number, line.removesuffix(b"\n").removesuffix(b"\r")
    except OSError as error:
        raise CallboardError(f"cannot read {source}: {error.strerror}") from None


def read_events(source: str | Path, now: datetime) -> Iterator[Event]:
    """Yield the events of a file that must hold nothing else; ``now`` as in the contract's decode.

    Raises:
        CallboardError: the file cannot be read, or a line is not a valid event; the message names the line.
    """
    for line_number, value in read_values(source):
        event = decode(value, now)
        if isinstance(event, Rejection):
            raise CallboardError(f"{source}, line {line_number} is not an event ({event.reason}): {event.detail}")
        yield event


@contextmanager
def _output(target: str | Path) -> Iterator[BinaryIO]:
    if str(target) == STANDARD_STREAM:
        yield sys.stdout.buffer
        return
    path = Path(target)
    if path.exists() and not path.is_file():
        # A device or a pipe, such as /dev/null: nothing to rename over.
        with path.open("wb") as stream:
            yield stream
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes a file for its owner alone; an event file is an ordinary file.
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def _input(source: str | Path) -> Iterator[BinaryIO]:
    if str(source) == STANDARD_STREAM:
        yield sys.stdin.buffer
    else:
        with Path(source).open("rb") as stream:
            yield stream


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
