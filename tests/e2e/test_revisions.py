"""A source sends a record again with better values: the segment is said anew, and the numbers are restated."""

from __future__ import annotations

import random
from datetime import datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from pipeline.clock import ManualClock
from pipeline.contract.decode import decode
from pipeline.contract.rejects import Rejection
from pipeline.contract.topics import TOPICS, partition_for
from pipeline.domain.moments import to_micros
from pipeline.domain.segment import merge, new_segment
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live
from pipeline.store.verify import verify
from tests import oracle
from tests.areas.floor_events import DAY, LATER, ask, at, sql_time
from tests.support.calls import line

Step = tuple[str, datetime] | tuple[str, datetime, dict[str, Any]]


def record(interaction: str, revision: int | None, *steps: Step, segment: str | None = "1") -> list[bytes]:
    """What a source says of a segment in one version of its record."""
    common: dict[str, Any] = {"client": "acme", "interaction": interaction, "channel": "voice", "direction": "inbound"}
    common |= {} if segment is None else {"segment": segment}
    common |= {} if revision is None else {"revision": revision}
    return [
        line(f"interaction.{kind}", f"{interaction}-{segment}-{revision}-{n}", moment, {**common, **dict(*more)})
        for n, (kind, moment, *more) in enumerate(steps)
    ]


FIRST = record(
    "c1",
    None,
    ("queued", at("10:00:00"), {"queue": "care"}),
    ("offered", at("10:00:10"), {"agent": "ann"}),
    ("answered", at("10:00:30"), {"agent": "ann"}),
    ("transferred", at("10:05:00"), {"to_queue": "billing"}),
    ("ended", at("10:05:00")),
    ("wrapped_up", at("10:05:20"), {"flags": ["sale"], "amount": "19.90", "currency": "EUR"}),
)
#: It rang at nobody, was answered later, by Bob, and not passed on; the wrap-up took longer, and nothing was sold.
BETTER = record(
    "c1",
    1_741_944_300_000,
    ("queued", at("10:00:00"), {"queue": "care"}),
    ("answered", at("10:00:45"), {"agent": "bob"}),
    ("ended", at("10:05:00")),
    ("wrapped_up", at("10:06:00")),
)


def beside(interaction: str) -> str:
    """Another contact of the same partition: what is late is late there."""
    partitions = TOPICS["calls"].partitions
    wanted = partition_for(f"acme/{interaction}".encode(), partitions)
    return next(name for name in NAMES if partition_for(f"acme/{name}".encode(), partitions) == wanted)


NAMES = [f"other-{n}" for n in range(100)]
#: Half an hour later, so that all of the above is late by then.
OTHER = record(beside("c1"), None, ("queued", at("10:30:00"), {"queue": "care"}))


def store(folder: Path, *batches: list[bytes], known: list[bytes] | None = None, hot_days: int = 1000) -> Path:
    """A store that took and published these one after the other, and that ``callboard verify`` and the oracle agree to.

    ``known``: what it has taken before.
    """
    for batch in batches:
        with FileProcessor(folder, ManualClock(LATER), hot_days=hot_days) as processor:
            assert processor.process(batch).rejected == 0
    checks = [check for check in verify(folder).checks if not check.ok]
    assert not checks
    con = open_live(folder)
    try:
        assert (
            oracle.compare(con, oracle.facts([*(known or []), *(raw for batch in batches for raw in batch)], LATER))
            == []
        )
    finally:
        con.close()
    return folder


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in ask(folder, sql)]


SEGMENT = (
    "SELECT agent, wait_seconds, talk_seconds, wrap_seconds, alerts, transferred_at, flags, amount, revision "
    "FROM segments WHERE interaction = 'c1'"
)
MINUTE = (
    "SELECT answered, wait_seconds_answered, talk_seconds, wrap_seconds, alerts, transferred, sales, revenue "
    "FROM kpi_minute WHERE minute = TIMESTAMPTZ '2026-11-02 10:00:00+00'"
)
CORRECTED = [("bob", 45, 255, 60, 0, None, [], None, 1_741_944_300_000)]


