"""Call detail records as they are written: a file of a line for each, over its rotation and over restarts."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import msgspec

from pipeline.errors import CallboardError
from pipeline.producers.adapters.base import Live, LiveRequest
from pipeline.producers.adapters.freeswitch.cdr import CdrConverter
from pipeline.producers.adapters.freeswitch.cdr_files import COLUMNS, header_of, line_record
from pipeline.producers.adapters.freeswitch.names import Names
from pipeline.producers.growing_file import Gap, GrowingFile


class _Place(msgspec.Struct, frozen=True):
    """Where in the file, what its columns are, and how many lines there were, over all rotations."""

    file: bytes
    columns: list[str]
    lines: int


class CdrReader:
    """Gives the records of a growing file."""

    def __init__(self, file: Path, position: bytes | None) -> None:
        """Raises CallboardError when the file cannot be read."""
        place = None if position is None else msgspec.json.decode(position, type=_Place)
        self._columns = COLUMNS if place is None else place.columns
        self._lines = 0 if place is None else place.lines
        self._file = GrowingFile(file, None if place is None else place.file)

    def poll(self, timeout_seconds: float) -> list[Any]:
        """The next records, and a Gap where some are missing. Raises CallboardError when the file cannot be read."""
        found: list[Any] = []
        for line in self._file.poll(timeout_seconds):
            if isinstance(line, Gap):
                found.append(line)
                continue
            self._columns = header_of(next(csv.reader([line]), [])) or self._columns
            self._lines += 1
            record = line_record(self._lines, line, self._columns)
            if record is not None:
                found.append(record)
        return found

    def position(self) -> bytes:
        """The place after the last record given."""
        return msgspec.json.encode(_Place(self._file.position(), self._columns, self._lines))

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


def follow_cdrs(request: LiveRequest) -> Live:
    """Follow a file that grows by a line for each record.

    Raises:
        CallboardError: it is no file of this machine, or cannot be read.
    """
    if "://" in request.target:
        raise CallboardError(
            "freeswitch-cdr follows a file on this machine: callboard publish freeswitch-cdr FILE --follow"
        )
    reader = CdrReader(Path(request.target), request.position)
    return Live(reader, CdrConverter(Names(request.client), request.door, request.source))
