"""Stock Faust, as its documentation writes an agent: one event at a time, merged into memory.

Generous to it: no store, no duplicates, no KPI cells, nothing published; decoding and merging are this project's own.

``python -m tests.bench.stock BOOTSTRAP FOLDER EVENTS LOOP`` (``LOOP``: asyncio or uvloop) prints ``ready`` when it has
its partitions, and when it has merged the last event a JSON line with its clocks at that moment.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from typing import Any

import faust
import msgspec
import uvloop
from faust.contrib.asgi import faust_app_running

from pipeline.contract.decode import decode
from pipeline.contract.rejects import Rejection
from pipeline.contract.topics import TOPICS
from pipeline.domain.agent_timeline import AgentKey, Timeline
from pipeline.domain.moments import to_micros
from pipeline.domain.segment import Segment, SegmentKey, merge, new_segment, segment_key
from tests.bench.plan import SESSION_SECONDS

_PARTITIONS = sum(topic.partitions for topic in TOPICS.values())


class Merged:
    """Segments and timelines in memory, and the clocks when the last event was merged."""

    def __init__(self, events: int) -> None:
        self.events = events
        self.count = 0
        self.clocks = {"monotonic_seconds": 0.0, "cpu_seconds": 0.0}
        self.done = asyncio.Event()
        self._segments: dict[SegmentKey, Segment] = {}
        self._timelines: dict[AgentKey, Timeline] = {}

    def take(self, value: bytes) -> None:
        """One event."""
        event = decode(value, datetime.now(UTC))
        if isinstance(event, Rejection):
            raise RuntimeError("the simulated centre sends no bad events here")
        time_us = to_micros(event.time)
        if event.topic == "agents":
            data: Any = event.data
            self._timelines.setdefault((data.client, data.agent), Timeline()).insert(event, time_us, self.count)  # type: ignore[arg-type]
        else:
            key = segment_key(event)  # type: ignore[arg-type]
            row = self._segments.get(key)
            if row is None:
                row = self._segments[key] = new_segment(event, time_us, self.count)  # type: ignore[arg-type]
            merge(row, event, time_us)  # type: ignore[arg-type]
        self.count += 1
        if self.count == self.events:
            self.clocks = {"monotonic_seconds": time.monotonic(), "cpu_seconds": time.process_time()}
            self.done.set()


def stock_app(bootstrap: str, folder: str, merged: Merged) -> faust.App:
    """Two ordinary agents. Only what the other consumers are given as well is set."""
    app = faust.App(
        "stock",
        broker=f"kafka://{bootstrap}",
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=1.0,
        consumer_auto_offset_reset="earliest",
        stream_wait_empty=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        datadir=folder,
        store="memory://",
    )
    for name in TOPICS:
        _add_agent(app, name, merged)
    return app


def _add_agent(app: faust.App, name: str, merged: Merged) -> None:
    @app.agent(app.topic(name, value_serializer="raw", key_serializer="raw"), name=name)
    async def agent(values: Any) -> None:
        async for value in values:
            merged.take(value)


async def run(bootstrap: str, folder: str, events: int) -> None:
    """Read ``events`` events and say what it took."""
    merged = Merged(events)
    app = stock_app(bootstrap, folder, merged)
    async with faust_app_running(app, stop_timeout=5.0):
        while len(app.consumer.assignment()) < _PARTITIONS:
            await asyncio.sleep(0.1)
        print("ready", flush=True)
        await merged.done.wait()
        print("result " + msgspec.json.encode(merged.clocks).decode(), flush=True)
        sys.stdin.readline()  # until its memory has been read


if __name__ == "__main__":
    runner = uvloop.run if sys.argv[4] == "uvloop" else asyncio.run
    runner(run(sys.argv[1], sys.argv[2], int(sys.argv[3])))
