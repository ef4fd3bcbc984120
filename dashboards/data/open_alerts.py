"""The alerts that a wall names. The seam to ``pipeline.alerts``: where nothing evaluates alerts, there are none."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from dashboards.access.scope import Scope


@cache
def _reader() -> Any:
    try:
        return importlib.import_module("dashboards.data.alerts").open_alerts
    except ModuleNotFoundError:
        return None


def open_alerts(folder: Path, scope: Scope) -> Sequence[Mapping[str, Any]] | None:
    """What is raised and not cleared within a scope, worst first; None where nothing evaluates alerts."""
    reader = _reader()
    found: Sequence[Mapping[str, Any]] | None = None if reader is None else reader(folder, scope)
    return found
