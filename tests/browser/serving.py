"""Boards as processes, started for a test or for pictures and stopped by their ids."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from dashboards.run import command, environment
from pipeline.settings import load_settings
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


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
def frozen_board(store: Path, moment: datetime, log: Path) -> Iterator[str]:
    """A board over a store at a moment that does not pass (``tests.browser.frozen``); its address."""
    port = free_port()
    arguments = command(port, "127.0.0.1")
    arguments[1:3] = ["-m", "tests.browser.frozen", moment.isoformat()]
    told = {**environment(load_settings(store=store), port, "127.0.0.1"), "PYTHONPATH": str(ROOT)}
    for name in ("CALLBOARD_ACCESS_FILE", "CALLBOARD_OIDC_METADATA_URL"):
        told.pop(name, None)
    with log.open("wb") as output:
        board = subprocess.Popen(arguments, cwd=log.parent, env=told, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until_served(board, f"http://127.0.0.1:{port}", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        board.terminate()
        try:
            board.wait(timeout=10)
        except subprocess.TimeoutExpired:
            board.kill()
            board.wait()
