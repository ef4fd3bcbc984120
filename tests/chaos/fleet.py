"""The processes of a run: workers (plain or sabotaged), load and watcher. Every one is ended by its own process id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.chaos.saboteur import MARK

ROOT = Path(__file__).resolve().parents[2]
SESSION_SECONDS = 6.0
_HOLDS = "holds "
_NOTHING_HELD = "holds no partition"
#: Nothing of the caller's settings reaches the processes.
_FOREIGN = ("CALLBOARD_", "KAFKA_", "CHAOS_")


class ChaosError(Exception):
    """The run went another way than planned: a process ended, or did not do what was asked."""


class Child:
    """One process with its output in a file of its own."""

    def __init__(self, name: str, command: list[str], log: Path) -> None:
        """Start it."""
        self.name, self.log = name, log
        environment = {key: value for key, value in os.environ.items() if not key.startswith(_FOREIGN)}
        environment["CALLBOARD_SESSION_TIMEOUT_SECONDS"] = str(SESSION_SECONDS)
        environment["CALLBOARD_HOT_DAYS"] = "1"
        environment["COLUMNS"] = "250"
        log.touch()
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._lines: list[str] = []
        self._scribe = threading.Thread(target=self._write_down, name=f"output of {name}", daemon=True)
        self._scribe.start()

    def _write_down(self) -> None:
        """Keep the output, with the time at which each line came: what happened when is what a failure is about."""
        assert self._process.stdout is not None
        with self._process.stdout as output, self.log.open("w") as file:
            for line in output:
                text = line.decode(errors="replace").rstrip()
                self._lines.append(text)
                file.write(f"{datetime.now(UTC):%H:%M:%S.%f} {text}\n")
                file.flush()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def code(self) -> int | None:
        """Its exit code (negative: the signal that ended it), None while it runs."""
        code = self._process.poll()
        if code is not None:
            self._scribe.join()
        return code

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        self._process.send_signal(number)

    def wait(self, seconds: float) -> int | None:
        """Its exit code, None if it still runs after ``seconds``."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        return self.code()

    def end(self) -> None:
        """SIGKILL, and wait: for the end of the run only."""
        if self.code() is None:
            self._process.kill()
        self._process.wait()
        self._scribe.join()

    def said(self) -> list[str]:
        """The lines of its output so far."""
        return list(self._lines)

    def last_words(self) -> str:
        """The last line of its output."""
        lines = [line for line in self.said() if line]
        return lines[-1] if lines else "it said nothing"


class Worker(Child):
    """A worker process."""

    def met_its_point(self) -> str | None:
        """The point at which it killed itself, if it has."""
        for line in self.said():
            if line.startswith(MARK):
                return line.removeprefix(MARK).strip()
        return None

    def holds_partitions(self) -> bool:
        """Whether it has said that it holds partitions."""
        return any(_HOLDS in line and _NOTHING_HELD not in line for line in self.said())

    def assignments(self) -> int:
        """How often the partitions that it holds have changed."""
        return sum(_HOLDS in line for line in self.said())


class Fleet:
    """Starts processes; whatever still runs when the context is left is ended."""

    def __init__(self, folder: Path, store: Path, servers: str) -> None:
        """``folder`` receives the processes' output."""
        self.folder, self.store, self._servers = folder, store, servers
        self.workers: list[Worker] = []
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        """The fleet itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """End everything."""
        for child in self._children:
            child.end()

    def child(self, name: str, *command: str) -> Child:
        """Start a Python process."""
        child = Child(name, list(command), self.folder / f"{name}.log")
        self._children.append(child)
        return child

    def worker(self, name: str, sabotage: tuple[str, int, int] | None = None) -> Worker:
        """Start a worker; ``sabotage`` is the point at which it is to kill itself, at which call, and a seed."""
        start = ["-m", "pipeline.cli"]
        if sabotage is not None:
            start = ["-m", "tests.chaos.saboteur", *map(str, sabotage)]
        number = len(self.workers)
        command = [*start, "worker", "--store", str(self.store), "--bootstrap-servers", self._servers]
        worker = Worker(name, command, self.folder / f"worker-{number:03}-{name}.log")
        self.workers.append(worker)
        self._children.append(worker)
        return worker
