"""``callboard publish --follow --spool``: Kafka goes away for a while, and so does the listener; nothing is lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.e2e.conftest import StartWorker
from tests.e2e.listener import Listener
from tests.e2e.published import ALL_PARTITIONS, rows, totals
from tests.e2e.topics import create_topics
from tests.e2e.worker import SOON, wait_until
from tests.support.broker import EmbeddedBroker

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(240)]
CALLS = 60
BEGAN = int(time.time()) - 3600
#: A while after Kafka has acknowledged something, a spool knows of it.
SETTLED_SECONDS = 1.5


def lines(start: int, stop: int) -> str:
    """A caller who enters the queue each second."""
    return "".join(f"{BEGAN + number}|call-{number}|support|NONE|ENTERQUEUE||1|1\n" for number in range(start, stop))


def test_events_are_kept_while_kafka_is_away_in_their_order_and_once(
    embedded_broker: EmbeddedBroker, start_worker: StartWorker, store: Path, tmp_path: Path
) -> None:
    create_topics(embedded_broker.bootstrap)
    start_worker(embedded_broker.bootstrap, **SOON).wait_for_partitions(ALL_PARTITIONS)
    log, spool, place = tmp_path / "queue_log", tmp_path / "events.spool", tmp_path / "place.json"
    log.touch()

    def follow() -> Listener:
        return Listener(
            *("publish", "queue-log", log, "--client", "acme", "--follow", "--checkpoint", place, "--spool", spool),
            *("--bootstrap-servers", embedded_broker.bootstrap),
            folder=tmp_path,
        )

    def write(start: int, stop: int) -> None:
        """More of the log, and wait until all of it is safe: its place is remembered."""
        before = place.read_bytes() if place.exists() else b""
        with log.open("a") as stream:
            stream.write(lines(start, stop))
        wait_until(lambda: place.exists() and place.read_bytes() != before, lambda: "the place is remembered")
        time.sleep(SETTLED_SECONDS)

    def stored() -> list[str]:
        if not (store / "live.duckdb").exists():
            return []
        return [row[0] for row in rows(store, "SELECT interaction FROM segments ORDER BY queued_at")]

    expected = [f"call-{number}" for number in range(CALLS)]
    with follow() as listener:
        write(0, 20)
        # This broker forgets its log, so the worker has to have it all before.
        wait_until(lambda: stored() == expected[:20], lambda: f"20 calls; there are {len(stored())}")
        time.sleep(SETTLED_SECONDS)
        embedded_broker.stop()
        write(20, 40)
        listener.kill()
    # Kafka is still away when the next one starts, and it has something to read.
    with follow() as listener:
        listener.wait_for("events wait in")
        listener.wait_for("following")
        write(40, CALLS)
        embedded_broker.start()
        create_topics(embedded_broker.bootstrap)
        wait_until(lambda: stored() == expected, lambda: f"{CALLS} calls; there are {len(stored())}:\n{listener.said}")
        time.sleep(SETTLED_SECONDS)
        assert listener.terminate() == 0
        assert "0 wait in" in listener.said
    assert totals(store) == (CALLS, 0, 0), "once, and none refused"
    in_order = 'list(time ORDER BY epoch, "offset") = list(time ORDER BY time)'
    order = rows(store, f'SELECT "partition", {in_order} FROM events GROUP BY ALL')
    assert order
    assert all(kept for _, kept in order), order
