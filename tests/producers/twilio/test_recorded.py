"""The recorded stream of README.md: each number there was worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.contract.events import InteractionDescribed, SourceNoticed, encode
from pipeline.producers.adapters import RowProblem
from pipeline.producers.adapters.twilio.record import read_record
from pipeline.producers.door import Door
from tests.producers.pushed.recorded import Stored, documents, nearby, pushed, read, shuffled

STREAM = Path(__file__).with_name("taskrouter.jsonl")
HALF_HOUR = "'2026-03-02 10:00:00Z', '2026-03-02 10:30:00Z'"
W1, W2 = (f"WK{number:032d}" for number in (1, 2))


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-02T{clock}+00:00").astimezone(UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return Stored(tmp_path_factory.mktemp("twilio") / "store", read("twilio", STREAM).events)


def test_the_kpis_are_those_worked_out_by_hand(store: Stored) -> None:
    columns = (
        "queue, channel, offered, answered, abandoned, left_timeout, wait_seconds_answered, wait_seconds_abandoned, "
        "wait_seconds_left, talk_seconds, wrap_seconds, alerts, declines, transferred"
    )
    rows = store.rows(f"SELECT {columns} FROM kpi_between({HALF_HOUR}) ORDER BY queue, channel")
    assert rows == [
        ("Sales", "chat", 1, 1, 0, 0, 10, 0, 0, 180, 0, 1, 0, 0),
        ("Sales", "voice", 1, 1, 0, 0, 10, 0, 0, 120, 10, 1, 0, 0),
        ("Support", "chat", 1, 1, 0, 0, 20, 0, 0, 140, 10, 1, 0, 1),
        ("Support", "voice", 3, 1, 1, 1, 15, 25, 30, 300, 30, 2, 1, 0),
    ]


def test_the_service_level(store: Stored) -> None:
    levels = store.rows(
        f"SELECT queue, service_level FROM service_level({HALF_HOUR}, threshold_seconds := 20) "
        "WHERE definition = 'abandons_negative' AND queue IS NOT NULL ORDER BY queue"
    )
    assert levels == [("Sales", 1.0), ("Support", pytest.approx(2 / 3))]


def test_what_the_agents_did(store: Stored) -> None:
    spans = store.rows("SELECT agent, state, reason, presence, started_at, ended_at FROM agent_spans ORDER BY 1, 5")
    assert spans == [
        (W1, "available", None, None, at("09:55"), at("10:06")),
        (W1, "break", "lunch", "meal", at("10:06"), at("10:09")),
        (W1, "available", None, None, at("10:09"), at("10:20")),
        (W2, "available", None, None, at("09:58"), at("10:16")),
        (W2, "unavailable", "coaching", None, at("10:16"), None),
    ]


def test_twilios_own_wait_stands_beside_the_computed_one(store: Stored) -> None:
    assert store.rows("SELECT segment, wait_ms, outcome FROM reports WHERE interaction LIKE '%1' ORDER BY time") == [
        ("1", 15000, "completed"),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_what_twilio_reports_is_said_of_the_right_pass_when_calls_overtake_each_other(
    store: Stored, tmp_path: Path, seed: int
) -> None:
    ordered = sorted((each for each in documents(STREAM) if read_record(each)), key=lambda each: read_record(each).time)  # type: ignore[union-attr]
    overtaken = Stored(tmp_path / "store", pushed("twilio", nearby(ordered, seed)))
    reported = "SELECT interaction, segment, wait_ms, outcome, time FROM reports ORDER BY ALL"
    assert overtaken.rows(reported) == store.rows(reported) != []


def test_what_nobody_understood_is_noticed_and_stops_nothing(store: Stored) -> None:
    assert store.rows("SELECT kind, name, count(*) FROM source_notices GROUP BY ALL ORDER BY ALL") == [
        ("unknown_field", "sparkle", 1),
        ("unknown_verb", "task.sparkled", 1),
        ("unreadable", "record", 2),
    ]
    reading = read("twilio", STREAM)
    assert reading.problems == [RowProblem(line, "", "not a record of this source") for line in (46, 47)]
    assert (reading.rows, reading.read_as) == (47, {"records": 45})


def test_a_disposition_means_what_the_centre_says(tmp_path: Path) -> None:
    from pipeline.centre.parse import read_centre

    (tmp_path / "centre.yaml").write_text(
        "version: 1\nclients:\n  acme: {title: Acme, time_zone: UTC}\n"
        "dispositions:\n  acme:\n    SALE: {title: Sold, flags: [sale]}\n"
    )
    centre, _ = read_centre(tmp_path / "centre.yaml")
    sold = Stored(tmp_path / "store", read("twilio", STREAM, centre=centre).events)
    assert sold.rows(f"SELECT queue, channel, sales FROM kpi_between({HALF_HOUR}) WHERE sales > 0") == [
        ("Sales", "voice", 1)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_repeated_shuffled_and_restarted_it_is_the_same_store(store: Stored, tmp_path: Path, seed: int) -> None:
    records = documents(STREAM)
    events = pushed("twilio", shuffled(records + records[: len(records) // 2], seed), restarts=seed)
    assert Stored(tmp_path / "store", events).facts() == store.facts()


def test_the_same_file_twice_says_the_same_events() -> None:
    first, second = (read("twilio", STREAM).events for _ in range(2))
    assert [encode(event) for event in first] == [encode(event) for event in second]


def test_no_name_number_or_free_text_comes_out() -> None:
    events = read("twilio", STREAM).events
    text = b"\n".join(encode(event) for event in events).lower()
    for canary in (b"canary", b"bob", b"ann.", b"4420794601", b"12025550103", b"example"):
        assert canary not in text
    customers = {event.data.customer for event in events if isinstance(event, InteractionDescribed)}
    assert len(customers) == 4
    assert None not in customers
    without_key = read("twilio", STREAM, door=Door(None)).events
    assert {event.data.customer for event in without_key if isinstance(event, InteractionDescribed)} == {None}
    assert any(isinstance(event, SourceNoticed) for event in events)
