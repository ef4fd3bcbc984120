"""A partition's file: its tables, and the version that says what their rows mean."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipeline.errors import CallboardError
from pipeline.store.database import AttachedFile
from pipeline.store.every_table import TABLES

#: Raised when a stored row changes its meaning; an older store is then rebuilt from its events.
STORE_VERSION = 3

_OFFSETS = """
CREATE TABLE offsets (
    epoch INTEGER, log_id VARCHAR, first_offset BIGINT, next_offset BIGINT, stored BIGINT, duplicates BIGINT,
    rejected BIGINT, consecutive_rejects BIGINT, watermark_us BIGINT, seq BIGINT, next_entity_no BIGINT)
"""
_SEALED = 'CREATE TABLE sealed_files (table_name VARCHAR, day DATE, file VARCHAR, "rows" BIGINT)'


def open_file(file: Path) -> AttachedFile:
    """Open a partition's file, new or not. Raises ``StoreBusyError``, ``CallboardError`` for another version."""
    if not file.exists():
        _create(file)
    opened = AttachedFile(file)
    try:
        row = opened.con.execute("SELECT version FROM store_version").fetchone()
    except BaseException:
        opened.close()
        raise
    if row != (STORE_VERSION,):
        opened.close()
        raise CallboardError(
            f"the store has version {row[0] if row else '?'}, this callboard reads version {STORE_VERSION}: "
            "build a new store from its events with 'callboard process'"
        )
    return opened


def _create(file: Path) -> None:
    """Put an empty partition where there is none. Two processes may try: one of them makes it, whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    with temporary.open("wb") as new:
        new.write(_empty())
        new.flush()
        os.fsync(new.fileno())
    try:
        with suppress(FileExistsError):
            os.link(temporary, file)
    finally:
        temporary.unlink()


@cache
def _empty() -> bytes:
    """A partition's file with its tables and nothing in them: made once, because it takes longer than a batch."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "empty.duckdb")
        opened = AttachedFile(file)
        try:
            _create_tables(opened.con)
        finally:
            opened.close()
        return file.read_bytes()


def _create_tables(con: duckdb.DuckDBPyConnection) -> None:
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
