"""JSON as pushed or exported: the body of a call, and files of JSON lines, of one document, or of pages of a list."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.producers.adapters.base import AdapterRequest, Call, Converter, Reading, RefusedCallError, RowProblem

_PROGRESS_EVERY_ROWS = 1000


def media_type(call: Call) -> str:
    """The call's content type without its parameters, in lower case."""
    return call.headers.get("content-type", "").partition(";")[0].strip().lower()


def json_body(call: Call) -> Any:
    """The body as JSON. Raises RefusedCallError: 415 for another content type, 400 for a body that is no JSON."""
    kind = media_type(call)
    if kind != "application/json" and not kind.endswith("+json"):
        raise RefusedCallError(415, "send application/json")
    try:
        return msgspec.json.decode(call.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RefusedCallError(400, "the body is not a JSON document in UTF-8") from None


def json_objects(call: Call) -> list[Any]:
    """The object, or the objects of the list, that a body is. Raises RefusedCallError for anything else."""
    body = json_body(call)
    found = body if isinstance(body, list) else [body]
    if not found or not all(isinstance(each, dict) for each in found):
        raise RefusedCallError(422, "the body is neither a JSON object nor a list of objects")
    return found


def read_documents(
    request: AdapterRequest,
    converter: Converter,
    readable: Callable[[Any], bool],
    lists: tuple[str, ...] = (),
) -> Reading:
    """The events of a file of JSON documents: one a line, or one or several over many lines.

    A document that is a list, or has a list under one of the names of ``lists``, stands for its items. What cannot be
    read is a problem with its line, and a notice of the converter; the rest of the file is read.

    Raises:
        CallboardError: the file cannot be read, or is not text in UTF-8.
    """
    return read_records(request, converter, readable, _records(request, lists))


Numbered = Iterator[tuple[int, Any]]


def read_rows(
    request: AdapterRequest,
    converter: Converter,
    readable: Callable[[Any], bool],
    sort: Callable[[Numbered], Numbered] = lambda rows: rows,
) -> Reading:
    """The same for a CSV in UTF-8 whose first line names the columns; a record is its cells by column.

    ``sort`` brings the numbered rows into the order in which they are converted.
    """
    return read_records(request, converter, readable, sort(table_rows(request.file)))


def read_records(
    request: AdapterRequest,
    converter: Converter,
    readable: Callable[[Any], bool],
    records: Iterable[tuple[int, Any]],
) -> Reading:
    """The events of records, each with its line."""
    reading = Reading()
    reading.events = _events(request, converter, readable, records, reading)
    return reading


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row with another number of cells than the file has columns."""

    file: str


def table_rows(file: Path) -> Numbered:
    """The rows of a CSV in UTF-8, each with its line. Raises CallboardError when it cannot be read."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            for row in rows:
                # What is too much stands under None, and what is too little is None.
                yield rows.line_num, BrokenRow(file.name) if None in row or None in row.values() else row
    except OSError as error:
        raise CallboardError(f"cannot read {file}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error):
        raise CallboardError(f"{file} is not a CSV in UTF-8") from None


def _events(
    request: AdapterRequest,
    converter: Converter,
    readable: Callable[[Any], bool],
    records: Iterable[tuple[int, Any]],
    reading: Reading,
) -> Iterator[Event]:
    for line, record in records:
        reading.rows += 1
        if reading.rows % _PROGRESS_EVERY_ROWS == 0:
            request.progress(reading.rows)
        if readable(record):
            reading.read_as["records"] += 1
        else:
            where = record.file if isinstance(record, BrokenRow) else ""
            reading.problems.append(RowProblem(line, where, "not a record of this source"))
        yield from converter.convert(record)
    request.progress(reading.rows)


def _records(request: AdapterRequest, lists: tuple[str, ...]) -> Iterator[tuple[int, Any]]:
    try:
        content = request.file.read_bytes()
    except OSError as error:
        raise CallboardError(f"cannot read {request.file}: {error.strerror}") from None
    try:
        whole = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    else:
        yield from ((1, each) for each in _items(whole, lists))
        return
    for line, text in enumerate(content.splitlines(), start=1):
        if text.strip():
            yield from ((line, each) for each in _items(_document(text), lists))


def _document(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _items(document: Any, lists: tuple[str, ...]) -> list[Any]:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        for name in lists:
            if isinstance(document.get(name), list):
                return list(document[name])
    return [document]
