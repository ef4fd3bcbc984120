"""Amazon Connect: recorded streams of two clients, whose KPIs are worked out by hand in connect/README.md."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.centre.model import Centre
from pipeline.contract import events as ev
from pipeline.contract.events import Event, encode
from pipeline.producers.adapters.connect import Asked, Make, agents, contact_events, one, records
from pipeline.producers.adapters.documents.delivered import content, files_of
from pipeline.producers.adapters.documents.stream import Document, Documents
from tests.support.streams import DOOR, converted, facts, read, stored

STREAMS = Path(__file__).parent / "connect"
CLIENTS = "aaaaaaaa-0000-4000-8000-000000000001=acme,bbbbbbbb-0000-4000-8000-000000000002=zenith"
CENTRE = Centre.model_validate({"version": 1, "dispositions": {"acme": {"SOLD": {"flags": ["sale"]}}}})
ASKED = Asked(CLIENTS, None, CENTRE, DOOR)
MAKES: dict[str, tuple[Make, str]] = {
    "connect-ctr": (records, "ctr"),
    "connect-contacts": (contact_events, "contact-events.jsonl"),
    "connect-agents": (agents, "agent-events.json"),
}
DAY = ("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")
AGENT = "e0000000-0000-4000-8000-000000000001"


def contact(number: int) -> str:
    return f"c0ffee00-0000-4000-8000-{number:012d}"


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-02T{clock}+00:00").astimezone(UTC)


def events_of(name: str) -> list[Event]:
    return read(name, STREAMS / MAKES[name][1], CLIENTS, CENTRE)[0]


def documents_of(name: str) -> list[Document]:
    path = STREAMS / MAKES[name][1]
    return [document for file in files_of(path) for document in Documents().take(content(file), last=True)]


def kpis(con: duckdb.DuckDBPyConnection, client: str, queue: str) -> dict[str, Any]:
    cursor = con.execute(
        "SELECT * FROM kpi_between(?::TIMESTAMPTZ, ?::TIMESTAMPTZ) WHERE client = ? AND queue = ?",
        [*DAY, client, queue],
    )
    names = [column[0] for column in cursor.description or []]
    (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def test_the_records_give_the_kpis_of_the_readme(tmp_path: Path) -> None:
    with stored(tmp_path, events_of("connect-ctr")) as con:
        check_the_readme(con)


def check_the_readme(con: duckdb.DuckDBPyConnection) -> None:
    sales = kpis(con, "acme", "Sales")
    assert {name: sales[name] for name in ("offered", "answered", "abandoned", "left_callback", "left_closed")} == {
        "offered": 5,
        "answered": 2,
        "abandoned": 1,
        "left_callback": 1,
        "left_closed": 1,
    }
    assert (sales["wait_seconds_answered"], sales["wait_seconds_abandoned"]) == (20, 40)
    assert (sales["talk_seconds"], sales["hold_seconds"], sales["wrap_seconds"]) == (390, 30, 70)
    assert (sales["handled"], sales["held"], sales["transferred"], sales["sales"]) == (2, 1, 1, 1)
    support = kpis(con, "acme", "Support")
    assert (support["offered"], support["answered"], support["wait_seconds_answered"]) == (1, 1, 30)
    assert (support["talk_seconds"], support["wrap_seconds"]) == (180, 0)
    back = kpis(con, "acme", "Callbacks")
    assert (back["answered"], back["wait_seconds_answered"], back["talk_seconds"], back["wrap_seconds"]) == (
        1,
        106,
        275,
        20,
    )
    chat = kpis(con, "acme", "Chat")
    assert (chat["channel"], chat["wait_seconds_answered"], chat["talk_seconds"]) == ("chat", 8, 600)
    zenith = kpis(con, "zenith", "Sales")
    assert (zenith["offered"], zenith["answered"], zenith["abandoned"]) == (2, 1, 1)
    assert (zenith["wait_seconds_answered"], zenith["wait_seconds_abandoned"], zenith["talk_seconds"]) == (30, 10, 180)
    levels = con.execute(
        "SELECT client, numerator, denominator FROM service_levels(?::TIMESTAMPTZ, ?::TIMESTAMPTZ, "
        "threshold_seconds := 20) WHERE definition = 'abandons_negative' AND queue = 'Sales' ORDER BY client",
        DAY,
    ).fetchall()
    assert levels == [("acme", 2, 3), ("zenith", 0, 2)]


def test_a_callback_has_the_wait_that_was_reported_beside_the_one_that_was_computed(tmp_path: Path) -> None:
    with stored(tmp_path, events_of("connect-ctr")) as con:
        row = con.execute(
            "SELECT callback, requested_at, due_at, reached_at, attempts, status, wait_seconds, "
            "wait_after_delay_seconds FROM callbacks"
        ).fetchall()
        assert row == [
            (contact(6), at("11:37:00"), at("11:38:39"), at("11:40:10"), 1, "reached", Decimal(190), Decimal(91))
        ]
        # The source's own wait holds the delay that was set; all its other durations are those that were computed.
        different = con.execute(
            "SELECT segment, wait_seconds, reported_wait_seconds FROM reported_differences "
            "WHERE wait_difference_seconds <> 0 OR talk_difference_seconds <> 0 OR hold_difference_seconds <> 0 "
            "OR wrap_difference_seconds <> 0"
        ).fetchall()
        assert different == [(contact(6), Decimal(106), Decimal(120))]


def test_interactions_are_chained_and_what_never_came_to_a_queue_is_no_segment(tmp_path: Path) -> None:
    with stored(tmp_path, events_of("connect-ctr")) as con:
        found = con.execute("SELECT interaction, segments, outcome FROM interactions ORDER BY interaction").fetchall()
        outcomes = {name: (segments, outcome) for name, segments, outcome in found}
        assert outcomes[contact(3)] == (2, "answered")
        assert outcomes[contact(5)] == (2, "answered")
        assert outcomes[contact(9)] == (0, "left_in_menu")
        transfer = con.execute(
            "SELECT to_queue FROM (SELECT json_extract_string(raw, '$.data.to_queue') AS to_queue FROM events "
            "WHERE type = 'interaction.transferred.v1')"
        ).fetchall()
        assert transfer == [("Support",)]


def test_what_cannot_be_is_noticed_and_gives_no_wait(tmp_path: Path) -> None:
    with stored(tmp_path, events_of("connect-ctr")) as con:
        assert con.execute(
            "SELECT wait_seconds, queued_at FROM segments WHERE segment = ?", [contact(8)]
        ).fetchall() == [(None, None)]
        notices = con.execute("SELECT kind, name, client FROM source_notices ORDER BY ALL").fetchall()
    assert notices == [
        ("contradiction", "enqueue_after_disconnect", "acme"),
        ("unknown_field", "fancynewmember", "acme"),
        ("unreadable", "json", "*"),
    ]


def test_the_broken_record_is_named_by_its_file_and_line() -> None:
    reading = read("connect-ctr", STREAMS / "ctr", CLIENTS)[1]
    assert (reading.rows, reading.read_as["records"]) == (15, 14)
    (problem,) = reading.problems
    assert str(problem) == "line 1: 2026/03/02/09/connect-ctr-1-2026-03-02-09-00-00: not a JSON object"


def test_contact_events_tell_the_same_contacts_as_they_happen(tmp_path: Path) -> None:
    queue = "d0000000-0000-4000-8000-000000000001"
    with stored(tmp_path, events_of("connect-contacts")) as con:
        sales = kpis(con, "acme", queue)
        assert (sales["offered"], sales["answered"], sales["abandoned"], sales["left_callback"]) == (3, 1, 1, 1)
        assert (sales["wait_seconds_answered"], sales["wait_seconds_abandoned"]) == (15, 40)
        # Contact events tell no hold: it lies in the talk.
        assert (sales["talk_seconds"], sales["wrap_seconds"]) == (300, 30)
        zenith = kpis(con, "zenith", queue)
        assert (zenith["offered"], zenith["wait_seconds_answered"], zenith["talk_seconds"]) == (1, 30, 180)
        assert con.execute("SELECT attempt, campaign, result FROM dials").fetchall() == [
            (contact(31), "spring", "machine")
        ]
        assert con.execute("SELECT kind, name FROM source_notices ORDER BY ALL").fetchall() == [
            ("contradiction", "enqueue_after_disconnect"),
            ("unknown_verb", "glowed"),
            ("unreadable", "json"),
        ]


def test_an_abandon_that_was_a_callback_is_said_anew() -> None:
    said = [event for event in events_of("connect-contacts") if getattr(event.data, "segment", None) == contact(5)]
    assert [event.data.revision for event in said if isinstance(event, ev.InteractionAbandoned)] == [0]
    assert [(e.data.reason, e.data.revision) for e in said if isinstance(e, ev.InteractionLeftQueue)] == [
        ("callback", 1)
    ]


def test_records_and_contact_events_merge_and_the_record_is_the_truth(tmp_path: Path) -> None:
    together = [*events_of("connect-contacts"), *events_of("connect-ctr"), *events_of("connect-agents")]
    with stored(tmp_path, together) as con:
        check_the_readme(con)


def test_agents_states(tmp_path: Path) -> None:
    with stored(tmp_path, events_of("connect-agents")) as con:
        spans = con.execute(
            "SELECT strftime(started_at, '%H:%M:%S'), state, reason, presence FROM agent_spans WHERE client = 'acme' "
            "ORDER BY started_at"
        ).fetchall()
        assert spans == [
            ("08:50:00", "unavailable", "offline", "offline"),
            ("08:55:00", "available", None, "available"),
            ("09:00:18", "available", "alerting", "available"),
            ("09:00:25", "on_contact", None, "available"),
            ("09:05:25", "wrap_up", None, "available"),
            ("09:05:55", "available", None, "available"),
            ("09:06:00", "break", "lunch_break", "lunch_break"),
            ("09:30:00", "available", None, "available"),
            ("09:40:00", "available", "alerting", "available"),
            ("09:40:20", "unavailable", "missed", "available"),
            ("09:40:30", "available", None, "available"),
            ("10:00:00", "unavailable", "offline", "offline"),
        ]
        (row,) = con.execute(
            "SELECT agent, available_seconds, on_contact_seconds, wrap_up_seconds, occupancy "
            "FROM occupancy(?::TIMESTAMPTZ, ?::TIMESTAMPTZ) WHERE client = 'acme'",
            DAY,
        ).fetchall()
        assert row[:4] == (AGENT, 2120, 300, 30)
        assert round(float(row[4]), 4) == 0.1347
        segment = con.execute(
            "SELECT answered_at, ended_at, wrapped_up_at, hold_seconds, talk_seconds, alerts, queued_at FROM segments "
            "WHERE segment = ?",
            [contact(1)],
        ).fetchall()
        assert segment == [(at("09:00:25"), at("09:05:25"), at("09:05:55"), Decimal(30), Decimal(270), 1, None)]
        missed = con.execute("SELECT alerts, declines FROM segments WHERE segment = ?", [contact(41)]).fetchall()
        assert missed == [(1, 1)]
        assert con.execute("SELECT ring_ms FROM reports").fetchall() == [(7000,)]
        # Nothing is counted in a queue by agent events alone: they do not tell of those who gave up.
        assert con.execute("SELECT count(*) FROM kpi_day").fetchone() == (0,)


@pytest.mark.thorough
@pytest.mark.parametrize("name", MAKES)
def test_order_repetition_and_restarts_change_nothing(name: str, tmp_path: Path) -> None:
    make, documents = MAKES[name][0], documents_of(name)
    with stored(tmp_path / "once", converted(make(ASKED), documents)) as con:
        truth = facts(con)
    shuffled = random.Random(7).sample(documents, len(documents))
    orders = {
        "twice": documents + documents,
        "halves": documents[len(documents) // 2 :] + documents[: len(documents) // 2],
        "shuffled": shuffled,
        "backwards": documents[::-1],
    }
    for way, order in orders.items():
        with stored(tmp_path / way, converted(make(ASKED), order, restart_after=len(order) // 2)) as con:
            assert facts(con) == truth, way


@pytest.mark.parametrize("name", MAKES)
def test_a_restart_in_the_middle_says_the_same(name: str) -> None:
    make, documents = MAKES[name][0], documents_of(name)
    whole = [encode(event) for event in converted(make(ASKED), documents)]
    for place in range(len(documents)):
        resumed = [encode(event) for event in converted(make(ASKED), documents, restart_after=place)]
        assert set(resumed) == set(whole)


@pytest.mark.parametrize("name", MAKES)
def test_nothing_personal_is_in_events_or_state(name: str) -> None:
    make = MAKES[name][0](ASKED)
    text = b"".join(encode(event) for event in converted(make, documents_of(name))) + make.state()
    for canary in (b"2079460", b"canary", b"Jane", b"example.com"):
        assert canary not in text
    customers = {
        event.data.customer
        for event in converted(MAKES[name][0](ASKED), documents_of(name))
        if isinstance(event, ev.InteractionDescribed)
    }
    # Eight numbers called, one of them both clients: two customers, who cannot be compared.
    assert len(customers - {None}) == (9 if name == "connect-ctr" else 0)


def test_one_converter_for_each_document() -> None:
    assert list(one(Document({"a": 1}))) == [Document({"a": 1})]
