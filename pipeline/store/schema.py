"""The tables of a partition's file."""

from __future__ import annotations

import duckdb

from pipeline.errors import CallboardError
from pipeline.store.every_table import TABLES

#: Raised when a stored row changes its meaning; an older store is then rebuilt from its events.
STORE_VERSION = 2

_OFFSETS = """
CREATE TABLE offsets (
    epoch INTEGER, log_id VARCHAR, first_offset BIGINT, next_offset BIGINT, stored BIGINT, duplicates BIGINT,
    rejected BIGINT, consecutive_rejects BIGINT, watermark_us BIGINT, seq BIGINT, next_entity_no BIGINT)
"""
_SEALED = 'CREATE TABLE sealed_files (table_name VARCHAR, day DATE, file VARCHAR, "rows" BIGINT)'


def create_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Create the tables in a new file; refuse a file of another store version."""
    exists = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND table_name = 'store_version'"
    ).fetchone()
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
