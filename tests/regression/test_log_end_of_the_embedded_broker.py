"""A takeover right after the last record of a log must not say that the broker has lost records.

The embedded broker gives the beginning of its last batch, plus one, as the end of a log. A store that had read the
whole batch looked as if it were ahead of the log, and the worker that took the partition over stopped with an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from faust.types import TP
from kafka import KafkaProducer

from pipeline.errors import CallboardError
from pipeline.settings import Settings
from pipeline.store.batch_rows import Record
from pipeline.store.layout import StoreLayout
from pipeline.transport.log import LogProbe
from pipeline.transport.reader import PartitionReader, open_reader
from pipeline.transport.topics import ensure_topics
from tests.support.broker import Broker

PARTITION = TP("calls", 0)
RECORDS = 50
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def probe(broker: Broker) -> Iterator[LogProbe]:
    """A probe of a broker whose first partition holds one batch of fifty records."""
    options = {"bootstrap_servers": [broker.bootstrap]}
    ensure_topics(options)
    with closing(KafkaProducer(**options, acks="all", linger_ms=500)) as producer:
        for number in range(RECORDS):
            producer.send(PARTITION.topic, value=b"%d" % number, partition=PARTITION.partition)
        producer.flush()
    with LogProbe(options) as probe:
        yield probe


def take_over(probe: LogProbe, store: Path, background: ThreadPoolExecutor) -> PartitionReader:
    """Open the partition as a worker that was assigned it does."""
    settings = Settings(store=store)
    reader = open_reader(StoreLayout(store), PARTITION, probe.topic_ids(), probe, background, settings)
    assert reader is not None
    return reader


def read(reader: PartitionReader, records: int) -> None:
    """Commit so many (unreadable) records and let the partition go."""
    reader.owner.apply([Record(offset, None, b"%d" % offset) for offset in range(records)], NOW)
    reader.owner.close()


def test_a_log_that_was_read_to_its_end_is_taken_over(probe: LogProbe, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as background:
        read(take_over(probe, tmp_path, background), RECORDS)
        with closing(take_over(probe, tmp_path, background).owner) as owner:
            assert owner.store.position.next_offset == RECORDS


def test_a_log_that_ends_before_the_store_is_refused(probe: LogProbe, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as background:
        read(take_over(probe, tmp_path, background), RECORDS + 1)
        with pytest.raises(CallboardError, match="lost acknowledged records"):
            take_over(probe, tmp_path, background)
