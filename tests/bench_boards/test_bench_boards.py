"""``make bench-boards``: one run, one table, build/bench-boards.json. Slow is a warning; a wrong board is a failure."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console
from rich.table import Table

from tests.bench.machine import machine
from tests.bench_boards.page import RESULTS
from tests.bench_boards.paint import measure_paint
from tests.bench_boards.plan import CHOICES, plan_from_environment
from tests.bench_boards.report import HEADER, rows, targets
from tests.bench_boards.scene import scene
from tests.bench_boards.watching import watch
from tests.support.strict import require


@pytest.mark.bench
@pytest.mark.broker
@pytest.mark.browser
@pytest.mark.timeout(0)
def test_viewers(tmp_path: Path) -> None:
    """Nobody is shown an error, and no page starts over, whatever the load."""
    plan = plan_from_environment()
    found: dict[str, Any] = {
        "machine": machine(("streamlit", "duckdb", "starlette", "uvicorn", "pyarrow")),
        "viewers": plan.viewers,
        "minutes": plan.minutes,
        "scale": plan.scale,
    }
    with scene(plan, tmp_path) as running:
        paint = measure_paint(running.address)
        require(paint, "no Chromium on this machine: scripts/install-test-tools.sh installs it")
        found["paint"] = paint
        found["few"] = watch(running, len(CHOICES), plan.few_seconds, tmp_path)
        found["crowd"] = watch(running, plan.viewers, plan.minutes * 60, tmp_path)
    judged = targets(found)
    found["targets"] = [target._asdict() for target in judged]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    _print(found)
    for part in ("few", "crowd"):
        assert (found[part]["errors"], found[part]["full_runs"]) == ([], 0), part
    for target in judged:
        if not target.met:
            warnings.warn(f"missed: {target.name}: {target.measured}, wanted {target.wanted}", stacklevel=1)


def _print(found: dict[str, Any]) -> None:
    console = Console(width=200)
    table = Table(*HEADER)
    for row in rows(found):
        table.add_row(*row)
    console.print()
    console.print(table)
    for target in targets(found):
        verdict = "met   " if target.met else "MISSED"
        console.print(f"{verdict} {target.name}: {target.measured} (wanted {target.wanted})")
    console.print(f"figures in build/{RESULTS.name}")
