"""Sealing: whole past days leave the hot tables for Parquet, one file per table and day.

A late event of a sealed day makes a new hot version of its row, which outweighs the sealed one for readers. The next
sealing puts that version into a file of its day and takes the old one out of the file that had it, so that a row lies
in one sealed file only.

Steps: beside commits, the files are written and synced, portion by portion, so that a day of any size fits into the
memory that there is. They hold one committed state; what is committed meanwhile has later versions, and stays hot.
Then, in one transaction, the hot rows are deleted and the files registered. A crash before that transaction leaves
files that nobody knows; a crash after it leaves a manifest that does not agree with the store, which the next owner
notices and mends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from itertools import chain
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.errors import CallboardError
from pipeline.store.base import NewBase, write_base
from pipeline.store.chunks import Chunk, Chunks
from pipeline.store.day_files import DayFiles, SealedFile, new_path
from pipeline.store.every_table import GROWING, TABLES
from pipeline.store.layout import StoreLayout
from pipeline.store.parquet import least_and_most, read_stream, write_stream
from pipeline.store.slices import Numbers, slices_of
from pipeline.store.stop import Stop
from pipeline.store.tables import Table


def cutoff_day(watermark: datetime, hot_days: int) -> date:
    """Days before this one are sealed. By event time: replaying old data must not depend on today's date."""
    return watermark.date() - timedelta(days=hot_days - 1)


class NotSealedError(CallboardError):
    """What was written could not be moved into place; nothing has changed."""


