"""Exports of VICIDIAL's tables: a file named by its table, a folder of them, or a dump of the database (.sql).

Of files, understood are what ``mysql --batch`` writes (tabs, backslash escapes, NULL) and CSV as phpMyAdmin writes it
(commas or semicolons, quotes, NULL), each with a line of column names.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TextIO

from pipeline.errors import CallboardError
from pipeline.producers.adapters.vicidial.dump import dump_rows

#: In the order in which they are read: what statuses mean and what agents did is known before the calls.
TABLES = (
    "vicidial_statuses",
    "vicidial_campaign_statuses",
    "vicidial_user_log",
    "vicidial_agent_log",
    "vicidial_log",
    "vicidial_closer_log",
)
#: A column without which a file is not the table it is named after.
_KEYS = {
    "vicidial_statuses": "status",
    "vicidial_campaign_statuses": "status",
    "vicidial_user_log": "event",
    "vicidial_agent_log": "pause_epoch",
    "vicidial_log": "uniqueid",
    "vicidial_closer_log": "closecallid",
}
_DUMP = ".sql"
_SUFFIXES = (".tsv", ".csv", ".txt")
_NAME = re.compile(rf"({'|'.join(sorted(TABLES, key=len, reverse=True))})(?:_archive)?(?:[^a-z_].*)?", re.ASCII)
_ESCAPES = {"n": "\n", "t": "\t", "0": "", "\\": "\\"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NULLS = ("NULL", "\\N")


@dataclass(frozen=True, slots=True)
class TableRecord:
    """A row of a table. A cell that is NULL or empty is not among the ``values``."""

    table: str
    file: str
    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that does not fit its file's header."""

    table: str
    line: int
    what: str


def rows_of(source: Path) -> Iterator[TableRecord | BrokenRow]:
    """The rows of an export.

    Raises:
        CallboardError: there is nothing to read, or a file is not what its name says.
    """
    try:
        if source.suffix.lower() == _DUMP and source.is_file():
            yield from _dumped(source)
        else:
            for table, file in _files(source):
                with _opened(file) as stream:
                    yield from _rows(table, file, stream)
    except OSError as error:
        raise CallboardError(f"cannot read {error.filename or source}: {error.strerror}") from None


def _opened(file: Path) -> TextIO:
    # A line ends with a line feed and with nothing else: cells may hold other characters that end a line elsewhere.
    return file.open(encoding="utf-8", errors="replace", newline="\n")


def _dumped(file: Path) -> Iterator[TableRecord | BrokenRow]:
    """The rows of a dump, table by table in the order of TABLES: what is needed for others is read first.

    A dump has its tables in the order of their names, so it is gone through once for each.
    """
    found = False
    for table in TABLES:
        with _opened(file) as stream:
            for line, columns, cells in dump_rows(stream, table):
                found = True
                if len(cells) != len(columns):
                    yield BrokenRow(table, line, f"{len(cells)} cells instead of {len(columns)}")
                else:
                    yield TableRecord(table, file.name, line, _values(columns, cells))
    if not found:
        raise CallboardError(f"{file} has no rows of {', '.join(TABLES[2:])}: dump them with their CREATE TABLE")


def _values(columns: list[str], cells: list[str]) -> Mapping[str, str]:
    return {name: cell for name, cell in zip(columns, cells, strict=True) if cell and cell not in _NULLS}


def _files(source: Path) -> list[tuple[str, Path]]:
    if not source.is_dir():
        match = _NAME.fullmatch(source.stem.lower())
        if match is None:
            raise CallboardError(f"{source}: name the file by its table, such as vicidial_log.tsv")
        return [(match[1], source)]
    found = [
        (match[1], file)
        for file in sorted(source.iterdir())
        if file.suffix.lower() in _SUFFIXES and (match := _NAME.fullmatch(file.stem.lower()))
    ]
    if not found:
        raise CallboardError(
            f"{source} holds no export of VICIDIAL, such as vicidial_log.tsv or vicidial_agent_log.csv"
        )
    return sorted(found, key=lambda pair: TABLES.index(pair[0]))


def _rows(table: str, file: Path, stream: TextIO) -> Iterator[TableRecord | BrokenRow]:
    first = stream.readline()
    if not first.strip():
        return
    delimiter = max("\t,;", key=first.count)
    lines = chain((first,), stream)
    cells_of = _batch(lines) if delimiter == "\t" else _csv(lines, delimiter)
    _, header = next(cells_of)
    columns = [name.strip().lower() for name in header]
    if _KEYS[table] not in columns:
        raise CallboardError(
            f"{file} has no column {_KEYS[table]}: export {table} with its column names in the first line"
        )
    for line, cells in cells_of:
        if len(cells) != len(columns):
            yield BrokenRow(table, line, f"{len(cells)} cells instead of {len(columns)}")
            continue
        yield TableRecord(table, file.name, line, _values(columns, cells))


def _batch(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n")
        if text:
            yield (
                number,
                [
                    cell if cell in _NULLS else _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]), cell)
                    for cell in text.split("\t")
                ],
            )


def _csv(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=delimiter)
    for cells in reader:
        if cells:
            yield reader.line_num, [cell.strip() for cell in cells]
