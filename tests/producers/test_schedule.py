"""The adapter ``schedule``: local times, revisions, ids that stay, and errors that say what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.clock import ManualClock
from pipeline.contract.events import AgentScheduled
from pipeline.errors import CallboardError
from pipeline.producers.adapters import AdapterRequest, Reading, adapter
from pipeline.producers.eventfile import read_values
from pipeline.store.process import FileProcessor
from pipeline.store.reader import run_query

NOW = datetime(2026, 11, 20, tzinfo=UTC)
HEADER = "client,agent,schedule,activity,starts_at,ends_at,revision,paid\n"
ROWS = """\
acme,ann,w44,work,2026-10-26 09:00,2026-10-26 17:00,1,
acme,ann,w44,Lunch break,2026-10-26 12:00,2026-10-26T12:30:00,1,no
acme,ann,w44,back-office,2026-10-26T17:00:00Z,2026-10-26T18:00:00+00:00,1,yes
"""


@pytest.fixture
def request_of(tmp_path: Path) -> AdapterRequest:
    return AdapterRequest(tmp_path / "week.csv", NOW, date=date(2026, 10, 20), zone="Europe/Berlin")


def read(request: AdapterRequest, rows: str = ROWS, header: str = HEADER) -> Reading:
    request.file.write_text(header + rows)
    return adapter("schedule").read(request)


def planned(reading: Reading) -> list[tuple[str, str, str, bool]]:
    assert not reading.problems
    return [
        (event.data.activity, f"{event.data.starts_at:%d %H:%M}", f"{event.data.ends_at:%d %H:%M}", event.data.paid)
        for event in reading.events
        if isinstance(event, AgentScheduled)
    ]


def test_local_times_words_and_paid(request_of: AdapterRequest) -> None:
    reading = read(request_of)
    # Berlin is an hour before UTC on 26 October, winter time having begun the day before.
    assert planned(reading) == [
        ("work", "26 08:00", "26 16:00", True),
        ("lunch_break", "26 11:00", "26 11:30", False),
        ("back_office", "26 17:00", "26 18:00", True),
    ]
    assert (reading.rows, dict(reading.read_as)) == (3, {"planned activities": 3})
    # The plan was made on 20 October, which began in Berlin two hours before it did in UTC.
    assert {event.time for event in reading.events} == {datetime(2026, 10, 19, 22, tzinfo=UTC)}


def test_a_night_shift_over_the_clock_change_has_nine_hours(request_of: AdapterRequest) -> None:
    (night,) = planned(read(request_of, "acme,ann,w43,work,2026-10-24 22:00,2026-10-25 06:00,,\n"))
    assert night == ("work", "24 20:00", "25 05:00", True)
    # From 02:30 to the second 02:15 of that night: the only reading in which it ends after it begins.
    (odd,) = planned(read(request_of, "acme,ann,w43,work,2026-10-25 02:30,2026-10-25 02:15,,\n"))
    assert odd == ("work", "25 00:30", "25 01:15", True)


def test_the_same_file_again_is_the_same_events_and_a_revision_is_others(request_of: AdapterRequest) -> None:
    first = [event.id for event in read(request_of).events]
    assert [event.id for event in read(request_of).events] == first
    revised = [event.id for event in read(request_of, ROWS.replace(",1,", ",2,")).events]
    assert len({*first, *revised}) == 6
    assert len({event.id for event in read(request_of, ROWS.replace("acme", "globex")).events} | {*first}) == 6


def test_when_the_plan_was_made_may_be_a_column(request_of: AdapterRequest) -> None:
    header = HEADER.replace("paid", "planned_at")
    row = "acme,ann,w44,work,2026-10-26 09:00,2026-10-26 17:00,1,2026-10-21 08:00\n"
    (event,) = read(replace(request_of, date=None), row, header).events
    assert event.time == datetime(2026, 10, 21, 6, tzinfo=UTC)
    reading = read(replace(request_of, date=None), row.replace("2026-10-21 08:00", ""), header)
    assert [str(problem) for problem in reading.problems] == ["line 2, planned_at: empty, and there is no --date"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("10-26 17:00", "10-26 09:00", "ends_at: not after starts_at"),
        ("10-26 09:00", "soon", "starts_at: not an ISO 8601 timestamp"),
        ("10-26 09:00", "", "starts_at: not an ISO 8601 timestamp"),
        ("2026-10-26 09:00", "2026-03-29 02:30", "starts_at: a local time that Europe/Berlin did not have"),
        (",1,", ",x,", "revision: not a whole number from 0"),
        ("17:00,1,", "17:00,1,perhaps", "paid: neither true nor false"),
        ("work", "4x4", "activity: not valid"),
        ("ann", "", "agent: not valid"),
        (",1,", ",1,,", "9 cells instead of 8"),
    ],
)
def test_a_row_that_cannot_be_read(request_of: AdapterRequest, old: str, new: str, problem: str) -> None:
    row = "acme,ann,w44,work,2026-10-26 09:00,2026-10-26 17:00,1,\n"
    reading = read(request_of, row.replace(old, new) if old in row else row.replace(old.lstrip(), new))
    assert not reading.events
    (found,) = map(str, reading.problems)
    assert found.startswith("line 2") and problem in found
    assert "4x4" not in found and "perhaps" not in found, "a problem never repeats a cell"


def test_two_plans_for_the_same_start_cannot_both_hold(request_of: AdapterRequest) -> None:
    row = "acme,ann,w44,work,2026-10-26 09:00,2026-10-26 17:00,1,\n"
    reading = read(request_of, row + row + row.replace("17:00", "16:00"))
    assert len(reading.events) == 2, "a row that is equal is the same row again"
    assert [problem.line for problem in reading.problems] == [4]


@pytest.mark.parametrize(
    ("change", "header", "message"),
    [
        ({"date": None}, HEADER, "does not say when the plan was made: give --date"),
        ({"zone": "Mars/Olympus"}, HEADER, "no time zone is named 'Mars/Olympus'"),
        ({"mapping": "bank-day"}, HEADER, "leave --mapping out"),
        ({}, HEADER.replace("agent,", ""), "has no column agent"),
        ({}, HEADER.replace("revision", "revison"), "did you mean revision?"),
        ({}, HEADER.replace("paid", "revision"), "two columns revision"),
        ({}, "", "has no column client"),
    ],
)
def test_a_file_that_cannot_be_read(
    request_of: AdapterRequest, change: dict[str, object], header: str, message: str
) -> None:
    with pytest.raises(CallboardError, match=message.replace("?", r"\?")):
        read(replace(request_of, **change), "" if not header else ROWS, header)  # type: ignore[arg-type]


def test_without_a_zone_a_local_time_is_refused_and_one_with_an_offset_is_read(request_of: AdapterRequest) -> None:
    reading = read(replace(request_of, zone=None))
    assert [(problem.line, problem.column) for problem in reading.problems] == [(2, "starts_at"), (3, "starts_at")]
    assert "--zone" in reading.problems[0].what
    assert len(reading.events) == 1


def test_the_command_and_the_store(tmp_path: Path) -> None:
    """Published twice: the second time everything is known already."""
    file, events = tmp_path / "week.csv", tmp_path / "week.jsonl"
    file.write_text(HEADER + ROWS)
    options = ["--zone", "Europe/Berlin", "--date", "2026-10-20", "--to", str(events)]
    done = CliRunner().invoke(app, ["publish", "schedule", str(file), *options])
    assert done.exit_code == 0, done.output
    with FileProcessor(tmp_path / "store", ManualClock(NOW)) as processor:
        assert processor.process(value for _, value in read_values(events)).stored == 3
        again = processor.process(value for _, value in read_values(events))
        assert (again.stored, again.duplicates) == (0, 3)
    rows = run_query(tmp_path / "store", "SELECT activity, paid FROM schedule_in_force ORDER BY starts_at, activity")[1]
    assert rows == [("work", True), ("lunch_break", False), ("back_office", True)]
