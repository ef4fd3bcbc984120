"""The broker is down, comes back, or comes back with another log: the worker waits, says so, and goes on by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pipeline.store.reader import open_live
from tests import oracle
from tests.e2e.conftest import StartWorker
from tests.e2e.published import ALL_PARTITIONS, assert_accounted, one, rows, totals, wait_for_records
from tests.e2e.topics import create_topics, send_lines
from tests.e2e.worker import SOON, STOP_SECONDS
from tests.support.broker import Broker
from tests.support.ports import free_port


def compared(store: Path, lines: list[bytes]) -> list[str]:
    """The differences between the store and what these lines, in the order of sending, amount to."""
    con = open_live(store)
    try:
        return oracle.compare(con, oracle.facts(lines, datetime.now(UTC)))
    finally:
        con.close()


def test_a_worker_can_be_stopped_while_it_waits_for_the_broker(start_worker: StartWorker) -> None:
    worker = start_worker(f"127.0.0.1:{free_port()}")
    worker.wait_for("waiting for the broker")
    exit_code, took_seconds = worker.terminate()
    assert (exit_code, took_seconds < STOP_SECONDS) == (0, True), took_seconds


def test_a_broker_that_is_down_at_first_and_is_killed_later(
    broker: Broker, start_worker: StartWorker, store: Path, lines: list[bytes]
) -> None:
    broker.kill()
    worker = start_worker(broker.bootstrap, **SOON)
    worker.wait_for(f"waiting for the broker: no answer from the broker at {broker.bootstrap}")
    broker.start()
    worker.wait_for("the broker is there")
    worker.wait_for_partitions(ALL_PARTITIONS)
    assert worker.said.count("waiting for the broker") == 1, "it says so once"

    some, more = lines[:1500], lines[:3000]
    send_lines(broker.bootstrap, some)
    wait_for_records(store, len(some))
    log_before = one(store, "SELECT DISTINCT log_id FROM offsets WHERE topic = 'calls'")

    broker.restart(kill=True, down_seconds=1.0)

    create_topics(broker.bootstrap)  # by the producer or the worker, whoever is first
    # The producer does not know what has arrived: it sends everything again.
    send_lines(broker.bootstrap, more)
    wait_for_records(store, len(some) + len(more))

    assert totals(store) == (len(more), len(some), 0), "what came again is a duplicate"
    assert compared(store, [*some, *more]) == []
    assert_accounted(store)
    logs = rows(
        store,
        "SELECT epoch, log_id, count(*), sum(stored), sum(duplicates) FROM offsets WHERE topic = 'calls' GROUP BY ALL",
    )
    if broker.keeps_log:
        assert [(epoch, log_id) for epoch, log_id, *_ in logs] == [(1, *log_before)]
    else:
        said = "this is not the log that was read before; a new epoch starts"
        assert all(f"{partition}: {said}" in worker.said for partition in ("calls-0", "agents-1")), worker.said
        by_epoch = {epoch: log_id for epoch, log_id, *_ in logs}
        assert sorted(by_epoch) == [1, 2]
        assert by_epoch[1] == log_before[0] != by_epoch[2]
        assert rows(store, "SELECT DISTINCT first_offset FROM offsets") == [(0,)], "each log is read from its start"
        assert one(store, "SELECT count(DISTINCT epoch) FROM events") == (2,)
    assert worker.terminate()[0] == 0
