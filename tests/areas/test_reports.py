"""A source's own durations beside the computed ones, and what was noticed of it. Numbers are worked out by hand."""

from __future__ import annotations

import random
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.areas.digital_events import THE_DAY, Contact, Store, at, lines_of
from tests.support.calls import line

D = Decimal


def answered_call(name: str, queue: str = "care", client: str = "acme") -> Contact:
    """Waits 30 s, talks 270 s of which 40 s are on hold, wraps up for 20 s."""
    return (
        Contact(name, "voice", client)
        .say("queued", at("10:00:00"), segment="1", queue=queue)
        .say("answered", at("10:00:30"), segment="1", agent="ann")
        .say("held", at("10:01:00"), segment="1")
        .say("resumed", at("10:01:40"), segment="1")
        .say("ended", at("10:05:00"), segment="1")
        .say("wrapped_up", at("10:05:20"), segment="1")
    )


def notice(number: int, when: datetime, kind: str, name: str, client: str = "acme", **more: Any) -> bytes:
    said = {"client": client, "adapter": "queue_log", "kind": kind, "name": name, **more}
    return line("source.noticed", f"n{number}", when, said)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    lines = lines_of(
        # Agrees but for the wrap-up; the wait was reported a second time, and the later one holds.
        answered_call("one")
        .say("reported", at("10:05:01"), segment="1", wait_ms=99_000, talk_ms=230_400, hold_ms=40_000, ring_ms=6_400)
        .say("reported", at("10:06:00"), segment="1", wait_ms=29_500, wrap_ms=25_000, outcome="completecaller"),
        # Exactly a second apart is not further than a second; the hold is.
        answered_call("two").say("reported", at("10:06:00"), segment="1", wait_ms=31_000, hold_ms=41_001),
        # Abandoned by its events after 12 s; the source reports a talk as well.
        Contact("three", "voice")
        .say("queued", at("10:10:00"), segment="1", queue="care")
        .say("abandoned", at("10:10:12"), segment="1")
        .say("reported", at("10:10:12"), segment="1", wait_ms=12_000, talk_ms=0, outcome="abandon"),
        # Of another queue, with nothing but an outcome: there is nothing to compare it with.
        answered_call("four", "sales").say("reported", at("10:06:00"), segment="1", outcome="transfer"),
        # Nothing but the report is known of this one.
        Contact("five", "voice").say("reported", at("11:00:00"), segment="9", queue="lost", wait_ms=5_000),
        # Not reported at all.
        answered_call("six"),
        # The day after.
        Contact("seven", "voice").say("reported", at("00:00:00", day=1), segment="1", queue="care", wait_ms=1),
    )
    lines += [
        notice(1, at("09:00:00"), "unknown_verb", "TRANSFERRED_TWICE"),
        notice(2, at("09:30:00"), "unknown_verb", "TRANSFERRED_TWICE", count=4),
        notice(3, at("09:10:00"), "gap", "QUEUESTART", lost_from=at("09:08:30").isoformat()),
        notice(4, at("09:40:00"), "gap", "QUEUESTART", lost_from=at("09:39:59").isoformat()),
        notice(5, at("09:50:00"), "gap", "disconnected", client="beta"),
    ]
    random.Random(5).shuffle(lines)
    return Store(tmp_path, lines)


def test_each_member_of_the_latest_report_stands_beside_the_computed_one(store: Store) -> None:
    columns = "reported_{0}_seconds, {0}_seconds, {0}_difference_seconds"
    for name, expected in {
        "wait": (D("29.5"), D(30), D("-0.5")),
        "talk": (D("230.4"), D(230), D("0.4")),
        "hold": (D(40), D(40), D(0)),
        "wrap": (D(25), D(20), D(5)),
    }.items():
        assert store.row(columns.format(name), "reported_differences", "interaction = 'one'") == expected, name
    others = "reported_ring_seconds, outcome, reported_outcome, queue, agent, began_at"
    assert store.row(others, "reported_differences", "interaction = 'one'") == (
        D("6.4"), "answered", "completecaller", "care", "ann", at("10:00:00"),
    )  # fmt: skip
    # Where one side says nothing there is no difference, and none of them is 0.
    assert store.row("talk_seconds, talk_difference_seconds", "reported_differences", "interaction = 'three'") == (
        None, None,
    )  # fmt: skip
    assert store.rows("SELECT count(*) FROM reported_differences WHERE interaction = 'six'") == [(0,)]


def test_how_many_differ_by_more_than_the_tolerance(store: Store) -> None:
    columns = (
        "client, queue, duration, reported_compared, reported_differing, only_reported, only_computed, "
        "computed_seconds, reported_seconds, reported_difference_seconds, largest_difference_seconds"
    )
    assert store.rows(f"SELECT {columns} FROM reported_between({THE_DAY})") == [
        # one and two
        ("acme", "care", "hold", 2, 1, 0, 0, D(80), D("81.001"), D("1.001"), D("1.001")),
        # one; two was answered and its talk is not reported, three is reported as 0 s and has none
        ("acme", "care", "talk", 1, 0, 1, 1, D(230), D("230.4"), D("0.4"), D("0.4")),
        # one, two, three
        ("acme", "care", "wait", 3, 0, 0, 0, D(72), D("72.5"), D("0.5"), D(1)),
        ("acme", "care", "wrap", 1, 1, 0, 1, D(20), D(25), D(5), D(5)),
        ("acme", "lost", "wait", 0, 0, 1, 0, None, None, None, None),
        *(("acme", "sales", name, 0, 0, 0, 1, None, None, None, None) for name in ("hold", "talk", "wait", "wrap")),
    ]


def test_the_tolerance_is_for_the_reader_to_choose(store: Store) -> None:
    def differing(seconds: str) -> dict[str, int]:
        return dict(
            store.rows(
                "SELECT duration, reported_differing "
                f"FROM reported_between({THE_DAY}, tolerance_seconds := {seconds}) WHERE queue = 'care'"
            )
        )

    assert differing("0") == {"hold": 1, "talk": 1, "wait": 2, "wrap": 1}
    assert differing("0.5") == {"hold": 1, "talk": 0, "wait": 1, "wrap": 1}
    assert differing("5") == {"hold": 0, "talk": 0, "wait": 0, "wrap": 0}


def test_a_corrected_segment_is_compared_as_corrected(tmp_path: Path) -> None:
    call = answered_call("one").say("reported", at("10:06:00"), segment="1", wait_ms=45_000)
    call.say("queued", at("10:00:00"), segment="1", queue="care", revision=1)
    call.say("answered", at("10:00:45"), segment="1", agent="ann", revision=1)
    store = Store(tmp_path, call.lines)
    assert store.row("wait_seconds, wait_difference_seconds", "reported_differences") == (D(45), D(0))


def test_what_was_noticed_of_a_source_stands_once(store: Store) -> None:
    columns = "client, source, adapter, kind, name, notices, records, first_at, latest_at, gap_seconds"
    source = "test/telephony"
    assert store.rows(f"SELECT {columns} FROM source_health ORDER BY ALL") == [
        ("acme", source, "queue_log", "gap", "QUEUESTART", 2, 2, at("09:10:00"), at("09:40:00"), D(91)),
        ("acme", source, "queue_log", "unknown_verb", "TRANSFERRED_TWICE", 2, 5, at("09:00:00"), at("09:30:00"), None),
        # How long it was away is not known, which is not 0 s.
        ("beta", source, "queue_log", "gap", "disconnected", 1, 1, at("09:50:00"), at("09:50:00"), None),
    ]
