"""Killed in the middle of sealing: the next owner says the same, and takes away what nobody names, when it may."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.clock import ManualClock
from pipeline.store import publisher, strays
from pipeline.store.layout import READ_FOLDERS, StoreLayout
from pipeline.store.manifest import read_manifest
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live, run_query
from pipeline.store.verify import verify
from tests.support.calls import call

pytestmark = pytest.mark.thorough

DAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = DAY + timedelta(days=30)
CALLS = 12
LONG_AGO = 3600.0

#: Sealing up to a point, where the process kills itself as the system would: nothing is cleaned up after it.
_KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.store import owner
from pipeline.store.day_files import DayFiles
from tests.store.test_strays import seal_more

point, folder, finish = sys.argv[1], Path(sys.argv[2]), DayFiles.finish

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def half_written(days):
    path = Path(finish(days)[0].file)
    os.rename(path, path.with_suffix(".tmp"))
    path.with_suffix(".tmp").write_bytes(b"PAR1")
    die()

def written(days):
    finish(days)
    die()

if point == "half written":
    DayFiles.finish = half_written
elif point == "not registered":
    DayFiles.finish = written
else:  # registered, and not published
    owner.PartitionPublisher.adopt = die
seal_more(folder)
"""
POINTS = ("half written", "not registered", "not published")


def calls_of(day: int) -> list[bytes]:
    return [
        line
        for number in range(CALLS)
        for line in call(
            day * 100 + number, DAY + timedelta(days=day), answered_after_seconds=9, ended_after_seconds=60
        )
    ]


def store(folder: Path, lines: list[bytes]) -> None:
    with FileProcessor(folder, ManualClock(NOW), hot_days=1) as processor:
        processor.process(lines)


def seal_more(folder: Path) -> None:
    """A sale that comes late to the sealed first day, and a fourth day: the third is sealed and the first anew."""
    late = call(0, DAY, answered_after_seconds=9, ended_after_seconds=70, flags=["sale"])
    store(folder, [*late[2:], *calls_of(3)])


def segments(folder: Path) -> list[tuple[Any, ...]]:
    return run_query(folder, "SELECT interaction, talk_seconds, flags FROM segments ORDER BY ALL")[1]


def in_folder(folder: Path) -> set[str]:
    """Parquet files and what was to become one: published, chunks and sealed."""
    return {str(file) for kind in READ_FOLDERS for file in (folder / kind).rglob("*") if file.is_file()}


def named(folder: Path) -> set[str]:
    """Those that the manifests name, and the manifests."""
    layout = StoreLayout(folder)
    files = {str(path) for path in layout.manifests()}
    for path in layout.manifests():
        for table in (read_manifest(path) or pytest.fail(f"no manifest {path}")).tables.values():
            files |= {*table.sealed, *table.base, *table.recent}
    return files


def make_older(folder: Path) -> None:
    """An hour passes without anybody touching the store."""
    for path in [*folder.rglob("*.*")]:
        if path.is_file():
            os.utime(path, (time.time() - LONG_AGO,) * 2)


@pytest.fixture(params=POINTS)
def killed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A store with two sealed days whose owner was killed while it sealed more."""
    store(tmp_path, [line for day in range(3) for line in calls_of(day)])
    before = in_folder(tmp_path)
    child = subprocess.run([sys.executable, "-c", _KILLED, request.param, str(tmp_path)], check=False, timeout=60)
    assert child.returncode == -signal.SIGKILL
    assert in_folder(tmp_path) - before, "it left nothing"
    return tmp_path


def test_what_a_killed_owner_left_is_removed_and_nothing_else(killed: Path, tmp_path_factory: Any) -> None:
    expected = tmp_path_factory.mktemp("expected")
    store(expected, [line for day in range(3) for line in calls_of(day)])
    seal_more(expected)
    # Readers go on, with what was published before.
    assert len(segments(killed)) == 3 * CALLS
    seal_more(killed)
    assert segments(killed) == segments(expected)
    assert in_folder(killed) > named(killed), "all are new: nobody may remove them yet"
    make_older(killed)
    store(killed, [])
    make_older(killed)
    store(killed, [])
    assert {file for file in in_folder(killed) if "/sealed/" in file} == {f for f in named(killed) if "/sealed/" in f}
    assert segments(killed) == segments(expected)
    assert verify(killed).ok


def test_a_reader_of_before_the_kill_can_go_on_for_the_time_of_grace(killed: Path) -> None:
    reader = open_live(killed)
    before = reader.execute("FROM segments ORDER BY ALL").fetchall()
    store(killed, [])
    store(killed, [])
    assert reader.execute("FROM segments ORDER BY ALL").fetchall() == before
    reader.close()


def test_files_that_live_still_names_stay_however_old_they_are(killed: Path) -> None:
    """Of an owner that wrote its manifest and was killed before ``live.duckdb``: readers see what was before."""
    live = StoreLayout(killed).live
    as_before = live.read_bytes()
    store(killed, [])
    live.write_bytes(as_before)
    make_older(killed)
    with FileProcessor(killed, ManualClock(NOW), hot_days=1):
        # Opened, and nothing published: removing is done by now.
        assert len(segments(killed)) == 3 * CALLS


def test_a_damaged_live_file_is_no_reason_to_remove_or_to_fail(killed: Path) -> None:
    live = StoreLayout(killed).live
    store(killed, [])
    live.write_bytes(b"no database" * 1000)
    make_older(killed)
    before = in_folder(killed)
    with FileProcessor(killed, ManualClock(NOW), hot_days=1):
        assert before <= in_folder(killed)
    store(killed, [])
    assert len(segments(killed)) == 4 * CALLS, "what was committed before the kill as well"


def test_an_owner_that_lives_removes_them_when_their_grace_is_over(
    killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [time.monotonic()]
    monkeypatch.setattr(publisher.time, "monotonic", lambda: clock[0])
    with FileProcessor(killed, ManualClock(NOW), hot_days=1) as processor:
        left = in_folder(killed) - named(killed)
        clock[0] += 10 * strays.GRACE_SECONDS
        processor.publish()
        assert left <= in_folder(killed), "until now live.duckdb may have named them"
        clock[0] += strays.GRACE_SECONDS + 1
        processor.publish()
        assert in_folder(killed) == named(killed)
    assert verify(killed).ok
