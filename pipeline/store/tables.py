"""The tables of a partition's store: one definition from which the DDL and the Arrow schemas come."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from pipeline.domain.contribution import MEASURES

TS = pa.timestamp("us", tz="UTC")
I64, I32, STR = pa.int64(), pa.int32(), pa.string()

_DUCKDB_TYPES = {
    TS: "TIMESTAMPTZ",
    I64: "BIGINT",
    I32: "INTEGER",
    STR: "VARCHAR",
    pa.binary(): "BLOB",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.list_(STR): "VARCHAR[]",
    pa.list_(I64): "BIGINT[]",
}


@dataclass(frozen=True)
class Table:
    """A table. ``versioned``: a row replaces the earlier row of the same ``entity_no``; else rows are only added.

    ``private`` columns stay in the partition's file: they are for the merge, not for readers.
    ``day`` names the column whose UTC date says to which day a row is sealed; ``None``: never sealed.
    """

    name: str
    columns: tuple[tuple[str, pa.DataType], ...]
    versioned: bool
    day: str | None = None
    private: tuple[str, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """All columns."""
        return pa.schema(list(self.columns))

    @property
    def published_schema(self) -> pa.Schema:
        """The columns that readers may see, with their types."""
        return pa.schema([self.schema.field(name) for name in self.published_columns])

    @property
    def published_columns(self) -> list[str]:
        """The columns that readers may see."""
        return [name for name, _ in self.columns if name not in self.private]

    @property
    def empty_select(self) -> str:
        """A query with the published columns and no rows."""
        kinds = dict(self.columns)
        columns = ", ".join(f'NULL::{_DUCKDB_TYPES[kinds[name]]} AS "{name}"' for name in self.published_columns)
        return f"SELECT {columns} WHERE false"

    @property
    def ddl(self) -> str:
        """CREATE TABLE, without keys: an index costs a third of the write time, and deleted rows are never freed."""
        columns = ", ".join(f'"{name}" {_DUCKDB_TYPES[kind]}' for name, kind in self.columns)
        return f"CREATE TABLE {self.name} ({columns})"


EVENTS = Table(
    "events",
    (
        ("seq", I64),
        ("topic", STR),
        ("partition", I32),
        ("epoch", I32),
        ("offset", I64),
        ("source", STR),
        ("id", STR),
        ("type", STR),
        ("time", TS),
        ("client", STR),
        ("interaction", STR),
        ("segment", STR),
        ("queue", STR),
        ("agent", STR),
        ("revision", I64),
        ("raw", STR),
    ),
    versioned=False,
    day="time",
)
SEGMENTS = Table(
    "segments",
    (
        ("seq", I64),
        ("entity_no", I64),
        ("client", STR),
        ("interaction", STR),
        ("segment", STR),
        ("channel", STR),
        ("direction", STR),
        ("queue", STR),
        ("agent", STR),
        ("outcome", STR),
        ("queued_at", TS),
        ("offered_at", TS),
        ("answered_at", TS),
        ("abandoned_at", TS),
        ("left_at", TS),
        ("left_reason", STR),
        ("transferred_at", TS),
        ("transfer_kind", STR),
        ("ended_at", TS),
        ("wrapped_up_at", TS),
        ("wait_ended_at", TS),
        ("handle_ended_at", TS),
        ("wait_us", I64),
        ("talk_us", I64),
        ("hold_us", I64),
        ("wrap_us", I64),
        ("alerts", I32),
        ("declines", I32),
        ("holds", I32),
        ("resumes", I32),
        ("disposition", STR),
        ("flags", pa.list_(STR)),
        ("amount", I64),
        ("currency", STR),
        ("revision", I64),
        ("first_event_at", TS),
        ("last_event_at", TS),
        ("state", pa.binary()),
    ),
    versioned=True,
    day="first_event_at",
    private=("state",),
)
CELLS = Table(
    "cells",
    (
        ("seq", I64),
        ("entity_no", I64),
        ("client", STR),
        ("queue", STR),
        ("channel", STR),
        ("direction", STR),
        ("minute", TS),
        *((measure, I64) for measure in MEASURES),
        ("longest_wait_us", I64),
        ("amounts", I32),
        ("revenue", I64),
        ("currency", STR),
        ("waits_answered_us", pa.list_(I64)),
        ("waits_abandoned_us", pa.list_(I64)),
        ("waits_left_us", pa.list_(I64)),
        ("state", pa.binary()),
    ),
    versioned=True,
    private=("state",),
)
SPANS = Table(
    "spans",
    (
        ("seq", I64),
        ("entity_no", I64),
        ("client", STR),
        ("agent", STR),
        ("state", STR),
        ("reason", STR),
        ("presence", STR),
        ("started_at", TS),
        ("ended_at", TS),
        ("merge_state", pa.binary()),
    ),
    versioned=True,
    day="started_at",
    private=("merge_state",),
)
REJECTS = Table(
    "rejects",
    (
        ("seq", I64),
        ("topic", STR),
        ("partition", I32),
        ("epoch", I32),
        ("offset", I64),
        ("reason", STR),
        ("detail", STR),
        ("key", pa.binary()),
        ("value", pa.binary()),
        ("size_bytes", I64),
        ("received_at", TS),
    ),
    versioned=False,
)
DUPLICATES = Table(
    "duplicates",
    (
        ("seq", I64),
        ("topic", STR),
        ("partition", I32),
        ("epoch", I32),
        ("offset", I64),
        ("source", STR),
        ("id", STR),
        ("first_epoch", I32),
        ("first_offset", I64),
        ("conflicting", pa.bool_()),
    ),
    versioned=False,
)
CORRECTIONS = Table(
    "corrections",
    (
        ("seq", I64),
        ("client", STR),
        ("queue", STR),
        ("channel", STR),
        ("direction", STR),
        ("minute", TS),
        ("measure", STR),
        ("before", I64),
        ("after", I64),
        ("late_by_us", I64),
        ("topic", STR),
        ("partition", I32),
        ("epoch", I32),
        ("offset", I64),
        ("noted_at", TS),
    ),
    versioned=False,
)


def newest_versions(rows: str) -> str:
    """A query for (entity_no, seq) of the current version of each row of a versioned relation."""
    return f"SELECT entity_no, max(seq) AS seq FROM {rows} GROUP BY entity_no"  # noqa: S608
