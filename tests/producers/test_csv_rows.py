"""Rows to events: midnight, repeated keys, ids that do not change, rows that cannot be read."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pipeline.contract.events import type_name
from pipeline.errors import CallboardError
from pipeline.producers.adapters import Reading
from tests.producers.conftest import MAPPING, ReadCsv

LOST = "7,sales,,LOST,10:00:00,30,,\n"
TAKEN = "8,sales,a-1,OK,10:00:10,,10:00:40,10:05:00\n"


def times_of(reading: Reading, kind: str) -> list[datetime]:
    return [event.time for event in reading.events if type_name(type(event)) == f"interaction.{kind}.v1"]


def ids(reading: Reading) -> list[str]:
    return [event.id for event in reading.events]


def test_events_are_sorted_by_time_then_row_then_life(read_csv: ReadCsv) -> None:
    reading = read_csv("8,sales,a-1,OK,10:00:10,,10:00:40,10:05:00\n7,sales,,LOST,10:00:00,10,,\n")
    assert ids(reading) == [
        "7/1/started", "7/1/queued", "8/1/started", "8/1/queued", "7/1/abandoned", "8/1/answered", "8/1/ended",
    ]  # fmt: skip


def test_local_times_become_utc(read_csv: ReadCsv) -> None:
    assert times_of(read_csv(LOST), "abandoned") == [datetime(2025, 5, 31, 8, 0, 30, tzinfo=UTC)]


def test_a_row_may_pass_midnight(read_csv: ReadCsv) -> None:
    reading = read_csv("1,sales,a-1,OK,23:59:50,,0:00:10,0:07:00\n")
    assert times_of(reading, "queued") == [datetime(2025, 5, 31, 21, 59, 50, tzinfo=UTC)]
    assert times_of(reading, "answered") == [datetime(2025, 5, 31, 22, 0, 10, tzinfo=UTC)]
    assert times_of(reading, "ended") == [datetime(2025, 5, 31, 22, 7, tzinfo=UTC)]


def test_a_clock_that_steps_back_does_not_cost_a_day(read_csv: ReadCsv) -> None:
    reading = read_csv("1,sales,a-1,OK,0:00:01,,23:59:59,0:07:00\n")
    assert times_of(reading, "answered") == [datetime(2025, 5, 30, 21, 59, 59, tzinfo=UTC)]
    assert times_of(reading, "ended") == [datetime(2025, 5, 30, 22, 7, tzinfo=UTC)]


def test_a_file_may_be_a_business_day_that_ends_after_midnight(read_csv: ReadCsv) -> None:
    mapping = MAPPING.replace("  zone:", "  day_starts_at: '05:00'\n  zone:")
    reading = read_csv("1,s,,LOST,04:59:59,0,,\n2,s,,LOST,05:00:00,0,,\n", mapping)
    assert times_of(reading, "queued") == [
        datetime(2025, 5, 31, 3, 0, tzinfo=UTC),
        datetime(2025, 6, 1, 2, 59, 59, tzinfo=UTC),
    ]


def test_hours_from_24_are_the_next_day(read_csv: ReadCsv) -> None:
    reading = read_csv("1,sales,a-1,OK,24:00:05,,24:00:09,25:10:00\n")
    assert times_of(reading, "ended") == [datetime(2025, 5, 31, 23, 10, tzinfo=UTC)]


def test_reading_twice_gives_the_same_events(read_csv: ReadCsv) -> None:
    assert read_csv(LOST + TAKEN).events == read_csv(LOST + TAKEN).events


def test_more_rows_do_not_change_the_ids_of_earlier_ones(read_csv: ReadCsv) -> None:
    again = LOST.replace("10:00:00", "10:30:00")
    assert set(ids(read_csv(LOST + TAKEN))) < set(ids(read_csv(LOST + TAKEN + again)))


def test_a_repeated_key_is_another_segment(read_csv: ReadCsv) -> None:
    reading = read_csv(LOST + LOST.replace("10:00:00", "10:30:00"))
    assert len(set(ids(reading))) == len(reading.events) == 6
    queued = {(event.data.interaction, getattr(event.data, "segment", None)) for event in reading.events}
    assert queued == {("7", None), ("7", "1"), ("7", "1~2")}


def test_a_repeated_key_may_be_another_interaction(read_csv: ReadCsv) -> None:
    mapping = MAPPING + "repeated_key: another_interaction\n"
    reading = read_csv(LOST + LOST.replace("10:00:00", "10:30:00"), mapping)
    assert len(set(ids(reading))) == 6
    assert {event.data.interaction for event in reading.events} == {"7", "7~2"}


def test_a_repeated_key_may_be_refused(read_csv: ReadCsv) -> None:
    reading = read_csv(LOST + LOST.replace("10:00:00", "10:30:00"), MAPPING + "repeated_key: refuse\n")
    assert [(problem.line, problem.column) for problem in reading.problems] == [(3, "call")]
    assert len(reading.events) == 3


def test_the_same_row_again_is_the_same_events_again(read_csv: ReadCsv) -> None:
    reading = read_csv(LOST + LOST)
    assert len(reading.events) == 6
    assert len(set(ids(reading))) == 3


UNREADABLE = {
    "a time": ("9,s,,LOST,10 o'clock,1,,\n", "rang"),
    "a later time": ("9,s,a-1,OK,10:00,,10:61:00,11:00\n", "picked_up"),
    "no time": ("9,s,a-1,OK,10:00,,10:01,\n", "over"),
    "seconds": ("9,s,,LOST,10:00,soon,,\n", "wait"),
    "negative seconds": ("9,s,,LOST,10:00,-5,,\n", "wait"),
    "seconds past every calendar": ("9,s,,LOST,10:00,999999999999999,,\n", "wait"),
    "no key": (",s,,LOST,10:00,5,,\n", "call"),
    "no queue": ("9,,,LOST,10:00,5,,\n", "skill"),
    "no agent": ("9,s,,OK,10:00,,10:01,10:02\n", "who"),
    "no rule": ("9,s,,MAYBE,10:00,5,,\n", "result"),
    "too few cells": ("9,s,secret\n", ""),
    "a name too long": (f"{'9' * 300},s,,LOST,10:00,5,,\n", ""),
}


@pytest.mark.parametrize(("row", "column"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_unreadable_row_is_reported_and_the_rest_is_read(read_csv: ReadCsv, row: str, column: str) -> None:
    reading = read_csv(LOST + row + TAKEN)
    assert [(problem.line, problem.column) for problem in reading.problems] == [(3, column)]
    assert ids(reading) == ids(read_csv(LOST + TAKEN))
    assert reading.rows == 3 == len(reading.problems) + sum(reading.read_as.values())
    report = str(reading.problems[0])
    assert not any(cell in report for cell in ("o'clock", "soon", "-5", "MAYBE", "secret", "9" * 5))


def test_the_line_is_the_one_a_row_starts_on(read_csv: ReadCsv) -> None:
    reading = read_csv('7,"sales\nnorth",,MAYBE,10:00,1,,\n\n8,s,,MAYBE,10:00,1,,\n')
    assert [problem.line for problem in reading.problems] == [2, 5]


def test_a_time_in_the_future_is_a_problem_of_its_row(read_csv: ReadCsv) -> None:
    reading = read_csv(LOST, day=date(2026, 5, 31))
    assert not reading.events
    assert "in the future" in reading.problems[0].what


def test_times_of_day_need_a_date(read_csv: ReadCsv) -> None:
    with pytest.raises(CallboardError, match="--date"):
        read_csv(LOST, day=None)
    named = MAPPING.replace("  zone:", "  date: {file_name: '-(\\d{8})', format: '%Y%m%d'}\n  zone:")
    with pytest.raises(CallboardError, match=r"export\.csv has no date .*--date"):
        read_csv(LOST, named, day=None)


def test_a_date_that_is_in_the_rows_cannot_be_given(read_csv: ReadCsv) -> None:
    with pytest.raises(CallboardError, match="leave --date out"):
        read_csv(LOST, MAPPING.replace("  zone:", "  format: iso\n  zone:"))


def test_full_timestamps_keep_their_own_offset(read_csv: ReadCsv) -> None:
    mapping = MAPPING.replace("  zone:", "  format: iso\n  zone:")
    reading = read_csv("7,s,,LOST,2025-01-01T10:00:00,0,,\n8,s,,LOST,2025-01-01T10:00:00-05:00,0,,\n", mapping, None)
    assert times_of(reading, "queued") == [
        datetime(2025, 1, 1, 9, tzinfo=UTC),
        datetime(2025, 1, 1, 15, tzinfo=UTC),
    ]


def test_epoch_seconds_are_exact_to_the_microsecond(read_csv: ReadCsv) -> None:
    mapping = MAPPING.replace("  zone:", "  format: epoch_seconds\n  zone:")
    reading = read_csv("7,s,,LOST,1735722000.000001,0.1,,\n", mapping, None)
    assert times_of(reading, "abandoned") == [datetime(2025, 1, 1, 9, 0, 0, 100001, tzinfo=UTC)]


def test_a_file_in_another_encoding_is_refused_with_what_to_set(read_csv: ReadCsv) -> None:
    with pytest.raises(CallboardError, match=r"not text in ascii: set `file\.encoding`"):
        read_csv(LOST.replace("sales", "Vermögen"), MAPPING + "file: {encoding: ascii}\n")


def test_a_file_without_a_header_takes_its_columns_from_the_mapping(read_csv: ReadCsv) -> None:
    mapping = MAPPING + "file: {columns: [call, skill, who, result, rang, wait, picked_up, over]}\n"
    assert len(read_csv(LOST, mapping, header="").events) == 3
