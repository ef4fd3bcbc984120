"""Publishes one partition: immutable Parquet files and the manifest that names the current ones.

Three ages of files, so that publishing costs what has changed and reading opens few files:

* ``base``: of a table whose rows have versions, all hot rows at some moment, rewritten when the recent rows have grown
  by a quarter of it; of a table that only grows, its chunks, which are files already;
* ``recent``: the rows committed since. The newest of them lie in one small file that is written anew, under a new
  name, at each publication. When it has grown, it is taken into a larger one, and that is left alone in the end: so a
  publication does not write thousands of rows again for a hundred new ones;
* ``sealed``: whole days, moved out of the hot tables.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.store.base import NewBase, published_path, write_base
from pipeline.store.every_table import GROWING, TABLES, VERSIONED
from pipeline.store.manifest import EpochOffsets, Files, Manifest, read_manifest, write_manifest
from pipeline.store.parquet import write_rows
from pipeline.store.partition import Committed, PartitionStore
from pipeline.store.stop import Stop
from pipeline.store.strays import GRACE_SECONDS, find_strays, out_of_use
from pipeline.store.tables import Table

#: Rows in the newest recent file before it is taken into the one before it.
TAIL_ROWS = 500
#: Rows in that one before it is left alone and another one begins.
GROWING_ROWS = 5_000
#: The base is rewritten when the recent rows exceed this and a quarter of the base.
REBASE_ROWS = 50_000


class _Recent:
    """The rows of one table that are not in the base."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._forget()

    def _forget(self) -> None:
        self.files: list[tuple[int, str, int]] = []  # (last seq, file, rows)
        self.growing: pa.Table | None = None
        self.growing_file: str | None = None
        self.tail: list[pa.Table] = []
        self.tail_rows = 0
        self.tail_file: str | None = None
        self.changed = False

    def add(self, rows: pa.Table) -> None:
        self.tail.append(rows.select(self.table.published_columns))
        self.tail_rows += rows.num_rows
        self.changed = True

    def clear(self) -> list[str]:
        """Forget the rows, which are elsewhere now; returns the files that had them."""
        files = self.paths()
        self._forget()
        return files

    @property
    def rows(self) -> int:
        growing = 0 if self.growing is None else self.growing.num_rows
        return self.tail_rows + growing + sum(rows for _, _, rows in self.files)

    def paths(self) -> list[str]:
        newest = [file for file in (self.growing_file, self.tail_file) if file]
        return [*(file for _, file, _ in self.files), *newest]


