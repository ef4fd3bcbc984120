"""A reader that polls ``live.duckdb`` all the time: ``python -m tests.chaos.watcher STORE REPORT``, until SIGTERM.

It reads as dashboards and analysts do, in turn: a fresh connection, one that detaches and attaches the file, and one
that is kept open for a while and must go on giving the same answers. Each poll checks, inside one connection, that the
numbers belong to one state. No error is tolerated.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

POLL_SECONDS = 0.2
#: How long one old state is read on; published files are promised for two minutes after they were replaced.
KEEP_SECONDS = 45.0
_QUESTIONS = {
    "events": "SELECT count(*) FROM {}events",
    "stored": "SELECT coalesce(sum(stored), 0)::BIGINT FROM {}offsets",
    "duplicate_rows": "SELECT count(*) FROM {}duplicates",
    "duplicates": "SELECT coalesce(sum(duplicates), 0)::BIGINT FROM {}offsets",
    "reject_rows": "SELECT count(*) FROM {}rejects",
    "rejected": "SELECT coalesce(sum(rejected), 0)::BIGINT FROM {}offsets",
    "read": "SELECT coalesce(sum(next_offset - first_offset), 0)::BIGINT FROM {}offsets",
    "offered": "SELECT coalesce(sum(offered), 0)::BIGINT FROM {}kpi_minute",
    "queued_segments": "SELECT count(*) FROM {}segments WHERE queued_at IS NOT NULL",
    "meta_stored": "SELECT stored FROM {}meta",
}
_EQUAL = (
    ("events", "stored"),
    ("duplicate_rows", "duplicates"),
    ("reject_rows", "rejected"),
    ("offered", "queued_segments"),
    ("meta_stored", "stored"),
)
_STATE = 'SELECT topic, "partition", epoch, next_offset, epoch(published_at) FROM {}offsets ORDER BY ALL'


class Watcher:
    """Polls and remembers."""

    def __init__(self, live: Path) -> None:
        self._live = live
        self._attached = duckdb.connect()
        self._kept: tuple[duckdb.DuckDBPyConnection, dict[str, int], float] | None = None
        self._furthest: dict[tuple[Any, ...], int] = {}
        self.polls = 0
        self.errors: list[str] = []
        self.torn: list[str] = []
        self.samples: list[tuple[float, dict[str, float]]] = []

    def poll(self) -> None:
        """One look, by the next way of reading."""
        way = (self._reopen, self._attach, self._keep)[self.polls % 3]
        self.polls += 1
        try:
            way()
        except Exception as error:  # whatever goes wrong for a reader is what this process is here to find
            self.errors.append(f"{_now()} {way.__name__}: {type(error).__name__}: {error}")

    def _reopen(self) -> None:
        with duckdb.connect(str(self._live), read_only=True) as con:
            self._check(con, "")

    def _attach(self) -> None:
        self._attached.execute(f"ATTACH '{self._live}' AS live (READ_ONLY)")
        try:
            self._check(self._attached, "live.")
        finally:
            self._attached.execute("DETACH live")

    def _keep(self) -> None:
        if self._kept is None:
            con = duckdb.connect()
            con.execute(f"ATTACH '{self._live}' AS kept (READ_ONLY)")
            self._kept = (con, self._numbers(con, "kept."), time.monotonic())
            return
        con, before, since = self._kept
        again = self._numbers(con, "kept.")
        if again != before:
            self.torn.append(f"{_now()} one state, read twice: {before} then {again}")
        if time.monotonic() - since > KEEP_SECONDS:
            con.close()
            self._kept = None

    def _numbers(self, con: duckdb.DuckDBPyConnection, prefix: str) -> dict[str, int]:
        numbers = {}
        for name, question in _QUESTIONS.items():
            (numbers[name],) = con.execute(question.format(prefix)).fetchone() or (None,)
        for one, other in _EQUAL:
            if numbers[one] != numbers[other]:
                self.torn.append(f"{_now()} {one} is {numbers[one]}, {other} is {numbers[other]}")
        if numbers["read"] != numbers["stored"] + numbers["duplicates"] + numbers["rejected"]:
            self.torn.append(f"{_now()} offsets do not add up: {numbers}")
        return numbers

    def _check(self, con: duckdb.DuckDBPyConnection, prefix: str) -> None:
        self._numbers(con, prefix)
        published: dict[str, float] = {}
        for topic, partition, epoch, next_offset, published_at in con.execute(_STATE.format(prefix)).fetchall():
            name = f"{topic}-{partition}"
            if next_offset < self._furthest.get((name, epoch), 0):
                self.torn.append(f"{_now()} {name} went back from {self._furthest[name, epoch]} to {next_offset}")
            self._furthest[name, epoch] = next_offset
            published[name] = published_at
        self.samples.append((time.time(), published))

    def report(self) -> dict[str, Any]:
        """What was seen."""
        return {
            "polls": self.polls,
            "errors": len(self.errors),
            "torn": len(self.torn),
            "examples": [*self.errors[:5], *self.torn[:5]],
            "samples": self.samples,
        }


def _now() -> str:
    return datetime.now(UTC).strftime("%H:%M:%S.%f")


def main() -> None:
    live, target = Path(sys.argv[1]) / "live.duckdb", Path(sys.argv[2])
    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stop.append(number))
    watcher = Watcher(live)
    while not stop:
        if watcher.polls or live.exists():
            watcher.poll()
        time.sleep(POLL_SECONDS)
    target.write_text(json.dumps(watcher.report()))


if __name__ == "__main__":
    main()
