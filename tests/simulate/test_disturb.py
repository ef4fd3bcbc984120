"""Disturbances lose nothing, are counted exactly, and are refused for the reason they say."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contract.decode import decode
from pipeline.contract.events import Event
from pipeline.contract.rejects import Rejection, RejectReason
from pipeline.errors import CallboardError
from pipeline.simulate.disturb import Disturbance, Record, disturb, to_record
from pipeline.simulate.manifest import Manifest
from pipeline.simulate.spoil import MAX_TOO_LARGE, Spoiler

Run = tuple[list[Event], Manifest]
share = st.sampled_from([0.0, 0.01, 0.2, 1.0])


@pytest.fixture(scope="module")
def clean(busy_run: Run) -> list[Record]:
    """The first thousand records of the busy centre."""
    return [to_record(event) for event in busy_run[0][:1000]]


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    duplicates=share,
    late=share,
    bad=share,
    shuffle=st.sampled_from([0.0, 0.5, 30.0, 600.0]),
)
def test_nothing_is_lost_and_every_disturbance_is_counted(
    clean: list[Record], seed: int, duplicates: float, late: float, bad: float, shuffle: float
) -> None:
    wanted = Disturbance(duplicates, shuffle, late, 300.0, bad)
    out = list(disturb(clean, seed, wanted))
    assert out == list(disturb(clean, seed, wanted))
    manifest = Manifest()
    for record in out:
        manifest.delivered(record)
    document = manifest.document()

    values = Counter(record.value for record in clean)
    now = clean[-1].time
    rejected: Counter[tuple[str, str]] = Counter()
    repeated: Counter[str] = Counter()
    seen: set[bytes] = set()
    for record in out:
        verdict = decode(record.value, now)
        if isinstance(verdict, Rejection):
            rejected[record.topic, verdict.reason.value] += 1
            assert record.reason == verdict.reason.value
        else:
            repeated[record.topic] += record.value in seen
            seen.add(record.value)
    assert seen == set(values)
    for topic, counts in document["topics"].items():
        times = [record.time for record in out if record.topic == topic]
        assert counts["out_of_order"] == sum(time < max(times[: n + 1]) for n, time in enumerate(times))
        assert counts["sent"] == sum(record.topic == topic for record in out)
        assert counts["events"] == sum(record.topic == topic for record in clean)
        assert counts["duplicates"] == repeated[topic]
        assert counts["bad_by_reason"] == {reason: n for (at, reason), n in rejected.items() if at == topic}
        assert counts["sent"] == counts["events"] + counts["duplicates"] + counts["bad"]
    noted = Counter((note["kind"], note["topic"]) for note in document["disturbed"])
    names = (("duplicate", "duplicates"), ("late", "late"), ("bad", "bad"))
    assert +noted == +Counter(
        {(kind, topic): counts[name] for topic, counts in document["topics"].items() for kind, name in names}
    )


def test_a_calm_disturbance_changes_nothing(clean: list[Record]) -> None:
    assert list(disturb(clean, 1, Disturbance())) == clean


def test_shuffled_records_stay_within_their_span_and_do_change_places(clean: list[Record]) -> None:
    out = list(disturb(clean, 1, Disturbance(shuffle_seconds=20)))
    assert all(timedelta(0) <= record.due - record.time <= timedelta(seconds=20) for record in out)
    assert [record.due for record in out] == sorted(record.due for record in out)
    manifest = Manifest()
    for record in out:
        manifest.delivered(record)
    assert sum(counts["out_of_order"] for counts in manifest.document()["topics"].values()) > 100


def test_late_records_are_as_late_as_asked(clean: list[Record]) -> None:
    out = list(disturb(clean, 1, Disturbance(late=0.1, late_seconds=100)))
    late = [record for record in out if record.kind == "late"]
    assert 50 < len(late) < 150
    assert all(timedelta(seconds=50) <= record.due - record.time <= timedelta(seconds=100) for record in late)


def test_a_few_bad_records_cover_every_reason_and_large_ones_stay_few(clean: list[Record]) -> None:
    spoiler = Spoiler()
    few = [spoiler.spoil(clean[0].value) for _ in range(13)]
    assert {spoilt.reason for spoilt in few} == set(RejectReason)
    many = [spoiler.spoil(clean[0].value) for _ in range(400)]
    assert sum(s.reason is RejectReason.TOO_LARGE for s in few + many) == MAX_TOO_LARGE
    assert not any(b"\n" in spoilt.value for spoilt in few + many)


@pytest.mark.parametrize(
    "wrong", [{"duplicates": 1.1}, {"late": -0.1}, {"bad": float("nan")}, {"shuffle_seconds": float("inf")}]
)
def test_a_share_that_is_none_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(CallboardError, match="give"):
        Disturbance(**wrong)
