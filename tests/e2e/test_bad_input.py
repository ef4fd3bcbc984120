"""Bad records among good ones, through a broker: each one dead letter with its reason, and the rest unharmed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.store.reader import open_live
from tests import oracle
from tests.e2e.command import callboard, query, succeed
from tests.e2e.conftest import StartWorker
from tests.e2e.published import assert_accounted, one, rows, totals, wait_for_records
from tests.e2e.topics import create_topics, send, send_lines
from tests.e2e.worker import SOON
from tests.support.broker import Broker

HUGE_BYTES = 20 * 1024 * 1024


def event(kind: str = "queued", **changes: Any) -> dict[str, Any]:
    """A valid event of a queue that no other event names; ``data_x`` changes the member x of ``data``."""
    data = {
        "client": "acme",
        "interaction": "mended",
        "segment": "1",
        "channel": "voice",
        "direction": "inbound",
        "queue": "mending",
    }
    document = {
        "specversion": "1.0",
        "type": f"interaction.{kind}.v1",
        "source": "test",
        "id": "mended-1",
        "time": "2026-03-02T09:00:00Z",
        "data": data,
    }
    for name, value in changes.items():
        target, member = (data, name.removeprefix("data_")) if name.startswith("data_") else (document, name)
        if value is None:
            del target[member]
        else:
            target[member] = value
    return document


def line(**changes: Any) -> bytes:
    return json.dumps(event(**changes)).encode()


#: What is wrong with it -> the record's value and the reason of the closed list.
BAD: dict[str, tuple[bytes | None, str]] = {
    "undecodable bytes": (b"\xff\xfe\x00 not an event \x80", "undecodable"),
    "a wrong type": (line(data_queue=7), "schema"),
    "a missing field": (line(data_interaction=None), "schema"),
    "20 MB": (b'{"x": "' + b"x" * HUGE_BYTES + b'"}', "too_large"),
    "NaN": (line()[:-1] + b', "x": NaN}', "undecodable"),
    "1970": (line(time="1970-01-01T00:00:00Z"), "implausible_time"),
    "2100": (line(time="2100-01-01T00:00:00Z"), "implausible_time"),
    "an unknown type": (line(type="interaction.teleported.v1"), "unknown_type"),
    "a tombstone": (None, "undecodable"),
    "an empty value": (b"", "undecodable"),
}


def test_bad_records_become_dead_letters_and_a_mended_one_comes_back(
    broker: Broker, start_worker: StartWorker, store: Path, tmp_path: Path, lines: list[bytes]
) -> None:
    create_topics(broker.bootstrap)
    worker = start_worker(broker.bootstrap, **SOON)
    good, after = lines[:1000], lines[1000:1100]
    send_lines(broker.bootstrap, good)
    send(broker.bootstrap, (("calls", what.encode(), value) for what, (value, _) in BAD.items()))
    send_lines(broker.bootstrap, after)
    wait_for_records(store, len(good) + len(BAD) + len(after))

    # Each is one dead letter, with the reason, its own bytes and its key.
    letters = rows(store, "SELECT key, reason, value, size_bytes, detail FROM rejects")
    assert {key.decode(): (value, reason) for key, reason, value, *_ in letters} == BAD
    assert len(letters) == len(BAD)
    assert all(size == len(value or b"") and detail for _, _, value, size, detail in letters)

    # The rest is unharmed.
    assert totals(store) == (len(good) + len(after), 0, len(BAD))
    assert_accounted(store)
    delivered = [*good, *(value or b"" for value, _ in BAD.values()), *after]
    con = open_live(store)
    try:
        assert oracle.compare(con, oracle.facts(delivered, datetime.now(UTC))) == []
    finally:
        con.close()

    dead_letters = ("dead-letters", "list", "--store", store)
    listed = succeed(*dead_letters, cwd=tmp_path)
    assert "4 undecodable" in listed
    assert "1 too_large" in listed
    listed = succeed(*dead_letters, "--reason", "schema", cwd=tmp_path)
    ids = re.findall(r"calls-\d-1-\d+", listed)
    assert len(ids) == 2
    assert "mending" not in listed, "the contents are not shown in a list"

    # A person mends one.
    letter = next(i for i in ids if b'"queue": 7' in value_of(store, i))
    shown = callboard("dead-letters", "show", letter, "--store", store, cwd=tmp_path)
    assert shown.returncode == 0
    assert json.loads(shown.stdout) == event(data_queue=7)
    succeed("dead-letters", "show", letter, "--store", store, "--to", "bad.json", cwd=tmp_path)
    to_broker = ("--store", store, "--bootstrap-servers", broker.bootstrap)
    refused = callboard("dead-letters", "replay", letter, *to_broker, cwd=tmp_path)
    assert refused.returncode == 1
    assert f"not sent: {letter} would be refused again (schema" in refused.stderr
    mended = (tmp_path / "bad.json").read_bytes().replace(b'"queue": 7', b'"queue": "mending"')
    (tmp_path / "bad.json").write_bytes(mended)
    assert "1 sent, 0 not sent" in succeed("dead-letters", "replay", "--file", "bad.json", *to_broker, cwd=tmp_path)

    wait_for_records(store, len(good) + len(BAD) + len(after) + 1)
    assert query(store, "SELECT offered, answered FROM kpi_hour WHERE queue = 'mending'") == [
        {"offered": 1, "answered": 0}
    ]
    assert totals(store) == (len(good) + len(after) + 1, 0, len(BAD)), "its dead letter is kept: it did come"
    assert worker.terminate()[0] == 0


def value_of(store: Path, letter: str) -> bytes:
    topic, partition, epoch, offset = letter.rsplit("-", 3)
    (value,) = one(
        store,
        "SELECT value FROM rejects WHERE topic = "
        f'\'{topic}\' AND "partition" = {partition} AND epoch = {epoch} AND "offset" = {offset}',
    )
    return bytes(value)


@pytest.mark.broker
def test_when_everything_is_bad_the_worker_stops_instead_of_draining_the_topic(
    embedded_broker: Broker, start_worker: StartWorker, store: Path, lines: list[bytes]
) -> None:
    bootstrap = embedded_broker.bootstrap
    create_topics(bootstrap)
    good = lines[:300]
    first = start_worker(bootstrap, **SOON)
    send_lines(bootstrap, good)
    wait_for_records(store, len(good))
    assert first.terminate()[0] == 0
    taken = 'SELECT topic, "partition", next_offset, rejected FROM offsets ORDER BY ALL'
    before = rows(store, taken)

    limit = 50
    send(bootstrap, [("calls", b"misconfigured", b"<event>%d</event>" % number) for number in range(3 * limit)])
    for _ in range(2):  # starting it again does not drain it either
        worker = start_worker(bootstrap, "--reject-limit", limit, **SOON)
        assert worker.wait_for_end() == 2, worker.said
        (error,) = re.findall(r"^error: .*$", worker.said, re.MULTILINE)
        assert re.fullmatch(
            rf"error: calls-\d: {limit} events in a row were refused, the last at offset \d+ \(undecodable: .*\)\. "
            r"Nothing after the last good batch was taken\. Mend the producer, or set CALLBOARD_REJECT_LIMIT=0 to put "
            r"them all into the dead letters",
            error,
        )
        assert "Traceback" not in worker.said, worker.said
        assert "<event>" not in worker.said, "no payloads in the log"
        assert rows(store, taken) == before

    last = start_worker(bootstrap, "--reject-limit", 0, **SOON)
    wait_for_records(store, len(good) + 3 * limit)
    assert totals(store) == (len(good), 0, 3 * limit)
    assert last.terminate()[0] == 0
