"""The demo: broker, simulated centre, worker, alerts and board as processes, started in order and stopped together."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.cli.serve import stop_event
from pipeline.errors import CallboardError
from pipeline.store.layout import StoreLayout
from pipeline.transport.embedded import EmbeddedBroker

_READY_SECONDS = 90.0
_STOP_SECONDS = 12.0
_FOLDER = Path(".callboard/demo")
#: The past that is played at once, so that the board's charts are not empty.
_PAST = "-3h"
#: Times the default centre: enough calls at any hour of the day for numbers that move.
_SCALE = 4


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """The demo command's options."""

    store: Path | None
    port: int
    broker_port: int
    seed: int
    workers: int


class _Processes:
    """Started processes by name, and their end."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> int:
        command = [sys.executable, "-m", "pipeline.cli", *arguments]
        with (self._folder / f"{name}.log").open("ab") as output:
            # A session of its own: Ctrl-C comes to us, and we stop them in order.
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        self._running[name] = process
        return process.pid

    def ended(self) -> list[str]:
        return [name for name, process in self._running.items() if process.poll() is not None]

    def forget(self, name: str) -> None:
        del self._running[name]

    def last_line(self, name: str) -> str:
        lines = (self._folder / f"{name}.log").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def stop(self) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def run_demo(plan: DemoPlan, say: Callable[[str], None]) -> int:
    """Run until Ctrl-C; returns the exit code."""
    stop = stop_event()
    store = plan.store or _FOLDER / "store"
    if plan.store is None:
        shutil.rmtree(_FOLDER, ignore_errors=True)
    folder = store.parent
    folder.mkdir(parents=True, exist_ok=True)
    own_kafka = os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or os.environ.get("CALLBOARD_BOOTSTRAP_SERVERS")
    embedded = None if own_kafka else EmbeddedBroker(plan.broker_port, folder / "broker.log")
    servers = own_kafka or f"127.0.0.1:{plan.broker_port}"
    processes = _Processes(folder, {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": servers, "CALLBOARD_STORE": str(store)})
    from pipeline.alerts.parse import example  # noqa: PLC0415
    from pipeline.centre.kept import apply_centre  # noqa: PLC0415
    from pipeline.simulate.default_centre import default_centre  # noqa: PLC0415
    from pipeline.simulate.described import centre_yaml  # noqa: PLC0415

    try:
        if embedded:
            embedded.start()
        say(f"broker     {servers}{' (embedded, in memory)' if embedded else ''}")
        # In force from the first publication on; the simulator runs the same centre.
        apply_centre(StoreLayout(store), centre_yaml(default_centre(_SCALE)), "centre.yaml")
        pids = {}
        for number in range(1, plan.workers + 1):
            name = f"worker-{number}"
            pids[name] = processes.start(name, "worker", "--store", str(store))
            say(f"worker     process {pids[name]}, store {store}")
        processes.start("simulator", "simulate", "--seed", str(plan.seed), "--start", _PAST, "--speed", "0",
                        "--scale", str(_SCALE))  # fmt: skip
        say("centre     simulated: two clients, calls, chats, emails; the last three hours at once, then in real time")
        # What they tell goes to the board only.
        rules = folder / "alerts.yaml"
        rules.write_text(example(), encoding="utf-8")
        processes.start("alerts", "alerts", "run", "--store", str(store), "--rules", str(rules), "--no-deliver")
        processes.start("board", "dashboard", "--store", str(store), "--port", str(plan.port))
        if _wait_until_shown(StoreLayout(store).live, plan.port, stop, processes):
            _explain(plan, store, pids["worker-1"], say)
        return _watch(processes, plan, store, stop, say)
    finally:
        say("stopping")
        processes.stop()
        if embedded:
            embedded.stop()
        say("stopped; nothing is left running")


def _wait_until_shown(live: Path, port: int, stop: object, processes: _Processes) -> bool:
    import socket  # noqa: PLC0415

    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and not stop.is_set():  # type: ignore[attr-defined]
        for name in processes.ended():
            raise CallboardError(f"{name} ended at once: {processes.last_line(name)}")
        if live.is_file():
            try:
                socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
            except OSError:
                pass
            else:
                return True
        time.sleep(0.1)
    return False


def _explain(plan: DemoPlan, store: Path, worker_pid: int, say: Callable[[str], None]) -> None:
    say(f"""
  The board:  http://127.0.0.1:{plan.port}

  Try next, in another terminal:
    kill -9 {worker_pid}
        kills the worker: the board greys out; a new worker starts by itself, and not a call is lost or counted twice
    .venv/bin/callboard query "FROM queue_now()" --store {store}
    .venv/bin/callboard verify --store {store}
        recomputes every number from the raw events, by another path, and compares row by row

  Ctrl-C stops everything.
""")


def _watch(processes: _Processes, plan: DemoPlan, store: Path, stop: object, say: Callable[[str], None]) -> int:
    """Start a killed worker again, as an operator's supervisor would; anything else that ends, ends the demo."""
    while not stop.wait(0.5):  # type: ignore[attr-defined]
        for name in processes.ended():
            if not name.startswith("worker"):
                raise CallboardError(f"{name} has ended: {processes.last_line(name)}")
            processes.forget(name)
            pid = processes.start(name, "worker", "--store", str(store))
            say(f"{name} has ended; a new one is process {pid}")
    return 0