@dataclass(slots=True)
class Sealing:
    """What is to be sealed and, once ``write`` has returned, what was written. Nothing counts before ``move``."""

    layout: StoreLayout
    topic: str
    partition: int
    #: The first day that stays hot.
    before: date
    chunks: Chunks
    base: NewBase = field(default_factory=NewBase)
    added: list[SealedFile] = field(default_factory=list)
    #: Sealed files whose rows lie in others now.
    dropped: list[str] = field(default_factory=list)
    replaced: list[Chunk] = field(default_factory=list)
    rests: list[Chunk] = field(default_factory=list)
    #: Of each versioned table, the entities of which all versions up to ``base.seq`` are in sealed files.
    numbers: dict[str, Numbers] = field(default_factory=dict)

    @property
    def retired(self) -> list[str]:
        """Files that are not needed after ``move``."""
        return [*self.dropped, *(chunk.file for chunk in self.replaced)]

    def write(self, con: duckdb.DuckDBPyConnection, chunks: dict[str, list[Chunk]], stop: Stop) -> Sealing:
        """Write the files beside commits, on a connection of its own, which is closed.

        ``chunks``: by table, as of when the sealing began.
        """
        try:
            with closing(con):
                for table in GROWING:
                    if table.day is not None:
                        self._seal_growing(table, chunks[table.name], stop)
                self._seal_versioned(con, stop)
        except BaseException:
            self.discard()
            raise
        return self

    def _days(self, table: Table) -> DayFiles:
        return DayFiles(table, self.before, self.layout.sealed(self.topic, self.partition, table.name))

    def _seal_growing(self, table: Table, chunks: list[Chunk], stop: Stop) -> None:
        old = [chunk for chunk in chunks if _is_past(table, chunk.file, self.before)]
        if not old:
            return
        days = self._days(table)
        try:
            rows = stop.watched(portion for chunk in old for portion in read_stream(chunk.file))
            rest = self.chunks.rewritten(old, days.taking(rows))
            self.added += days.finish()
        except BaseException:
            days.abandon()
            raise
        self.replaced += old
        self.rests += [rest] if rest else []

    def _seal_versioned(self, con: duckdb.DuckDBPyConnection, stop: Stop) -> None:
        """The new base has what stays: so a day is read once."""
        days: dict[str, DayFiles] = {}

        def staying(table: Table, rows: Iterator[pa.Table]) -> Iterator[pa.Table]:
            rows = stop.watched(rows)
            if table.day is None:
                return rows
            days[table.name] = self._days(table)
            return days[table.name].taking(rows)

        sealed: list[tuple[str, date, str]] = []
        try:
            self.base = write_base(con, self.layout.published(self.topic, self.partition), staying)
            sealed = con.execute("SELECT table_name, day, file FROM sealed_files").fetchall()
            for name, files in days.items():
                self.numbers[name] = files.numbers
                self.added += files.finish()
        except BaseException:
            for files in days.values():
                files.abandon()
            raise
        for table in TABLES:
            if table.name in self.numbers:
                of_table = [(day, self.layout.absolute(file)) for name, day, file in sealed if name == table.name]
                self._take_old_versions_out(table, of_table, stop)

    def _take_old_versions_out(self, table: Table, sealed: list[tuple[date, str]], stop: Stop) -> None:
        numbers = self.numbers[table.name]
        folder = self.layout.sealed(self.topic, self.partition, table.name)
        for day, file in stop.watched(sealed):
            if not _has_some(file, numbers):
                continue
            path = new_path(folder, day)
            rest = (rows.filter(pa.array(~_are_in(rows, numbers))) for rows in read_stream(file))
            number = write_stream(stop.watched(rest), path, table.schema)
            self.dropped.append(file)
            if number:
                self.added.append(SealedFile(table.name, day, str(path), number))

    def move(self, con: duckdb.DuckDBPyConnection) -> None:
        """Within a transaction: the sealed files count, and the hot rows go. Chunks are for the caller to replace."""
        for name, numbers in self.numbers.items():
            for part in slices_of(numbers):
                wanted = numbers[np.searchsorted(numbers, part.first) : np.searchsorted(numbers, part.last, "right")]
                taken = pa.table({"entity_no": wanted})  # noqa: F841  # DuckDB finds it by the name of the variable
                con.execute(
                    f"DELETE FROM {name} WHERE entity_no BETWEEN {part.first} AND {part.last} AND seq <= ? "  # noqa: S608
                    "AND entity_no IN (SELECT entity_no FROM taken)",
                    [self.base.seq],
                )
        for file in self.dropped:
            con.execute("DELETE FROM sealed_files WHERE file = ?", [self.layout.relative(file)])
        for each in self.added:
            row = [each.table, each.day, self.layout.relative(each.file), each.rows]
            con.execute("INSERT INTO sealed_files VALUES (?, ?, ?, ?)", row)

    def discard(self) -> None:
        """Remove what was written: it could not be used."""
        written = [each.file for each in self.added] + [chunk.file for chunk in self.rests]
        for file in (*written, *chain.from_iterable(self.base.files.values())):
            Path(file).unlink(missing_ok=True)


def has_past_days(con: duckdb.DuckDBPyConnection, chunks: Chunks, before: date) -> bool:
    """Whether there are hot rows of days before ``before``; perhaps only such as newer versions have replaced."""
    midnight = _midnight(before)
    for table in TABLES:
        if table.day is None:
            continue
        if any(_is_past(table, chunk.file, before) for chunk in chunks.of(table)):
            return True
        (first,) = con.execute(f"SELECT min({table.day}) FROM {table.name}").fetchone() or (None,)  # noqa: S608
        if first is not None and first < midnight:
            return True
    return False


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time_of_day(), tzinfo=UTC)


def _is_past(table: Table, file: str, before: date) -> bool:
    """Whether a file may have rows of days before ``before``."""
    times = least_and_most(file, table.day or "")
    return times is None or times[0] < _midnight(before)


def _has_some(file: str, numbers: Numbers) -> bool:
    """Whether a sealed file has a row of one of these entities."""
    ends = least_and_most(file, "entity_no")
    if ends is not None and np.searchsorted(numbers, ends[0]) == np.searchsorted(numbers, ends[1], "right"):
        return False  # as almost all are: a day's entities are numbered after those of the days before
    return any(_are_in(rows, numbers).any() for rows in read_stream(file, ["entity_no"]))


def _are_in(rows: pa.Table, numbers: Numbers) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.isin(rows["entity_no"].to_numpy(), numbers)
