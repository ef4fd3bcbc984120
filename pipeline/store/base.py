"""Base files: the current rows of the hot versioned tables at some moment, for readers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.store.every_table import VERSIONED
from pipeline.store.parquet import write_stream
from pipeline.store.slices import newest_rows
from pipeline.store.tables import Table

#: Which of the current rows of a table stay hot; it may keep the others, which have all columns.
Staying = Callable[[Table, Iterator[pa.Table]], Iterator[pa.Table]]


@dataclass(slots=True)
class NewBase:
    """Base files of the versioned tables that hold the state of ``seq``."""

    seq: int = 0
    files: dict[str, list[str]] = field(default_factory=dict)
    rows: int = 0


def write_base(con: duckdb.DuckDBPyConnection, folder: Path, staying: Staying = lambda _, rows: rows) -> NewBase:
    """Write all hot rows that have versions, as of one snapshot, beside commits, on a connection of its own."""
    con.execute("BEGIN")
    (seq,) = con.execute("SELECT coalesce(max(seq), 0) FROM offsets").fetchone() or (0,)
    base = NewBase(seq)
    try:
        for table in VERSIONED:
            path = published_path(folder, table, seq)
            rows = write_stream(staying(table, newest_rows(con, table)), path, table.published_schema)
            base.rows += rows
            if rows:
                base.files[table.name] = [str(path)]
    except BaseException:
        for (file,) in base.files.values():
            Path(file).unlink(missing_ok=True)
        raise
    con.execute("COMMIT")
    return base


def published_path(folder: Path, table: Table, seq: int) -> Path:
    """A new file's name. The time is part of it: a successor must not use a name again that a reader may hold."""
    return folder / f"{table.name}-{seq:012d}-{time.time_ns():x}.parquet"
