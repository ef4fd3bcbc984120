"""The store of one partition: facts and the next offset change together, in one DuckDB transaction per batch.

One process owns a partition's file at a time; DuckDB's own lock on the file is the fence. Within the transaction the
expected offset is checked as well, so that a batch can never be applied twice or out of turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from pipeline.contract.events import Event
from pipeline.contract.rejects import Rejection
from pipeline.domain.definitions import LATE_SECONDS, MICROS
from pipeline.domain.moments import from_micros
from pipeline.domain.working_set import Arrival, WorkingSet
from pipeline.errors import CallboardError
from pipeline.store.batch_rows import Batch, Record, change_tables
from pipeline.store.chunks import Chunks, Merged
from pipeline.store.collector import collector_paused
from pipeline.store.decode_batch import decode_batch, times_us
from pipeline.store.every_table import GROWING, TABLES, VERSIONED
from pipeline.store.layout import StoreLayout, first_entity_no
from pipeline.store.lookup import KnownEvent, Lookup
from pipeline.store.schema import open_file, sealed_files
from pipeline.store.seal import NotSealedError, Sealing, cutoff_day, has_past_days
from pipeline.store.seen import Seen
from pipeline.store.slices import drop_superseded

#: After this many bad events in a row the partition stops: something is misconfigured, and draining the topic into
#: dead letters would only hide it. 0 switches the limit off.
DEFAULT_REJECT_LIMIT = 1000
_LATE_US = LATE_SECONDS * MICROS


class FencedError(CallboardError):
    """The partition's offset is not where this owner left it: another owner has written."""


class RejectLimitError(CallboardError):
    """Too many bad events in a row."""


@dataclass(slots=True)
class Position:
    """Where a partition stands; one row of the ``offsets`` table, for the current epoch."""

    #: 0: no log was read yet. Each log that is read (the broker's, remade or not) is an epoch of its own.
    epoch: int = 0
    log_id: str = ""
    first_offset: int = 0
    next_offset: int = 0
    stored: int = 0
    duplicates: int = 0
    rejected: int = 0
    consecutive_rejects: int = 0
    watermark_us: int | None = None
    seq: int = 0
    next_entity_no: int = 0


POSITION_COLUMNS = tuple(field.name for field in fields(Position))


@dataclass(slots=True)
class Committed:
    """What a committed batch added, for the publisher: table name to Arrow rows."""

    seq: int
    tables: dict[str, pa.Table] = field(default_factory=dict)
    #: Tables whose rows, these and those waiting before them, went into a chunk.
    chunked: frozenset[str] = frozenset()


