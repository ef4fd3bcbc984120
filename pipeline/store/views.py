"""The views of ``live.duckdb`` that are not KPIs: facts, refusals, repetitions, corrections, state of the store."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version

import duckdb
import pyarrow as pa

from pipeline.kpis.catalogue import Definition, Ratio, catalogue
from pipeline.kpis.measures import money, seconds
from pipeline.store.details import DETAIL_TABLES, MONEY
from pipeline.store.manifest import Manifest
from pipeline.store.tables import I32, I64, STR, TS, Table

_RELATIONS = {"segments": "segment_rows", "cells": "cell_rows", "spans": "span_rows", "events": "event_rows"}


def relation(table: Table) -> str:
    """The internal view that holds a table's current rows as they are stored (microseconds, ten-thousandths)."""
    return _RELATIONS.get(table.name, f"{table.name}_rows")


_EVENTS = """
CREATE VIEW events AS
SELECT topic, "partition", epoch, "offset", source, id, type, time, client, interaction, segment, queue, agent,
  revision, raw
FROM event_rows
"""

_SEGMENTS = f"""
CREATE VIEW segments AS
SELECT client, interaction, segment, channel, direction, queue, agent, outcome, queued_at, offered_at, answered_at,
  abandoned_at, left_at, left_reason, transferred_at, transfer_kind, ended_at, wrapped_up_at, wait_ended_at,
  handle_ended_at, {seconds("wait_us")} AS wait_seconds, {seconds("talk_us")} AS talk_seconds,
  {seconds("hold_us")} AS hold_seconds, {seconds("wrap_us")} AS wrap_seconds, alerts, declines, holds, resumes,
  disposition, flags, {money("amount")} AS amount, currency, revision, first_event_at,
  last_event_at
FROM segment_rows WHERE segment <> ''
"""

_INTERACTIONS = f"""
CREATE VIEW interactions AS
SELECT client, interaction,
  arg_min(channel, (first_event_at, segment)) AS channel, arg_min(direction, (first_event_at, segment)) AS direction,
  CASE WHEN bool_or(outcome = 'answered') THEN 'answered' WHEN bool_or(outcome = 'abandoned') THEN 'abandoned'
    WHEN bool_or(outcome = 'left') THEN 'left' WHEN bool_or(outcome = 'waiting') THEN 'waiting'
    WHEN max(ended_at) IS NOT NULL THEN 'left_in_menu' ELSE 'in_menu' END AS outcome,
  min(first_event_at) AS started_at, max(ended_at) AS ended_at,
  count(*) FILTER (segment <> '') AS segments, count(*) FILTER (queued_at IS NOT NULL) AS offered,
  count(*) FILTER (outcome = 'answered') AS answered, count(*) FILTER (outcome = 'abandoned') AS abandoned,
  list_sort(list(DISTINCT queue) FILTER (queue IS NOT NULL AND segment <> '')) AS queues,
  sum({seconds("wait_us")}) AS wait_seconds, sum({seconds("talk_us")}) AS talk_seconds,
  count(*) FILTER (list_contains(flags, 'sale')) AS sales,
  CASE WHEN count(DISTINCT coalesce(currency, '')) FILTER (amount IS NOT NULL) > 1 THEN NULL
    ELSE coalesce(sum({money("amount")}), 0) END AS revenue,
  CASE WHEN count(DISTINCT coalesce(currency, '')) FILTER (amount IS NOT NULL) = 1
    THEN max(currency) FILTER (amount IS NOT NULL) END AS currency
FROM segment_rows GROUP BY client, interaction
"""

_AGENT_SPANS = f"""
CREATE VIEW agent_spans AS
SELECT client, agent, state, reason, presence, started_at, ended_at,
  {seconds("(epoch_us(ended_at) - epoch_us(started_at))")} AS seconds
FROM span_rows WHERE state IS NOT NULL
"""


_REJECTS = """
CREATE VIEW rejects AS
SELECT topic, "partition", epoch, "offset", reason, detail, key, value, size_bytes, received_at FROM rejects_rows
"""

_DUPLICATES = """
CREATE VIEW duplicates AS
SELECT topic, "partition", epoch, "offset", source, id, first_epoch, first_offset, conflicting FROM duplicates_rows
"""

