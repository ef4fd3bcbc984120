"""A recorded stream of mod_callcenter's events: its KPIs are those that README.md works out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.producers.adapters.freeswitch.converter import FreeSwitchConverter
from pipeline.producers.adapters.freeswitch.names import Names
from pipeline.producers.adapters.freeswitch.wire import stream_records
from pipeline.producers.door import Door
from tests.support.recorded import ask, facts, read, stored

STREAM = Path(__file__).parent / "stream.txt"
WINDOW = "'2026-03-02 08:00:00+00', '2026-03-02 10:00:00+00'"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("freeswitch"), read("freeswitch", STREAM).events)


def test_every_record_is_accounted_for() -> None:
    reading = read("freeswitch", STREAM)
    assert reading.rows == 61
    assert sum(reading.read_as.values()) == 59
    assert [str(problem) for problem in reading.problems] == [
        "line 132: not JSON",
        "line 253: no event: it has no Event-Name",
    ]


def test_the_kpis_of_each_queue(store: Path) -> None:
    rows = ask(
        store,
        "SELECT client, queue, direction, offered, answered, abandoned, left_timeout, left_key, left_closed, "
        "alerts, declines, transferred, wait_seconds_answered::DOUBLE AS waited, "
        "wait_seconds_abandoned::DOUBLE AS gave_up_after, talk_seconds::DOUBLE AS talk, hold_seconds::DOUBLE AS hold "
        f"FROM kpi_between({WINDOW}) ORDER BY ALL",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("acme.example", "backoffice", "inbound", 1, 1, 0, 0, 0, 0, 1, 0, 0, 10.0, 0.0, 60.0, 0.0),
        ("acme.example", "support", "inbound", 6, 2, 1, 1, 1, 1, 4, 2, 1, 20.0, 30.0, 148.0, 20.0),
        ("zeta.example", "sales", "inbound", 2, 1, 1, 0, 0, 0, 1, 0, 0, 5.0, 20.0, 30.0, 0.0),
        ("zeta.example", "sales", "outbound", 1, 1, 0, 0, 0, 0, 2, 0, 0, 3.0, 0.0, 60.0, 0.0),
    ]


def test_the_service_level(store: Path) -> None:
    rows = ask(
        store,
        f"SELECT queue, service_level_abandons_negative::DOUBLE AS level FROM kpi_between({WINDOW}) "
        "WHERE direction = 'inbound' ORDER BY queue",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("backoffice", 1.0),
        ("sales", 0.5),
        ("support", pytest.approx(2 / 3)),
    ]


def test_an_answer_that_was_taken_back_is_an_abandon(tmp_path: Path) -> None:
    events = list(read("freeswitch", STREAM.with_name("taken_back.txt")).events)
    told = "SELECT offered, answered, abandoned, wait_seconds_abandoned::DOUBLE AS waited, alerts FROM kpi_day"
    expected = [{"offered": 1, "answered": 0, "abandoned": 1, "waited": 10.2, "alerts": 1}]
    assert ask(stored(tmp_path / "as it came", events), told) == expected
    assert ask(stored(tmp_path / "backwards", events[::-1]), told) == expected


def test_the_time_of_the_agent(store: Path) -> None:
    rows = ask(
        store,
        "SELECT state, sum(seconds)::DOUBLE AS seconds FROM agent_spans WHERE agent = '1001' "
        "GROUP BY ALL ORDER BY state",
    )
    assert rows == [
        {"state": "available", "seconds": 390.5},
        {"state": "break", "seconds": 101.5},
        {"state": "on_contact", "seconds": 168.0},
    ]


def test_what_the_source_measured_stands_beside(store: Path) -> None:
    rows = ask(
        store,
        "SELECT s.wait_seconds::DOUBLE AS computed, r.wait_ms, r.outcome FROM reports r "
        "JOIN segments s USING (interaction, segment) WHERE r.queue = 'sales' ORDER BY r.time",
    )
    assert [tuple(row.values()) for row in rows] == [
        (3.0, 3000, "terminated"),
        (20.0, 20000, "break_out"),
        # The caller came back within the time and kept the place: FreeSWITCH counts from the first time on.
        (5.0, 65000, "terminated"),
    ]


def test_what_nobody_understood_is_noticed(store: Path) -> None:
    rows = ask(store, "SELECT client, kind, name, count FROM source_notices ORDER BY ALL")
    assert [tuple(row.values()) for row in rows] == [
        ("acme.example", "unknown_verb", "member_queue_teleport", 1),
        ("default", "unreadable", "headers", 1),
        ("default", "unreadable", "json", 1),
        ("zeta.example", "unknown_field", "cc_member_mood", 1),
    ]


def test_no_order_and_no_repetition_changes_anything(store: Path, tmp_path: Path) -> None:
    events = list(read("freeswitch", STREAM).events)
    middle = len(events) // 2
    assert facts(stored(tmp_path / "twice", events, events)) == facts(store)
    assert facts(stored(tmp_path / "halves", events[middle:], events[:middle])) == facts(store)


@pytest.mark.parametrize("at", range(0, 60, 7))
def test_a_converter_goes_on_from_its_state(at: int) -> None:
    with STREAM.open() as stream:
        records = [record for _, record in stream_records(stream)]
    first, second, reference = _converter(), _converter(), _converter()
    whole = [event for record in records for event in reference.convert(record)]
    parts = [event for record in records[:at] for event in first.convert(record)]
    second.restore(first.state())
    parts += [event for record in records[at:] for event in second.convert(record)]
    assert parts == whole
    assert second.state() == reference.state()


def _converter() -> FreeSwitchConverter:
    return FreeSwitchConverter(Names(), Door(None))


def test_no_number_and_no_name_of_a_caller_goes_on() -> None:
    text = "".join(map(str, read("freeswitch", STREAM, door=Door(b"key", "GB")).events))
    assert "Invented" not in text
    assert "44207946" not in text
    assert "customer=" in text
