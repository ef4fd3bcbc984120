"""Faust, moved by batches, starting where the store says.

Stock Faust does some 300 microseconds of work per message, whatever the agent does with it. Here a message is a list
of records, so that work is shared by thousands of events. Faust's acknowledgements are off (the topics are declared
``acks=False``): the store commits offsets together with the facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import faust
from aiokafka.consumer import fetcher
from faust.transport.drivers import aiokafka as driver
from faust.transport.utils import DefaultSchedulingStrategy
from faust.types import TP

from pipeline.store.batch_rows import Record

#: How long the broker may keep a fetch open for more records to come.
FETCH_MAX_WAIT_MS = 200


class PartitionHost(Protocol):
    """Who keeps the partitions' state."""

    async def assign(self, partitions: set[TP]) -> dict[TP, int]:
        """Open partitions; returns from which offset to read each."""

    async def release(self, partitions: set[TP]) -> None:
        """Commit what is pending and let the partitions go."""


class Delivery:
    """The records of one fetch from one partition, in offset order."""

    __slots__ = ("high_water", "partition", "records", "topic")

    def __init__(self, topic: str, partition: int, records: list[Record]) -> None:
        """``high_water``, the end of the log, is filled in by the agent."""
        self.topic, self.partition, self.records = topic, partition, records
        self.high_water = 0


class _DeliveryMessage:
    """Looks to Faust like one record of aiokafka: the last one, with the whole delivery as its value."""

    __slots__ = ("offset", "partition", "topic", "value")

    timestamp = 0
    timestamp_type = 0
    headers = ()
    key = None
    checksum = None
    serialized_key_size = 0
    serialized_value_size = 0

    def __init__(self, tp: TP, records: list[Record]) -> None:
        self.topic, self.partition = tp.topic, tp.partition
        self.offset = records[-1].offset
        self.value = Delivery(tp.topic, tp.partition, records)


class BatchScheduler(DefaultSchedulingStrategy):
    """Faust's public ``ConsumerScheduler`` setting: yields one message per partition and fetch."""

    def iterate(self, records: Mapping[TP, list[Record]]) -> Iterator[tuple[TP, Any]]:
        """One message per partition that has records."""
        for tp, fetched in records.items():
            if fetched:
                yield tp, _DeliveryMessage(tp, fetched)


class _StoreRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    """What a fetch brought of a partition, as the records that the store takes.

    aiokafka makes a dataclass of eleven members of each, of which three are wanted: a microsecond an event.
    """

    def _consumer_record(self, tp: TP, record: Any) -> Record:
        return Record(record.offset, record.key, record.value)


class QuickFetchThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, but a fetch that finds little does not wait for Faust's fixed 1.5 seconds."""

    def _create_worker_consumer(self, transport: driver.Transport) -> Any:
        # There is no setting for it. All consumers of a worker's process are ours.
        fetcher.PartitionRecords = _StoreRecords
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_MAX_WAIT_MS  # noqa: SLF001  Faust has no setting for it
        return consumer


class StoreConsumer(driver.Consumer):
    """Reads from the store's offsets, and gives partitions back before a rebalance goes on."""

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return QuickFetchThread(self, loop=self.loop, beacon=self.beacon)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Open the assigned partitions and seek to where the store stands.

        Faust calls this after every assignment (and when a fetch meets a stopped flow). Kafka's committed offsets are
        not asked: only the store knows which events its facts contain.
        """
        offsets: Mapping[TP, int] = await self.app.host.assign(set(self.assignment()))  # type: ignore[attr-defined]
        if offsets:
            await self._thread.seek_wait(offsets)
        return offsets

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Commit and close before the call returns: the next owner opens the same files."""
        await super().on_partitions_revoked(revoked)
        await self.app.host.release(set(revoked))  # type: ignore[attr-defined]

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """No bookkeeping of gaps: a message's offset is its last record's, so there is a 'gap' before each."""


class StoreTransport(driver.Transport):
    """aiokafka with our consumer."""

    Consumer = StoreConsumer


class BatchApp(faust.App):
    """A Faust app whose partitions live in ``host``."""

    def __init__(self, *args: Any, host: PartitionHost, **kwargs: Any) -> None:
        """``host`` keeps the partitions' state; the rest is Faust's."""
        self.host = host
        super().__init__(*args, ConsumerScheduler=BatchScheduler, **kwargs)

    def _new_transport(self) -> Any:
        return StoreTransport(self.conf.broker_consumer, self)
