"""A versioned table in slices of few entities, so that no query over it holds more than a slice, whatever its size.

DuckDB's memory is bounded and shared by all partitions of a worker: one aggregate over a busy day's versions, or one
COPY of its rows, may ask for more than is there. Entities are numbered as they come and their versions follow soon, so
a slice of numbers lies close together in the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.store.tables import Table, newest_versions

#: Entities of a slice.
SLICE_ENTITIES = 8_192

Numbers = npt.NDArray[np.int64]


class Slice(NamedTuple):
    """Entities by number, both ends included."""

    first: int
    last: int

    def of(self, table: Table) -> str:
        """A FROM clause over the rows of these entities."""
        return f"(FROM {table.name} WHERE entity_no BETWEEN {self.first} AND {self.last})"


def slices(con: duckdb.DuckDBPyConnection, table: Table) -> list[Slice]:
    """All entities of a versioned table."""
    reader = con.sql(f"SELECT entity_no FROM {table.name}").to_arrow_reader(100_000)  # noqa: S608
    found: list[Numbers] = [np.unique(batch.column(0).to_numpy()) for batch in reader]
    return slices_of(np.unique(np.concatenate(found))) if found else []


def slices_of(numbers: Numbers) -> list[Slice]:
    """Slices over numbers, which are in order and each there once."""
    parts = [numbers[at : at + SLICE_ENTITIES] for at in range(0, len(numbers), SLICE_ENTITIES)]
    return [Slice(int(part[0]), int(part[-1])) for part in parts]


def newest_rows(con: duckdb.DuckDBPyConnection, table: Table) -> Iterator[pa.Table]:
    """The current version of each row, slice by slice, in the order of their numbers."""
    for each in slices(con, table):
        rows = each.of(table)
        query = f"FROM {rows} SEMI JOIN ({newest_versions(rows)}) USING (entity_no, seq)"
        yield con.sql(query).to_arrow_table().cast(table.schema)


def drop_superseded(con: duckdb.DuckDBPyConnection, table: Table) -> Iterator[None]:
    """Delete versions of rows that a later version has replaced, a slice at each step."""
    for each in slices(con, table):
        newest = newest_versions(each.of(table))
        con.execute(
            f"DELETE FROM {table.name} AS t USING ({newest}) AS n "  # noqa: S608
            "WHERE t.entity_no = n.entity_no AND t.seq < n.seq "
            f"AND t.entity_no BETWEEN {each.first} AND {each.last}"
        )
        yield
