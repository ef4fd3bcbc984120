"""After a fatal error DuckDB refuses everything in that process: a worker must not try again in it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import pytest

from pipeline.clock import SystemClock
from pipeline.settings import load_settings
from pipeline.transport import worker


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
    with pytest.raises(SystemExit):
        asyncio.run(worker.run_worker(load_settings(store=tmp_path), SystemClock(), said.append))
    assert len(begun) == 1
    assert "invalidated" in said[0]
