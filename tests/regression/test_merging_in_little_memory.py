"""Chaos found: merging chunks through DuckDB's COPY took more than the memory that it may hold.

Its share is what nine partitions leave of it, and a COPY holds a whole group of rows: with wide rows it failed, the
worker began anew, and met the same merging again.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pipeline.store.verify import verify

#: 4,000 rows of 8 KB, 32 MB in all, where DuckDB may hold 16.
_MERGE = """
import sys
import time
from datetime import timedelta
from pathlib import Path

from pipeline.store import chunks, database
from tests.store.test_chunks import NOW, FileProcessor, ManualClock, arrivals

store = Path(sys.argv[1])
database.CONFIG["memory_limit"] = "16MB"
chunks.CHUNK_ROWS, chunks.MERGE_CHUNKS = 500, 8
with FileProcessor(store, ManualClock(NOW), hot_days=9) as processor:
    for first in range(0, 4_000, 500):
        lines = arrivals(first, 500, timedelta(seconds=1))
        processor.process(line[:-1] + b" " * 8_000 + b"}" for line in lines)
    deadline = time.monotonic() + 60
    while not [owner for owner in processor._owners.values() if len(owner.store.chunks.files()) == 1]:
        assert time.monotonic() < deadline, "nothing was merged"
        processor.publish()
"""


def test_wide_rows_are_merged_in_less_memory_than_they_have(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _MERGE, str(tmp_path)], check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    report = verify(tmp_path)
    assert report.ok, [check for check in report.checks if not check.ok]
