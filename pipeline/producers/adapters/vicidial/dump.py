"""The rows of a MySQL dump (``mysqldump``): the INSERT statements of the tables that are read here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_CREATE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?`?(\w+)`? ?\(", re.IGNORECASE)
_COLUMN = re.compile(r"\s*`(\w+)` ")
_INSERT = re.compile(r"(?:INSERT|REPLACE)(?: IGNORE)? INTO `?(\w+)`?(?: ?\(([^)]*)\))? VALUES ?", re.IGNORECASE)
#: One value: a string with backslash escapes or doubled quotes, or anything without a quote, a comma or a bracket.
_VALUE = re.compile(r"\s*(?:(?:_binary )?'((?:[^'\\]|\\.|'')*)'|([^',()\s]+))\s*([,)])", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)|''", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "", "Z": ""}


def dump_rows(lines: Iterable[str], table: str) -> Iterator[tuple[int, list[str], list[str]]]:
    """(line, columns, cells) of each row of a table; a NULL is an empty cell.

    A statement stands on one line, as mysqldump writes it. Where an INSERT does not name its columns, the dump's CREATE
    TABLE does. A row that breaks off, or whose columns nobody names, does not have as many cells as columns.
    """
    columns: list[str] = []
    is_created = False
    for number, line in enumerate(lines, start=1):
        created = _CREATE.match(line)
        if created is not None:
            is_created = created[1] == table
        elif is_created:
            column = _COLUMN.match(line)
            if column is not None:
                columns.append(column[1].lower())
            is_created = not line.startswith(")")
        insert = _INSERT.match(line)
        if insert is not None and insert[1] == table:
            named = [name.strip(" `").lower() for name in (insert[2] or "").split(",") if name.strip(" `")]
            for cells in _tuples(line, insert.end()):
                yield number, named or columns, cells


def _tuples(line: str, at: int) -> Iterator[list[str]]:
    while at < len(line) and line[at] in " ,":
        at += 1
    while line[at : at + 1] == "(":
        at += 1
        cells: list[str] = []
        ended = False
        while not ended:
            value = _VALUE.match(line, at)
            if value is None:
                yield cells
                return
            cells.append(_cell(value))
            at = value.end()
            ended = value[3] == ")"
        yield cells
        while at < len(line) and line[at] in " ,":
            at += 1


def _cell(value: re.Match[str]) -> str:
    if value[1] is None:
        return "" if value[2].upper() == "NULL" else value[2]
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]) if match[1] else "'", value[1])
