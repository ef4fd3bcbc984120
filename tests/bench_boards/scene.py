"""What the board is measured over: a broker, a simulated centre in real time, a worker, and the board itself."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.brokers import fresh_broker
from tests.bench.child import Child
from tests.bench.watch import LiveFile
from tests.bench_boards.plan import Plan
from tests.support.ports import free_port

#: The centre has been at work for so long when the first viewer comes.
_BEFORE = "-2h"
_ENOUGH_EVENTS = 2_000
_START_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Scene:
    """All processes, running."""

    board: Child
    others: list[Child]
    #: ``host:port`` of the board.
    address: str
    #: Where the board writes how often it asked the store.
    counts: Path

    def check(self) -> None:
        """Raise if one has ended."""
        for child in (self.board, *self.others):
            child.check()

    def asked(self) -> dict[str, Any]:
        """The newest count of the board's queries: ``at`` (monotonic), ``queries``, ``seconds`` in them."""
        line = self.counts.read_bytes().rsplit(b"\n", 2)[-2]
        counted: dict[str, Any] = msgspec.json.decode(line)
        return counted


@contextmanager
def scene(plan: Plan, folder: Path) -> Iterator[Scene]:
    """Start everything; the board answers, and two hours of the centre can be read."""
    store, counts, port = folder / "store", folder / "counts.jsonl", free_port()
    with ExitStack() as stack:
        broker = stack.enter_context(fresh_broker("embedded", folder))
        servers = ("--bootstrap-servers", broker.bootstrap)
        start = ("--start", _BEFORE, "--scale", str(plan.scale))
        centre = folder / "centre.yaml"
        worker = stack.enter_context(Child("pipeline.cli", "worker", "--store", str(store), *servers))
        simulated = stack.enter_context(
            Child("pipeline.cli", "simulate", *start, "--centre", str(centre), *servers, COLUMNS="400")
        )
        live = LiveFile(store)
        worker.wait_for(lambda: _events(live) >= _ENOUGH_EVENTS, "the first two hours", _START_SECONDS)
        board = stack.enter_context(
            Child("tests.bench_boards.board", str(port), str(counts), CALLBOARD_STORE=str(store))
        )
        board.wait_for(lambda: _answers(port) and counts.exists(), "the board's answer", _START_SECONDS)
        time.sleep(2)
        yield Scene(board, [worker, simulated], f"127.0.0.1:{port}", counts)


def _events(live: LiveFile) -> int:
    if not live.path.is_file():
        return 0
    ((stored,),) = live.ask("SELECT stored FROM meta")
    return int(stored)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
