"""Readers of a store that is being written: no error, nothing torn, and DuckDB's own client opens it."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from tests import oracle
from tests.e2e.command import succeed
from tests.e2e.conftest import StartWorker
from tests.e2e.published import assert_accounted, wait_for_records
from tests.e2e.topics import create_topics, send_lines
from tests.support.broker import Broker
from tests.support.strict import require

DUCKDB = Path(sys.executable).with_name("duckdb")
#: One state, or it would not hold: what is counted, what the facts say, what the KPIs add up.
CONSISTENT = """
SELECT meta.stored, meta.stored = (SELECT count(*) FROM live.events) AND
  (SELECT coalesce(sum(offered), 0) FROM live.kpi_minute)
    = (SELECT count(*) FROM live.segments WHERE queued_at IS NOT NULL) AND
  (SELECT coalesce(sum(answered), 0) FROM live.kpi_hour)
    = (SELECT count(*) FROM live.segments WHERE outcome = 'answered' AND queued_at IS NOT NULL) AND
  (SELECT bool_and(next_offset - first_offset = stored + duplicates + rejected) FROM live.offsets)
FROM live.meta
"""


def poll(store: Path, seconds: float) -> list[int]:
    """Read again and again as a board does (DETACH, ATTACH, several queries); returns what was stored each time."""
    seen = []
    con = duckdb.connect()
    try:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            con.execute(f"ATTACH '{store / 'live.duckdb'}' AS live (READ_ONLY)")
            stored, consistent = con.execute(CONSISTENT).fetchall()[0]
            assert consistent, stored
            again = con.execute("SELECT stored, (SELECT count(*) FROM live.events) FROM live.meta").fetchall()[0]
            assert again == (stored, stored), "an attached store does not change under its reader"
            con.execute("DETACH live")
            seen.append(stored)
    finally:
        con.close()
    return seen


@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.parametrize("seconds", [15.0, pytest.param(60.0, marks=pytest.mark.chaos)])
def test_a_reader_that_polls_while_the_worker_publishes(
    embedded_broker: Broker, start_worker: StartWorker, store: Path, lines: list[bytes], seconds: float
) -> None:
    """A minute with the tests by force (``make chaos``), a quarter of it with all others."""
    bootstrap = embedded_broker.bootstrap
    create_topics(bootstrap)
    worker = start_worker(bootstrap, CALLBOARD_PUBLISH_SECONDS="0.05")
    send_lines(bootstrap, lines[:100])
    wait_for_records(store, 100)
    rest, portions = lines[100:], int(seconds * 4)
    size = -(-len(rest) // portions)

    def send() -> None:
        for number, start in enumerate(range(0, len(rest), size), start=1):
            send_lines(bootstrap, rest[start : start + size])
            time.sleep(max(0.0, began + number * seconds / portions - time.monotonic()))

    began = time.monotonic()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        seen = poll(store, seconds)
    finally:
        sender.join()
    assert seen == sorted(seen), "a reader never goes back in time"
    assert len(set(seen)) > seconds, "it saw many different states"
    wait_for_records(store, len(lines))
    assert_accounted(store)
    assert worker.terminate()[0] == 0


def ask_duckdb(store: Path, sql: str) -> list[dict[str, str]]:
    """The rows that DuckDB's own client prints as CSV."""
    command = [DUCKDB, "-readonly", "-csv", store / "live.duckdb", sql]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_the_client_of_duckdb_itself(tmp_path: Path, lines: list[bytes], truth: oracle.Facts) -> None:
    require(DUCKDB.is_file(), "DuckDB's command-line client is not here: the package duckdb-cli")
    version = subprocess.run([DUCKDB, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    assert version.startswith("v1.5.")
    (tmp_path / "hour.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    succeed("process", "hour.jsonl", "--store", "store", cwd=tmp_path)
    store = tmp_path / "store"
    hours = ask_duckdb(store, "FROM kpi_hour")
    queued = [segment for segment in truth.segments.values() if segment.queued_at is not None]
    assert sum(int(hour["offered"]) for hour in hours) == len(queued)
    levels = ask_duckdb(store, "FROM service_level('2026-03-02T08:00:00Z', '2026-03-02T09:00:00Z') WHERE queue IS NULL")
    assert [level["definition"] for level in levels] == [
        "abandons_ignored",
        "abandons_negative",
        "abandons_positive",
        "answered_only",
    ]
    waiting = ask_duckdb(store, "FROM queue_now(as_of := '2026-03-02T08:30:00Z')")
    now = oracle.queue_now(truth, datetime(2026, 3, 2, 8, 30, tzinfo=UTC))
    assert {row["queue"]: int(row["waiting"]) for row in waiting if int(row["waiting"])} == {
        queue: at.waiting for queue, at in now.items() if at.waiting
    }
