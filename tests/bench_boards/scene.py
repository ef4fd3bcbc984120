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

from pipeline.centre.kept import apply_centre
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.described import centre_yaml
from pipeline.store.layout import StoreLayout
from tests.bench.brokers import fresh_broker
from tests.bench.child import Child
from tests.bench.watch import LiveFile
from tests.bench_boards.plan import Plan
from tests.support.ports import free_port

#: The centre has been at work for so long when the first viewer comes.
_BEFORE = "-2h"
#: The past has been read when an event so young has been.
_YOUNG = "SELECT count(*) FROM segments WHERE last_event_at > now() - INTERVAL 20 SECONDS"
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
        # As in the demo. Without it a client is known from its first contact on, and open pages start over then.
        apply_centre(StoreLayout(store), centre_yaml(default_centre(plan.scale)), "centre.yaml")
        worker = stack.enter_context(Child("pipeline.cli", "worker", "--store", str(store), *servers))
        simulated = stack.enter_context(Child("pipeline.cli", "simulate", *start, *servers, COLUMNS="400"))
        live = LiveFile(store)
        worker.wait_for(lambda: _is_present(live), "the first two hours", _START_SECONDS)
        board = stack.enter_context(
            Child("tests.bench_boards.board", str(port), str(counts), CALLBOARD_STORE=str(store))
        )
        board.wait_for(lambda: _answers(port) and counts.exists(), "the board's answer", _START_SECONDS)
        time.sleep(2)
        yield Scene(board, [worker, simulated], f"127.0.0.1:{port}", counts)


def _is_present(live: LiveFile) -> bool:
    if not live.path.is_file():
        return False
    ((young,),) = live.ask(_YOUNG)
    return bool(young)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
