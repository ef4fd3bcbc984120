"""What an owner has written in the background, and what becomes of it when that fails.

Such a job changes nothing until its files are adopted between two commits, so a failure is no reason to end: too
little memory, or a disk that is full for a while. It is told once and tried again later.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor, wait
from typing import Literal

import duckdb
import pyarrow as pa

from pipeline.store.base import NewBase
from pipeline.store.chunks import Merged
from pipeline.store.seal import NotSealedError, Sealing
from pipeline.store.stop import Stop

log = logging.getLogger(__name__)

#: When a job that failed is tried again.
RETRY_SECONDS = 60.0
#: How a job fails for want of memory or of a disk.
JOB_ERRORS = (duckdb.Error, pa.ArrowException, OSError, MemoryError, NotSealedError)

Kind = Literal["sealing", "base files", "merging"]
Written = NewBase | Merged | Sealing


class Job:
    """One job. It ends soon after it was abandoned."""

    def __init__(self, kind: Kind, background: Executor, write: Callable[[Stop], Written]) -> None:
        """Start it as soon as ``background`` is free."""
        self.kind = kind
        self._stop = Stop()
        self._future = background.submit(write, self._stop)

    def done(self) -> bool:
        """Whether ``result`` will not wait."""
        return self._future.done()

    def wait(self) -> None:
        """Wait for its end, good or bad."""
        wait([self._future])

    def result(self) -> Written:
        """What was written. Raises ``JOB_ERRORS``."""
        return self._future.result()

    def abandon(self) -> None:
        """End it; nobody wants its result any more."""
        self._stop.ask()
        if not self._future.cancel():
            self.wait()


class PutOff:
    """Which kinds of jobs have failed and have to wait."""

    def __init__(self, name: str) -> None:
        """``name`` is that of the partition, for messages."""
        self._name = name
        self._until: dict[Kind, float] = {}

    def may_try(self, kind: Kind) -> bool:
        """Whether a job of the kind may start."""
        return time.monotonic() >= self._until.get(kind, float("-inf"))

    def failed(self, kind: Kind, error: BaseException) -> None:
        """Wait with the kind; say so the first time."""
        if kind not in self._until:
            log.warning(
                "%s: %s failed (%s); everything is committed, and it is tried again every %g s",
                self._name,
                kind,
                str(error).partition("\n")[0],
                RETRY_SECONDS,
            )
        self._until[kind] = time.monotonic() + RETRY_SECONDS

    def succeeded(self, kind: Kind) -> None:
        """Forget a failure."""
        if self._until.pop(kind, None) is not None:
            log.info("%s: %s is done now", self._name, kind)
