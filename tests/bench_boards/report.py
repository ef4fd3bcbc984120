"""The figures of one run as tables: for the console, and for the page that keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.bench.report import Target
from tests.bench_boards.plan import CHOICES, REFRESH_SECONDS, WHOLE_MINUTES

Figures = dict[str, Any]

HEADER = (
    "viewers", "seconds", "reruns", "p50 s", "p95 s", "p99 s", "max s", "board cores", "others' cores", "queries/s",
    "s in queries/s", "KB a rerun", "RSS MB", "growth",
)  # fmt: skip
#: Memory is flat when the last third of a run has at most so much more than the second third.
FLAT = 0.03
#: As many queries for all viewers as for one of each choice, but for what a part's borders cut off.
SAME_QUERIES = 1.15
#: So much of what the viewers asked for has come: timers of a busy machine are late.
ALIVE = 0.9


def rows(results: Figures) -> Iterator[tuple[str, ...]]:
    """One row for each part of the run."""
    for part in ("few", "crowd"):
        found = results.get(part)
        if found is not None:
            memory = found["rss_megabytes"]
            yield (
                str(found["viewers"]),
                f"{found['seconds']:,.0f}",
                f"{found['reruns']:,}",
                *(f"{found[f'{name}_seconds']:.3f}" for name in ("p50", "p95", "p99", "max")),
                f"{found['board_cores']:.2f}",
                f"{found['other_cores']:.2f}",
                f"{found['queries_per_second']:.1f}",
                f"{found['query_seconds_per_second']:.2f}",
                f"{found['kilobytes_per_rerun']:.1f}",
                f"{memory[0]} to {memory[-1]}, at most {max(memory)}",
                f"{found['rss_growth']:+.1%}",
            )


def targets(results: Figures) -> list[Target]:
    """What was promised, of what was measured."""
    found: list[Target] = []
    crowd, few, paint = results.get("crowd"), results.get("few"), results.get("paint")
    if crowd is not None:
        p95, pace = crowd["p95_seconds"], crowd["live_reruns_per_viewer_second"] * REFRESH_SECONDS
        found.append(Target(f"a rerun with {crowd['viewers']} viewers, p95", "< 1 s", f"{p95:.3f} s", p95 < 1))
        found.append(
            Target(
                f"each viewer refreshed every {REFRESH_SECONDS:g} s", f">= {ALIVE:.0%}", f"{pace:.0%}", pace >= ALIVE
            )
        )
        if results["minutes"] >= WHOLE_MINUTES:
            grown = crowd["rss_growth"]
            found.append(Target("memory, last third against second", f"<= {FLAT:+.0%}", f"{grown:+.1%}", grown <= FLAT))
    if crowd is not None and few is not None:
        times = crowd["queries_per_second"] / few["queries_per_second"]
        wanted = f"<= {SAME_QUERIES:g} times"
        name = f"queries of the store, {crowd['viewers']} viewers against {few['viewers']}"
        found.append(Target(name, wanted, f"{times:.2f} times", times <= SAME_QUERIES))
    if paint is not None:
        for kind in ("cold", "warm"):
            seconds = paint[f"{kind}_seconds"]
            found.append(Target(f"first paint, {kind}", "< 3 s", f"{seconds:.1f} s", seconds < 3))
    return found


def markdown(results: Figures) -> str:
    """The tables of the page."""
    where = results["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in where["packages"].items())
    return "\n\n".join(
        [
            f"Measured at {where['measured_at']} on {where['processor']}, {where['cores']} cores, "
            f"{where['memory_gigabytes']} GB, {where['system']}, Python {where['python']}; {packages}; "
            f"commit `{where['commit']}`; {results['viewers']} viewers of {len(CHOICES)} choices for "
            f"{results['minutes']:g} minutes, a centre of scale {results['scale']:g}.",
            table(HEADER, rows(results)),
            table(
                ("target", "wanted", "measured", ""),
                ((t.name, t.wanted, t.measured, "met" if t.met else "**missed**") for t in targets(results)),
            ),
        ]
    )


def table(header: tuple[str, ...], lines: Iterator[tuple[str, ...]]) -> str:
    """A table of Markdown, numbers to the right."""
    ruler = tuple("---" if not number else "---:" for number in range(len(header)))
    return "\n".join("| " + " | ".join(line) + " |" for line in (header, ruler, *lines))
