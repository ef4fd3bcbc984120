"""The day's store, made once: nothing in these tests writes to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.areas.floor_events import stored
from tests.reconcile.day import Pass, calls, events


@pytest.fixture(scope="session")
def passes() -> list[Pass]:
    return calls()


@pytest.fixture(scope="session")
def day_store(tmp_path_factory: pytest.TempPathFactory, passes: list[Pass]) -> Path:
    return stored(tmp_path_factory.mktemp("reconcile"), events(passes))
