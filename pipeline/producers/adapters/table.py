"""A CSV file as rows that know their line: what the adapters of tables share."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pipeline.errors import CallboardError
from pipeline.producers.adapters.mapping import FileFormat


@dataclass(frozen=True, slots=True)
class TableRow:
    """The cells of a row and the line on which it starts; the first line of the file is 1."""

    line: int
    cells: list[str]


def read_rows(stream: TextIO, file: Path, layout: FileFormat) -> Iterator[TableRow]:
    """The rows of an open file, its header among them; lines with nothing on them are no rows.

    Raises:
        CallboardError: the file is not CSV; the message names the line. Or the delimiter is no single character.
    """
    for _ in range(layout.skip_lines):
        stream.readline()
    try:
        reader = csv.reader(stream, delimiter=layout.delimiter, strict=True)
    except TypeError:
        raise CallboardError("the mapping's `file.delimiter` must be one character") from None
    line = layout.skip_lines + 1
    try:
        for cells in reader:
            if cells:
                yield TableRow(line, cells)
            line = layout.skip_lines + reader.line_num + 1
    except csv.Error as error:
        raise CallboardError(f"{file}, the row that starts on line {line}: not CSV: {error}") from None
