"""Builds ``live.duckdb``: views over the published files of all partitions, made anew and swapped by rename.

A reader that opened the old file keeps a consistent view of it; one that opens the new file sees one committed state
of every partition. Nothing in it needs an extension, a lock or a server.

The description of the centre is in it as tables. Each publication looks whether the store's copy has changed.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import duckdb

from pipeline.centre.kept import NO_CENTRE, InForce, publishers_centre
from pipeline.centre.tables import centre_tables
from pipeline.kpis.areas import area_statements
from pipeline.kpis.sql import kpi_statements
from pipeline.store.database import connection
from pipeline.store.every_table import TABLES
from pipeline.store.layout import StoreLayout
from pipeline.store.manifest import Manifest, read_manifest
from pipeline.store.parquet import parquet_scan, quoted
from pipeline.store.tables import Table, newest_versions
from pipeline.store.views import FACT_VIEWS, catalogue_table, relation, small_tables, store_table

#: The name under which the file is attached is one for the process.
_attaching = Lock()
_AGES = ("sealed", "base", "recent")


#: How long another process may take to build the file before we go on without waiting for it.
_PATIENCE_SECONDS = 1.0
_RETRY_SECONDS = 0.02


def publish_live(layout: StoreLayout, now: datetime) -> None:
    """Rebuild ``live.duckdb`` from all manifests.

    Processes take turns by a file lock, to save work. The lock is not what makes it right, because a process that was
    stopped with the lock in its hands would stop all others: whoever has swapped the file looks again, and builds it
    anew if a manifest or the centre has changed meanwhile. So the last one to swap has seen every manifest.
    """
    temporary = layout.folder / f".live.{socket.gethostname()}.{os.getpid()}.duckdb"
    with _turn(layout.publish_lock):
        try:
            seen = _look(layout)
            for last in (False, False, True):
                temporary.unlink(missing_ok=True)
                _build(temporary, *seen, now)
                latest = _look(layout)
                # Bounded: who changes manifests that fast builds the file after each change as well.
                if latest == seen or last:
                    os.replace(temporary, layout.live)
                    latest = _look(layout)
                if latest == seen:
                    return
                seen = latest
        finally:
            temporary.unlink(missing_ok=True)


def _look(layout: StoreLayout) -> tuple[list[Manifest], InForce]:
    """What the file is made of, as it is now."""
    manifests = [manifest for path in layout.manifests() if (manifest := read_manifest(path)) is not None]
    return manifests, publishers_centre(layout.folder).current()


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """Hold the lock, or go on without it if its holder takes too long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with path.open("w") as file:
        while time.monotonic() < deadline:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go by the system if this process is killed
                break
            except BlockingIOError:
                time.sleep(_RETRY_SECONDS)
        yield


def _build(path: Path, manifests: list[Manifest], centre: InForce, now: datetime) -> None:
    # Business hours are laid out around today; without a centre the template is the same on every day.
    today = date.min if centre is NO_CENTRE else now.astimezone(UTC).date()
    path.write_bytes(_template(centre, today))
    with _attached(path) as con:
        for table in TABLES:
            rows = current_rows(table, manifests)
            if rows != table.empty_select:  # the template has that already
                con.execute(f"CREATE OR REPLACE VIEW {relation(table)} AS {rows}")
        small_tables(con, manifests, now)


@lru_cache(maxsize=2)
def _template(centre: InForce, today: date) -> bytes:
    """The file without files: all views and macros over empty relations, and the tables of the centre.

    A view is checked when it is made, down to the Parquet files below it. Making the public ones anew at each
    publication took most of the time of publishing; now only the relations below them are replaced. The centre changes
    seldom, and costs a publication nothing while it does not.
    """
    midnight = datetime.combine(today, time_of_day(), tzinfo=UTC)
    with TemporaryDirectory() as folder:
        path = Path(folder, "template.duckdb")
        with _attached(path) as con:
            for name, rows in centre_tables(centre.centre, midnight).items():
                store_table(con, name, rows)
            for table in TABLES:
                con.execute(f"CREATE VIEW {relation(table)} AS {table.empty_select}")
            for statement in [*FACT_VIEWS, *kpi_statements(), *area_statements()]:
                con.execute(statement)
            catalogue_table(con)
        return path.read_bytes()


@contextmanager
def _attached(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that works in the file ``path``, in one transaction."""
    with _attaching, closing(connection()) as con:
        # Readers with DuckDB 1.5 must be able to open what a later DuckDB writes. Small blocks: it is a small file.
        con.execute(f"ATTACH {quoted(str(path))} AS live (STORAGE_VERSION 'v1.5.0', BLOCK_SIZE 16384)")
        try:
            con.execute("USE live")
            con.execute("BEGIN")
            yield con
            con.execute("COMMIT")
        except BaseException:
            with suppress(duckdb.Error):  # a failed COMMIT has ended the transaction already
                con.execute("ROLLBACK")
            raise
        finally:
            # Also after an error: the name must be free for the next publication.
            con.execute("USE memory")
            con.execute("DETACH live")


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
            query += f" SEMI JOIN ({newest_versions(rows)}) USING (entity_no, seq)"
        parts.append(query)
    return " UNION ALL ".join(parts) or table.empty_select
