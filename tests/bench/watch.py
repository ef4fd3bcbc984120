"""What a reader sees of a published store: it opens ``live.duckdb`` anew whenever another file has taken its place.

Between two swaps nothing can become readable, so looking at the file's identity every few milliseconds and asking only
after a swap sees everything at the same moment as asking all the time would, and takes next to nothing from the worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

POLL_SECONDS = 0.005


class LiveFile:
    """``live.duckdb`` in a store's folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "live.duckdb"
        self._seen: tuple[int, int] | None = None

    def has_changed(self) -> bool:
        """Whether it was swapped since the last call."""
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return False
        identity = stat.st_ino, stat.st_mtime_ns
        changed, self._seen = identity != self._seen, identity
        return changed

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of one query, on a connection of its own."""
        con = duckdb.connect(str(self.path), read_only=True)
        try:
            return con.execute(query).fetchall()
        finally:
            con.close()


def wait_until_stored(
    folder: Path, events: int, check: Callable[[], object], at_swap: Callable[[], Any], timeout_seconds: float
) -> Any:
    """Wait until ``meta.stored`` says ``events``; returns what ``at_swap()`` gave when that file was first seen.

    ``at_swap`` is called before the query, so that the query's own time is not counted; ``check`` raises when waiting
    has become pointless.
    """
    live = LiveFile(folder)
    deadline = time.monotonic() + timeout_seconds
    stored = 0
    while time.monotonic() < deadline:
        if live.has_changed():
            reading = at_swap()
            ((stored,),) = live.ask("SELECT stored FROM meta")
            if stored >= events:
                return reading
        check()
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"after {timeout_seconds:.0f} s {stored} of {events} events are readable")
