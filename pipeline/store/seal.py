"""Sealing: whole past days leave the hot tables for Parquet, one file per table and day.

A late event of a sealed day makes a new hot version of its row, which outweighs the sealed one for readers. The next
sealing puts that version into a file of its day and takes the old one out of the file that had it, so that a row lies
in one sealed file only.

Steps: the files are written and synced; then, in one transaction, the hot rows are deleted and the files registered. A
crash before that transaction leaves files that nobody knows; a crash after it leaves a manifest that does not agree
with the store, which the next owner notices and mends.
"""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from pipeline.store.chunks import Chunks
from pipeline.store.every_table import TABLES
from pipeline.store.layout import StoreLayout
from pipeline.store.parquet import copy_query, parquet_scan, quoted
from pipeline.store.tables import Table, newest_versions


def cutoff_day(watermark: datetime, hot_days: int) -> date:
    """Days before this one are sealed. By event time: replaying old data must not depend on today's date."""
    return watermark.date() - timedelta(days=hot_days - 1)


def seal_days(
    con: duckdb.DuckDBPyConnection, chunks: Chunks, layout: StoreLayout, topic: str, partition: int, before: date
) -> list[str]:
    """Seal all days before ``before``; returns the files that are no longer needed."""
    retired: list[str] = []
    for table in TABLES:
        if table.day is None:
            continue
        folder = layout.sealed(topic, partition, table.name)
        for day in _hot_days(con, chunks, table, before):
            retired += _seal_day(con, chunks, layout, table, folder, day)
    return retired


def _day_of(table: Table) -> str:
    return f"({table.day} AT TIME ZONE 'UTC')::DATE"


def _hot_days(con: duckdb.DuckDBPyConnection, chunks: Chunks, table: Table, before: date) -> list[date]:
    query = f"SELECT DISTINCT {_day_of(table)} AS day FROM {_current(table, chunks)} WHERE day < ? ORDER BY day"  # noqa: S608
    return [day for (day,) in con.execute(query, [before]).fetchall()]


def _current(table: Table, chunks: Chunks) -> str:
    if not table.versioned:
        return chunks.hot(table)
    return f"(FROM {table.name} SEMI JOIN ({newest_versions(table.name)}) USING (entity_no, seq))"


def _seal_day(
    con: duckdb.DuckDBPyConnection, chunks: Chunks, layout: StoreLayout, table: Table, folder: Path, day: date
) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE sealing AS FROM {_current(table, chunks)} WHERE {_day_of(table)} = ?",
        [day],
    )
    affected = _files_with_old_versions(con, layout, table) if table.versioned else []
    added: list[tuple[date, str]] = []
    for old_day, old_file in affected:
        rest = f"FROM {parquet_scan([old_file])} ANTI JOIN sealing USING (entity_no)"
        added.append((old_day, _write(con, rest, folder, old_day)))
    added.append((day, _write(con, "FROM sealing ORDER BY ALL", folder, day)))
    of_that_day = f"{_day_of(table)} = DATE '{day.isoformat()}'"
    old_chunks, new_chunks = ([], []) if table.versioned else chunks.without(table, of_that_day)
    con.execute("BEGIN")
    if table.versioned:
        con.execute(f"DELETE FROM {table.name} WHERE entity_no IN (SELECT entity_no FROM sealing)")  # noqa: S608
    else:
        con.execute(f"DELETE FROM {table.name} WHERE {of_that_day}")  # noqa: S608
        chunks.replace(old_chunks, new_chunks)
    for _, old_file in affected:
        con.execute("DELETE FROM sealed_files WHERE file = ?", [layout.relative(old_file)])
    for new_day, new_file in added:
        rows = f"SELECT count(*) FROM {parquet_scan([new_file])}"  # noqa: S608
        row = [table.name, new_day, layout.relative(new_file)]
        con.execute(f"INSERT INTO sealed_files VALUES (?, ?, ?, ({rows}))", row)  # noqa: S608
    con.execute("COMMIT")
    con.execute("DROP TABLE sealing")
    if not table.versioned:
        chunks.deleted(table)
    return [*(old_file for _, old_file in affected), *(chunk.file for chunk in old_chunks)]


def _files_with_old_versions(
    con: duckdb.DuckDBPyConnection, layout: StoreLayout, table: Table
) -> list[tuple[date, str]]:
    """Sealed files that hold an earlier version of a row that is being sealed."""
    rows = con.execute("SELECT day, file FROM sealed_files WHERE table_name = ?", [table.name]).fetchall()
    files = [(day, layout.absolute(file)) for day, file in rows]
    return [
        (day, file)
        for day, file in files
        if con.execute(f"SELECT 1 FROM read_parquet({quoted(file)}) SEMI JOIN sealing USING (entity_no) LIMIT 1")  # noqa: S608
        .fetchone()
    ]  # fmt: skip


def _write(con: duckdb.DuckDBPyConnection, query: str, folder: Path, day: date) -> str:
    path = folder / f"{day.isoformat()}-{time.time_ns():x}.parquet"
    copy_query(con, query, path)
    return str(path)
