"""``callboard listen freeswitch`` against a FreeSWITCH of the tests, through a broker and a worker to live.duckdb."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import CallboardError
from tests.e2e.command import COMMAND, environment
from tests.e2e.conftest import StartWorker
from tests.e2e.published import rows
from tests.e2e.worker import SOON, wait_until
from tests.support.broker import EmbeddedBroker
from tests.support.event_socket import PASSWORD, FakeEventSocket, agent, member
from tests.support.freeswitch import Caller, Switch, epoch

QUEUE = "support@acme.example"
AGENT = "1001@acme.example"
pytestmark = [pytest.mark.broker, pytest.mark.slow]


class Listener:
    """The command as its own process."""

    def __init__(self, url: str, bootstrap: str, folder: Path) -> None:
        self.log = folder / "listen.log"
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(COMMAND), "listen", "freeswitch", url, "--bootstrap-servers", bootstrap]
                + ["--checkpoint", str(folder / "checkpoint.json")],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment(CALLBOARD_SOURCE_PASSWORD=PASSWORD),
            )

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(tmp_path / "broker") as running:
        yield running


def published(store: Path, sql: str) -> list[tuple[object, ...]]:
    try:
        return rows(store, sql)
    except CallboardError:
        return []  # nothing is published yet


def until(store: Path, sql: str, expected: list[tuple[object, ...]]) -> None:
    wait_until(lambda: published(store, sql) == expected, lambda: f"{expected}; there is {published(store, sql)}")


def test_a_dropped_connection_and_a_killed_listener_lose_nothing_and_count_nothing_twice(
    embedded: EmbeddedBroker, start_worker: StartWorker, store: Path, tmp_path: Path
) -> None:
    start_worker(embedded.bootstrap, **SOON)
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    switch = Switch()
    first, second, third = (Caller(switch, number, QUEUE, began + timedelta(seconds=number)) for number in range(1, 4))
    with FakeEventSocket() as freeswitch:
        listener = Listener(freeswitch.url, embedded.bootstrap, tmp_path)
        try:
            freeswitch.wait_for_snapshots(1)
            freeswitch.send(first.joins(), second.joins(), first.offered(3, AGENT), first.answered(6, AGENT))
            state = "SELECT count(*), count(*) FILTER (outcome = 'answered') FROM segments"
            until(store, state, [(2, 1)])

            # The connection drops, and while it is away another caller joins.
            freeswitch.members = [
                member(first.member, first.session, QUEUE, epoch(first.joined), "Answered",
                       bridge_epoch=epoch(first.at(6)), serving_agent=AGENT),
                member(second.member, second.session, QUEUE, epoch(second.joined)),
                member(third.member, third.session, QUEUE, epoch(third.joined)),
            ]  # fmt: skip
            freeswitch.agents = [agent(AGENT, "Available", "In a queue call", first.agent_channel)]
            freeswitch.drop()
            freeswitch.wait_for_snapshots(2)
            until(store, state, [(3, 1)])

            # The listener is killed; a caller is answered before the next one is there.
            listener.kill()
            freeswitch.members[1].update(
                {"state": "Answered", "bridge_epoch": epoch(second.at(20)), "serving_agent": AGENT}
            )
            listener = Listener(freeswitch.url, embedded.bootstrap, tmp_path)
            freeswitch.wait_for_snapshots(3)
            until(store, state, [(3, 2)])
            freeswitch.send(first.bridge_ends(30, AGENT), first.terminated(30, AGENT))
            freeswitch.send(second.bridge_ends(60, AGENT), second.terminated(60, AGENT))
            freeswitch.send(third.cancelled(40, "BREAK_OUT"))
            until(
                store,
                "SELECT segment, outcome, wait_seconds::DOUBLE, talk_seconds::DOUBLE FROM segments ORDER BY segment",
                [
                    (first.member, "answered", 6.0, 24.0),
                    (second.member, "answered", 20.0, 40.0),
                    (third.member, "abandoned", 40.0, None),
                ],
            )
            measures = (
                "SELECT sum(offered)::INT, sum(answered)::INT, sum(abandoned)::INT, sum(alerts)::INT FROM kpi_day"
            )
            until(store, measures, [(3, 2, 1, 1)])
            gaps = "SELECT name, count(*) FROM source_notices WHERE kind = 'gap' GROUP BY ALL"
            until(store, gaps, [("connection_lost", 2)])
            assert published(store, "SELECT count(*) FROM rejects") == [(0,)]
            assert published(store, "SELECT DISTINCT state FROM agent_spans") == [("on_contact",)]
            assert PASSWORD not in listener.log.read_text()
            listener.process.terminate()
            assert listener.process.wait(20) == 0, listener.log.read_text()
        finally:
            listener.kill()