class PartitionStore:
    """Open it, ``apply`` batches in offset order, ``close`` it. Not thread-safe: one thread at a time."""

    def __init__(
        self,
        layout: StoreLayout,
        topic: str,
        partition: int,
        reject_limit: int = DEFAULT_REJECT_LIMIT,
        seen: Seen | None = None,
    ) -> None:
        """Open the partition's file, creating it if needed. ``seen``: of the last time this process had it.

        Raises ``StoreBusyError`` if another process owns the file.
        """
        self.topic, self.partition, self.layout = topic, partition, layout
        self._reject_limit = reject_limit
        self._file = open_file(layout.partition_file(topic, partition))
        self._con = self._file.con
        try:
            self.sealed = sealed_files(self._con, layout)
            self.position = self._load_position()
            self._sealed_before: date | None = None
            self.chunks = Chunks(self._con, layout.chunks(topic, partition), TABLES)
            self._lookup = Lookup(self._con, self.sealed, self.chunks, seen)
            self._working = WorkingSet(self._lookup, self.position.next_entity_no)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """The store itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close the file."""
        self.close()

    @property
    def seen(self) -> Seen:
        """What the partition has seen up to the last committed batch, for an owner that gets it back."""
        self._lookup.seen.seq = self.position.seq
        return self._lookup.seen

    def close(self) -> None:
        """Release the file for the next owner."""
        self._file.close()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A second connection to the same file, for reading in another thread."""
        return self._file.cursor()

    @collector_paused()
    def apply(self, records: Sequence[Record], now: datetime) -> Committed:
        """Store a batch: facts, refusals, repetitions and the next offset in one transaction.

        ``records`` are in offset order and start at or after the next offset. After an error the store must be
        closed and opened again: what is in memory may be ahead of what is committed.
        """
        if records[0].offset < self.position.next_offset:
            raise FencedError(
                f"{self.topic}-{self.partition}: offset {records[0].offset} was offered again, the store is at "
                f"{self.position.next_offset}; this is a defect, please report it"
            )
        seq = self.position.seq + 1
        constants = {"seq": seq, "topic": self.topic, "partition": self.partition, "epoch": self.position.epoch}
        batch = Batch(constants, now, self.position.consecutive_rejects)
        changes = self._working.apply(self._accept(records, batch, now))
        committed = Committed(seq, {**batch.tables(), **change_tables(changes, batch)})
        after = self._position_after(records, batch, seq)
        self._commit(committed, after)
        self._lookup.note_new(changes.new_segments, changes.new_cells, changes.new_agents)
        self.position = after
        return committed

    def _accept(self, records: Sequence[Record], batch: Batch, now: datetime) -> list[Arrival]:
        """Decode, refuse, and take out repetitions."""
        accepted: list[tuple[Record, Event]] = []
        decoded = decode_batch([record.value for record in records], now)
        for record, event in zip(records, decoded, strict=True):
            if isinstance(event, Rejection):
                batch.reject(record, event)
                if self._reject_limit and batch.consecutive_rejects >= self._reject_limit:
                    raise self._limit_error(record, event)
                continue
            batch.consecutive_rejects = 0
            accepted.append((record, event))
        watermark = batch.watermark_us = self.position.watermark_us
        distinct = self._distinct(accepted, batch)
        if not distinct:
            return []
        stored, events = [record for record, _ in distinct], [event for _, event in distinct]
        micros = times_us(events)
        batch.add(stored, events, micros)
        newest = max(micros)
        batch.watermark_us = newest if watermark is None else max(watermark, newest)
        # Without an event before the batch none is late.
        before = min(micros) if watermark is None else watermark
        late_until = before - _LATE_US
        return [
            Arrival(event, time_us, record.offset, before - time_us if time_us < late_until else 0, watermark)
            for record, event, time_us in zip(stored, events, micros, strict=True)
        ]

    def _distinct(self, accepted: list[tuple[Record, Event]], batch: Batch) -> list[tuple[Record, Event]]:
        """Those that were not stored before, each once."""
        candidates = self._lookup.perhaps_known([event for _, event in accepted])
        if not candidates:
            return accepted
        first_seen = self._lookup.known_events(list(candidates))
        distinct: list[tuple[Record, Event]] = []
        for record, event in accepted:
            if (identity := (event.source, event.id)) in candidates:
                first = first_seen.get(identity)
                if first is not None:
                    batch.duplicate(record, event, first)
                    continue
                first_seen[identity] = KnownEvent(self.position.epoch, record.offset, record.value or b"")
            distinct.append((record, event))
        return distinct

    def _limit_error(self, record: Record, rejection: Rejection) -> RejectLimitError:
        return RejectLimitError(
            f"{self.topic}-{self.partition}: {self._reject_limit} events in a row were refused, the last at offset "
            f"{record.offset} ({rejection.reason}: {rejection.detail}). Nothing after the last good batch was taken. "
            "Mend the producer, or set CALLBOARD_REJECT_LIMIT=0 to put them all into the dead letters"
        )

    def _commit(self, committed: Committed, after: Position) -> None:
        con = self._con
        growing = [(table, committed.tables[table.name]) for table in GROWING if table.name in committed.tables]
        chunks = [chunk for table, rows in growing if (chunk := self.chunks.write(table, rows)) is not None]
        committed.chunked = frozenset(chunk.table for chunk in chunks)
        con.execute("BEGIN")
        try:
            for chunk in chunks:
                self.chunks.add(chunk)
            for name, rows in committed.tables.items():  # noqa: B007
                if name not in committed.chunked:
                    # DuckDB finds the Arrow table by the name of this variable: in half the time of registering it.
                    con.execute(f"INSERT INTO {name} FROM rows")
            for table, rows in growing:
                if table.name not in committed.chunked:
                    self.chunks.inserted(table, rows.num_rows)
            self._move_offset(after)
            con.execute("COMMIT")
        except BaseException:
            with suppress(duckdb.Error):  # a failed COMMIT has ended the transaction already
                con.execute("ROLLBACK")
            raise

    def _move_offset(self, after: Position) -> None:
        before = self.position
        assignments = ", ".join(f"{name} = ?" for name in POSITION_COLUMNS)
        values = [getattr(after, name) for name in POSITION_COLUMNS]
        moved = self._con.execute(
            f"UPDATE offsets SET {assignments} WHERE epoch = ? AND next_offset = ? AND seq = ?",  # noqa: S608
            [*values, before.epoch, before.next_offset, before.seq],
        ).fetchall()
        if moved != [(1,)]:
            raise FencedError(
                f"{self.topic}-{self.partition}: the store is no longer at offset {before.next_offset}; another worker "
                "has taken the partition over, and this batch was not written"
            )

    def _position_after(self, records: Sequence[Record], batch: Batch, seq: int) -> Position:
        before = self.position
        return replace(
            before,
            next_offset=records[-1].offset + 1,
            stored=before.stored + batch.stored,
            duplicates=before.duplicates + batch.duplicated,
            rejected=before.rejected + batch.rejected,
            consecutive_rejects=batch.consecutive_rejects,
            watermark_us=batch.watermark_us,
            seq=seq,
            next_entity_no=self._working.next_entity_no,
        )

    def _load_position(self) -> Position:
        columns = ", ".join(POSITION_COLUMNS)
        row = self._con.execute(f"SELECT {columns} FROM offsets ORDER BY epoch DESC LIMIT 1").fetchone()  # noqa: S608
        return Position(*row) if row else Position(next_entity_no=first_entity_no(self.topic, self.partition))

    def sealing(self, hot_days: int) -> Sealing | None:
        """What there is to seal; None while no day has become past since the last sealing."""
        watermark = self.position.watermark_us
        if watermark is None:
            return None
        before = cutoff_day(from_micros(watermark), hot_days)
        if before == self._sealed_before:
            return None
        if not has_past_days(self._con, self.chunks, before):
            self._sealed_before = before
            return None
        return Sealing(self.layout, self.topic, self.partition, before, self.chunks)

    def write_waiting(self) -> None:
        """Put the rows of growing tables that are in no chunk into one: a sealing takes its rows from chunks."""
        chunks = [chunk for table in GROWING if table.day and (chunk := self.chunks.write_waiting(table)) is not None]
        self._con.execute("BEGIN")
        for chunk in chunks:
            self.chunks.add(chunk)
        self._con.execute("COMMIT")

    def adopt_sealing(self, sealing: Sealing) -> None:
        """Move what was sealed out of the hot tables.

        Raises ``NotSealedError`` if that failed; then nothing has changed, here or in the file.
        """
        self._con.execute("BEGIN")
        try:
            sealing.move(self._con)
        except duckdb.Error as error:
            self._con.execute("ROLLBACK")
            raise NotSealedError(str(error)) from error
        self.chunks.replace(sealing.replaced, sealing.rests)
        self._con.execute("COMMIT")
        self._sealed_before = sealing.before
        # In place: the look-ups share this mapping.
        now_sealed = sealed_files(self._con, self.layout)
        self.sealed.clear()
        self.sealed.update(now_sealed)

    def adopt(self, merged: Merged) -> list[str]:
        """Use a merged chunk; returns the files that are no longer needed."""
        self._con.execute("BEGIN")
        self.chunks.replace(merged.old, [merged.new])
        self._con.execute("COMMIT")
        return [chunk.file for chunk in merged.old]

    def drop_superseded(self) -> Iterator[None]:
        """Delete versions of rows that a later version has replaced, some at each step, between commits."""
        for table in VERSIONED:
            yield from drop_superseded(self._con, table)

    def epochs(self) -> list[dict[str, Any]]:
        """Where reading stands in each log that was read, oldest first."""
        names = ("epoch", "log_id", "first_offset", "next_offset", "stored", "duplicates", "rejected", "watermark_us")
        rows = self._con.execute(f"SELECT {', '.join(names)} FROM offsets ORDER BY epoch").fetchall()  # noqa: S608
        return [dict(zip(names, row, strict=True)) for row in rows]

    def begin_epoch(self, log_id: str, first_offset: int = 0) -> None:
        """Start reading a log: the first one, or one that was made anew. Offsets of another log mean nothing in it."""
        before = self.position
        after = Position(
            epoch=before.epoch + 1,
            log_id=log_id,
            first_offset=first_offset,
            next_offset=first_offset,
            watermark_us=before.watermark_us,
            seq=before.seq,
            next_entity_no=before.next_entity_no,
        )
        marks = ", ".join("?" * len(POSITION_COLUMNS))
        self._con.execute(
            f"INSERT INTO offsets ({', '.join(POSITION_COLUMNS)}) VALUES ({marks})",  # noqa: S608
            [getattr(after, name) for name in POSITION_COLUMNS],
        )
        self.position = after
