"""Settings of queues, put into a published store as its centre would put them there."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb

from tests.oracle import QueueSettings


def settle(store: Path, *settings: QueueSettings, agents: tuple[dict[str, Any], ...] = ()) -> Path:
    """Replace the settings that the store in ``store`` publishes."""
    with duckdb.connect(str(store / "live.duckdb")) as con:
        con.execute("DELETE FROM centre_queues")
        con.execute("DELETE FROM centre_agents")
        _insert(con, "centre_queues", [{f.name: getattr(row, f.name) for f in fields(row)} for row in settings])
        _insert(con, "centre_agents", list(agents))
    return store


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        con.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