class PartitionPublisher:
    """Collects what batches add and publishes it. ``note`` and ``publish`` are called by one thread."""

    def __init__(self, store: PartitionStore) -> None:
        """Take up where the last owner stopped: what it committed and did not publish is read from the store."""
        self._store = store
        self._folder = store.layout.published(store.topic, store.partition)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._manifest_path = store.layout.manifest(store.topic, store.partition)
        self._recent = {table.name: _Recent(table) for table in TABLES}
        self._retired: list[tuple[float, str]] = []
        manifest = read_manifest(self._manifest_path)
        self._base: dict[str, list[str]] = {}
        self._base_seq = 0
        self._base_rows = 0
        self.log_end_offset = 0
        if manifest and manifest.base_seq <= store.position.seq and _sealed(manifest) == store.sealed:
            self._base = {table.name: manifest.tables[table.name].base for table in VERSIONED}
            self._base_seq = manifest.base_seq
            self.log_end_offset = manifest.log_end_offset
            self._read_recent()
        else:
            self.adopt(self.write_base(store.cursor(), Stop()))
        self.take_up_growing()
        self._strays = self._left_by_others()

    def _read_recent(self) -> None:
        if self._base_seq == self._store.position.seq:
            return  # the base has everything: a dozen queries for nothing at each opening
        con = self._store.cursor()
        for table in VERSIONED:
            columns = ", ".join(f'"{name}"' for name in table.published_columns)
            query = f"SELECT {columns} FROM {table.name} WHERE seq > ? ORDER BY seq"  # noqa: S608
            rows = con.sql(query, params=[self._base_seq]).to_arrow_table()
            if rows.num_rows:
                self._recent[table.name].add(rows.cast(table.published_schema))

    def take_up_growing(self) -> None:
        """Of the tables that only grow, the recent rows are those in no chunk: read them anew."""
        for table in GROWING:
            recent = self._recent[table.name]
            self.retire(recent.clear())
            rows = self._store.chunks.waiting(table)
            if rows is not None:
                recent.add(rows)

    def note(self, committed: Committed) -> None:
        """Take the rows of a committed batch."""
        for name, rows in committed.tables.items():
            if name in committed.chunked:
                self.retire(self._recent[name].clear())
            else:
                self._recent[name].add(rows)

    @property
    def wants_rebase(self) -> bool:
        """Whether the recent rows have outgrown the base."""
        rows = sum(self._recent[table.name].rows for table in VERSIONED)
        return rows > max(REBASE_ROWS, self._base_rows // 4)

    def publish(self, now: datetime) -> None:
        """Write what is new and swap the manifest."""
        for recent in self._recent.values():
            if recent.changed:
                self._write_tail(recent)
        position = self._store.position
        write_manifest(
            self._manifest_path,
            Manifest(
                topic=self._store.topic,
                partition=self._store.partition,
                seq=position.seq,
                base_seq=self._base_seq,
                published_at=now,
                log_end_offset=max(self.log_end_offset, position.next_offset),
                epochs=self._epochs(),
                tables={
                    table.name: Files(
                        sealed=self._store.sealed.get(table.name, []),
                        base=self._base.get(table.name, [])
                        if table.versioned
                        else [chunk.file for chunk in self._store.chunks.of(table)],
                        recent=self._recent[table.name].paths(),
                    )
                    for table in TABLES
                },
            ),
        )
        # From now on nothing names them, if anything did: their time of grace begins.
        self.retire(self._strays)
        self._strays = []
        self._remove_retired()

    def _epochs(self) -> list[EpochOffsets]:
        return [EpochOffsets(**row) for row in self._store.epochs()]

    def _write_tail(self, recent: _Recent) -> None:
        rows = self._newest(recent, recent.tail)
        if recent.tail_file:
            self.retire([recent.tail_file])
        recent.tail, recent.tail_rows, recent.tail_file = [rows], rows.num_rows, None
        if rows.num_rows >= TAIL_ROWS:
            self._grow(recent, rows)
        else:
            recent.tail_file = self._written(recent, rows)
        recent.changed = False

    def _grow(self, recent: _Recent, rows: pa.Table) -> None:
        """Take the newest rows into the file before them; leave that alone if it is large now."""
        if recent.growing is not None:
            rows = self._newest(recent, [recent.growing, rows])
        if recent.growing_file:
            self.retire([recent.growing_file])
        file = self._written(recent, rows)
        recent.tail, recent.tail_rows = [], 0
        recent.growing, recent.growing_file = rows, file
        if rows.num_rows >= GROWING_ROWS:
            recent.files.append((self._store.position.seq, file, rows.num_rows))
            recent.growing, recent.growing_file = None, None

    def _newest(self, recent: _Recent, parts: list[pa.Table]) -> pa.Table:
        rows = pa.concat_tables(parts)
        return _newest_versions(rows) if recent.table.versioned else rows

    def _written(self, recent: _Recent, rows: pa.Table) -> str:
        path = published_path(self._folder, recent.table, self._store.position.seq)
        write_rows(rows, path)
        return str(path)

    def write_base(self, con: duckdb.DuckDBPyConnection, stop: Stop) -> NewBase:
        """Write a new base beside commits, on a connection of its own, which is closed."""
        with closing(con):
            return write_base(con, self._folder, lambda _, rows: stop.watched(rows))

    def adopt(self, base: NewBase) -> None:
        """Use new base files; the recent rows are then those that came after them."""
        for files in self._base.values():
            self.retire(files)
        for table in VERSIONED:
            self.retire(self._recent[table.name].clear())
        self._base, self._base_seq, self._base_rows = base.files, base.seq, base.rows
        self._read_recent()

    def retire(self, files: Iterable[str]) -> None:
        """Remove files when the grace time is over."""
        at = time.monotonic() + GRACE_SECONDS
        self._retired.extend((at, file) for file in files)

    def _remove_retired(self) -> None:
        now = time.monotonic()
        while self._retired and self._retired[0][0] <= now:
            Path(self._retired.pop(0)[1]).unlink(missing_ok=True)

    def _left_by_others(self) -> list[str]:
        """Remove what earlier owners left and no reader can need; returns the rest of it, to be retired."""
        store = self._store
        known = [*self._base.values(), *store.sealed.values(), store.chunks.files()]
        strays = find_strays(store.layout, store.topic, store.partition, (file for files in known for file in files))
        removed = out_of_use(store.layout, self._manifest_path, strays)
        for file in removed:
            file.unlink(missing_ok=True)
        return [str(file) for file in strays if file not in removed]


def _sealed(manifest: Manifest) -> dict[str, list[str]]:
    return {name: files.sealed for name, files in manifest.tables.items() if files.sealed}


def _newest_versions(rows: pa.Table) -> pa.Table:
    """The last row of each entity; rows are in the order of their versions."""
    numbers = rows["entity_no"].to_numpy()[::-1]
    _, last_from_end = np.unique(numbers, return_index=True)
    if len(last_from_end) == len(numbers):
        return rows
    return rows.take(np.sort(len(numbers) - 1 - last_from_end))
