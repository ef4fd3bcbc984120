"""The rows of tables that only grow: the newest in DuckDB, the others in chunks, immutable Parquet files.

A row that is only ever added needs no database: through DuckDB each is written to the write-ahead log, read back, and
written again at a checkpoint, which takes most of the time of a commit. So a large batch becomes a file at once, and
small batches collect in the table until they are worth one. The file is synced first; the transaction that moves the
offset then registers it. A crash between the two leaves a file that nobody knows, which the next owner removes.

Chunks are merged by size, eight to one, so that a row is rewritten only a few times and readers open few files.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.store.parquet import parquet_scan, read_stream, write_rows, write_stream
from pipeline.store.stop import Stop
from pipeline.store.tables import Table

#: Rows, and bytes in memory, from which the newest rows of a table are worth a chunk.
CHUNK_ROWS = 2_500
CHUNK_BYTES = 8 * 1024 * 1024
#: So many chunks of about one size are merged into one of the next.
MERGE_CHUNKS = 8

DDL = "CREATE TABLE chunks (table_name VARCHAR, file VARCHAR, row_count BIGINT, last_seq BIGINT)"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A registered file of a table; ``last_seq`` is the newest batch of which it has rows."""

    table: str
    file: str
    rows: int
    last_seq: int


@dataclass(frozen=True, slots=True)
class Merged:
    """Chunks of a table, and the one that has all their rows."""

    old: tuple[Chunk, ...]
    new: Chunk


class Chunks:
    """The chunks of one partition, and how many rows of each growing table are still in DuckDB."""

    def __init__(self, con: duckdb.DuckDBPyConnection, folder: Path, tables: Iterable[Table]) -> None:
        """``folder`` belongs to the partition alone."""
        self._con = con
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._chunks: dict[str, list[Chunk]] = defaultdict(list)
        for row in con.execute("SELECT table_name, file, row_count, last_seq FROM chunks ORDER BY last_seq").fetchall():
            self._chunks[row[0]].append(Chunk(row[0], str(folder / row[1]), *row[2:]))
        growing = [table for table in tables if not table.versioned]
        self._schemas = {table.name: table.schema for table in growing}
        self._in_table = Counter({table.name: self._count(table) for table in growing})

    def _count(self, table: Table) -> int:
        ((number,),) = self._con.execute(f"SELECT count(*) FROM {table.name}").fetchall()  # noqa: S608
        return int(number)

    def of(self, table: Table) -> list[Chunk]:
        """The chunks of a table, oldest first."""
        return list(self._chunks[table.name])

    def files(self) -> list[str]:
        """All files that are registered."""
        return [chunk.file for chunks in self._chunks.values() for chunk in chunks]

    def hot(self, table: Table) -> str:
        """A FROM clause over all rows of a table that are not sealed. Our own names and paths only."""
        files = [chunk.file for chunk in self._chunks[table.name]]
        return f"(FROM {table.name} UNION ALL BY NAME FROM {parquet_scan(files)})" if files else table.name

    def waiting(self, table: Table) -> pa.Table | None:
        """The rows that are in no chunk, oldest first; None if there are none."""
        if not self._in_table[table.name]:
            return None
        # Not ORDER BY: rows may be wide, and a sort has to hold them all in DuckDB's small memory.
        return self._con.sql(f"FROM {table.name}").to_arrow_table().cast(table.schema).sort_by("seq")

    def write(self, table: Table, rows: pa.Table) -> Chunk | None:
        """The chunk that the rows of a batch fill up, written and synced; None if they go into the table."""
        if self._in_table[table.name] + rows.num_rows < CHUNK_ROWS and rows.nbytes < CHUNK_BYTES:
            return None
        before = self.waiting(table)
        if before is not None:
            rows = pa.concat_tables([before, rows])
        return self._written(table, rows)

    def write_waiting(self, table: Table) -> Chunk | None:
        """A chunk of the rows that are in none yet, written and synced; None if there are none."""
        rows = self.waiting(table)
        return None if rows is None else self._written(table, rows)

    def _written(self, table: Table, rows: pa.Table) -> Chunk:
        path = self._new_path(table.name)
        write_rows(rows, path, sync=True)
        return Chunk(table.name, str(path), rows.num_rows, rows["seq"][-1].as_py())

    def add(self, chunk: Chunk) -> None:
        """Within a transaction: the table's rows are in this chunk now."""
        if self._in_table[chunk.table]:
            self._con.execute(f"DELETE FROM {chunk.table}")  # noqa: S608
        self._register(chunk)
        self._in_table[chunk.table] = 0
        self._chunks[chunk.table].append(chunk)

    def inserted(self, table: Table, rows: int) -> None:
        """So many rows went into the table."""
        self._in_table[table.name] += rows

    def to_merge(self) -> tuple[Chunk, ...]:
        """Chunks of one table and of about one size that should be one; none if there is nothing to do."""
        for chunks in self._chunks.values():
            by_size: dict[int, list[Chunk]] = defaultdict(list)
            for chunk in chunks:
                by_size[_size_class(chunk.rows)].append(chunk)
            for alike in by_size.values():
                if len(alike) >= MERGE_CHUNKS:
                    return tuple(alike)
        return ()

    def merged(self, old: tuple[Chunk, ...], stop: Stop) -> Merged:
        """Write chunks of a table into one. May run beside commits: nothing changes here before ``replace``."""
        new = self.rewritten(old, stop.watched(row for chunk in old for row in read_stream(chunk.file)))
        if new is None:
            raise ValueError("chunks have rows")
        return Merged(old, new)

    def rewritten(self, old: Sequence[Chunk], rows: Iterable[pa.Table]) -> Chunk | None:
        """Write ``rows``, which are of the chunks ``old`` of a table, as one chunk; None if there are no rows."""
        table = old[0].table
        path = self._new_path(table)
        number = write_stream(rows, path, self._schemas[table])
        return Chunk(table, str(path), number, max(chunk.last_seq for chunk in old)) if number else None

    def replace(self, old: Iterable[Chunk], new: Iterable[Chunk]) -> None:
        """Within a transaction: these chunks instead of those. Whoever calls it retires the old files."""
        for chunk in old:
            self._con.execute("DELETE FROM chunks WHERE file = ?", [Path(chunk.file).name])
            self._chunks[chunk.table].remove(chunk)
        for chunk in new:
            self._register(chunk)
            self._chunks[chunk.table].append(chunk)
        for chunks in self._chunks.values():
            chunks.sort(key=lambda chunk: chunk.last_seq)

    def _register(self, chunk: Chunk) -> None:
        # By its name alone: the store may be moved, or restored elsewhere.
        row = [chunk.table, Path(chunk.file).name, chunk.rows, chunk.last_seq]
        self._con.execute("INSERT INTO chunks VALUES (?, ?, ?, ?)", row)

    def _new_path(self, table: str) -> Path:
        # The time is part of the name: a name must not be used again that a reader may hold.
        return self._folder / f"{table}-{time.time_ns():x}.parquet"


def _size_class(rows: int) -> int:
    """0 up to eight times the least, 1 up to eight times that, and so on."""
    size, limit = 0, CHUNK_ROWS * MERGE_CHUNKS
    while rows >= limit:
        size, limit = size + 1, limit * MERGE_CHUNKS
    return size
