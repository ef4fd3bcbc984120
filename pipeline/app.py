"""The Faust app: its topics and its agents, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from faust.types import TP, StreamT

from pipeline.contract.topics import TOPICS
from pipeline.settings import Settings
from pipeline.transport.batches import BatchApp, Delivery
from pipeline.transport.credentials import broker_credentials
from pipeline.transport.engine import Engine

#: Batches (not events) that Faust may hold per agent before it stops fetching.
_BUFFERED_BATCHES = 2
_MAX_FETCH_BYTES = 512 * 1024


def create_app(settings: Settings, engine: Engine, datadir: Path) -> BatchApp:
    """A worker's Faust app. One agent per topic; concurrency 1, so that a partition's batches stay in order."""
    app = BatchApp(
        settings.group,
        host=engine,
        broker=[f"kafka://{server.strip()}" for server in settings.bootstrap_servers.split(",")],
        broker_credentials=broker_credentials(settings),
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.session_timeout_seconds / 5,
        broker_rebalance_timeout=60.0,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=_MAX_FETCH_BYTES,
        # A fetch counts compressed bytes: without this a delivery may hold many times the records of a batch. Two make
        # one, so that a partition with a full batch waiting holds no more than that in memory.
        broker_max_poll_records=max(1, settings.batch_max_events // 2),
        stream_buffer_maxsize=_BUFFERED_BATCHES,
        stream_wait_empty=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        datadir=str(datadir),
        store="memory://",
    )
    for name in TOPICS:
        _add_agent(app, name, engine)
    return app


def _add_agent(app: BatchApp, name: str, engine: Engine) -> None:
    topic = app.topic(name, value_serializer="raw", key_serializer="raw", acks=False)

    @app.agent(topic, name=name, concurrency=1)
    async def agent(deliveries: StreamT[Any]) -> None:
        async for delivery in deliveries:
            await _hand_over(app, delivery, engine)


async def _hand_over(app: BatchApp, delivery: Delivery, engine: Engine) -> None:
    delivery.high_water = app.consumer.highwater(TP(delivery.topic, delivery.partition)) or 0
    await engine.take(delivery)
