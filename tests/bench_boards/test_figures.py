"""What the bench of the boards computes and writes, without measuring anything."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.bench.page import with_figures
from tests.bench_boards.page import BEGIN, PAGE, write_page
from tests.bench_boards.plan import REFRESH_SECONDS
from tests.bench_boards.report import targets
from tests.bench_boards.viewer import Seen, Viewer
from tests.bench_boards.watching import figures, growth


def part(**changed: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "viewers": 60, "seconds": 1800.0, "reruns": 75_000, "p50_seconds": 0.1, "p95_seconds": 0.99, "p99_seconds": 1.2,
        "max_seconds": 2.0, "board_cores": 0.6, "other_cores": 0.1, "queries_per_second": 23.0,
        "query_seconds_per_second": 0.4, "kilobytes_per_rerun": 12.0, "rss_megabytes": [300, 310],
        "rss_growth": 0.0, "live_reruns_per_viewer_second": 0.5,
    }  # fmt: skip
    return {**found, **changed}


def results(**changed: Any) -> dict[str, Any]:
    machine = {
        "measured_at": "2026-01-01T00:00:00+00:00", "processor": "P", "cores": 2, "memory_gigabytes": 8.0,
        "system": "Linux", "python": "3.11", "packages": {"duckdb": "1"}, "commit": "abc",
    }  # fmt: skip
    paint = {"cold_seconds": 2.9, "warm_seconds": 3.1, "warm_max_seconds": 3.2}
    few = part(viewers=4, queries_per_second=20.0)
    found = {"few": few, "crowd": part(), "paint": paint, "machine": machine}
    return {**found, "viewers": 60, "minutes": 30.0, "scale": 1.0, **changed}


def test_only_reruns_asked_for_in_the_measured_time_count() -> None:
    late = [(9.9, 5.0, 2.0), (10.0, 0.1, 2.0), (19.0, 3.0, 5.0), (20.0, 7.0, 2.0)]
    found = figures([Seen(late, 1.5, 4096), Seen([(12.0, 0.2, 2.0)], 2.5, 1024)], 10.0, 20.0)
    assert (found["reruns"], found["p50_seconds"], found["max_seconds"]) == (3, 0.2, 3.0)
    assert found["live_reruns_per_viewer_second"] == 0.1, "the panel of every five seconds is another one"
    assert (found["first_run_max_seconds"], found["kilobytes_per_rerun"]) == (2.5, 1.0)


def test_a_board_that_shows_nothing_new_is_a_failure() -> None:
    with pytest.raises(AssertionError, match="nothing new"):
        figures([Seen([(1.0, 0.1, 2.0)])], 10.0, 20.0)


def test_growth_is_that_of_the_last_third() -> None:
    assert growth([100, 200, 300, 300, 300, 330]) == pytest.approx(0.05)
    assert growth([100, 200]) == 0.0


def test_targets_are_judged() -> None:
    judged = {target.name: (target.measured, target.met) for target in targets(results())}
    assert judged == {
        "a rerun with 60 viewers, p95": ("0.990 s", True),
        "each viewer refreshed every 2 s": ("100%", True),
        "memory, last third against second": ("+0.0%", True),
        "queries of the store, 60 viewers against 4": ("1.15 times", True),
        "first paint, cold": ("2.9 s", True),
        "first paint, warm": ("3.1 s", False),
    }
    bad = part(p95_seconds=1.0, live_reruns_per_viewer_second=0.4, rss_growth=0.04, queries_per_second=30.0)
    assert [target.met for target in targets(results(crowd=bad, paint=None))] == [False] * 4


def test_a_trial_run_says_nothing_of_memory_and_is_not_for_the_page(tmp_path: Path) -> None:
    trial = results(minutes=2.0)
    assert not any(target.name.startswith("memory") for target in targets(trial))
    (tmp_path / "boards.json").write_bytes(msgspec.json.encode(trial))
    with pytest.raises(ValueError, match="30 minutes"):
        write_page(tmp_path / "boards.json", PAGE)


def test_only_what_is_between_the_markers_changes(tmp_path: Path) -> None:
    page, file = tmp_path / "page.md", tmp_path / "boards.json"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    file.write_bytes(msgspec.json.encode(results()))
    write_page(file, page)
    written = page.read_text(encoding="utf-8")
    assert "| 60 | 1,800 | 75,000 | 0.100 | 0.990 | 1.200 | 2.000 | 0.60 |" in written
    assert "| first paint, warm | < 3 s | 3.1 s | **missed** |" in written
    assert with_figures(written, "x", BEGIN) == with_figures(PAGE.read_text(encoding="utf-8"), "x", BEGIN)


def message(**fields: Any) -> bytes:
    return ForwardMsg(**fields).SerializeToString()


def finished(*fragments: str) -> bytes:
    return message(script_finished=0, metadata={"run": {"script_run_id": "r", "fragment_ids": fragments}})


def test_a_viewer_measures_to_the_end_of_the_run_of_that_panel() -> None:
    viewer, began = Viewer("board:1", ""), time.monotonic() - 4.0
    viewer.take(finished(), began)
    assert viewer.seen.first_run_seconds == pytest.approx(4.0, abs=0.5)
    viewer.intervals |= {"live": REFRESH_SECONDS, "chart": 5.0}
    viewer.asked |= {"live": time.monotonic() - 2.0, "chart": time.monotonic() - 1.0}
    viewer.take(finished("live"), began)
    ((_, took, interval),) = viewer.seen.reruns
    assert (took, interval) == (pytest.approx(2.0, abs=0.5), REFRESH_SECONDS)
    assert list(viewer.asked) == ["chart"]


def test_a_viewer_notes_errors_and_pages_that_start_over() -> None:
    viewer = Viewer("board:1", "")
    viewer.take(finished(), time.monotonic())
    viewer.take(message(delta={"new_element": {"exception": {"message": "no table"}}}), 0.0)
    viewer.take(message(delta={"new_element": {"alert": {"body": "Data is 20 s old", "format": 1}}}), 0.0)
    viewer.take(message(delta={"new_element": {"alert": {"body": "A past moment", "format": 3}}}), 0.0)
    assert viewer.seen.errors == {"no table", "Data is 20 s old"}
    for fragments, times in ((["live"], 0), ([], 1)):
        viewer.take(message(new_session={}, metadata={"run": {"script_run_id": "r", "fragment_ids": fragments}}), 0.0)
        assert viewer.seen.full_runs == times
