"""Opening ``live.duckdb`` to read: as an analyst would, with nothing to lock and nothing to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import CallboardError
from pipeline.store.layout import StoreLayout


def open_live(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection on the current ``live.duckdb``, with which nothing of the store can be changed.

    Raises:
        CallboardError: nothing was published in ``folder`` yet.
    """
    live = StoreLayout(folder).live
    if not live.is_file():
        raise CallboardError(
            f"{folder} holds no published store (no {live.name}): start 'callboard worker' or 'callboard process'"
        )
    con = duckdb.connect(str(live), read_only=True, config={"autoinstall_known_extensions": False})
    con.execute("SET TimeZone = 'UTC'")
    # SQL can write files even from a read-only database; what is asked here may only read the store's own folder.
    # A literal, not a parameter: to look at a parameter DuckDB imports pandas, which takes half a second.
    directory = f"{StoreLayout(folder).folder}/".replace("'", "''")
    con.execute(f"SET allowed_directories = ['{directory}']")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def run_query(folder: Path, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows of one SELECT (or EXPLAIN, DESCRIBE) over the published store.

    Raises:
        CallboardError: the SQL is wrong, is not one statement, or would change something.
    """
    con = open_live(folder)
    try:
        statements = con.extract_statements(sql)
        if len(statements) != 1 or statements[0].type not in _READING:
            raise CallboardError("the store can only be asked: give one SELECT, FROM, DESCRIBE or EXPLAIN statement")
        cursor = con.execute(statements[0])
        return [column[0] for column in cursor.description or []], cursor.fetchall()
    except duckdb.Error as error:
        raise CallboardError(f"the query failed: {' '.join(str(error).split())}") from None
    finally:
        con.close()


_READING = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN, duckdb.StatementType.PRAGMA}
