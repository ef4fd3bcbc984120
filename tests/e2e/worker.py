"""A worker as its own process."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.command import COMMAND, environment

POLL_SECONDS = 0.05
#: What usually takes a few seconds, on a machine that others use as well.
PATIENCE_SECONDS = 60.0
#: Settings of a worker that is missed sooner than by default, and gets its first partitions sooner.
SOON = {"CALLBOARD_SESSION_TIMEOUT_SECONDS": "2"}
#: What the worker promises: after SIGTERM it has ended by then.
STOP_SECONDS = 10.0


def wait_until(holds: Callable[[], object], what: Callable[[], str], seconds: float = PATIENCE_SECONDS) -> None:
    """Poll until ``holds()`` is true; fail after ``seconds``, saying ``what()`` did not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what()}"
        time.sleep(POLL_SECONDS)


class Worker:
    """Leaving its context kills what still runs."""

    def __init__(self, store: Path, bootstrap: str, log: Path, *options: object, **settings: str) -> None:
        """Start it; what it says is appended to ``log``."""
        arguments = ["worker", "--store", store, "--bootstrap-servers", bootstrap, *options]
        self._log = log
        self._from = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(COMMAND), *map(str, arguments)],
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment(**settings),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def said(self) -> str:
        """Everything this process has printed."""
        return self._log.read_bytes()[self._from :].decode(errors="replace")

    @property
    def holds(self) -> set[str]:
        """The partitions that it last said it holds, such as ``calls-0``."""
        found = re.findall(r"^holds (.*)$", self.said, re.MULTILINE)
        return set() if not found or found[-1] == "no partition" else set(found[-1].split(", "))

    def wait_for(self, text: str) -> None:
        """Until it has said ``text``."""

        def said() -> bool:
            assert self._process.poll() is None or text in self.said, f"the worker ended:\n{self.said}"
            return text in self.said

        wait_until(said, lambda: f"worker {self.pid} says {text!r}; it said:\n{self.said}")

    def wait_for_partitions(self, number: int) -> set[str]:
        """Until it holds exactly ``number`` partitions; returns them."""

        def held() -> bool:
            assert self._process.poll() is None, f"the worker ended:\n{self.said}"
            return len(self.holds) == number

        wait_until(held, lambda: f"worker {self.pid} holds {number} partitions; it said:\n{self.said}")
        return self.holds

    def wait_for_end(self) -> int:
        """Until it has ended by itself; returns the exit code."""
        return self._process.wait(PATIENCE_SECONDS)

    def terminate(self) -> tuple[int, float]:
        """SIGTERM; returns the exit code and how many seconds the end took."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE_SECONDS), time.monotonic() - began

    def kill(self) -> None:
        """SIGKILL."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
