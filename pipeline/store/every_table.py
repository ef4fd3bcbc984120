"""The list of a partition's tables: what is created, committed, published and sealed goes by it."""

from __future__ import annotations

from pipeline.store.details import DETAIL_TABLES
from pipeline.store.tables import CELLS, CORRECTIONS, DUPLICATES, EVENTS, REJECTS, SEGMENTS, SPANS, Table

TABLES: tuple[Table, ...] = (EVENTS, SEGMENTS, CELLS, SPANS, REJECTS, DUPLICATES, CORRECTIONS, *DETAIL_TABLES.values())
