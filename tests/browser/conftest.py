"""The board as a process of its own, a browser, and a store that a test fills while somebody watches."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from dashboards.run import command, environment
from pipeline.clock import SystemClock
from pipeline.settings import load_settings
from pipeline.store.process import FileProcessor
from tests.browser.serving import wait_until_served
from tests.support.browser import CHROMIUM_ARGUMENTS, chromium
from tests.support.ports import free_port
from tests.support.strict import require

STALE_AFTER_SECONDS = 6


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the machine."""
    path = chromium()
    require(path, "no Chromium on this machine: scripts/install-test-tools.sh installs it")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page, in a zone that is not UTC."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, timezone_id="Europe/Berlin")
    yield context.new_page()
    context.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """Starts the board over a store, in a working directory that knows nothing of it; returns its address."""
    started: list[subprocess.Popen[bytes]] = []

    def start(store: Path) -> str:
        port = free_port()
        log = (tmp_path / "board.log").open("wb")
        board = subprocess.Popen(
            command(port, "127.0.0.1"),
            cwd=tmp_path,
            env={
                **environment(load_settings(store=store), port, "127.0.0.1"),
                "CALLBOARD_STALE_AFTER_SECONDS": str(STALE_AFTER_SECONDS),
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        started.append(board)
        address = f"http://127.0.0.1:{port}"
        wait_until_served(board, address, tmp_path / "board.log")
        return address

    yield start
    for board in started:
        board.terminate()
        try:
            board.wait(timeout=10)
        except subprocess.TimeoutExpired:
            board.kill()
            board.wait()
            raise


@pytest.fixture
def processor(tmp_path: Path) -> Iterator[FileProcessor]:
    """The store that the test fills; each ``process`` publishes."""
    with FileProcessor(tmp_path / "store", SystemClock()) as processor:
        yield processor
