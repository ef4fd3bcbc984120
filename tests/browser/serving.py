"""Boards as processes, started for a test or for pictures and stopped by their ids."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from dashboards.run import command, environment
from pipeline.settings import load_settings
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
#: Settings of the machine that a test runs on, which must not be those of its board.
_NOT_OURS = ("CALLBOARD_ACCESS_FILE", "CALLBOARD_OIDC_METADATA_URL", "CALLBOARD_STALE_AFTER_SECONDS")


def wait_until_served(board: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Wait until the board answers; raise with what it said if it does not."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if board.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):  # noqa: S310 - our own loopback address
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the board did not start:\n{log.read_text()}")


@contextmanager
def board_over(store: Path, log: Path) -> Iterator[str]:
    """The board over a store, with the settings that it has when nobody says anything; its address."""
    port = free_port()
    with _running(command(port, "127.0.0.1"), store, port, log) as address:
        yield address


@contextmanager
def frozen_board(store: Path, moment: datetime, log: Path) -> Iterator[str]:
    """The same at a moment that does not pass (``tests.browser.frozen``)."""
    port = free_port()
    python, _, _, *arguments = command(port, "127.0.0.1")
    frozen = [python, "-m", "tests.browser.frozen", moment.isoformat(), *arguments]
    with _running(frozen, store, port, log) as address:
        yield address


@contextmanager
def _running(arguments: Sequence[str], store: Path, port: int, log: Path) -> Iterator[str]:
    address = f"http://127.0.0.1:{port}"
    told = {**environment(load_settings(store=store), port, "127.0.0.1"), "PYTHONPATH": str(ROOT)}
    kept = {name: text for name, text in told.items() if name not in _NOT_OURS}
    with log.open("wb") as output:
        board = subprocess.Popen(arguments, cwd=log.parent, env=kept, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until_served(board, address, log)
        yield address
    finally:
        board.terminate()
        try:
            board.wait(timeout=10)
        except subprocess.TimeoutExpired:
            board.kill()
            board.wait()
