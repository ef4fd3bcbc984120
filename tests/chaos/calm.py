"""Kills one at a time, so that it can be seen how long a single one is felt."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import duckdb

from tests.chaos.fleet import ChaosError, Worker
from tests.chaos.killer import Kill, Storm

#: How such a kill is named in the account.
ALONE = "alone"
LONE_KILLS = 2
_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.2


def lone_kills(storm: Storm) -> None:
    """With two workers under load and all data fresh: kill one, wait until the other has taken over, start another."""
    workers = [storm.fleet.worker(f"calm-{number}") for number in range(2)]
    for number in range(LONE_KILLS):
        for worker in workers:
            _wait(worker.holds_partitions, f"{worker.log.name} holds partitions")
        _wait_until_fresh(storm, time.time())
        _kill(storm, workers.pop(0))
        _wait_until_fresh(storm, storm.account.kills[-1].at)
        workers.append(storm.fleet.worker(f"calm-{number + 2}"))
    for worker in workers:
        worker.send(signal.SIGKILL)
        worker.wait(_PATIENCE_SECONDS)


def _kill(storm: Storm, worker: Worker) -> None:
    time.sleep(storm.rng.uniform(0.0, 1.0))
    if worker.code() is not None:
        raise ChaosError(f"a worker ended by itself: {worker.last_words()} (see {worker.log.name})")
    worker.send(signal.SIGKILL)
    storm.account.kills.append(Kill(time.time(), ALONE))
    worker.wait(_PATIENCE_SECONDS)


def _wait_until_fresh(storm: Storm, since: float) -> None:
    def fresh() -> bool:
        with duckdb.connect(str(storm.fleet.store / "live.duckdb"), read_only=True) as con:
            (oldest,) = con.execute("SELECT min(epoch(published_at)) FROM offsets").fetchone() or (0.0,)
        return bool(oldest > since)

    _wait(fresh, "every partition is published anew")


def _wait(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise ChaosError(f"not within {_PATIENCE_SECONDS:.0f} s: {what}")
        time.sleep(_POLL_SECONDS)
