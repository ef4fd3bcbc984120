"""Records that one side lacks: an hour of the report, a row of it, what the store's source lost, dead letters."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline.clock import ManualClock
from pipeline.errors import CallboardError
from pipeline.store.process import FileProcessor
from tests.areas.floor_events import DAY, LATER, at, contact, stored
from tests.reconcile.day import QUEUES, ZONE, Pass, Rules, write
from tests.reconcile.test_causes import compare, kinds, said
from tests.support.calls import line

pytestmark = pytest.mark.thorough

HALF_HOURS = """\
description: One row per queue and half hour
client: acme
queue: "{queue}"
zone: UTC
period: {starts: "{starts}", format: "%Y-%m-%d %H:%M", minutes: 30}
measures: {offered: offered, answered: answered}
"""


def local_hour(each: Pass) -> int:
    return each.queued_at.astimezone(ZONE).hour


def half_hours(folder: Path, rows: list[tuple[str, datetime, int, int]]) -> tuple[Path, str]:
    """A report and its mapping: (queue, start, offered, answered)."""
    (folder / "mapping.yaml").write_text(HALF_HOURS)
    with (folder / "r.csv").open("w", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["queue", "starts", "offered", "answered"])
        out.writerows((queue, f"{start:%Y-%m-%d %H:%M}", *numbers) for queue, start, *numbers in rows)
    return folder / "r.csv", str(folder / "mapping.yaml")


def counted(passes: list[Pass], start: datetime) -> list[tuple[str, datetime, int, int]]:
    rows = []
    for queue in QUEUES:
        of_row = [p for p in passes if p.queue == queue and start <= p.queued_at < start + timedelta(minutes=30)]
        rows.append((queue, start, len(of_row), sum(p.outcome == "answered" for p in of_row)))
    return rows


def one_call(name: str, clock: str) -> list[bytes]:
    place = {"segment": "1", "queue": "sales"}
    start = at(clock)
    return contact(
        name,
        ("queued", start, place),
        ("answered", start + timedelta(seconds=10), {**place, "agent": "ann"}),
        ("ended", start + timedelta(seconds=70), {**place, "agent": "ann"}),
    )


def gap(lost_from: datetime, until: datetime) -> bytes:
    said = {
        "client": "acme",
        "adapter": "queue_log",
        "kind": "gap",
        "name": "restart",
        "lost_from": lost_from.isoformat(),
    }
    return line("source.noticed", "gap-1", until, said)


def test_a_report_that_lacks_an_hour(tmp_path: Path, day_store: Path, passes: list[Pass]) -> None:
    result = compare(day_store, write(tmp_path / "r.csv", passes, Rules(keep=lambda p: local_hour(p) != 10)))
    assert result.ok
    assert kinds(result) == [("missing_records",)]
    assert said(result) == "the report lacks 10:00-11:00"
    (offered,) = [f for f in result.findings if (f.queue, f.measure) == ("care", "offered")]
    missing = [p for p in passes if p.queue == "care" and local_hour(p) == 10 and p.queued_at.date() == DAY.date()]
    assert [(part.kind, part.amount) for part in offered.parts] == [("missing_records", -len(missing))]


def test_a_row_that_the_report_lacks(tmp_path: Path, day_store: Path, passes: list[Pass]) -> None:
    starts = [DAY + timedelta(minutes=30 * n) for n in range(48)]
    rows = [row for start in starts for row in counted(passes, start)]
    dropped = ("care", at("10:30"))
    kept = [row for row in rows if row[:2] != dropped]
    result = compare(day_store, *_as_arguments(half_hours(tmp_path, kept)))
    assert result.ok
    (finding,) = [f for f in result.findings if f.status != "equal"]
    (lost,) = [row[2] for row in rows if row[:2] == dropped]
    assert (finding.period, finding.reported, finding.ours) == ("2026-11-02 10:30-11:00", None, lost)
    assert [(part.kind, part.amount) for part in finding.parts] == [("missing_records", -lost)]


def _as_arguments(report: tuple[Path, str]) -> tuple[Path, None, str]:
    return report[0], None, report[1]


def test_what_the_source_lost_and_said_so(tmp_path: Path) -> None:
    lines = [*one_call("a", "09:10"), *one_call("b", "11:10"), gap(at("10:00"), at("11:00"))]
    store = stored(tmp_path / "store", lines)
    rows = [("sales", at("09:00"), 1, 1), ("sales", at("10:00"), 4, 3), ("sales", at("11:00"), 1, 1)]
    result = compare(store, *_as_arguments(half_hours(tmp_path, rows)))
    assert result.ok
    lost = [f for f in result.findings if f.status == "explained"]
    assert [(f.measure, f.parts[0].kind, f.parts[0].amount) for f in lost] == [
        ("offered", "missing_records", 4),
        ("answered", "missing_records", 3),
    ]
    assert "test/telephony noted a gap (restart)" in lost[0].parts[0].text


def test_a_gap_within_a_day_is_a_hint_and_no_proof(tmp_path: Path) -> None:
    lines = [*one_call("a", "09:10"), *one_call("b", "11:10"), gap(at("10:00"), at("11:05"))]
    store = stored(tmp_path / "store", lines)
    rows = [("sales", at("09:00"), 1, 1), ("sales", at("10:00"), 2, 2), ("sales", at("11:00"), 9, 9)]
    result = compare(store, *_as_arguments(half_hours(tmp_path, rows)))
    unexplained = {f.period[-11:]: f for f in result.findings if f.measure == "offered" and f.status == "unexplained"}
    # The store heard of calls between 11:00 and 11:30, so nobody can say that it lost the other eight.
    assert unexplained["11:00-11:30"].unexplained == 8
    assert unexplained["11:00-11:30"].hints == ("test/telephony noted a gap (restart), until 11:05",)
    assert not result.ok


def test_an_interval_of_which_the_store_heard_nothing(tmp_path: Path) -> None:
    store = stored(tmp_path / "store", [*one_call("a", "09:10"), *one_call("b", "11:10")])
    rows = [("sales", at("09:00"), 1, 1), ("sales", at("10:00"), 4, 3), ("sales", at("11:00"), 1, 1)]
    result = compare(store, *_as_arguments(half_hours(tmp_path, rows)))
    assert result.ok
    assert kinds(result) == [("missing_records",)]
    assert said(result) == "the store has no event of any contact of acme in 2026-11-02 10:00-10:30"


def test_a_quiet_queue_of_a_busy_client_is_no_explanation(tmp_path: Path) -> None:
    other = [each.replace(b'"sales"', b'"care"') for each in one_call("c", "10:05")]
    store = stored(tmp_path / "store", [*one_call("a", "09:10"), *one_call("b", "11:10"), *other])
    rows = [("sales", at("09:00"), 1, 1), ("sales", at("10:00"), 4, 3), ("sales", at("11:00"), 1, 1)]
    result = compare(store, *_as_arguments(half_hours(tmp_path, rows)))
    assert [f.unexplained for f in result.findings if f.status == "unexplained"] == [4, 3]


def test_what_lies_in_the_dead_letters(tmp_path: Path) -> None:
    lines = [*one_call("a", "09:10"), *one_call("b", "09:11")]
    # Of one call nothing was accepted, of the other everything but its answer.
    entered, *rest = one_call("d", "09:13")
    answered, ended = rest
    lines += [entered, ended]
    refused = [json.loads(each) for each in [*one_call("c", "09:12"), answered]]
    for document in refused:
        document["data"]["direction"] = "sideways"
    with FileProcessor(tmp_path / "store", ManualClock(LATER), reject_limit=0) as processor:
        done = processor.process([*lines, *(json.dumps(document).encode() for document in refused)])
    assert (done.stored, done.rejected) == (8, 4)
    result = compare(tmp_path / "store", *_as_arguments(half_hours(tmp_path, [("sales", at("09:00"), 4, 4)])))
    assert result.ok
    assert kinds(result) == [("missing_records",)]
    assert said(result) == "the report has what lies in the dead letters"
    assert [(f.measure, part.amount) for f in result.findings for part in f.parts] == [("offered", 1), ("answered", 2)]


def test_a_queue_that_the_store_does_not_know_is_not_explained_away(tmp_path: Path) -> None:
    store = stored(tmp_path / "store", one_call("a", "09:10"))
    rows = [("sales", at("09:00"), 1, 1), ("sale", at("09:00"), 7, 7)]
    result = compare(store, *_as_arguments(half_hours(tmp_path, rows)))
    assert [(f.queue, f.unexplained) for f in result.findings if f.status == "unexplained"] == [
        ("sale", 7),
        ("sale", 7),
    ]
    assert "did you mean 'sales'?" in result.findings[-1].hints[0]


def test_a_report_of_another_day_could_not_be_compared(tmp_path: Path) -> None:
    store = stored(tmp_path / "store", one_call("a", "09:10"))
    report = half_hours(tmp_path, [("sales", at("09:00", 3), 1, 1)])
    with pytest.raises(CallboardError, match="no contact in any queue and period .* it has the queues sales"):
        compare(store, *_as_arguments(report))
