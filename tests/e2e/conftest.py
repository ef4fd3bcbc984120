"""What the end-to-end tests share: the events of a simulated hour, and workers that never outlive a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.disturb import to_record
from pipeline.simulate.simulation import simulate
from tests import oracle
from tests.e2e.worker import Worker
from tests.strategies import line
from tests.support.details import detail_events

StartWorker = Callable[..., Worker]
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SIMULATED_HOURS = 1.0


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[StartWorker]:
    """``start_worker(bootstrap, *options, **settings)``: a worker on the store ``tmp_path/store``."""
    with ExitStack() as running:

        def start(bootstrap: str, *options: object, store: str = "store", **settings: str) -> Worker:
            log = tmp_path / f"worker-{sum(1 for _ in tmp_path.glob('worker-*.log')) + 1}.log"
            return running.enter_context(Worker(tmp_path / store, bootstrap, log, *options, **settings))

        yield start


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where the workers of ``start_worker`` keep their store."""
    return tmp_path / "store"


@pytest.fixture(scope="session")
def lines() -> list[bytes]:
    """The events of a simulated hour, a few thousand, and details in every topic among them, each once."""
    lines = [to_record(event).value for event in simulate(default_centre(), 7, START, SIMULATED_HOURS)]
    for nth, detail in enumerate(detail_events(20, START, timedelta(minutes=3))):
        lines.insert(nth * len(lines) // 200, line(detail))
    return lines


@pytest.fixture(scope="session")
def truth(lines: list[bytes]) -> oracle.Facts:
    """What the numbers of ``lines`` must be."""
    return oracle.facts(lines, datetime.now(UTC))
