"""A day that was larger than DuckDB's memory could not be sealed: the worker began anew, and met the same day again.

Nor could it be put into base files: a worker may hold 64 MB of all its partitions, a busy day has ten times as much.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pipeline.store.reader import run_query
from pipeline.store.verify import verify

#: 8,000 contacts of 9 KB, 72 MB in all, where DuckDB may hold 24; then the next day.
_SEAL = """
import sys
import time
from datetime import timedelta
from pathlib import Path

from pipeline.store import database
from tests.store.test_chunks import NOW, FileProcessor, ManualClock, arrivals

store = Path(sys.argv[1])
database.CONFIG["memory_limit"] = "24MB"
with FileProcessor(store, ManualClock(NOW), hot_days=1) as processor:
    for first in range(0, 8_000, 1_000):
        lines = arrivals(first, 1_000, timedelta(seconds=5))
        processor.process(line[:-1] + b" " * 9_000 + b"}" for line in lines)
    processor.process(arrivals(20_000, 10, timedelta(seconds=5)))
    deadline = time.monotonic() + 60
    while not list(store.glob("sealed/*/segments/*.parquet")):
        assert time.monotonic() < deadline, "nothing was sealed"
        processor.publish()
"""


def test_a_day_larger_than_the_memory_is_sealed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SEAL, str(tmp_path)], check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert "failed" not in done.stderr, done.stderr[-2_000:]
    assert {path.parent.name for path in (tmp_path / "sealed").rglob("2026-03-02-*.parquet")} == {"events", "segments"}
    assert run_query(tmp_path, "SELECT count(*) FROM segments")[1] == [(8_010,)]
    report = verify(tmp_path)
    assert report.ok, [check for check in report.checks if not check.ok]
