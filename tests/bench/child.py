"""A process under measurement: started, read, frozen, measured and ended by its id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

ROOT = Path(__file__).resolve().parents[2]
_STOP_SECONDS = 30.0


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process so far."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def peak_rss_bytes(pid: int) -> int:
    """The largest resident set since the process began (Linux keeps it: nothing is missed between two samples)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this system does not tell the peak memory of a process; run the bench on Linux")


class Child:
    """``python -m MODULE ARGUMENTS``; its output is kept, and ``go()`` answers a child that waits on standard input."""

    def __init__(self, module: str, *arguments: str, **environment: str) -> None:
        self.started_at = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.name = " ".join([module, *arguments[:1]])
        self.lines: list[str] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.end()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip())

    def check(self) -> None:
        """Raise if it has ended."""
        if self._process.poll() is not None:
            self._reading.join(5)
            tail = "\n".join(self.lines[-20:])
            raise RuntimeError(f"{self.name} ended with code {self._process.returncode}:\n{tail}")

    def wait_for(self, condition: Callable[[], bool], what: str, timeout_seconds: float) -> None:
        """Wait for something that this process brings about."""
        deadline = time.monotonic() + timeout_seconds
        while not condition():
            self.check()
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name}: {what} did not come in {timeout_seconds:.0f} s: {self.lines[-5:]}")
            time.sleep(0.02)

    def wait_for_line(self, start: str, timeout_seconds: float = 120) -> str:
        """The first line of its output that begins with ``start``."""
        found: list[str] = []

        def seen() -> bool:
            found.extend(line for line in self.lines if line.startswith(start))
            return bool(found)

        self.wait_for(seen, f"the line {start!r}", timeout_seconds)
        return found[0]

    def go(self) -> None:
        """Let a child that waits for a line on its standard input go on."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def freeze(self) -> None:
        """Stop it where it is; time goes on."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Ask it to end, wait, and close its pipes."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reading.join(5)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
