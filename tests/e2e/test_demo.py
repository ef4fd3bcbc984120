"""``callboard demo`` as a newcomer runs it: numbers on the board, a worker killed, Ctrl-C, and nothing left running."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.e2e.command import COMMAND, callboard, environment
from tests.e2e.published import assert_accounted, totals
from tests.e2e.worker import wait_until
from tests.support.ports import free_ports

#: What the demo promises, set-up aside.
SHOWN_SECONDS = 30.0
STOP_SECONDS = 30.0


class Demo:
    """The demo's process, in a session of its own as in a terminal of its own."""

    def __init__(self, folder: Path) -> None:
        self.port, broker_port = free_ports(2)
        self.store = folder / "demo" / "store"
        self._log = folder / "demo.log"
        options = ("--port", self.port, "--broker-port", broker_port, "--store", self.store)
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                [str(COMMAND), "demo", *map(str, options)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment(),
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self._log.read_text()

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def answers(self) -> bool:
        """Whether the board answers as a board, page and health."""
        try:
            for path in ("", "/_stcore/health"):
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2) as answer:
                    if answer.status != 200:
                        return False
        except OSError:
            return False
        return True

    def stored(self) -> int:
        return totals(self.store)[0]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path)
    try:
        yield running
    finally:
        left = []
        if running.process.poll() is None:
            left = running.children()
            running.process.kill()
        running.process.wait()
        for child in left:
            if child.is_running():
                child.kill()


@pytest.mark.broker
@pytest.mark.slow
def test_the_demo(demo: Demo) -> None:
    began = time.monotonic()
    wait_until(lambda: demo.answers() and demo.stored() > 0, lambda: f"the board shows numbers:\n{demo.said}", 90)
    took_seconds = time.monotonic() - began
    assert took_seconds < SHOWN_SECONDS, f"{took_seconds:.1f} s"
    shown = demo.stored()
    wait_until(lambda: demo.stored() > shown, lambda: f"the numbers move on from {shown}:\n{demo.said}")
    wait_until(lambda: "Try next" in demo.said, lambda: f"it says what to try next:\n{demo.said}")
    assert f"http://127.0.0.1:{demo.port}" in demo.said

    # What it tells people to try.
    (killed,) = re.findall(r"kill -9 (\d+)", demo.said)
    os.kill(int(killed), signal.SIGKILL)
    wait_until(lambda: "worker-1 has ended; a new one is process" in demo.said, lambda: demo.said)
    at_death = demo.stored()
    wait_until(lambda: demo.stored() > at_death, lambda: f"the new worker goes on from {at_death}:\n{demo.said}")
    assert_accounted(demo.store)
    verified = callboard("verify", "--store", demo.store, cwd=demo.store)
    assert verified.returncode == 0, verified.stdout + verified.stderr

    family = demo.children()
    assert len(family) >= 4, "broker, worker, simulator, board"
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(STOP_SECONDS) == 0, demo.said
    assert demo.said.rstrip().endswith("stopped; nothing is left running")
    _, alive = psutil.wait_procs(family, timeout=1)
    assert alive == []
    assert not demo.answers()
    assert_accounted(demo.store)
