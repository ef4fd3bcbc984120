"""What an SQL text reads, as DuckDB's own parser (``json_serialize_sql``) tells it: its relations, what is in sight."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb


def tree_of(con: duckdb.DuckDBPyConnection, sql: str) -> Mapping[str, Any]:
    """The parser's document: ``statements``, each with its ``node``; or ``error`` and ``error_message``."""
    ((text,),) = con.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchall()
    document: Mapping[str, Any] = json.loads(text)
    return document


def in_sight(node: Mapping[str, Any], own: frozenset[str]) -> frozenset[str]:
    """The names of the common table expressions that hold within a node, if ``own`` hold around it."""
    return own | {entry["key"] for entry in node["cte_map"]["map"]} if "cte_map" in node else own


def relation_of(node: Mapping[str, Any], own: frozenset[str]) -> str | None:
    """The relation that a node names; None if it names none, or a common table expression in sight.

    A name with a schema, and a table function, is never a common table expression.
    """
    if node.get("type") == "BASE_TABLE":
        schema = node.get("schema_name") or node.get("catalog_name")
        name = str(node["table_name"])
        if schema:
            return f"{schema}.{name}"
        return None if name in own else name
    if node.get("type") == "TABLE_FUNCTION":
        return str(node["function"]["function_name"])
    return None
