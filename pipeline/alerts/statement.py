"""An SQL rule's text: one SELECT over the store's own relations, and nothing else. DuckDB parses it, not we."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from pipeline.errors import CallboardError
from pipeline.store.sql_tree import in_sight, relation_of, tree_of

#: Parameters that a text may use.
PARAMETERS = frozenset({"start", "stop"})
_MAKERS = frozenset({"range", "generate_series", "unnest"})


def checked(con: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The text without what may stand after it. ``con`` is open on the store whose relations it may use.

    Raises:
        CallboardError: it is not one SELECT, or reads something else than the store.
    """
    sql = sql.strip().rstrip(";").strip()
    document = tree_of(con, sql)
    if document.get("error"):
        raise CallboardError(f"the rule's SQL is no SELECT: {_line(document.get('error_message', ''))}")
    if len(document["statements"]) != 1:
        raise CallboardError("the rule's SQL has several statements: give one SELECT")
    known = {name for (name,) in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()}
    known |= {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()}
    known |= {
        name
        for (name,) in con.execute(
            "SELECT function_name FROM duckdb_functions() WHERE NOT internal AND function_type = 'table_macro'"
        ).fetchall()
    }
    wrong = sorted(set(_relations(document["statements"][0]["node"], frozenset())) - known - _MAKERS)
    if wrong:
        raise CallboardError(f"the rule's SQL reads {wrong[0]}, which is no view, table or macro of the store")
    return sql


def _relations(node: Any, own: frozenset[str]) -> Iterator[str]:
    """Names of tables and table functions; ``own`` are the common table expressions in sight."""
    if isinstance(node, list):
        for item in node:
            yield from _relations(item, own)
    elif isinstance(node, dict):
        own = in_sight(node, own)
        if (name := relation_of(node, own)) is not None:
            yield name
        for child in node.values():
            yield from _relations(child, own)


def _line(message: str) -> str:
    return " ".join(str(message).split())
