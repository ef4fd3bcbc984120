"""The queue log as a whole: the file, a compressed part of it, or an export of the table that some keep it in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.producers.adapters.asterisk.opened import check_there, opened
from pipeline.producers.adapters.asterisk.queue_log import QueueLogConverter
from pipeline.producers.adapters.base import AdapterRequest, Live, LiveRequest, Reading, RowProblem
from pipeline.producers.growing_file import GrowingFile

_PROGRESS_EVERY_ROWS = 1_000
#: A table's columns in the order of a line's fields, by the names that Asterisk's own table and QueueMetrics' have.
_COLUMNS: tuple[tuple[str, ...], ...] = (
    ("time_id", "time"),
    ("call_id", "callid"),
    ("queue", "queuename"),
    ("agent",),
    ("verb", "event"),
)
_DATA_COLUMNS = ("data1", "data2", "data3", "data4", "data5")

Record = str | Sequence[str]


def read_queue_log(request: AdapterRequest) -> Reading:
    """Read a whole log. The events are made while they are read from the answer.

    Raises:
        CallboardError: no file, nothing says whose contacts these are, or an unknown zone.
    """
    converter = QueueLogConverter(
        request.source, request.client, request.centre, request.door, zone_named(request.zone)
    )
    reading = Reading()
    check_there(request.file)
    reading.events = _events(request, converter, reading)
    return reading


def follow_queue_log(request: LiveRequest) -> Live:
    """Follow a log that grows. Raises CallboardError as ``read_queue_log`` does."""
    if "://" in request.target:
        raise CallboardError("queue-log follows a file on this machine: callboard publish queue-log FILE --follow")
    converter = QueueLogConverter(
        request.source, request.client, request.centre, request.door, zone_named(request.zone)
    )
    return Live(GrowingFile(Path(request.target), request.position), converter)


def zone_named(name: str | None) -> ZoneInfo | None:
    """The time zone of that name. Raises CallboardError when there is none."""
    try:
        return None if name is None else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise CallboardError(f"no time zone is named {name!r}: give an IANA name such as Europe/Berlin") from None


def _events(request: AdapterRequest, converter: QueueLogConverter, reading: Reading) -> Iterator[Event]:
    with opened(request.file) as raw, io.TextIOWrapper(raw, encoding="utf-8", errors="replace", newline="") as stream:
        for number, record in _records(stream, request.file):
            reading.rows += 1
            yield from converter.convert(record)
            if converter.problem is not None:
                reading.problems.append(RowProblem(number, "", converter.problem))
            else:
                reading.read_as[converter.read_as] += 1
            if reading.rows % _PROGRESS_EVERY_ROWS == 0:
                request.progress(reading.rows)
    yield from converter.finish(request.now)
    request.progress(reading.rows)


def _records(stream: TextIO, file: Path) -> Iterator[tuple[int, Record]]:
    """The records with the numbers of their lines. What begins with a header of columns is the table."""
    first = stream.readline()
    header = [name.strip().strip('"').lower() for name in first.replace("\t", ",").split(",")]
    if "|" in first or not _is_header(header):
        yield from enumerate((line.rstrip("\r\n") for line in _again(first, stream)), start=1)
        return
    delimiter = "\t" if "\t" in first else ","
    try:
        yield from _rows(csv.reader(stream, delimiter=delimiter, strict=True), header)
    except csv.Error:
        raise CallboardError(f"{file} begins as a table and is not CSV throughout: export it anew") from None


def _rows(rows: Iterable[list[str]], header: list[str]) -> Iterator[tuple[int, Record]]:
    places = [next(header.index(name) for name in names if name in header) for names in _COLUMNS]
    places += [header.index(name) for name in _DATA_COLUMNS if name in header]
    for number, row in enumerate(rows, start=2):
        # A row with too few cells is too short for a record, and is told to be.
        yield number, [row[place] for place in places] if len(row) >= len(header) else []


def _is_header(names: list[str]) -> bool:
    return all(any(name in names for name in choices) for choices in _COLUMNS)


def _again(first: str, stream: TextIO) -> Iterator[str]:
    if first:
        yield first
    yield from stream
