"""Files that a system delivers: one of them, or a folder into which they come; plain or compressed by gzip."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.contract import events as ev
from pipeline.errors import CallboardError
from pipeline.producers.adapters.base import AdapterRequest, Converter, Reading, RowProblem
from pipeline.producers.adapters.documents.stream import Document, Documents

#: Takes the records out of a document that wraps several, such as the answer to a query.
Unwrap = Callable[[Document], Iterator[Document]]

GZIP = b"\x1f\x8b"
_PROGRESS_EVERY_ROWS = 1000


def read_delivered(request: AdapterRequest, converter: Converter, unwrap: Unwrap) -> Reading:
    """Read a file, or all files of a folder in the order of their paths. Events are sorted by time within each file.

    A file and its events are held in memory, one file at a time.

    Raises:
        CallboardError: an option that has no meaning here, or a file that cannot be read.
    """
    for option, value in (("--mapping", request.mapping), ("--date", request.date), ("--zone", request.zone)):
        if value is not None:
            raise CallboardError(f"leave {option} out: the records say their times in UTC and need no mapping")
    files = files_of(request.file)
    if not files:
        raise CallboardError(f"{request.file} holds no files: name the folder into which they were delivered")
    reading = Reading()
    reading.events = _events(files, request, reading, converter, unwrap)
    return reading


def _events(
    files: list[Path], request: AdapterRequest, reading: Reading, converter: Converter, unwrap: Unwrap
) -> Iterator[ev.Event]:
    for file in files:
        where = f"{file.relative_to(request.file)}: " if file != request.file else ""
        events: list[ev.Event] = []
        for whole in Documents().take(content(file), last=True):
            for document in unwrap(whole):
                reading.rows += 1
                if reading.rows % _PROGRESS_EVERY_ROWS == 0:
                    request.progress(reading.rows)
                made = list(converter.convert(document))
                events += made
                problem = _problem(document, made)
                if problem is None:
                    reading.read_as["records"] += 1
                else:
                    reading.problems.append(RowProblem(document.line, "", where + problem))
        events.sort(key=lambda event: event.time)
        yield from events
    request.progress(reading.rows)


def _problem(document: Document, made: list[ev.Event]) -> str | None:
    if document.value is None:
        return "not a JSON object"
    for event in made:
        if isinstance(event, ev.SourceNoticed) and event.data.kind == "unreadable":
            return event.data.name
    return None


def files_of(path: Path) -> list[Path]:
    """The file, or what lies in the folder; hidden files are those that are still being written."""
    if not path.is_dir():
        return [path]
    return sorted(
        file
        for file in path.rglob("*")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )


def content(file: Path) -> bytes:
    """What a file holds, unpacked.

    Raises:
        CallboardError: it cannot be read.
    """
    try:
        data = file.read_bytes()
        return gzip.decompress(data) if data.startswith(GZIP) else data
    except OSError as error:
        raise CallboardError(f"cannot read {file}: {error.strerror or 'not a whole gzip file'}") from None
    except (EOFError, zlib.error):
        raise CallboardError(f"cannot read {file}: not a whole gzip file") from None
