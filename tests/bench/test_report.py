"""What the bench computes and writes, without measuring anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.bench.latency import latencies
from tests.bench.load import simulated_records
from tests.bench.page import PAGE, with_figures, write_page
from tests.bench.reader import Sighting
from tests.bench.report import targets
from tests.bench.sender import halves, stamp

_REPLAY: dict[str, Any] = {
    "events": 1000,
    "events_per_second": 50_000,
    "events_per_cpu_second": 45_000,
    "with_start_events_per_second": 900,
    "broker_cpu_seconds": 0.5,
    "other_cpu_seconds": 0.25,
    "peak_megabytes": 300,
}


def results() -> dict[str, Any]:
    found = {
        name: {**_REPLAY}
        for name in ("floor", "stock", "stock_uvloop", "stock_tables", "stock_tables_uvloop", "worker", "workers")
    }
    found["worker"]["peak_megabytes"] = [499]
    found["workers"].update(peak_megabytes=[300, 200], events_per_second=39_000)
    latency = {"events_per_second": 2000, "seconds": 60.0, "events": 120_000, "peak_megabytes": 501}
    latency |= {f"{name}_seconds": 0.25 for name in ("p50", "p90", "p99", "max", "reading_p50")}
    latency |= {f"{name}_cores": 0.5 for name in ("worker", "broker", "other")}
    machine = {
        "measured_at": "2026-01-01T00:00:00+00:00", "processor": "P", "cores": 2, "memory_gigabytes": 8.0,
        "system": "Linux", "python": "3.11", "packages": {"duckdb": "1"}, "commit": "abc",
    }  # fmt: skip
    found["pairs"] = [[47_500, 5_000], [45_000, 5_000], [50_500, 5_000]]
    return {**found, "latency": latency, "machine": machine, "broker": "embedded", "scale": 1.0}


def test_an_event_is_seen_by_the_first_answer_that_reaches_its_offset() -> None:
    sightings = [
        Sighting(9.9, 10.0, [("calls", 0, 1)]),
        Sighting(10.9, 11.0, [("calls", 0, 1), ("agents", 1, 4)]),
        Sighting(11.9, 12.0, [("calls", 0, 3)]),
    ]
    due = [("calls", 0, 0, 5.0), ("calls", 0, 1, 9.5), ("calls", 0, 2, 9.5), ("agents", 1, 4, 9.75)]
    assert list(latencies(due, sightings, from_seconds=9.0)) == [0.5, 2.5, 1.25]


def test_an_event_that_nobody_saw_is_a_failure_and_not_left_out() -> None:
    with pytest.raises(AssertionError, match="never seen"):
        latencies([("calls", 0, 7, 1.0)], [Sighting(1.0, 2.0, [("calls", 0, 6)])], from_seconds=0.0)


def test_targets_are_judged_by_the_worst_memory_and_the_best_replay() -> None:
    judged = {target.name: (target.measured, target.met) for target in targets(results())}
    assert judged == {
        "replay on two cores": ("50,000 events/s", True),
        "events per CPU-s against stock Faust, in turn": ("9.5 times (median of 9.5, 9.0, 10.1)", False),
        "event to readable, p99": ("0.250 s", True),
        "memory of a worker, at its peak": ("501 MB", False),
    }


def test_only_what_is_between_the_markers_changes(tmp_path: Path) -> None:
    page, figures = tmp_path / "page.md", tmp_path / "bench.json"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    figures.write_bytes(msgspec.json.encode(results()))
    write_page(figures, page)
    written = page.read_text(encoding="utf-8")
    assert "| this worker, one process | 1,000 | 50,000 | 45,000 | 900 | 0.5 | 0.2 | 499 |" in written
    assert "| event to readable, p99 | < 1 s | 0.250 s | met |" in written
    assert with_figures(written, "x") == with_figures(PAGE.read_text(encoding="utf-8"), "x")


def test_figures_of_a_part_are_not_for_the_page(tmp_path: Path) -> None:
    part = results()
    del part["latency"]
    (tmp_path / "bench.json").write_bytes(msgspec.json.encode(part))
    with pytest.raises(ValueError, match="latency"):
        write_page(tmp_path / "bench.json", PAGE)


def test_a_sent_event_differs_from_the_simulated_one_in_its_time_only() -> None:
    (record,) = simulated_records(1, 1.0)
    before, after = halves(record)
    sent = msgspec.json.decode(before + stamp(1_767_225_600.25) + after)
    assert sent.pop("time") == "2026-01-01T00:00:00.250000+00:00"
    simulated = msgspec.json.decode(record.value)
    del simulated["time"]
    assert sent == simulated
