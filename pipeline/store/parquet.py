"""Writing Parquet that readers may open at any moment: to a temporary name, synced, renamed; a name is used once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

#: The writer holds a group of rows in memory until it is full; readers skip groups of other times.
_ROW_GROUP_ROWS = 16_384
#: Columns for which a dictionary is work for nothing.
_SELDOM_REPEATED = frozenset({"raw", "id", "interaction", "offset", "time", "state"})


def write_rows(rows: pa.Table, path: Path, sync: bool = False) -> None:
    """Write an Arrow table. Without ``sync`` it must be one that could be written again from the store."""
    temporary = path.with_suffix(".tmp")
    with _writer(temporary, rows.schema) as writer:
        writer.write_table(rows, row_group_size=_ROW_GROUP_ROWS)
    _settle(temporary, path, sync)


def join_files(files: Iterable[str], path: Path, schema: pa.Schema) -> None:
    """Write the rows of several files into one, in their order, synced; ``schema`` is that of all of them.

    A few groups of rows are in memory at a time, however large the files are, and none of them is DuckDB's: its
    memory is bounded, and what it holds of other partitions may leave too little for a COPY of wide rows.
    """
    temporary = path.with_suffix(".tmp")
    with _writer(temporary, schema) as writer:
        waiting = schema.empty_table()
        for file in files:
            with pq.ParquetFile(file) as source:
                for batch in source.iter_batches(_ROW_GROUP_ROWS, use_threads=False):
                    rows = pa.Table.from_batches([batch]).select(schema.names).cast(schema)
                    waiting = pa.concat_tables([waiting, rows])
                    if waiting.num_rows >= _ROW_GROUP_ROWS:
                        writer.write_table(waiting.slice(0, _ROW_GROUP_ROWS))
                        waiting = waiting.slice(_ROW_GROUP_ROWS)
        if waiting.num_rows:
            writer.write_table(waiting)
    _settle(temporary, path)


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    repeated = [name for name in schema.names if name not in _SELDOM_REPEATED]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=repeated,  # type: ignore[arg-type]  # a list of names is one of its ways
    )


def copy_query(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write the result of a query of ours, synced: others will rely on the file after a power failure."""
    temporary = path.with_suffix(".tmp")
    con.execute(
        f"COPY ({query}) TO {quoted(str(temporary))} "
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {_ROW_GROUP_ROWS})"
    )
    _settle(temporary, path)


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
