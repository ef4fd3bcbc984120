"""Asterisk to live.duckdb: rotation, lost connections and killed listeners lose nothing and repeat nothing."""

from __future__ import annotations

import base64
import json
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.centre.parse import read_centre
from pipeline.producers.adapters.asterisk.queue_log import QueueLogConverter
from pipeline.producers.door import Door
from tests.e2e.conftest import StartWorker
from tests.e2e.listener import Listener
from tests.e2e.published import ALL_PARTITIONS, assert_accounted, rows, totals
from tests.e2e.topics import create_topics
from tests.e2e.worker import SOON, wait_until
from tests.producers.asterisk import ami_numbers
from tests.support.ami import SECRET, FakeAsterisk, sections
from tests.support.broker import EmbeddedBroker

RECORDED = Path(__file__).parents[1] / "producers" / "asterisk"
CENTRE = RECORDED / "centre.yaml"
KEY = "a key of this test"
#: The recorded dialogue begins then; here it begins ten minutes ago.
RECORDED_AT = int(datetime(2026, 3, 2, 9, 0, tzinfo=UTC).timestamp())
pytestmark = [pytest.mark.broker, pytest.mark.slow]


def test_a_queue_log_is_followed_over_rotations_and_kills(
    embedded_broker: EmbeddedBroker, start_worker: StartWorker, store: Path, tmp_path: Path
) -> None:
    create_topics(embedded_broker.bootstrap)
    start_worker(embedded_broker.bootstrap, **SOON).wait_for_partitions(ALL_PARTITIONS)
    lines = (RECORDED / "queue_log").read_text().splitlines(keepends=True)
    log = tmp_path / "queue_log"
    log.touch()

    def follow() -> Listener:
        return Listener(
            *("publish", "queue-log", log, "--client", "acme", "--source", "acme/pbx", "--centre", CENTRE, "--follow"),
            *("--checkpoint", tmp_path / "place.json", "--bootstrap-servers", embedded_broker.bootstrap),
            folder=tmp_path,
            CALLBOARD_CUSTOMER_KEY=KEY,
            CALLBOARD_PHONE_REGION="GB",
        )

    def write(start: int, stop: int, cut: int = 0) -> None:
        """Lines of the log, the last of them without its end if ``cut``."""
        text = "".join(lines[start:stop])
        with log.open("a") as stream:
            stream.write(text[: len(text) - cut])

    def wait_for_lines(number: int) -> None:
        expected = identities(lines[:number])
        wait_until(lambda: expected <= stored(), lambda: f"events of {number} lines; {len(stored())} are stored")

    def stored() -> set[str]:
        return {row[0] for row in rows(store, "SELECT id FROM events")} if totals(store)[0] else set()

    with follow() as listener:
        write(0, 12, cut=3)
        wait_for_lines(11)
        with log.open("a") as stream:
            stream.write(lines[11][-3:])
        log.rename(tmp_path / "queue_log.1")
        write(12, 20)
        wait_for_lines(20)
        listener.kill()
    write(20, 26)
    log.rename(tmp_path / "queue_log.2")
    write(26, 30)
    with follow() as listener:
        wait_for_lines(30)
        write(30, 38)
        shutil.copy2(log, tmp_path / "queue_log.3")
        os.truncate(log, 0)
        listener.kill()
    write(38, 45)
    with follow() as listener:
        wait_for_lines(45)
        write(45, len(lines))
        wait_for_lines(len(lines))
        assert listener.terminate() == 0
        assert "acknowledged by Kafka" in listener.said
    assert stored() == identities(lines)
    assert_accounted(store)
    with follow() as again:
        again.wait_for("following")
        time.sleep(2)
        assert again.terminate() == 0
        assert "0 records; 0 events" in again.said


def identities(lines: list[str]) -> set[str]:
    """The events that these lines are, converted in one go."""
    converter = QueueLogConverter("acme/pbx", "acme", read_centre(CENTRE)[0], Door(KEY.encode(), "GB"))
    return {event.id for line in lines for event in converter.convert(line.rstrip("\n"))}


def test_a_running_asterisk_over_a_lost_connection_and_a_kill(
    embedded_broker: EmbeddedBroker, start_worker: StartWorker, store: Path, tmp_path: Path
) -> None:
    create_topics(embedded_broker.bootstrap)
    start_worker(embedded_broker.bootstrap, **SOON).wait_for_partitions(ALL_PARTITIONS)
    parts = sections(RECORDED / "ami.txt")
    place = tmp_path / "place.json"

    def listen(asterisk: FakeAsterisk) -> Listener:
        return Listener(
            *("listen", "ami", asterisk.url, "--client", "acme", "--checkpoint", place),
            *("--bootstrap-servers", embedded_broker.bootstrap),
            folder=tmp_path,
            CALLBOARD_SOURCE_PASSWORD=SECRET,
        )

    def wait_for_phases(**number: int) -> None:
        """Until so many calls in these phases are remembered, and so in Kafka."""

        def phases() -> dict[str, int]:
            if not place.exists():
                return {}
            remembered = json.loads(base64.b64decode(json.loads(place.read_bytes())["state"]))
            found = [call[6] for call in remembered["calls"].values()]
            return {phase: found.count(phase) for phase in number}

        wait_until(lambda: phases() == number, lambda: f"{number}; there are {phases()}")

    with FakeAsterisk(shift_seconds=int(time.time()) - 600 - RECORDED_AT) as asterisk:
        with listen(asterisk) as listener:
            asterisk.snapshot = parts["snapshot 0"]
            asterisk.wait_for_log_in(1)
            asterisk.play(parts["live 0"])
            wait_for_phases(waiting=2, talking=0, over=4)
            asterisk.snapshot = parts["snapshot 300"]
            asterisk.drop()
            listener.wait_for("trying again")
            asterisk.wait_for_log_in(2)
            asterisk.play(parts["live 300"])
            wait_for_phases(waiting=0, talking=1)
            listener.kill()
        asterisk.snapshot = parts["snapshot 330"]
        with listen(asterisk) as listener:
            asterisk.wait_for_log_in(3)
            asterisk.play(parts["live 330"])
            wait_for_phases(waiting=0, talking=0)
            assert listener.terminate() == 0
            assert SECRET not in listener.said

    wait_until(lambda: ami_numbers.notices(store) == ami_numbers.NOTICES, lambda: str(ami_numbers.notices(store)))
    assert ami_numbers.queues(store) == ami_numbers.QUEUES
    assert ami_numbers.agents(store) == ami_numbers.AGENTS
    assert totals(store)[1:] == (0, 0)
    assert_accounted(store)
