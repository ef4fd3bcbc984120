"""Pacing by an injected clock: the right moment, never the future, and a stop that loses nothing."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.clock import ManualClock
from pipeline.contract.decode import decode
from pipeline.contract.rejects import Rejection
from pipeline.errors import CallboardError
from pipeline.simulate.centre import Centre
from pipeline.simulate.disturb import Disturbance, Record
from pipeline.simulate.lines import line_centre
from pipeline.simulate.manifest import Manifest
from pipeline.simulate.play import live_start, play
from pipeline.simulate.run import Plan, chosen_speed, parse_start, run, run_to_file, run_to_sink
from tests import oracle

NOW = datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC)
WHOLE = NOW.replace(microsecond=0)
Received = list[tuple[datetime, str, bytes, bytes]]


def at(second: float, start: datetime = NOW) -> Record:
    moment = start + timedelta(seconds=second)
    return Record("calls", b"k", b"v", moment, moment, "s", str(second))


def collector(clock: ManualClock) -> tuple[Received, Callable[[str, bytes, bytes], None]]:
    received: Received = []
    return received, lambda topic, key, value: received.append((clock.now(), topic, key, value))


def given_out(records: list[Record], speed: float, start: datetime, clock: ManualClock) -> list[float]:
    return [round((clock.now() - NOW).total_seconds(), 6) for _ in play(records, speed, clock, start)]


def test_real_time_gives_each_record_at_its_moment() -> None:
    assert given_out([at(0), at(1.5), at(1.5), at(9)], 1, NOW, ManualClock(NOW)) == [0, 1.5, 1.5, 9]


def test_ten_times_as_fast_from_the_past_meets_the_present_and_goes_on_in_real_time() -> None:
    start = NOW - timedelta(seconds=90)
    records = [at(second, start) for second in (0, 50, 100, 101, 110)]
    # 100 simulated seconds take ten: there the run meets the clock, and 101 is a second later, not a tenth.
    assert given_out(records, 10, start, ManualClock(NOW)) == [0, 5, 10, 11, 20]


def test_no_pacing_stops_only_at_the_present() -> None:
    start = NOW - timedelta(hours=1)
    assert given_out([at(0, start), at(3599, start), at(3605, start)], 0, start, ManualClock(NOW)) == [0, 0, 5]


def test_a_slow_reader_is_not_waited_for_and_misses_nothing() -> None:
    clock = ManualClock(NOW)
    seen = []
    for record in play([at(0), at(1), at(2), at(20)], 1, clock, NOW):
        seen.append((clock.now() - NOW).total_seconds())
        clock.sleep(5 if record.id == "0" else 0)
    assert seen == [0, 5, 5, 20]


@pytest.mark.parametrize(
    ("hours", "speed", "minutes_ago"), [(None, 1, 0), (2, 1, 0), (1, 10, 54), (1, 0, 60), (None, 10, 0), (1, 0.5, 0)]
)
def test_a_live_run_starts_so_that_it_ends_now(hours: float | None, speed: float, minutes_ago: float) -> None:
    assert live_start(NOW, hours, speed) == WHOLE - timedelta(minutes=minutes_ago)


def test_a_run_from_the_past_comes_to_the_present_unless_told_how_fast(busy_centre: Centre) -> None:
    # It once ran at speed 1, two hours behind for ever: a board over it showed a centre of two hours ago.
    clock, past = ManualClock(NOW), NOW - timedelta(hours=2)
    received, sink = collector(clock)
    plan = Plan(7, None, past, chosen_speed(None, past, to_file=False), centre=busy_centre)
    run_to_sink(plan, sink, clock, lambda: clock.monotonic() >= 60)
    moment, _, _, newest = received[-1]
    assert moment - datetime.fromisoformat(json.loads(newest)["time"]) < timedelta(seconds=20)
    assert chosen_speed(None, None, to_file=False) == 1.0
    assert chosen_speed(1.0, past, to_file=False) == 1.0
    assert chosen_speed(None, None, to_file=True) == 0.0


@pytest.mark.parametrize("speed", [0, 1, 20])
def test_no_event_is_ever_ahead_of_the_clock(busy_centre: Centre, speed: float) -> None:
    clock = ManualClock(NOW)
    received, sink = collector(clock)
    noisy = Disturbance(duplicates=0.05, shuffle_seconds=5, late=0.05, late_seconds=60)
    run_to_sink(Plan(7, 0.5, None, speed, noisy, busy_centre), sink, clock)
    assert len(received) > 400
    for moment, _, _, value in received:
        assert datetime.fromisoformat(json.loads(value)["time"]) <= moment
    took_seconds = (received[-1][0] - NOW).total_seconds()
    # What was held back at the end is waited for at the run's own pace: without pacing, not at all.
    longest_seconds = {0: 0, 1: 1800 + 200, 20: 90 + 10}[speed]
    assert longest_seconds * 0.8 <= took_seconds <= longest_seconds


def test_an_endless_run_stops_when_told_and_its_manifest_holds(busy_centre: Centre) -> None:
    clock = ManualClock(NOW)
    received, sink = collector(clock)
    noisy = Disturbance(duplicates=0.1, shuffle_seconds=30, late=0.1, late_seconds=600, bad=0.05)
    plan = Plan(7, None, NOW - timedelta(hours=1), 0, noisy, busy_centre)
    manifest = run_to_sink(plan, sink, clock, lambda: clock.monotonic() >= 300)
    stopped_at = received[-1][0]
    assert timedelta(seconds=300) <= stopped_at - NOW < timedelta(seconds=301)
    document = manifest.document()
    good = [value for *_, value in received if not isinstance(decode(value, stopped_at), Rejection)]
    facts = oracle.facts(good, stopped_at)
    assert sum(cell.offered for cell in facts.kpi_minute.values()) == (document["totals"]["offered"])
    assert len(set(good)) == sum(document["events"].values())
    assert len(received) == sum(topic["sent"] for topic in document["topics"].values())


def test_a_start_in_the_future_is_refused_for_a_sink_and_fine_for_a_file(busy_centre: Centre, tmp_path: Path) -> None:
    plan = Plan(1, 0.1, NOW + timedelta(days=1), 0, centre=busy_centre)
    with pytest.raises(CallboardError, match="lies in the future"):
        run_to_sink(plan, lambda *_: None, ManualClock(NOW))
    assert run_to_file(plan, str(tmp_path / "events.jsonl"), ManualClock(NOW)).events


def test_an_event_file_has_one_record_a_line_bad_ones_too(busy_centre: Centre, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    clock = ManualClock(NOW)
    manifest = run_to_file(Plan(3, None, None, 0, Disturbance(bad=0.1), busy_centre), str(path), clock)
    lines = path.read_bytes().split(b"\n")
    assert lines.pop() == b""
    assert clock.monotonic() == 0
    assert manifest.start == WHOLE - timedelta(hours=1)
    verdicts = [decode(line, NOW) for line in lines]
    topics = manifest.document()["topics"].values()
    assert len(verdicts) == sum(topic["sent"] for topic in topics)
    assert sum(isinstance(verdict, Rejection) for verdict in verdicts) == sum(topic["bad"] for topic in topics) > 20


def test_a_file_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CallboardError, match=re.escape("missing")):
        run_to_file(Plan(hours=0.01, speed=0), str(tmp_path / "missing" / "x"), ManualClock(NOW))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("auto", None),
        ("now", WHOLE),
        ("-2h", WHOLE - timedelta(hours=2)),
        ("-1.5d", WHOLE - timedelta(hours=36)),
        ("2026-03-02T08:00:00Z", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02T08:00:00+02:00", datetime(2026, 3, 2, 6, tzinfo=UTC)),
    ],
)
def test_the_start_as_a_person_writes_it(text: str | None, expected: datetime | None) -> None:
    assert parse_start(text, NOW) == expected


@pytest.mark.parametrize("text", ["yesterday", "2026-03-02T08:00:00", "2h", "-2w", "-99999999d"])
def test_a_start_that_is_none_says_what_is_possible(text: str) -> None:
    with pytest.raises(CallboardError, match="give now, -2h"):
        parse_start(text, NOW)


@pytest.mark.parametrize("wrong", [{"hours": 0}, {"hours": math.nan}, {"speed": -1}, {"speed": math.inf}])
def test_a_plan_that_cannot_be_run_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(CallboardError, match="give"):
        replace(Plan(centre=Plan().centre), **wrong)


def test_the_manifest_of_a_run_names_the_run(busy_centre: Centre) -> None:
    manifest: Manifest = run_to_sink(Plan(9, 0.1, None, 0, centre=busy_centre), lambda *_: None, ManualClock(NOW))
    document = manifest.document()
    assert (document["centre"], document["seed"]) == ("busy", 9)
    assert document["start"] == "2026-03-02T08:54:00Z"


def test_a_run_writes_its_manifest_beside_its_events(busy_centre: Centre, tmp_path: Path) -> None:
    plan = Plan(9, 0.1, None, 0, centre=busy_centre)
    manifest = run(plan, str(tmp_path / "events.jsonl"), ManualClock(NOW), tmp_path / "manifest.json")
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8")) == manifest.document()
    assert (tmp_path / "events.jsonl").read_bytes().count(b"\n") == sum(manifest.events.values())


def test_a_manifest_without_a_folder_is_refused_before_the_run(tmp_path: Path) -> None:
    received: list[bytes] = []
    with pytest.raises(CallboardError, match="folder does not exist"):
        run(Plan(), lambda _t, _k, value: received.append(value), ManualClock(NOW), tmp_path / "missing" / "m.json")
    assert received == []


def test_a_file_has_the_aftermath_and_all_of_it_has_happened(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    plan = Plan(3, 1, None, 0, centre=line_centre("collections"), aftermath=True)
    manifest = run_to_file(plan, str(path), ManualClock(NOW))
    verdicts = [decode(line, NOW) for line in path.read_bytes().splitlines()]
    assert not any(isinstance(verdict, Rejection) for verdict in verdicts)
    times = [verdict.time for verdict in verdicts if not isinstance(verdict, Rejection)]
    assert times[0] + timedelta(days=2) < times[-1] <= NOW
    assert len(times) == sum(manifest.events.values())


def test_a_sink_is_not_kept_waiting_for_the_aftermath() -> None:
    clock = ManualClock(NOW)
    received, sink = collector(clock)
    run_to_sink(Plan(3, 1, None, 0, centre=line_centre("collections"), aftermath=True), sink, clock)
    assert received
    assert clock.now() == NOW
