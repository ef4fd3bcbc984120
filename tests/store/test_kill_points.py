"""Every point at which chaos kills inside the store: it is met, and whoever takes over says what was sent, once."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.clock import ManualClock
from pipeline.store.layout import StoreLayout
from pipeline.store.process import FileProcessor
from pipeline.store.reader import run_query
from pipeline.store.verify import verify
from tests.chaos.saboteur import MARK, POINTS
from tests.support.calls import agent, call

pytestmark = pytest.mark.thorough

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = START + timedelta(days=30)
DAYS, PARTS, CALLS = 3, 6, 10
IN_THE_STORE = [name for name, point in POINTS.items() if point.inside != "rebalance"]
#: Not the first call, which may be that of an empty store.
NTH = 2

#: As the saboteur runs a worker, with so little that these few calls fill chunks and base files.
_SABOTAGED = """
import random, sys
from pathlib import Path
from pipeline.store import chunks, publisher
from tests.chaos import saboteur
from tests.store.test_kill_points import store_in_parts

saboteur.write_often()
chunks.CHUNK_ROWS, chunks.MERGE_CHUNKS, publisher.REBASE_ROWS = 6, 2, 5
saboteur.arm(sys.argv[1], int(sys.argv[2]), random.Random(7))
store_in_parts(Path(sys.argv[3]))
"""
_FACTS = {
    "events": "source, id, type, time, raw",
    "segments": "*",
    "interactions": "*",
    "agent_spans": "*",
    "kpi_minute": "*",
    "rejects": "DISTINCT reason, value",
}


def parts() -> Iterator[list[bytes]]:
    """Some days of calls and of an agent, in order, with what is refused and what is late among them."""
    for part in range(DAYS * PARTS):
        day, hour = divmod(part, PARTS)
        begin = START + timedelta(days=day, hours=hour)
        lines = [b'{"nothing": "of ours"}', agent("ann", "ready" if part % 2 else "busy", begin)]
        for number in range(CALLS):
            at = begin + timedelta(minutes=number)
            lines += call(part * 100 + number, at, answered_after_seconds=9, ended_after_seconds=60, flags=["sale"])
        yield lines


def store_in_parts(folder: Path) -> None:
    """Each part is committed, and published twice: what the first starts in the background the second may adopt."""
    with FileProcessor(folder, ManualClock(NOW), hot_days=1) as processor:
        for lines in parts():
            processor.process(lines)
            processor.publish()


def said(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {
        view: run_query(folder, f"SELECT {columns} FROM {view} ORDER BY ALL")[1] for view, columns in _FACTS.items()
    }


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    """What is said of the same lines when nothing is killed."""
    folder = tmp_path_factory.mktemp("expected")
    store_in_parts(folder)
    facts = said(folder)
    assert len(facts["segments"]) == DAYS * PARTS * CALLS
    return facts


@pytest.mark.parametrize("point", IN_THE_STORE)
def test_killed_there_the_next_owner_says_the_same(
    point: str, tmp_path: Path, expected: dict[str, list[tuple[Any, ...]]]
) -> None:
    child = subprocess.run(
        [sys.executable, "-c", _SABOTAGED, point, str(NTH), str(tmp_path)],
        check=False,
        timeout=120,
        capture_output=True,
        text=True,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert f"{MARK} {point}, call {NTH}" in child.stderr
    if StoreLayout(tmp_path).live.exists():
        ((stored, events),) = run_query(tmp_path, "SELECT stored, (SELECT count(*) FROM events) FROM meta")[1]
        assert stored == events, "readers see one state of before the kill"
    with FileProcessor(tmp_path, ManualClock(NOW), hot_days=1) as processor:
        processor.process(line for lines in parts() for line in lines)
    assert said(tmp_path) == expected
    report = verify(tmp_path)
    assert report.ok, [check for check in report.checks if not check.ok]
