"""The newest rows: published at once, without writing those before them again each time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.clock import ManualClock
from pipeline.store import publisher
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live
from pipeline.store.verify import verify

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
TAIL, GROWING = 10, 40
AT_A_TIME, TIMES = 3, 32


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rows of each recent file of segments that is written."""
    monkeypatch.setattr(publisher, "TAIL_ROWS", TAIL)
    monkeypatch.setattr(publisher, "GROWING_ROWS", GROWING)
    rows: list[int] = []
    write = publisher.write_rows

    def noted(table: pa.Table, path: Path) -> None:
        if path.name.startswith("segments-"):
            rows.append(table.num_rows)
        write(table, path)

    monkeypatch.setattr(publisher, "write_rows", noted)
    return rows


def line(number: int, kind: str = "queued") -> bytes:
    """An event of a segment of its own; all in one partition."""
    data = {"client": "acme", "interaction": "i", "segment": f"s{number}", "channel": "voice", "direction": "inbound"}
    member = {"queue": "q"} if kind == "queued" else {"agent": "a"}
    event = {"specversion": "1.0", "type": f"interaction.{kind}.v1", "source": "pbx", "id": f"{kind}{number}"}
    time = START + timedelta(seconds=60 * number + (kind != "queued"))
    return json.dumps({**event, "time": time.isoformat(), "data": {**data, **member}}).encode()


def answered(store: Path) -> tuple[int, int]:
    with open_live(store) as con:
        ((every, done),) = con.execute("SELECT count(*), count(answered_at) FROM segments").fetchall()
    return every, done


def test_each_row_is_written_a_few_times_and_is_there_once(tmp_path: Path, written: list[int]) -> None:
    with FileProcessor(tmp_path, ManualClock(START + timedelta(days=1))) as processor:
        for at in range(0, AT_A_TIME * TIMES, AT_A_TIME):
            processor.process(line(number) for number in range(at, at + AT_A_TIME))
            assert answered(tmp_path) == (at + AT_A_TIME, 0)
        # All of a file before the last one would be hundreds of rows more.
        assert max(written) < GROWING + TAIL + AT_A_TIME
        assert sum(written) < AT_A_TIME * TIMES * (TAIL // AT_A_TIME + GROWING // TAIL)
        # A new version of a row outweighs the one in an older file.
        processor.process([line(0, "answered"), line(AT_A_TIME * TIMES - 1, "answered")])
        assert answered(tmp_path) == (AT_A_TIME * TIMES, 2)
    assert not [check for check in verify(tmp_path).checks if not check.ok]


def test_who_takes_over_publishes_the_same(tmp_path: Path, written: list[int]) -> None:
    for at in range(0, AT_A_TIME * TIMES, AT_A_TIME * 8):
        with FileProcessor(tmp_path, ManualClock(START + timedelta(days=1))) as processor:
            for first in range(at, at + AT_A_TIME * 8, AT_A_TIME):
                processor.process(line(number) for number in range(first, first + AT_A_TIME))
        assert answered(tmp_path) == (at + AT_A_TIME * 8, 0)
    assert written
    assert not [check for check in verify(tmp_path).checks if not check.ok]
