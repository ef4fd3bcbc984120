"""One part of the measurement: so many viewers look on, and the board's clocks are read meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import numpy as np
import psutil

from tests.bench.child import Child
from tests.bench.meter import Meter, spent
from tests.bench_boards.crowd import COMING_SECONDS
from tests.bench_boards.plan import CHOICES, REFRESH_SECONDS
from tests.bench_boards.scene import Scene
from tests.bench_boards.viewer import Seen

_MEGABYTE = 1024 * 1024
_SAMPLE_SECONDS = 5.0
#: Not counted: the last viewers have only just come, and caches fill.
WARM_SECONDS = 10.0


def watch(scene: Scene, viewers: int, seconds: float, folder: Path) -> dict[str, Any]:
    """Figures of ``viewers`` who look on for ``seconds``, after all have come and ``WARM_SECONDS`` more.

    Raises:
        RuntimeError: a process has ended, or a viewer has lost the board.
    """
    file = folder / f"seen-{viewers}.json"
    arguments = (scene.address, str(viewers), str(seconds + WARM_SECONDS), str(file), *CHOICES)
    with Child("tests.bench_boards.crowd", *arguments) as crowd:
        crowd.wait_for_line("watching", viewers * COMING_SECONDS + 180)
        time.sleep(WARM_SECONDS)
        meter = Meter([scene.board.pid], scene.others[0].pid, [crowd.pid, *(child.pid for child in scene.others[1:])])
        start, asked, from_moment = meter.read(), scene.asked(), time.monotonic()
        memory = list(_samples(scene, crowd, from_moment + seconds - 2.0))
        # The crowd may go on a little longer: what it asked after this moment is left out, finished or not.
        load, asked_then, until = spent(start, meter.read()), scene.asked(), time.monotonic()
        crowd.wait_for_line("done", 60)
    seen = msgspec.json.decode(file.read_bytes(), type=list[Seen])
    between = asked_then["at"] - asked["at"]
    return {
        "viewers": viewers,
        "seconds": round(until - from_moment, 1),
        **figures(seen, from_moment, until),
        "board_cores": round(load.consumer_cpu_seconds / load.wall_seconds, 3),
        "other_cores": round(load.other_cpu_seconds / load.wall_seconds, 3),
        "queries_per_second": round((asked_then["queries"] - asked["queries"]) / between, 2),
        "query_seconds_per_second": round((asked_then["seconds"] - asked["seconds"]) / between, 3),
        "rss_megabytes": memory,
        "rss_growth": round(growth(memory), 4),
    }


def _samples(scene: Scene, crowd: Child, until: float) -> Iterator[int]:
    board = psutil.Process(scene.board.pid)
    while time.monotonic() < until:
        scene.check()
        crowd.check()
        yield round(board.memory_info().rss / _MEGABYTE)
        time.sleep(min(_SAMPLE_SECONDS, max(0.0, until - time.monotonic())))


def figures(seen: list[Seen], from_moment: float, until: float) -> dict[str, Any]:
    """What the viewers measured of the reruns that were asked for between two moments."""
    asked = [rerun for each in seen for rerun in each.reruns if from_moment <= rerun[0] < until]
    assert asked, "the viewers were shown nothing new"
    took = np.array([seconds for _, seconds, _ in asked])
    live = sum(interval == REFRESH_SECONDS for _, _, interval in asked)
    p50, p95, p99 = (round(float(np.percentile(took, share)), 4) for share in (50, 95, 99))
    first = np.array([each.first_run_seconds for each in seen])
    return {
        "reruns": len(asked),
        # Of the panel of what is now alone: others are slower on purpose.
        "live_reruns_per_viewer_second": round(live / len(seen) / (until - from_moment), 3),
        "p50_seconds": p50,
        "p95_seconds": p95,
        "p99_seconds": p99,
        "max_seconds": round(float(took.max()), 4),
        "overtaken": sum(each.overtaken for each in seen),
        "full_runs": sum(each.full_runs for each in seen),
        "first_run_p50_seconds": round(float(np.median(first)), 3),
        "first_run_max_seconds": round(float(first.max()), 3),
        "kilobytes_per_rerun": round(
            sum(each.received_bytes for each in seen) / sum(len(each.reruns) for each in seen) / 1024, 1
        ),
        "errors": sorted({error for each in seen for error in each.errors}),
    }


def growth(memory: list[int]) -> float:
    """By what share the last third's memory is above the second third's; 0 of fewer than six samples."""
    third = len(memory) // 3
    if third < 2:
        return 0.0
    return float(median(memory[-third:]) / median(memory[third : 2 * third]) - 1)
