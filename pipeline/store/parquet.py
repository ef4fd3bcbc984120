"""Writing Parquet that readers may open at any moment: to a temporary name, synced, renamed; a name is used once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

#: The writer holds a group of rows in memory until it is full; readers skip groups of other times.
_ROW_GROUP_ROWS = 16_384
#: And bytes: a group of wide rows has fewer of them.
_ROW_GROUP_BYTES = 16 * 1024 * 1024
#: Rows that are read at a time.
_READ_ROWS = 4_096
#: Columns for which a dictionary is work for nothing.
_SELDOM_REPEATED = frozenset({"raw", "id", "interaction", "offset", "time", "state"})


def write_rows(rows: pa.Table, path: Path, sync: bool = False) -> None:
    """Write an Arrow table. Without ``sync`` it must be one that could be written again from the store, and soon is."""
    temporary = path.with_suffix(".tmp")
    with _writer(temporary, rows.schema) if sync else _quick_writer(temporary, rows.schema) as writer:
        writer.write_table(rows, row_group_size=_ROW_GROUP_ROWS)
    _settle(temporary, path, sync)


def write_stream(tables: Iterable[pa.Table], path: Path, schema: pa.Schema) -> int:
    """Write rows as they come, synced; returns how many. Of no rows no file is made.

    One group of rows is in memory at a time, however many there are, and none of it is DuckDB's: its memory is bounded,
    and what it holds of other partitions may leave too little for a COPY of wide rows.
    """
    writer = StreamWriter(path, schema)
    try:
        for rows in tables:
            writer.add(rows)
        return writer.finish()
    except BaseException:
        writer.abandon()
        raise


class StreamWriter:
    """A file that is written group by group. End it with ``finish`` or ``abandon``."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        """Nothing is written before the first group is full."""
        self.path = path
        self.rows = 0
        self._schema = schema
        self._temporary = path.with_suffix(".tmp")
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self.waiting_rows = 0
        self._waiting_bytes = 0

    def add(self, rows: pa.Table) -> None:
        """Take rows; write if they fill a group."""
        if not rows.num_rows:
            return
        rows = rows.select(self._schema.names).cast(self._schema)
        self._waiting.append(rows)
        self.rows += rows.num_rows
        self.waiting_rows += rows.num_rows
        self._waiting_bytes += rows.nbytes
        if self.waiting_rows >= _ROW_GROUP_ROWS or self._waiting_bytes >= _ROW_GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what waits as a group, however small."""
        if not self._waiting:
            return
        if self._writer is None:
            self._writer = _writer(self._temporary, self._schema)
        self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting, self.waiting_rows, self._waiting_bytes = [], 0, 0

    def finish(self) -> int:
        """Make the file; returns its number of rows. Without rows there is none."""
        self.flush()
        if self._writer is not None:
            self._writer.close()
            _settle(self._temporary, self.path)
        return self.rows

    def abandon(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError, pa.ArrowException):  # a full disk, say, which was told already
            if self._writer is not None:
                self._writer.close()
        self._temporary.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)


def read_stream(file: str, columns: list[str] | None = None) -> Iterator[pa.Table]:
    """The rows of a file in their order, a few thousand at a time."""
    with pq.ParquetFile(file) as source:
        for batch in source.iter_batches(_READ_ROWS, columns=columns, use_threads=False):
            yield pa.Table.from_batches([batch])


def least_and_most(file: str, column: str) -> tuple[Any, Any] | None:
    """The least and the greatest value of a column, from the file's own figures; None if they are not there."""
    with pq.ParquetFile(file) as source:
        meta = source.metadata
        at = source.schema_arrow.get_field_index(column)
        figures = [meta.row_group(group).column(at).statistics for group in range(meta.num_row_groups)]
    known: list[Any] = [each for each in figures if each is not None and each.has_min_max]
    if not known or len(known) < len(figures):
        return None
    return min(each.min for each in known), max(each.max for each in known)


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    repeated = [name for name in schema.names if name not in _SELDOM_REPEATED]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=repeated,  # type: ignore[arg-type]  # a list of names is one of its ways
    )


def _quick_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """For files of few rows that are written again and again: half the work, and hardly more bytes."""
    return pq.ParquetWriter(path, schema, compression="lz4", use_dictionary=False, write_statistics=False)


def _settle(temporary: Path, path: Path, sync: bool = True) -> None:
    # A process killed while writing leaves a file without a footer; under its final name that would break readers.
    if sync:
        _sync(temporary)
    os.replace(temporary, path)
    if sync:
        _sync(path.parent)  # the name too: a transaction that names the file may be durable before it otherwise


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def parquet_scan(files: list[str]) -> str:
    """A scan of an explicit list of files: a pattern could catch files that are not yet, or no longer, current."""
    return f"read_parquet([{', '.join(quoted(file) for file in files)}])"


def quoted(text: str) -> str:
    """An SQL string literal, for our own paths where DuckDB takes no parameter."""
    return "'" + text.replace("'", "''") + "'"
