"""Stock Faust, as its documentation writes an agent: one event at a time.

Generous to it: it knows no duplicates, keeps no raw events and publishes nothing; decoding and merging are this
project's own. What it keeps is one of

* ``memory``: merged rows in dictionaries. Nothing is durable: what Faust costs for handing events over;
* ``tables``: segments, KPI cells, agents' states and details in Faust tables, its own way to durable and queryable
  state. Each change goes to a changelog topic, and the last one is acknowledged by the broker when the clock stops.

``python -m tests.bench.stock BOOTSTRAP FOLDER EVENTS LOOP KEPT`` (``LOOP``: asyncio or uvloop) prints ``ready`` when it
has its partitions, and when it is done with the last event a JSON line with its clocks at that moment.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import faust
import msgspec
import uvloop
from faust.contrib.asgi import faust_app_running

from pipeline.contract.decode import decode
from pipeline.contract.events import Event, SegmentEvent, StateEvent
from pipeline.contract.rejects import Rejection
from pipeline.contract.topics import TOPICS, Topic
from pipeline.domain.agent_timeline import Span, Timeline
from pipeline.domain.cell import Cell, add, new_cell
from pipeline.domain.contribution import contribution
from pipeline.domain.lifecycle import lifecycle
from pipeline.domain.moments import to_micros
from pipeline.domain.segment import Segment, merge, new_segment, segment_key
from pipeline.domain.working_set import SPANS_IN_MEMORY
from tests.bench.plan import SESSION_SECONDS

_PARTITIONS = sum(topic.partitions for topic in TOPICS.values())


Row = Segment | Cell | Timeline
Kept = MutableMapping[Any, Any]


class Merged:
    """Merges events into what an app keeps, and has the clocks when the last one is done."""

    def __init__(self, events: int) -> None:
        self.events = events
        self.count = 0
        self.last_is_in = asyncio.Event()
        self.segments: dict[str, Kept] = {}
        self.cells: dict[str, Kept] = {}
        self.timelines: dict[str, Kept] = {}
        self.details: dict[str, Kept] = {}

    def keep(self, topic: str, segments: Kept, cells: Kept, timelines: Kept, details: Kept) -> None:
        """Where the rows of a topic are kept."""
        self.segments[topic], self.cells[topic], self.timelines[topic] = segments, cells, timelines
        self.details[topic] = details

    def take(self, value: bytes) -> None:
        """One event."""
        event = decode(value, datetime.now(UTC))
        if isinstance(event, Rejection):
            raise RuntimeError("the simulated centre sends no bad events here")
        time_us = to_micros(event.time)
        if isinstance(event, StateEvent):
            self._take_state(event, time_us)
        elif isinstance(event, SegmentEvent):
            self._take_interaction(event, time_us)
        else:
            self.details[event.topic][event.source, event.id] = event
        self.count += 1
        if self.count == self.events:
            self.last_is_in.set()

    def _take_state(self, event: StateEvent, time_us: int) -> None:
        kept, key = self.timelines[event.topic], (event.data.client, event.data.agent)
        timeline = kept.get(key) or Timeline()
        timeline.insert(event, time_us, self.count)
        timeline.forget(SPANS_IN_MEMORY)
        kept[key] = timeline

    def _take_interaction(self, event: SegmentEvent, time_us: int) -> None:
        kept, key = self.segments[event.topic], segment_key(event)
        row = kept.get(key)
        before = None if row is None else contribution(row, lifecycle(row))
        if row is None:
            row = new_segment(event, time_us, self.count)
        merge(row, event, time_us)
        kept[key] = row
        after = contribution(row, lifecycle(row))
        if after != before:
            for part, sign in ((before, -1), (after, 1)):
                if part is not None:
                    cells = self.cells[event.topic]
                    cell = cells.get(part.cell) or new_cell(part.cell, self.count)
                    add(cell, part, sign)
                    cells[part.cell] = cell


class _Packed(MutableMapping[Any, Any]):
    """A Faust table that holds rows as bytes, as its changelog needs them."""

    def __init__(self, table: Any, kind: type[Any]) -> None:
        self._table, self._kind = table, kind

    def __getitem__(self, key: Any) -> Any:
        found = self._table[_name(key)]
        spans = _decoder(list[Span]).decode(found) if self._kind is Timeline else None
        return Timeline(spans) if spans is not None else _decoder(self._kind).decode(found)

    def __setitem__(self, key: Any, row: Any) -> None:
        self._table[_name(key)] = _encoder.encode(row.spans if self._kind is Timeline else row)

    def __delitem__(self, key: Any) -> None:
        del self._table[_name(key)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


_encoder = msgspec.msgpack.Encoder()


@cache
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)


def _name(key: tuple[object, ...]) -> bytes:
    return "\0".join(map(str, key)).encode()


def stock_app(bootstrap: str, folder: str, merged: Merged, kept: str) -> faust.App:
    """An ordinary agent per topic. Only what the other consumers are given as well is set."""
    app = faust.App(
        "stock",
        broker=f"kafka://{bootstrap}",
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=1.0,
        consumer_auto_offset_reset="earliest",
        stream_wait_empty=False,
        topic_allow_declare=kept == "tables",  # of the changelogs
        topic_disable_leader=True,
        web_enabled=False,
        datadir=folder,
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
    )
    for topic in TOPICS.values():
        if kept == "tables":
            merged.keep(topic.name, *(_table(app, topic, kind) for kind in (Segment, Cell, Timeline, Event)))
        else:
            merged.keep(topic.name, {}, {}, {}, {})
        _add_agent(app, topic.name, merged)
    return app


def _table(app: faust.App, topic: Topic, kind: type[Any]) -> Kept:
    name = f"{topic.name}-{'details' if kind is Event else kind.__name__.lower()}"
    return _Packed(app.Table(name, partitions=topic.partitions, key_type=bytes, value_type=bytes), kind)


def _add_agent(app: faust.App, name: str, merged: Merged) -> None:
    @app.agent(app.topic(name), name=name)
    async def agent(values: Any) -> None:
        async for value in values:
            merged.take(value)


async def run(bootstrap: str, folder: str, events: int, kept: str) -> None:
    """Read ``events`` events and say what it took."""
    merged = Merged(events)
    app = stock_app(bootstrap, folder, merged, kept)
    async with faust_app_running(app, stop_timeout=5.0):
        while len([tp for tp in app.consumer.assignment() if tp.topic in TOPICS]) < _PARTITIONS:
            await asyncio.sleep(0.1)
        print("ready", flush=True)
        await merged.last_is_in.wait()
        await app.producer.flush()
        clocks = {"monotonic_seconds": time.monotonic(), "cpu_seconds": time.process_time()}
        print("result " + msgspec.json.encode(clocks).decode(), flush=True)
        sys.stdin.readline()  # until its memory has been read


if __name__ == "__main__":
    runner = uvloop.run if sys.argv[4] == "uvloop" else asyncio.run
    runner(run(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[5]))
