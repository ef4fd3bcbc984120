"""The figures of one run as tables: for the console, and for the page that keeps them."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any, NamedTuple

Figures = dict[str, Any]

REPLAYS = {
    "floor": "plain confluent-kafka + DuckDB script (the floor)",
    "stock": "stock Faust into memory (nothing durable)",
    "stock_uvloop": "stock Faust into memory, uvloop",
    "stock_tables": "stock Faust into its tables (durable)",
    "stock_tables_uvloop": "stock Faust into its tables, uvloop",
    "worker": "this worker, one process",
    "workers": "this worker, two processes",
}
REPLAY_HEADER = (
    "replay", "events", "events/s", "events per CPU-s", "with start: events/s", "broker CPU s", "others' CPU s",
    "peak MB",
)  # fmt: skip
LATENCY_HEADER = (
    "load", "events", "p50 s", "p90 s", "p99 s", "max s", "one reading s", "worker cores", "broker cores",
    "others' cores", "peak MB",
)  # fmt: skip


class Target(NamedTuple):
    """What was hoped for, what came out, and whether that will do."""

    name: str
    wanted: str
    measured: str
    met: bool


def replay_rows(results: Figures) -> Iterator[tuple[str, ...]]:
    """One row for each consumer that was measured."""
    for name, title in REPLAYS.items():
        found = results.get(name)
        if found is not None:
            yield (
                title,
                _number(found["events"]),
                _number(found["events_per_second"]),
                _number(found["events_per_cpu_second"]),
                _number(found.get("with_start_events_per_second")),
                _number(found.get("broker_cpu_seconds"), 1),
                _number(found.get("other_cpu_seconds"), 1),
                " + ".join(map(str, found["peak_megabytes"]))
                if isinstance(found["peak_megabytes"], list)
                else str(found["peak_megabytes"]),
            )


def latency_rows(results: Figures) -> Iterator[tuple[str, ...]]:
    """One row, if it was measured."""
    found = results.get("latency")
    if found is not None:
        yield (
            f"{_number(found['events_per_second'])} events/s for {found['seconds']:.0f} s",
            _number(found["events"]),
            *(f"{found[name]:.3f}" for name in ("p50_seconds", "p90_seconds", "p99_seconds", "max_seconds")),
            f"{found['reading_p50_seconds']:.3f}",
            f"{found['worker_cores']:.2f}",
            f"{found['broker_cores']:.2f}",
            f"{found['other_cores']:.2f}",
            str(found["peak_megabytes"]),
        )


def targets(results: Figures) -> list[Target]:
    """The targets of which everything was measured."""
    found: list[Target] = []
    replays = [results[name] for name in ("worker", "workers") if name in results]
    if replays:
        best = max(replay["events_per_second"] for replay in replays)
        found.append(Target("replay on two cores", ">= 40,000 events/s", f"{best:,} events/s", best >= 40_000))
    if results.get("pairs"):
        ratios = [worker / stock for worker, stock in results["pairs"]]
        times = statistics.median(ratios)
        measured = f"{times:.1f} times (median of {', '.join(f'{ratio:.1f}' for ratio in ratios)})"
        found.append(Target("events per CPU-s against stock Faust, in turn", ">= 10 times", measured, times >= 10))
    if "latency" in results:
        p99 = results["latency"]["p99_seconds"]
        found.append(Target("event to readable, p99", "< 1 s", f"{p99:.3f} s", p99 < 1))
    peaks = [peak for replay in replays for peak in replay["peak_megabytes"]]
    peaks += [results["latency"]["peak_megabytes"]] if "latency" in results else []
    if peaks:
        found.append(Target("memory of a worker, at its peak", "< 500 MB", f"{max(peaks)} MB", max(peaks) < 500))
    return found


def markdown(results: Figures) -> str:
    """The tables of the page."""
    where = results["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in where["packages"].items())
    parts = [
        f"Measured at {where['measured_at']} on {where['processor']}, {where['cores']} cores, "
        f"{where['memory_gigabytes']} GB, {where['system']}, Python {where['python']}; {packages}; "
        f"broker: {results['broker']}; commit `{where['commit']}`; scale {results['scale']:g}.",
        _table(REPLAY_HEADER, replay_rows(results)),
        _table(LATENCY_HEADER, latency_rows(results)),
        _table(
            ("target", "wanted", "measured", ""),
            ((t.name, t.wanted, t.measured, "met" if t.met else "**missed**") for t in targets(results)),
        ),
    ]
    return "\n\n".join(parts)


def _table(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" if not number else "---:" for number in range(len(header))), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _number(value: float | None, places: int = 0) -> str:
    return "" if value is None else f"{value:,.{places}f}"
