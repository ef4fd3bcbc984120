"""The list of a partition's tables: what is created, committed, published and sealed goes by it."""

from __future__ import annotations

from pipeline.store.details import DETAILS
from pipeline.store.tables import CELLS, CORRECTIONS, DUPLICATES, EVENTS, REJECTS, SEGMENTS, SPANS, Table

TABLES: tuple[Table, ...] = (EVENTS, DETAILS, SEGMENTS, CELLS, SPANS, REJECTS, DUPLICATES, CORRECTIONS)
#: Those to which rows are only added.
GROWING = tuple(table for table in TABLES if not table.versioned)
#: Those in which a row replaces its earlier version.
VERSIONED = tuple(table for table in TABLES if table.versioned)
