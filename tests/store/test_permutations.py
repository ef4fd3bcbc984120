"""Any permutation, repetition and split of an event log over batches and workers gives the same published tables.

The truth comes from the oracle, which shares no code with the pipeline. A worker is what it is to the store: it opens
some partitions, applies batches, publishes, and closes them; the next one opens the same files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from unittest.mock import patch

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.contract.decode import decode
from pipeline.contract.events import record_key
from pipeline.contract.rejects import Rejection
from pipeline.contract.topics import TOPICS, partition_for
from pipeline.domain import working_set
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.disturb import to_record
from pipeline.simulate.simulation import simulate
from pipeline.store import chunks
from pipeline.store.batch_rows import Record
from pipeline.store.details import DETAIL_KINDS
from pipeline.store.layout import StoreLayout
from pipeline.store.live import publish_live
from pipeline.store.owner import PartitionOwner
from pipeline.store.reader import open_live
from tests import oracle
from tests.strategies import NOW, deliveries, logs
from tests.support.settings import settle

Partition = tuple[str, int]
#: Every view that depends on the set of events alone, and not on the order or the batch in which they came.
FACTS = (
    *("segments", "interactions", "agent_spans", "wait_histogram"),
    *("kpi_minute", "kpi_15min", "kpi_hour", "kpi_day", "kpi_local_hour", "kpi_local_day"),
)
DETAILS = tuple(table.name for table in DETAIL_KINDS.values())
#: Without where in the log each lay: that is the order itself.
ROWS = {view: f'SELECT * EXCLUDE (epoch, "offset") FROM {view}' for view in (*DETAILS, "events")}


class Log:
    """The topics' logs: each line gets its partition and the next offset there."""

    def __init__(self) -> None:
        self.ends: dict[Partition, int] = {}

    def append(self, lines: Iterable[bytes]) -> dict[Partition, list[Record]]:
        appended: dict[Partition, list[Record]] = {}
        for line in lines:
            event = decode(line, NOW)
            if isinstance(event, Rejection):  # a producer might have sent it anywhere
                key, where = None, ("calls", len(line) % TOPICS["calls"].partitions)
            else:
                key = record_key(event)
                where = event.topic, partition_for(key, TOPICS[event.topic].partitions)
            offset = self.ends.get(where, 0)
            self.ends[where] = offset + 1
            appended.setdefault(where, []).append(Record(offset, key, line))
        return appended


class Worker:
    """Opens a partition with its first records and owns it until it is closed."""

    def __init__(self, folder: Path) -> None:
        self._layout = StoreLayout(folder)
        self._owners: dict[Partition, PartitionOwner] = {}
        self._background = ThreadPoolExecutor(max_workers=1)

    def open(self, partitions: Iterable[Partition]) -> None:
        for where in partitions:
            if where not in self._owners:
                self._owners[where] = owner = PartitionOwner(self._layout, *where, self._background)
                if owner.store.position.epoch == 0:
                    owner.store.begin_epoch("log")

    def apply(self, records: dict[Partition, list[Record]]) -> None:
        self.open(records)
        for where, batch in records.items():
            self._owners[where].apply(batch, NOW)

    def publish(self) -> None:
        for owner in self._owners.values():
            owner.publish(NOW)
        publish_live(self._layout, NOW)

    def close(self) -> None:
        for owner in self._owners.values():
            owner.close()
        self._background.shutdown()


@contextmanager
def memory(size: str) -> Iterator[None]:
    """``tight``: the working set forgets all but the last row of each kind; two rows make a chunk, two chunks one."""
    if size == "roomy":
        yield
        return
    with (
        patch.multiple(working_set, ROWS_IN_MEMORY=1, SPANS_IN_MEMORY=1),
        patch.multiple(chunks, CHUNK_ROWS=2, MERGE_CHUNKS=2),
    ):
        yield


