"""The stream: the same for a seed, in order, valid by the contract, and never silent."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contract.decode import decode
from pipeline.contract.events import EVENT_TYPES, Event, InteractionQueued, encode
from pipeline.errors import CallboardError
from pipeline.simulate.arrivals import arrival_times
from pipeline.simulate.centre import Centre
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.manifest import Manifest
from pipeline.simulate.simulation import simulate

Run = tuple[list[Event], Manifest]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**63))
def test_the_same_seed_gives_the_same_stream_and_truth(busy_centre: Centre, start: datetime, seed: int) -> None:
    first, second = Manifest(), Manifest()
    assert list(map(encode, simulate(busy_centre, seed, start, 0.4, first))) == list(
        map(encode, simulate(busy_centre, seed, start, 0.4, second))
    )
    assert first.document() == second.document()


def test_the_stream_does_not_depend_on_the_process(busy_run: Run) -> None:
    script = (
        "import sys; from tests.simulate.conftest import START, busy_centre\n"
        "from pipeline.simulate.simulation import simulate; from pipeline.contract.events import encode\n"
        "for event in simulate(busy_centre.__wrapped__(), 5, START, 0.5): print(encode(event).decode())"
    )
    # Another hash seed orders sets and identity-keyed dictionaries otherwise.
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "11"}
    )
    lines = done.stdout.splitlines()
    assert len(lines) > 500
    assert lines == [encode(event).decode() for event in islice(busy_run[0], len(lines))]


def test_another_seed_gives_other_events_and_no_id_twice(busy_centre: Centre, busy_run: Run, start: datetime) -> None:
    other = list(simulate(busy_centre, 6, start, 1))
    assert not {event.id for event in other} & {event.id for event in busy_run[0]}
    assert [event.time for event in other] != [event.time for event in busy_run[0][: len(other)]]


@settings(max_examples=15, deadline=None)
@given(hours=st.floats(0.01, 0.99))
def test_a_shorter_run_is_the_beginning_of_a_longer_one(
    busy_centre: Centre, busy_run: Run, start: datetime, hours: float
) -> None:
    events = list(simulate(busy_centre, 5, start, hours))
    end = start + timedelta(hours=hours)
    assert events == [event for event in busy_run[0] if event.time < end]


def test_every_event_is_valid_in_order_and_known_by_its_id(busy_run: Run) -> None:
    events, _ = busy_run
    now = events[-1].time
    assert all(decode(encode(event), now) == event for event in events)
    assert all(earlier.time <= later.time for earlier, later in pairwise(events))
    assert len({(event.source, event.id) for event in events}) == len(events)


def test_everything_the_contract_knows_happens(busy_run: Run) -> None:
    events, manifest = busy_run
    # What adapters say of a source is not among it: the centre speaks for itself, and keeps no other durations.
    of_adapters = {"interaction.reported.v1", "source.noticed.v1"}
    assert {event.__struct_config__.tag for event in events} == set(EVENT_TYPES) - of_adapters
    totals = manifest.document()["totals"]
    assert [name for name, value in totals.items() if value in (0, "0.000000") and not name.endswith("at_end")] == []


def test_the_demo_has_traffic_at_every_hour_and_in_every_queue() -> None:
    centre = default_centre()
    queued = [
        event
        for event in simulate(centre, 1, datetime(2026, 7, 5, tzinfo=UTC), 24)
        if isinstance(event, InteractionQueued)
    ]
    by_hour = Counter(event.time.hour for event in queued)
    assert min(by_hour[hour] for hour in range(24)) > 60
    assert {event.data.queue for event in queued} == {queue.name for queue in centre.queues}


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), zone=st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York"]))
def test_arrivals_follow_the_hours_of_the_site(seed: int, zone: str) -> None:
    from random import Random
    from zoneinfo import ZoneInfo

    rates = (0.0,) * 9 + (400.0, 100.0) + (0.0,) * 13
    start = datetime(2026, 3, 7, 17, 3, 21, tzinfo=UTC)  # the second day is a change to summer time in New York
    hours: Counter[int] = Counter()
    for at_us in arrival_times(rates, ZoneInfo(zone), start, Random(seed)):
        if at_us > 4 * 24 * 3_600_000_000:
            break
        hours[(start + timedelta(microseconds=at_us)).astimezone(ZoneInfo(zone)).hour] += 1
    assert set(hours) == {9, 10}
    # Four whole days: means 1600 and 400; seven standard deviations.
    assert abs(hours[9] - 1600) < 7 * 40
    assert abs(hours[10] - 400) < 7 * 20


@pytest.mark.parametrize("hours", [0, -1, float("nan")])
def test_a_run_without_length_is_refused(busy_centre: Centre, start: datetime, hours: float) -> None:
    with pytest.raises(CallboardError, match="give more than 0"):
        simulate(busy_centre, 1, start, hours)


def test_a_naive_start_is_refused(busy_centre: Centre, start: datetime) -> None:
    with pytest.raises(CallboardError, match="no time zone"):
        simulate(busy_centre, 1, start.replace(tzinfo=None), 1)
