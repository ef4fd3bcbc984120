"""Rows that leave the hot tables, in one Parquet file per day, written as they come."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.store.parquet import StreamWriter
from pipeline.store.slices import Numbers
from pipeline.store.tables import Table

#: Rows that may wait for their groups to fill, over all days: rows of many days can come at once.
_WAITING_ROWS = 65_536
_EPOCH = date(1970, 1, 1)
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file of the rows of a table that are of one day (in UTC)."""

    table: str
    day: date
    file: str
    rows: int


class DayFiles:
    """The sealed files of one table that are being written. End it with ``finish`` or ``abandon``."""

    def __init__(self, table: Table, before: date, folder: Path) -> None:
        """``before``: the first day that is not sealed."""
        if table.day is None:
            raise ValueError(f"{table.name} is never sealed")
        self._table, self._day_column, self._folder = table, table.day, folder
        self._before = (before - _EPOCH).days
        self._writers: dict[int, StreamWriter] = {}
        self._numbers: list[Numbers] = []

    def taking(self, portions: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Pass on the rows that stay hot; those of past days go into the files of their days."""
        for rows in portions:
            days = self._days(rows)
            past = days < self._before
            if not past.any():
                yield rows
                continue
            for day in np.unique(days[past]):
                self._add(int(day), rows.filter(pa.array(days == day)))
            yield rows.filter(pa.array(~past))

    def _days(self, rows: pa.Table) -> Numbers:
        # A row without a time has no day to go to: it stays.
        times: Any = rows[self._day_column].cast(pa.int64())
        micros: Numbers = pc.fill_null(times, np.iinfo(np.int64).max).to_numpy()
        return micros // _DAY_US

    def _add(self, day: int, rows: pa.Table) -> None:
        if day not in self._writers:
            self._writers[day] = StreamWriter(new_path(self._folder, _date(day)), self._table.schema)
        self._writers[day].add(rows)
        if self._table.versioned:
            self._numbers.append(rows["entity_no"].to_numpy())
        while sum(writer.waiting_rows for writer in self._writers.values()) > _WAITING_ROWS:
            max(self._writers.values(), key=lambda writer: writer.waiting_rows).flush()

    @property
    def numbers(self) -> Numbers:
        """The entities that were taken, in order."""
        return np.unique(np.concatenate(self._numbers)) if self._numbers else np.empty(0, np.int64)

    def finish(self) -> list[SealedFile]:
        """Make the files, synced."""
        files = []
        for day, writer in sorted(self._writers.items()):
            rows = writer.finish()
            files.append(SealedFile(self._table.name, _date(day), str(writer.path), rows))
        return files

    def abandon(self) -> None:
        """Leave nothing half-written behind."""
        for writer in self._writers.values():
            writer.abandon()


def _date(day: int) -> date:
    return date.fromordinal(_EPOCH.toordinal() + day)


def new_path(folder: Path, day: date) -> Path:
    """A name that was never used: a reader may hold the file of an earlier one."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{day.isoformat()}-{time.time_ns():x}.parquet"
