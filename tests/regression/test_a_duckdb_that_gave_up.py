"""After a fatal error DuckDB refuses everything in that process: a worker must not try again in it."""

from __future__ import annotations

import asyncio
from asyncio import _get_running_loop, _set_running_loop
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import pytest

from pipeline.clock import SystemClock
from pipeline.settings import load_settings
from pipeline.transport import worker


@contextmanager
def no_loop() -> Iterator[None]:
    """A browser's test in the same process leaves its event loop running, beside which no other can be."""
    running = _get_running_loop()
    _set_running_loop(None)
    try:
        yield
    finally:
        _set_running_loop(running)


@pytest.mark.parametrize("error", [duckdb.FatalException("invalidated"), duckdb.InternalException("invalidated")])
def test_the_worker_goes_on_as_a_new_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: duckdb.Error
) -> None:
    begun: list[list[str]] = []

    async def broker(*_: Any) -> None:
        pass

    async def failing(*_: Any) -> None:
        raise error

    def begin(_: str, command: list[str]) -> NoReturn:
        begun.append(command)
        raise SystemExit

    monkeypatch.setattr(worker, "_wait_for_broker", broker)
    monkeypatch.setattr(worker, "_run_once", failing)
    monkeypatch.setattr("os.execv", begin)
    said: list[str] = []
    with pytest.raises(SystemExit), no_loop():
        asyncio.run(worker.run_worker(load_settings(store=tmp_path), SystemClock(), said.append))
    assert len(begun) == 1
    assert "invalidated" in said[0]
