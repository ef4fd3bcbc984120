"""``make bench``: one run, one table, build/bench.json. Slow figures are warnings; a lost event is a failure."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console
from rich.table import Table

from pipeline.simulate.disturb import Record
from tests.bench.latency import measure_latency
from tests.bench.load import simulated_records
from tests.bench.machine import machine
from tests.bench.page import RESULTS
from tests.bench.plan import REPLAY_CENTRE, Plan, plan_from_environment
from tests.bench.replay import replay_floor, replay_stock, replay_worker
from tests.bench.report import LATENCY_HEADER, REPLAY_HEADER, latency_rows, replay_rows, targets

#: How often this worker and stock Faust are measured in turn.
PAIRS = 3

pytestmark = [pytest.mark.bench, pytest.mark.broker, pytest.mark.timeout(1_800)]

#: A target that was missed is told, not failed: how fast a machine is says nothing about the code being right.
_MISSED = "missed: {0.name}: {0.measured}, wanted {0.wanted}"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_from_environment()


@pytest.fixture(scope="module")
def records(plan: Plan) -> list[Record]:
    return simulated_records(plan.replay_events, REPLAY_CENTRE)


@pytest.fixture(scope="module")
def results(plan: Plan) -> Iterator[dict[str, Any]]:
    """Collects the figures and reports them when all are there."""
    found: dict[str, Any] = {"machine": machine(), "broker": plan.broker, "scale": plan.scale}
    yield found
    found["targets"] = [target._asdict() for target in targets(found)]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    _print(found)
    for target in targets(found):
        if not target.met:
            warnings.warn(_MISSED.format(target), stacklevel=1)


def test_floor(plan: Plan, records: list[Record], results: dict[str, Any], tmp_path: Path) -> None:
    results["floor"] = replay_floor(plan, records, tmp_path)


@pytest.mark.parametrize(
    ("name", "loop", "kept"),
    [
        ("stock", "asyncio", "memory"),
        ("stock_uvloop", "uvloop", "memory"),
        ("stock_tables", "asyncio", "tables"),
        ("stock_tables_uvloop", "uvloop", "tables"),
    ],
)
def test_stock_faust(
    plan: Plan, records: list[Record], results: dict[str, Any], tmp_path: Path, name: str, loop: str, kept: str
) -> None:
    results[name] = replay_stock(plan, records, tmp_path, loop, kept)


@pytest.mark.parametrize(("name", "processes"), [("worker", 1), ("workers", 2)])
def test_worker(
    plan: Plan, records: list[Record], results: dict[str, Any], tmp_path: Path, name: str, processes: int
) -> None:
    """Conservation is asserted inside: every event that the broker took is stored once."""
    results[name] = replay_worker(plan, records, tmp_path, processes)


def test_against_stock_faust_in_turn(
    plan: Plan, records: list[Record], results: dict[str, Any], tmp_path: Path
) -> None:
    """The speed of a shared machine drifts by more than the target's margin: pairs, each at nearly one time."""
    pairs = results.setdefault("pairs", [])
    for number in range(PAIRS):
        worker = replay_worker(plan, records, tmp_path / f"worker-{number}", 1)
        stock = replay_stock(plan, records, tmp_path / f"stock-{number}", "asyncio", "tables")
        pairs.append([worker["events_per_cpu_second"], stock["events_per_cpu_second"]])


def test_latency(plan: Plan, results: dict[str, Any], tmp_path: Path) -> None:
    results["latency"] = measure_latency(plan, tmp_path)


def _print(found: dict[str, Any]) -> None:
    console = Console(width=180)
    console.print()
    for header, rows in ((REPLAY_HEADER, replay_rows(found)), (LATENCY_HEADER, latency_rows(found))):
        table = Table(*header)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    for target in targets(found):
        verdict = "met   " if target.met else "MISSED"
        console.print(f"{verdict} {target.name}: {target.measured} (wanted {target.wanted})")
    console.print(f"broker: {found['broker']}, scale {found['scale']:g}; figures in build/{RESULTS.name}")
