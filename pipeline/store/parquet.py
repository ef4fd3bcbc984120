"""Writing Parquet that readers may open at any moment: to a temporary name, synced, renamed; a name is used once."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

#: The writer holds a group of rows in memory until it is full; readers skip groups of other times.
_ROW_GROUP_ROWS = 16_384


def write_rows(rows: pa.Table, path: Path) -> None:
    """Write an Arrow table that could be written again from the store: not synced, to be quick."""
    temporary = path.with_suffix(".tmp")
    pq.write_table(rows, temporary, compression="zstd", compression_level=1, use_dictionary=True)
    os.replace(temporary, path)


def copy_query(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write the result of a query of ours, synced: others will rely on the file after a power failure."""
    temporary = path.with_suffix(".tmp")
    con.execute(
        f"COPY ({query}) TO {quoted(str(temporary))} "
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {_ROW_GROUP_ROWS})"
    )
    _settle(temporary, path)


def _settle(temporary: Path, path: Path) -> None:
    # A process killed while writing leaves a file without a footer; under its final name that would break readers.
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(temporary, path)


def parquet_scan(files: list[str]) -> str:
    """A scan of an explicit list of files: a pattern could catch files that are not yet, or no longer, current."""
    return f"read_parquet([{', '.join(quoted(file) for file in files)}])"


def quoted(text: str) -> str:
    """An SQL string literal, for our own paths where DuckDB takes no parameter."""
    return "'" + text.replace("'", "''") + "'"