_UNITS = "CASE WHEN contains(measure, '_us') THEN 0.000001::DECIMAL(7,6) ELSE 1.000000::DECIMAL(7,6) END"
_CORRECTIONS = f"""
CREATE VIEW corrections AS
SELECT client, queue, channel, direction, minute, replace(measure, '_us', '_seconds') AS measure,
  (before * {_UNITS})::DECIMAL(24,6) AS before, (after * {_UNITS})::DECIMAL(24,6) AS after,
  {seconds("late_by_us")} AS late_by_seconds, topic, "partition", epoch, "offset", noted_at
FROM corrections_rows
"""


def _detail_view(table: Table) -> str:
    columns = ", ".join(
        f"{money(name)} AS {name}" if name in MONEY else f'"{name}"'
        for name in table.published_columns
        if name != "seq"
    )
    return f"CREATE VIEW {table.name} AS SELECT {columns} FROM {relation(table)}"


FACT_VIEWS: tuple[str, ...] = (
    _EVENTS,
    _SEGMENTS,
    _INTERACTIONS,
    _AGENT_SPANS,
    _REJECTS,
    _DUPLICATES,
    _CORRECTIONS,
    *map(_detail_view, DETAIL_TABLES.values()),
)


def small_tables(con: duckdb.DuckDBPyConnection, manifests: list[Manifest], now: datetime) -> None:
    """What changes with each publication and fits into the file itself: offsets and meta."""
    store_table(con, "offsets", offsets_rows(manifests))
    con.execute(
        """
        CREATE TABLE meta AS
        SELECT coalesce(min(published_at), $now) AS published_at, $now AS built_at, $generation::BIGINT AS generation,
          $version AS callboard_version, min(watermark) AS watermark, max(watermark) AS newest_event_at,
          coalesce(sum(stored), 0)::BIGINT AS stored, coalesce(sum(duplicates), 0)::BIGINT AS duplicates,
          coalesce(sum(rejected), 0)::BIGINT AS rejected,
          (SELECT count(*) FROM corrections) AS corrections, coalesce(sum(lag), 0)::BIGINT AS lag
        FROM offsets
        """,
        {"now": now, "generation": sum(m.seq for m in manifests), "version": version("callboard")},
    )


def catalogue_table(con: duckdb.DuckDBPyConnection) -> None:
    """The KPIs' names, units and definitions."""
    store_table(con, "kpi_catalogue", _catalogue_rows())


def offsets_rows(manifests: list[Manifest]) -> pa.Table:
    """One row per partition and log that was read."""
    rows = [
        {
            "topic": m.topic,
            "partition": m.partition,
            "epoch": epoch.epoch,
            "log_id": epoch.log_id,
            "first_offset": epoch.first_offset,
            "next_offset": epoch.next_offset,
            "log_end_offset": m.log_end_offset if current else epoch.next_offset,
            "lag": m.log_end_offset - epoch.next_offset if current else 0,
            "stored": epoch.stored,
            "duplicates": epoch.duplicates,
            "rejected": epoch.rejected,
            "watermark": epoch.watermark_us,
            "published_at": m.published_at,
        }
        for m in manifests
        for epoch, current in ((e, e is m.epochs[-1]) for e in m.epochs)
    ]
    whole = ("first_offset", "next_offset", "log_end_offset", "lag", "stored", "duplicates", "rejected")
    columns: list[tuple[str, pa.DataType]] = [
        ("topic", STR),
        ("partition", I32),
        ("epoch", I32),
        ("log_id", STR),
        *((name, I64) for name in whole),
        ("watermark", TS),
        ("published_at", TS),
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


_CATALOGUE_COLUMNS: list[tuple[str, pa.DataType]] = [
    *((name, STR) for name in ("name", "title", "unit", "formula", "description", "source")),
    ("higher_is_better", pa.bool_()),
    ("target", pa.float64()),
    ("example", STR),
]


def _catalogue_rows() -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "name": kpi.name,
                "title": kpi.title,
                "unit": kpi.unit,
                "formula": kpi.formula or f"{kpi.percentile:.0%} of ended waits, by buckets"
                if isinstance(kpi, Ratio)
                else kpi.formula,
                "description": kpi.description,
                "source": kpi.source,
                "higher_is_better": {"good": True, "bad": False, "neutral": None}[kpi.up_is],
                "target": kpi.target,
                "example": kpi.example.in_words if isinstance(kpi, Definition) else None,
            }
            for kpi in catalogue().all()
        ],
        schema=pa.schema(_CATALOGUE_COLUMNS),
    )


def store_table(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Make a table of Arrow rows in the file that is being built."""
    con.execute(f"CREATE TABLE {name} AS FROM rows")  # DuckDB finds ``rows`` by the name of the variable
