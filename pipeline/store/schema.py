"""Opening a partition's file, and its tables."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.errors import CallboardError
from pipeline.store.tables import TABLES

#: Raised when a stored row changes its meaning; an older store is then rebuilt from its events.
STORE_VERSION = 2

_OFFSETS = """
CREATE TABLE offsets (
    epoch INTEGER, log_id VARCHAR, first_offset BIGINT, next_offset BIGINT, stored BIGINT, duplicates BIGINT,
    rejected BIGINT, consecutive_rejects BIGINT, watermark_us BIGINT, seq BIGINT, next_entity_no BIGINT)
"""
_SEALED = 'CREATE TABLE sealed_files (table_name VARCHAR, day DATE, file VARCHAR, "rows" BIGINT)'


class StoreBusyError(CallboardError):
    """Another process owns the partition's file."""


def open_database(file: Path) -> duckdb.DuckDBPyConnection:
    """Open a partition's file read-write; the lock that DuckDB takes makes this process its only owner."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        con = duckdb.connect(
            str(file),
            # One thread: the owner works partition by partition, and the second core is the broker's and the reader's.
            config={
                "threads": 1,
                "memory_limit": "512MB",
                # What is not checkpointed lies in memory, once for each of a worker's partitions, and so does one block
                # of each of the hundred columns: with DuckDB's 256 KB blocks 50 MB for a partition of ten rows.
                "checkpoint_threshold": "16MB",
                "default_block_size": "16384",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise StoreBusyError(
                f"{file.stem} is owned by another worker ({_owner(str(error))}); it can be opened when that one ends"
            ) from error
        raise CallboardError(f"cannot open {file}: {error}") from error
    con.execute("SET TimeZone = 'UTC'")
    return con


def _owner(message: str) -> str:
    at = message.find("PID ")
    return "pid " + message[at + 4 :].split(")", maxsplit=1)[0] if at >= 0 else "pid unknown"


def create_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Create the tables in a new file; refuse a file of another store version."""
    exists = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'store_version'").fetchone()
    if exists and exists[0]:
        row = con.execute("SELECT version FROM store_version").fetchone()
        if row != (STORE_VERSION,):
            raise CallboardError(
                f"the store has version {row[0] if row else '?'}, this callboard reads version {STORE_VERSION}: "
                "build a new store from its events with 'callboard process'"
            )
        return
    con.execute("BEGIN")
    for table in TABLES:
        con.execute(table.ddl)
    con.execute(_OFFSETS)
    con.execute(_SEALED)
    con.execute("CREATE TABLE store_version (version INTEGER)")
    con.execute("INSERT INTO store_version VALUES (?)", [STORE_VERSION])
    con.execute("COMMIT")
    # DDL that lingers in the write-ahead log has made files unreadable after a crash in earlier DuckDB versions.
    con.execute("CHECKPOINT")


def sealed_files(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Table name to its sealed Parquet files, oldest day first."""
    files: dict[str, list[str]] = {}
    rows = con.execute("SELECT table_name, file FROM sealed_files ORDER BY table_name, day, file").fetchall()
    for name, file in rows:
        files.setdefault(name, []).append(file)
    return files
