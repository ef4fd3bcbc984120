"""Tables and manifests named files by absolute paths, so a moved or restored store had lost its sealed days."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.clock import ManualClock
from pipeline.store import chunks
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live
from pipeline.store.verify import verify

START = datetime(2026, 3, 2, tzinfo=UTC)


def hourly(first: int, number: int) -> list[bytes]:
    lines = []
    for n in range(first, first + number):
        data = {"client": "acme", "interaction": f"i{n}", "channel": "voice", "direction": "inbound"}
        event = {"specversion": "1.0", "type": "interaction.queued.v1", "source": "pbx", "id": f"e{n}"}
        time = (START + n * timedelta(hours=1)).isoformat()
        lines.append(json.dumps({**event, "time": time, "data": {**data, "segment": "s", "queue": "q"}}).encode())
    return lines


def process(store: Path, lines: list[bytes]) -> None:
    with FileProcessor(store, ManualClock(START + timedelta(days=30)), hot_days=1) as processor:
        processor.process(lines)


def test_it_goes_on_where_it_is_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 5)
    process(tmp_path / "here", hourly(0, 60))
    assert list((tmp_path / "here" / "sealed").rglob("*.parquet"))
    assert list((tmp_path / "here" / "chunks").rglob("*.parquet"))
    (tmp_path / "here").rename(tmp_path / "there")
    process(tmp_path / "there", hourly(55, 40))
    con = open_live(tmp_path / "there")
    assert con.execute("SELECT count(*), count(DISTINCT id) FROM events").fetchall() == [(95, 95)]
    assert con.execute("SELECT sum(offered) FROM kpi_day").fetchall() == [(95,)]
    con.close()
    assert [check.name for check in verify(tmp_path / "there").checks if not check.ok] == []