@contextmanager
def stored(
    batches: list[list[bytes]], ends: Iterable[str] = (), settings: Iterable[oracle.QueueSettings] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published store after these batches, with the settings of its centre.

    ``ends`` says what the worker does after each: "stays", "publishes", "leaves" (publishes and lets everything go), or
    "crashes" (lets everything go, and what it has committed is not published).
    """
    with TemporaryDirectory() as name:
        folder, log = Path(name), Log()
        worker = Worker(folder)
        following = iter(ends)
        try:
            for batch in batches:
                worker.apply(log.append(batch))
                end = next(following, "stays")
                if end in {"publishes", "leaves"}:
                    worker.publish()
                if end in {"leaves", "crashes"}:
                    worker.close()
                    worker = Worker(folder)
            worker.open(log.ends)  # also what a predecessor has not published
            worker.publish()
        finally:
            worker.close()
        settle(folder, *settings)
        con = open_live(folder)
        try:
            yield con
        finally:
            con.close()


def tables(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all views that may not depend on the order of events, in an order of their own."""
    queries = {view: f"FROM {view}" for view in FACTS} | ROWS
    return {view: con.execute(f"{query} ORDER BY ALL").fetchall() for view, query in queries.items()}


#: An example opens many DuckDB files and takes up to a second or two: shrinking one would outlast the test's time.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
memories = st.sampled_from(("roomy", "tight"))
lives = st.lists(st.sampled_from(("stays", "publishes", "leaves", "crashes")), min_size=6, max_size=6)


@settings(max_examples=25, deadline=None, phases=PHASES, suppress_health_check=SLOW)
@given(st.data())
def test_any_order_repetition_and_split_gives_the_same_tables(data: st.DataObject) -> None:
    lines = data.draw(logs(), "lines")
    batches = data.draw(deliveries(lines), "batches")
    ends = data.draw(lives, "ends")
    with stored([lines]) as con:
        straight = tables(con)
        assert oracle.compare(con, oracle.facts(lines, NOW)) == []
    with memory(data.draw(memories, "memory")), stored(batches, ends) as con:
        assert tables(con) == straight
        delivered = [line for batch in batches for line in batch]
        assert oracle.compare(con, oracle.facts(delivered, NOW)) == []


@settings(max_examples=15, deadline=None, phases=PHASES, suppress_health_check=SLOW)
@given(logs(), st.data())
def test_the_macros_at_any_moment(lines: list[bytes], data: st.DataObject) -> None:
    truth = oracle.facts(lines, NOW)
    moments = [event.time for event in truth.events] or [NOW]
    as_of = data.draw(st.sampled_from(moments)) + data.draw(st.sampled_from((timedelta(0), timedelta(seconds=20))))
    start = data.draw(st.sampled_from(moments)).replace(second=0, microsecond=0)
    stop = start + data.draw(st.sampled_from((timedelta(minutes=1), timedelta(hours=2), timedelta(days=40))))
    with stored([lines]) as con:
        assert oracle.compare_macros(con, truth, start, stop, as_of, data.draw(st.sampled_from((0, 5, 20)))) == []


#: A whole day of a small centre: some thousand events.
DAY = datetime(2026, 3, 28, tzinfo=UTC)
DAY_SCALE = 0.04
REPEATED = 0.1


@pytest.mark.thorough
def test_a_whole_simulated_day_shuffled_and_repeated() -> None:
    random = Random(20)
    lines = [to_record(event).value for event in simulate(default_centre(DAY_SCALE), 3, DAY, 24.0)]
    assert len(lines) > 3000
    delivered = [*lines, *random.sample(lines, int(REPEATED * len(lines)))]
    random.shuffle(delivered)
    size = len(delivered) // 10
    batches = [delivered[start : start + size] for start in range(0, len(delivered), size)]
    with stored([lines]) as con:
        straight = tables(con)
    truth = oracle.facts(delivered, NOW)
    with memory("tight"), stored(batches, ["stays", "leaves", "publishes", "crashes"] * 3) as con:
        assert tables(con) == straight
        assert oracle.compare(con, truth) == []
        for hour in (0, 7, 11, 16, 23):
            as_of = DAY + timedelta(hours=hour, minutes=17, seconds=31)
            assert oracle.compare_macros(con, truth, DAY, as_of.replace(second=0), as_of) == []