def test_a_corrected_record_restates_the_minute_and_is_noted(tmp_path: Path) -> None:
    store(tmp_path, [*FIRST, *OTHER])
    assert rows(tmp_path, SEGMENT)[0][:5] == ("ann", 30, 270, 20, 1)
    assert rows(tmp_path, MINUTE)[0][:7] == (1, 30, 270, 20, 1, 1, 1)
    store(tmp_path, BETTER, known=[*FIRST, *OTHER])
    assert rows(tmp_path, SEGMENT) == CORRECTED
    assert rows(tmp_path, MINUTE) == [(1, 45, 255, 60, 0, 0, 0, 0)]
    corrections = "SELECT minute, measure, before, after, late_by_seconds FROM corrections ORDER BY measure"
    # All of the revision at once: that the call was offered and answered did not change.
    assert rows(tmp_path, corrections) == [
        (at("10:00"), "alerts", 1, 0, 1800),
        (at("10:00"), "sales", 1, 0, 1800),
        (at("10:00"), "talk_seconds", 270, 255, 1800),
        (at("10:00"), "transferred", 1, 0, 1800),
        (at("10:00"), "wait_seconds_answered", 30, 45, 1800),
        (at("10:00"), "wrap_seconds", 20, 60, 1800),
    ]


def test_an_earlier_revision_that_comes_later_is_kept_and_changes_nothing(tmp_path: Path) -> None:
    store(tmp_path, OTHER, BETTER)
    before = rows(tmp_path, "FROM corrections")
    store(tmp_path, FIRST, known=[*OTHER, *BETTER])
    assert rows(tmp_path, SEGMENT) == CORRECTED
    assert rows(tmp_path, "FROM corrections") == before
    assert rows(tmp_path, "SELECT count(*), max(revision) FROM events WHERE interaction = 'c1'") == [
        (len(FIRST) + len(BETTER), 1_741_944_300_000)
    ]
    assert rows(tmp_path, "FROM duplicates") == []


def test_what_only_an_earlier_revision_said_is_no_offer_and_no_transfer(tmp_path: Path) -> None:
    hour = f"{sql_time(at('10:00'))}, {sql_time(at('11:00'))}"
    store(tmp_path, [*FIRST, *OTHER])
    assert rows(tmp_path, f"SELECT agent, offers FROM agent_offer_sums({hour})") == [("ann", 1)]
    assert rows(tmp_path, f"SELECT from_agent, to_queue FROM transfers_made({hour})") == [("ann", "billing")]
    store(tmp_path, BETTER, known=[*FIRST, *OTHER])
    assert rows(tmp_path, f"FROM agent_offer_sums({hour})") == []
    assert rows(tmp_path, f"FROM transfers_made({hour})") == []


def test_a_revision_of_which_a_part_is_not_late_is_noted_as_a_whole(tmp_path: Path) -> None:
    """The newest event is 30 seconds after the end: queue entry and answer are late, end and wrap-up are not."""
    newest = record(beside("c1"), None, ("queued", at("10:05:30"), {"queue": "billing"}))
    in_any_order = BETTER.copy()
    random.Random(4).shuffle(in_any_order)
    store(tmp_path, [*FIRST, *newest], in_any_order)
    found = rows(tmp_path, "SELECT measure, before, after FROM corrections ORDER BY measure")
    assert ("talk_seconds", 270, 255) in found
    assert ("wrap_seconds", 20, 60) in found
    assert len(found) == 6


def test_a_revision_of_the_present_minute_is_no_correction(tmp_path: Path) -> None:
    moments = ("queued", at("10:00:00"), {"queue": "care"}), ("answered", at("10:00:20"), {"agent": "ann"})
    again = ("queued", at("10:00:05"), {"queue": "care"}), ("answered", at("10:00:20"), {"agent": "ann"})
    store(tmp_path, record("c1", 0, *moments), record("c1", 1, *again))
    assert rows(tmp_path, "SELECT wait_seconds, revision FROM segments") == [(15, 1)]
    assert rows(tmp_path, "FROM corrections") == []


