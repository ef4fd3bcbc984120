"""Finds committed rows of a partition by key, in the hot tables and in the sealed days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import duckdb
import pyarrow as pa

from pipeline.contract.events import Event
from pipeline.domain.agent_timeline import AgentKey, Span
from pipeline.domain.cell import Cell
from pipeline.domain.contribution import CellKey
from pipeline.domain.segment import Segment, SegmentKey
from pipeline.store.chunks import Chunks
from pipeline.store.parquet import parquet_scan
from pipeline.store.rows import unpack_cell, unpack_segment, unpack_span
from pipeline.store.seen import Seen, SeenKeys
from pipeline.store.tables import CELLS, EVENTS, SEGMENTS, SPANS, TS, Table

_SEPARATOR = "\x00"


class KnownEvent(NamedTuple):
    """Where an event was first stored, and what it said."""

    epoch: int
    offset: int
    raw: bytes


class Lookup:
    """The ``Loader`` of a partition, with its filters of seen keys."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, sealed: dict[str, list[str]], chunks: Chunks, seen: Seen | None = None
    ) -> None:
        """``sealed``: table name to the Parquet files of its sealed days (kept current by the caller, as ``chunks``).

        ``seen``: what an earlier owner in this process had seen of the partition.
        """
        self._con = con
        self._sealed = sealed
        self._chunks = chunks
        if seen is None:
            seen = Seen(SeenKeys(self._count(EVENTS)), SeenKeys(self._count(SEGMENTS)))
        self.seen = seen
        self._events, self._entities = seen.events, seen.entities
        self._fill()

    def _fill(self) -> None:
        for source, event_id in self._scan(EVENTS, "source, id"):
            self._events.add(f"{source}{_SEPARATOR}{event_id}")
        # Without DISTINCT, which would hold every key of the history in DuckDB's small memory.
        for key in self._scan(SEGMENTS, "client, interaction, segment"):
            self._entities.add_new(_name("s", key))
        for key in self._scan(CELLS, "client, queue, channel, direction, epoch_us(minute)"):
            self._entities.add_new(_name("c", key))
        for key in self._scan(SPANS, "client, agent"):
            self._entities.add_new(_name("a", key))

    def _count(self, table: Table) -> int:
        ((number,),) = self._con.execute(f"SELECT count(*) FROM {self._everything(table)}").fetchall()  # noqa: S608
        return int(number)

    def _scan(self, table: Table, columns: str) -> Iterator[tuple[object, ...]]:
        query = f"SELECT {columns} FROM {self._everything(table)} WHERE seq > ?"  # noqa: S608
        cursor = self._con.execute(query, [self.seen.seq])
        while rows := cursor.fetchmany(10_000):
            yield from rows

    def _everything(self, table: Table) -> str:
        """FROM clause over hot and sealed rows. Identifiers and our own paths only, nothing from outside."""
        hot = self._chunks.hot(table)
        files = self._sealed.get(table.name)
        return f"(FROM {hot} UNION ALL BY NAME FROM {parquet_scan(files)})" if files else hot

    def note_new(self, segments: Iterable[SegmentKey], cells: Iterable[CellKey], agents: Iterable[AgentKey]) -> None:
        """Remember keys whose first rows are being committed."""
        self._entities.update(
            [
                *(
                    f"s{_SEPARATOR}{client}{_SEPARATOR}{interaction}{_SEPARATOR}{segment}"
                    for client, interaction, segment in segments
                ),
                *(_name("c", key) for key in cells),
                *(_name("a", key) for key in agents),
            ]
        )

    def perhaps_known(self, events: Sequence[Event]) -> set[tuple[str, str]]:
        """(source, id) of those events that may be stored already, or are here twice; remembers all of them as seen."""
        keys = [f"{event.source}{_SEPARATOR}{event.id}" for event in events]
        perhaps = {(events[place].source, events[place].id) for place in self._events.among(keys)}
        if len(set(keys)) < len(keys):
            counts = Counter((event.source, event.id) for event in events)
            perhaps.update(identity for identity, count in counts.items() if count > 1)
        self._events.update(keys)
        return perhaps

    def known_events(self, identities: Sequence[tuple[str, str]]) -> dict[tuple[str, str], KnownEvent]:
        """Those of the (source, id) pairs that are stored."""
        wanted = pa.table(
            {"source": [source for source, _ in identities], "id": [event_id for _, event_id in identities]}
        )
        rows = self._join(EVENTS, wanted, "source, id", 'source, id, epoch, "offset", encode(raw)')
        return {(source, event_id): KnownEvent(*rest) for source, event_id, *rest in rows}

    def load_segments(self, keys: Collection[SegmentKey]) -> Iterable[Segment]:
        """Stored segments among ``keys``."""
        perhaps = [key for key in keys if _name("s", key) in self._entities]
        names = ("client", "interaction", "segment")
        for (state,) in self._latest(SEGMENTS, names, perhaps, "state"):
            yield unpack_segment(state)

    def load_cells(self, keys: Collection[CellKey]) -> Iterable[Cell]:
        """Stored cells among ``keys``."""
        perhaps = [key for key in keys if _name("c", key) in self._entities]
        names = ("client", "queue", "channel", "direction", "minute")
        for (state,) in self._latest(CELLS, names, perhaps, "state"):
            yield unpack_cell(state)

    def load_spans(self, keys: Collection[AgentKey]) -> Iterable[Span]:
        """All stored spans of the agents ``keys``."""
        perhaps = [key for key in keys if _name("a", key) in self._entities]
        for (state,) in self._latest(SPANS, ("client", "agent"), perhaps, "merge_state"):
            yield unpack_span(state)

    def _latest(
        self, table: Table, names: tuple[str, ...], keys: Sequence[tuple[object, ...]], column: str
    ) -> list[tuple[bytes]]:
        if not keys:
            return []
        wanted = pa.table(
            {
                name: pa.array(values, TS if name == "minute" else pa.string())
                for name, values in zip(names, zip(*keys, strict=True), strict=True)
            }
        )
        rows: list[tuple[bytes]] = self._join(
            table, wanted, ", ".join(names), f"arg_max({column}, seq)", group="entity_no"
        )
        return rows

    def _join(self, table: Table, wanted: pa.Table, keys: str, columns: str, group: str = "") -> list:  # type: ignore[type-arg]
        grouping = f"GROUP BY {group}" if group else ""
        # DuckDB finds ``wanted`` by the name of the variable.
        return self._con.execute(
            f"SELECT {columns} FROM {self._everything(table)} SEMI JOIN wanted USING ({keys}) {grouping}"  # noqa: S608
        ).fetchall()


def _name(kind: str, key: tuple[object, ...]) -> str:
    return kind + _SEPARATOR + _SEPARATOR.join(map(str, key))
