"""Recorded call detail records: their KPIs are those that cdr/README.md works out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import CallboardError
from pipeline.producers.adapters import LiveRequest, adapter
from pipeline.producers.adapters.freeswitch.cdr_files import COLUMNS
from pipeline.producers.door import Door
from tests.support.recorded import ask, facts, read, stored

RECORDS = Path(__file__).parent / "cdr"
WINDOW = "'2026-03-03 08:00:00+00', '2026-03-03 12:00:00+00'"
HOW_TO = Path(__file__).parents[3] / "docs/how-to/connect-freeswitch.md"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("cdr"), read("freeswitch-cdr", RECORDS).events)


def test_every_record_is_accounted_for() -> None:
    reading = read("freeswitch-cdr", RECORDS)
    assert reading.rows == 13
    assert reading.read_as == {"caller": 7, "agent's channel": 2, "no queue call": 1}
    assert [str(problem) for problem in reading.problems] == [
        "line 3: 2 cells instead of 22: use the template callboard",
        "line 4: not JSON",
        "line 10, cc_queue_joined_epoch: empty, or no time",
    ]


def test_the_kpis_of_each_queue(store: Path) -> None:
    rows = ask(
        store,
        "SELECT queue, offered, answered, abandoned, left_timeout, left_key, left_closed, alerts, declines, "
        "transferred, wait_seconds_answered::DOUBLE AS waited, wait_seconds_abandoned::DOUBLE AS gave_up_after, "
        f"talk_seconds::DOUBLE AS talk FROM kpi_between({WINDOW}) ORDER BY ALL",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("backoffice", 1, 0, 1, 0, 0, 0, 0, 0, 0, 0.0, 20.0, 0.0),
        ("sales", 2, 1, 0, 0, 1, 0, 0, 0, 1, 4.0, 0.0, 60.0),
        ("support", 4, 1, 1, 1, 0, 1, 2, 1, 0, 15.0, 40.0, 180.0),
    ]


def test_what_the_records_do_not_tell_is_noticed(store: Path) -> None:
    rows = ask(store, "SELECT client, kind, name, count FROM source_notices ORDER BY ALL")
    assert [tuple(row.values()) for row in rows] == [
        ("acme.example", "gap", "earlier_queues_of_a_call", 1),
        ("acme.example", "unreadable", "cc_queue_joined_epoch", 1),
        ("default", "unreadable", "record", 1),
        ("default", "unreadable", "record", 1),
    ]


def test_the_hold_time_stands_beside(store: Path) -> None:
    rows = ask(store, "SELECT hold_ms, ring_ms FROM reports WHERE hold_ms IS NOT NULL")
    assert rows == [{"hold_ms": 30_000, "ring_ms": 10_000}]


def test_no_order_and_no_repetition_changes_anything(store: Path, tmp_path: Path) -> None:
    events = list(read("freeswitch-cdr", RECORDS).events)
    middle = len(events) // 2
    assert facts(stored(tmp_path / "twice", events, events)) == facts(store)
    assert facts(stored(tmp_path / "halves", events[middle:], events[:middle])) == facts(store)


def test_no_number_and_no_name_of_a_caller_goes_on() -> None:
    text = "".join(map(str, read("freeswitch-cdr", RECORDS, door=Door(b"key", "GB")).events))
    assert "Invented" not in text
    assert "4420794601" not in text
    assert "customer=" in text


def test_the_template_of_the_page_has_the_columns_that_are_read() -> None:
    wanted = ",".join(f'"${{{name}}}"' for name in COLUMNS)
    assert f'<template name="callboard">{wanted}</template>' in HOW_TO.read_text()


def test_a_header_line_says_the_columns(tmp_path: Path) -> None:
    names = [name for name in COLUMNS if name not in ("hold_accum_ms", "transfer_history")]
    row = dict.fromkeys(names, "") | {"uuid": "u", "end_epoch": "1772442100", "cc_queue": "q", "cc_member_uuid": "m"}
    row |= {"cc_queue_joined_epoch": "1772442000", "cc_queue_canceled_epoch": "1772442100", "cc_cause": "cancel"}
    file = tmp_path / "with-header.csv"
    file.write_text(",".join(names) + "\n" + ",".join(row.values()) + "\n")
    assert [type(event).__name__ for event in read("freeswitch-cdr", file).events] == [
        "InteractionQueued",
        "InteractionAbandoned",
        "InteractionReported",
        "InteractionEnded",
    ]


def test_a_file_is_followed_over_its_rotation_and_a_restart(tmp_path: Path) -> None:
    lines = (RECORDS / "Master.csv").read_text().splitlines(keepends=True)[:2]
    whole = [event.id for event in read("freeswitch-cdr", RECORDS / "Master.csv").events][:-1]
    file = tmp_path / "Master.csv"
    follow = adapter("freeswitch-cdr").live
    assert follow is not None
    file.write_text(lines[0] + lines[1][:50])
    first = follow(LiveRequest(str(file)))
    ids = [event.id for record in first.reader.poll(0.2) for event in first.converter.convert(record)]
    place, state = first.reader.position(), first.converter.state()
    first.reader.close()
    with file.open("a") as stream:
        stream.write(lines[1][50:])
    file.rename(tmp_path / "Master.csv.2026-03-03-11-06-00")
    file.write_text("")
    second = follow(LiveRequest(str(file), position=place))
    second.converter.restore(state)
    ids += [
        event.id for _ in range(3) for record in second.reader.poll(0.2) for event in second.converter.convert(record)
    ]
    second.reader.close()
    assert ids == whole


def test_lines_that_are_no_records_are_noticed_each(tmp_path: Path) -> None:
    file = tmp_path / "Master.csv"
    file.write_text((RECORDS / "Master.csv").read_text() + '"short","row"\n{"variables": \n')
    follow = adapter("freeswitch-cdr").live
    assert follow is not None
    live = follow(LiveRequest(str(file)))
    found = [event for record in live.reader.poll(0.2) for event in live.converter.convert(record)]
    live.reader.close()
    assert len({event.id for event in found if type(event).__name__ == "SourceNoticed"}) == 3
    with pytest.raises(CallboardError, match="follows a file on this machine"):
        follow(LiveRequest("tcp://127.0.0.1:8021"))


def test_a_folder_without_records(tmp_path: Path) -> None:
    with pytest.raises(CallboardError, match=r"holds no \.json and no \.csv file"):
        read("freeswitch-cdr", tmp_path)
