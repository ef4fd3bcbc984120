"""Builds ``live.duckdb``: views over the published files of all partitions, made anew and swapped by rename.

A reader that opened the old file keeps a consistent view of it; one that opens the new file sees one committed state
of every partition. Nothing in it needs an extension, a lock or a server.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from pipeline.kpis.sql import kpi_statements
from pipeline.store.layout import StoreLayout
from pipeline.store.manifest import Manifest, read_manifest
from pipeline.store.tables import TABLES, Table
from pipeline.store.views import FACT_VIEWS, LATE_VIEWS, relation, small_tables

_AGES = ("sealed", "base", "recent")


def publish_live(layout: StoreLayout, now: datetime) -> None:
    """Rebuild ``live.duckdb`` from all manifests. One process at a time: the last to write has seen every manifest."""
    with _locked(layout.publish_lock):
        manifests = [m for path in layout.manifests() if (m := read_manifest(path)) is not None]
        temporary = layout.folder / f".live.{os.getpid()}.duckdb"
        temporary.unlink(missing_ok=True)
        try:
            _build(temporary, manifests, now)
            os.replace(temporary, layout.live)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go by the system if this process is killed
        yield


def _build(path: Path, manifests: list[Manifest], now: datetime) -> None:
    con = duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False})
    try:
        # Readers with DuckDB 1.5 must be able to open what a later DuckDB writes.
        con.execute(f"ATTACH {quoted(str(path))} AS live (STORAGE_VERSION 'v1.5.0')")
        con.execute("USE live")
        con.execute("SET TimeZone = 'UTC'")
        con.execute("BEGIN")
        for table in TABLES:
            con.execute(f"CREATE VIEW {relation(table)} AS {current_rows(table, manifests)}")
        for statement in [*FACT_VIEWS, *kpi_statements(), *LATE_VIEWS]:
            con.execute(statement)
        small_tables(con, manifests, now)
        con.execute("COMMIT")
        con.execute("USE memory")
        con.execute("DETACH live")
    finally:
        con.close()


def current_rows(table: Table, manifests: list[Manifest]) -> str:
    """The current rows of a table over all partitions: recent rows outweigh the base, the base outweighs sealed days.

    Which partition a row is of does not matter here: ``entity_no`` is unique over partitions.
    """
    files: dict[str, list[str]] = {
        age: [file for m in manifests if table.name in m.tables for file in getattr(m.tables[table.name], age)]
        for age in _AGES
    }
    columns = ", ".join(f'"{name}"' for name in table.published_columns)
    parts: list[str] = []
    for position, age in enumerate(_AGES):
        if not files[age]:
            continue
        rows = parquet_scan(files[age])
        query = f"SELECT {columns} FROM {rows}"  # noqa: S608
        newer = [file for later in _AGES[position + 1 :] for file in files[later]]
        if table.versioned and newer:
            query += f" ANTI JOIN (SELECT entity_no FROM {parquet_scan(newer)}) USING (entity_no)"  # noqa: S608
        if table.versioned and age == "recent":
            newest = f"SELECT entity_no, max(seq) AS seq FROM {rows} GROUP BY entity_no"  # noqa: S608
            query += f" SEMI JOIN ({newest}) USING (entity_no, seq)"
        parts.append(query)
    return " UNION ALL ".join(parts) or table.empty_select


def parquet_scan(files: list[str]) -> str:
    """A scan of an explicit list of files: a pattern could catch files that are not yet, or no longer, current."""
    return f"read_parquet([{', '.join(quoted(file) for file in files)}])"


def quoted(text: str) -> str:
    """An SQL string literal, for our own paths where DuckDB takes no parameter."""
    return "'" + text.replace("'", "''") + "'"