def test_a_revision_may_move_the_queue_entry_to_another_minute_queue_and_channel(tmp_path: Path) -> None:
    moved = record("c1", 1, ("queued", at("09:58:00"), {"queue": "billing", "channel": "video"}))
    store(tmp_path, [*FIRST, *OTHER], moved)
    kpis = "SELECT minute, queue, channel, offered, answered, sales FROM kpi_minute WHERE offered > 0 ORDER BY minute"
    assert rows(tmp_path, kpis) == [
        (at("09:58"), "billing", "video", 1, 0, 0),
        (at("10:30"), "care", "voice", 1, 0, 0),
    ]
    assert rows(tmp_path, "SELECT queue, before, after FROM corrections WHERE measure = 'offered' ORDER BY queue") == [
        ("billing", 0, 1),
        ("care", 1, 0),
    ]


def test_the_end_of_a_contact_may_be_revised_its_beginning_holds(tmp_path: Path) -> None:
    started = record("c4", None, ("started", at("10:00:00")), segment=None)
    ended = record("c4", None, ("ended", at("10:05:00")), segment=None)
    sooner = record("c4", 3, ("ended", at("10:04:00")), segment=None)
    query = "SELECT started_at, ended_at, outcome FROM interactions"
    for number, batches in enumerate(permutations((started, ended, sooner))):
        folder = store(tmp_path / str(number), *batches)
        assert rows(folder, query) == [(at("10:00:00"), at("10:04:00"), "left_in_menu")]


def test_a_revision_that_moves_a_sealed_row_to_another_day(tmp_path: Path) -> None:
    """Queued before midnight, or after it: the row leaves the file of the day that it was sealed to."""
    before = record("c5", 0, ("queued", at("23:59:58"), {"queue": "care"}), ("abandoned", at("00:00:20", day=1)))
    after = record("c5", 1, ("queued", at("00:00:03", day=1), {"queue": "care"}), ("abandoned", at("00:00:20", day=1)))
    # Which partition c5 lies in does not matter: each has newer calls.
    newer = [
        raw
        for day in (1, 4, 8)
        for n in range(12)
        for raw in record(f"n{day}-{n}", None, ("queued", at("12:00", day=day), {"queue": "care"}))
    ]
    whole = [*before, *newer[:12]], newer[12:24], after, newer[24:]
    folder = store(tmp_path, *whole, hot_days=1)
    days = [file.name[:10] for file in (folder / "sealed").rglob("segments/*.parquet")]
    assert f"{DAY:%Y-%m-%d}" in days, "the first day was not sealed"
    assert rows(folder, "SELECT first_event_at, wait_seconds, revision FROM segments WHERE interaction = 'c5'") == [
        (at("00:00:03", day=1), 17, 1)
    ]
    back = record("c5", 2, ("queued", at("23:59:50"), {"queue": "care"}), ("abandoned", at("00:00:20", day=1)))
    with FileProcessor(folder, ManualClock(LATER), hot_days=1) as processor:
        processor.process(back)
    assert verify(folder).ok
    assert rows(folder, "SELECT wait_seconds, revision FROM segments WHERE interaction = 'c5'") == [(30, 2)]


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_any_revisions_gives_the_same_row(seed: int) -> None:
    """The merge alone: a state that knows its revision only grows, whatever comes first."""
    random_ = random.Random(seed)
    kinds: dict[str, dict[str, Any]] = {
        "queued": {"queue": "care"}, "offered": {"agent": "ann"}, "declined": {"agent": "ann"},
        "answered": {"agent": "bob"}, "held": {}, "resumed": {}, "transferred": {}, "abandoned": {},
        "left_queue": {"reason": "key"}, "ended": {}, "wrapped_up": {"flags": ["sale"]},
    }  # fmt: skip
    lines = [
        raw
        for n in range(12)
        for kind in [random_.choice(sorted(kinds))]
        for raw in record(
            "c", random_.choice((None, 0, 1, 2)), (kind, at(f"10:00:{random_.randrange(60):02}"), kinds[kind])
        )
    ]
    events = [event for raw in dict.fromkeys(lines) if not isinstance(event := decode(raw, LATER), Rejection)]
    states = set()
    for _ in range(200):
        random_.shuffle(events)
        row = new_segment(events[0], to_micros(events[0].time), 1)  # type: ignore[arg-type]
        for event in events:
            merge(row, event, to_micros(event.time))  # type: ignore[arg-type]
        states.add(repr(row))
    assert len(states) == 1
