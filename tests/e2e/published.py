"""The published store as a reader sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from pipeline.contract.topics import TOPICS
from pipeline.errors import CallboardError
from pipeline.store.details import DETAIL_KINDS
from pipeline.store.reader import run_query
from tests.e2e.worker import PATIENCE_SECONDS, wait_until

ALL_PARTITIONS = sum(topic.partitions for topic in TOPICS.values())
#: Views whose rows must be equal whatever way the same events took, and the columns that may differ: when and in
#: which log something was read.
VIEWS = {
    "events": ("epoch", '"offset"'),
    "segments": (),
    "interactions": (),
    "agent_spans": (),
    **{table.name: ("epoch", '"offset"') for table in DETAIL_KINDS.values()},
    "kpi_minute": (),
    "kpi_15min": (),
    "kpi_hour": (),
    "kpi_day": (),
    "kpi_local_hour": (),
    "kpi_local_day": (),
    "wait_histogram": (),
    "rejects": ("epoch", '"offset"', "received_at", "key"),
    "duplicates": ("epoch", '"offset"', "first_epoch", "first_offset"),
}


def rows(store: Path, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return run_query(store, sql)[1]


def one(store: Path, sql: str) -> tuple[Any, ...]:
    """The only row of a query."""
    (row,) = rows(store, sql)
    return row


def totals(store: Path) -> tuple[int, int, int]:
    """How many records are stored, duplicates, rejected; zeros if nothing is published."""
    try:
        stored, duplicates, rejected = one(store, "SELECT stored, duplicates, rejected FROM meta")
    except CallboardError as error:
        assert "holds no published store" in str(error), error
        return 0, 0, 0
    return stored, duplicates, rejected


def wait_for_records(store: Path, number: int, seconds: float = PATIENCE_SECONDS) -> None:
    """Until ``number`` records are published, as whatever they were taken."""
    wait_until(
        lambda: sum(totals(store)) >= number, lambda: f"{number} records published; there are {totals(store)}", seconds
    )
    assert sum(totals(store)) == number, totals(store)


def assert_accounted(store: Path) -> None:
    """Per partition and log: read = stored + duplicates + rejected, and as many rows as the counts say."""
    unequal = rows(
        store,
        """
        WITH e AS (SELECT topic, "partition", epoch, count(*) AS n FROM events GROUP BY ALL),
        d AS (SELECT topic, "partition", epoch, count(*) AS n FROM duplicates GROUP BY ALL),
        r AS (SELECT topic, "partition", epoch, count(*) AS n FROM rejects GROUP BY ALL)
        SELECT o.topic, o."partition", o.epoch, next_offset - first_offset AS read, stored, e.n, duplicates, d.n,
          rejected, r.n
        FROM offsets o
        LEFT JOIN e USING (topic, "partition", epoch)
        LEFT JOIN d USING (topic, "partition", epoch)
        LEFT JOIN r USING (topic, "partition", epoch)
        WHERE read <> stored + duplicates + rejected OR stored <> coalesce(e.n, 0)
          OR duplicates <> coalesce(d.n, 0) OR rejected <> coalesce(r.n, 0)
        """,
    )
    assert unequal == []


def differences(one_store: Path, other_store: Path) -> list[str]:
    """Every view of two stores compared row by row; an empty list means equal."""
    con = duckdb.connect()
    try:
        for name, store in (("a", one_store), ("b", other_store)):
            con.execute(f"ATTACH '{store / 'live.duckdb'}' AS {name} (READ_ONLY)")
        found = []
        for view, other_columns in VIEWS.items():
            columns = f"* EXCLUDE ({', '.join(other_columns)})" if other_columns else "*"
            for left, right in (("a", "b"), ("b", "a")):
                only = f"SELECT {columns} FROM {left}.{view} EXCEPT ALL SELECT {columns} FROM {right}.{view}"
                found += [f"{view}, only in {left}: {row}" for row in con.execute(f"{only} LIMIT 3").fetchall()]
        return found
    finally:
        con.close()
