"""Workers that share the partitions: one dies and another takes over, and none of the events is lost or doubled."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from pipeline.store.reader import open_live
from tests import oracle
from tests.e2e.conftest import StartWorker
from tests.e2e.published import ALL_PARTITIONS, assert_accounted, totals, wait_for_records
from tests.e2e.topics import create_topics, send_lines
from tests.e2e.worker import SOON, STOP_SECONDS, wait_until
from tests.support.broker import Broker

#: Of two workers: Faust deals out topics with equally many partitions together, so one may hold one more.
FEWEST = ALL_PARTITIONS // 2


class Load:
    """Sends lines at a steady pace, in a thread of its own, until all are sent."""

    def __init__(self, bootstrap: str, lines: list[bytes], seconds: float, portions: int = 40) -> None:
        self.sent = 0
        self._lines, self._pause, self._portions = lines, seconds / portions, portions
        self._bootstrap = bootstrap
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        size = -(-len(self._lines) // self._portions)
        for start in range(0, len(self._lines), size):
            self.sent += send_lines(self._bootstrap, self._lines[start : start + size])
            time.sleep(self._pause)

    def finish(self) -> None:
        self._thread.join()


def assert_exact(store: Path, lines: list[bytes], truth: oracle.Facts) -> None:
    """The store holds each line once and the facts are those of the oracle."""
    assert totals(store) == (len(lines), 0, 0)
    assert_accounted(store)
    con = open_live(store)
    try:
        assert oracle.compare(con, truth) == []
    finally:
        con.close()


@pytest.mark.slow
def test_a_killed_worker_is_replaced_by_the_other(
    broker: Broker, start_worker: StartWorker, store: Path, lines: list[bytes], truth: oracle.Facts
) -> None:
    create_topics(broker.bootstrap)
    one, two = (start_worker(broker.bootstrap, **SOON) for _ in range(2))
    wait_until(
        lambda: min(len(one.holds), len(two.holds)) >= FEWEST and len(one.holds | two.holds) == ALL_PARTITIONS,
        lambda: f"each holds half:\n{one.said}\n{two.said}",
    )
    assert one.holds.isdisjoint(two.holds)

    load = Load(broker.bootstrap, lines, seconds=4.0)
    wait_until(lambda: totals(store)[0] > 0, lambda: "something is stored")
    one.kill()
    sent_when_killed = load.sent
    two.wait_for_partitions(ALL_PARTITIONS)
    load.finish()

    assert sent_when_killed < len(lines), "it was killed while events came"
    wait_for_records(store, len(lines))
    assert_exact(store, lines, truth)

    exit_code, took_seconds = two.terminate()
    assert (exit_code, took_seconds < STOP_SECONDS) == (0, True), took_seconds
    assert two.said.rstrip().endswith("stopped; everything that was read is committed")
    assert_exact(store, lines, truth)


@pytest.mark.broker
def test_sigterm_commits_what_was_read_and_the_next_worker_goes_on(
    embedded_broker: Broker, start_worker: StartWorker, store: Path, lines: list[bytes], truth: oracle.Facts
) -> None:
    """Stopped in the middle of its work, with batches that would otherwise wait long to be committed."""
    create_topics(embedded_broker.bootstrap)
    send_lines(embedded_broker.bootstrap, lines[: len(lines) // 2])
    first = start_worker(
        embedded_broker.bootstrap, CALLBOARD_BATCH_MAX_SECONDS="10", CALLBOARD_BATCH_MAX_EVENTS="100000", **SOON
    )
    first.wait_for_partitions(ALL_PARTITIONS)
    time.sleep(1)  # it fetches; ten seconds would pass before it commits by itself
    assert totals(store)[0] == 0
    exit_code, took_seconds = first.terminate()
    assert (exit_code, took_seconds < STOP_SECONDS) == (0, True), took_seconds
    stored = totals(store)
    assert stored[0] > 0, first.said
    assert stored[1:] == (0, 0)

    second = start_worker(embedded_broker.bootstrap, **SOON)
    send_lines(embedded_broker.bootstrap, lines[len(lines) // 2 :])
    wait_for_records(store, len(lines))
    assert_exact(store, lines, truth)
    assert second.terminate()[0] == 0
