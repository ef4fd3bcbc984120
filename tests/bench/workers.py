"""This project's worker under measurement: ``python -m pipeline.cli worker``, one process or several on one store."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.contract.topics import TOPICS
from tests.bench.child import Child, peak_rss_bytes
from tests.bench.plan import SESSION_SECONDS
from tests.bench.watch import LiveFile
from tests.support.broker import Broker

SETTLE_SECONDS = 1.0
_PARTITIONS = sum(topic.partitions for topic in TOPICS.values())


@dataclass(frozen=True, slots=True)
class Workers:
    """Workers that hold all partitions between them and have nothing to read yet."""

    children: list[Child]
    folder: Path
    #: From the start of the first process until all partitions were held, in wall and CPU seconds.
    start_wall_seconds: float

    @property
    def pids(self) -> list[int]:
        return [child.pid for child in self.children]

    def check(self) -> None:
        """Raise if one has ended."""
        for child in self.children:
            child.check()

    def peak_bytes(self) -> list[int]:
        """Peak memory of each process."""
        return [peak_rss_bytes(pid) for pid in self.pids]


@contextmanager
def ready_workers(broker: Broker, folder: Path, processes: int) -> Iterator[Workers]:
    """Start workers on an empty log and wait until the partitions are shared out and the empty store is published."""
    arguments = ("worker", "--store", str(folder), "--bootstrap-servers", broker.bootstrap)
    with ExitStack() as stack:
        began = time.monotonic()
        children = [
            stack.enter_context(
                Child("pipeline.cli", *arguments, CALLBOARD_SESSION_TIMEOUT_SECONDS=str(SESSION_SECONDS), COLUMNS="400")
            )
            for _ in range(processes)
        ]
        for child in children:
            child.wait_for(lambda: _shared_out(children), "its share of the partitions", 120)
        took = time.monotonic() - began
        live = LiveFile(folder)
        children[0].wait_for(lambda: _published(live), "the empty store", 30)
        time.sleep(SETTLE_SECONDS)
        yield Workers(children, folder, took)


def _held(child: Child) -> set[str]:
    said = [line for line in child.lines if line.startswith("holds ")]
    return set(said[-1].removeprefix("holds ").split(", ")) - {"no partition"} if said else set()


def _shared_out(children: list[Child]) -> bool:
    shares = [_held(child) for child in children]
    return all(shares) and sum(map(len, shares)) == _PARTITIONS == len(set().union(*shares))


def _published(live: LiveFile) -> bool:
    return live.has_changed() and live.ask("SELECT count(*) FROM offsets") == [(_PARTITIONS,)]


def assert_conserved(folder: Path, sent: Mapping[tuple[str, int], int]) -> None:
    """Every record that the broker acknowledged is stored exactly once, partition by partition."""
    stored = LiveFile(folder).ask(
        'SELECT topic, "partition", sum(next_offset - first_offset), sum(stored), sum(duplicates), sum(rejected) '
        "FROM offsets GROUP BY ALL"
    )
    for topic, partition, read, kept, duplicates, rejected in stored:
        expected = sent.get((topic, partition), 0)
        assert (read, kept, duplicates, rejected) == (expected, expected, 0, 0), (topic, partition, expected)
    ((events, distinct),) = LiveFile(folder).ask("SELECT count(*), count(DISTINCT (source, id)) FROM events")
    assert events == distinct == sum(sent.values())
