"""Genesys Cloud: recorded streams of two clients, whose KPIs are worked out by hand in genesys/README.md."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.centre.model import Centre
from pipeline.contract import events as ev
from pipeline.contract.events import Event, encode
from pipeline.producers.adapters import AdapterRequest
from pipeline.producers.adapters.base import Converter, LiveRequest
from pipeline.producers.adapters.documents.delivered import content, files_of
from pipeline.producers.adapters.documents.stream import Document, Documents
from pipeline.producers.adapters.genesys import conversations, metrics, unwrapped
from tests.support.streams import DOOR, NOW, converted, facts, read, stored

STREAMS = Path(__file__).parent / "genesys"
CLIENTS = "a0000000-1111-4000-8000-000000000001=acme,b0000000-1111-4000-8000-000000000002=zenith"
SOLD = "c0de0000-4444-4000-8000-000000000001"
CENTRE = Centre.model_validate({"version": 1, "dispositions": {"acme": {SOLD: {"flags": ["sale"]}}}})
ASKED = AdapterRequest(STREAMS, NOW, client=CLIENTS, centre=CENTRE, door=DOOR)
MAKES: dict[str, tuple[Callable[[AdapterRequest | LiveRequest], Converter], str]] = {
    "genesys-conversations": (conversations, "details"),
    "genesys-metrics": (metrics, "metrics.jsonl"),
}
DAY = ("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z")
QUEUES = {
    "Sales": "51000000-2222-4000-8000-000000000001",
    "Support": "51000000-2222-4000-8000-000000000002",
    "Callbacks": "51000000-2222-4000-8000-000000000003",
    "Outbound": "51000000-2222-4000-8000-000000000004",
    "Z": "51000000-2222-4000-8000-000000000009",
}
#: offered, answered, abandoned, wait of answered and of abandoned, talk, hold, wrap, alerts, declines, transferred.
MEASURES = (
    *("offered", "answered", "abandoned", "wait_seconds_answered", "wait_seconds_abandoned", "talk_seconds"),
    *("hold_seconds", "wrap_seconds", "alerts", "declines", "transferred"),
)
README = {
    ("acme", "Sales"): (4, 2, 1, 40, 45, 390, 30, 40, 4, 1, 1),
    ("acme", "Support"): (2, 2, 0, 35, 0, 360, 0, 10, 2, 0, 1),
    ("acme", "Callbacks"): (1, 1, 0, 30, 0, 270, 0, 10, 1, 0, 0),
    ("acme", "Outbound"): (1, 1, 0, 1, 0, 60, 0, 10, 0, 0, 0),
    ("zenith", "Z"): (3, 1, 0, 12, 0, 180, 0, 20, 1, 0, 0),
}


def conversation(number: int) -> str:
    return f"ce000000-5555-4000-8000-{number:012d}"


def agent(number: int) -> str:
    return f"a9000000-3333-4000-8000-{number:012d}"


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-03T{clock}+00:00").astimezone(UTC)


def events_of(name: str) -> list[Event]:
    return read(name, STREAMS / MAKES[name][1], CLIENTS, CENTRE)[0]


def documents_of(name: str) -> list[Document]:
    wholes = [
        whole for file in files_of(STREAMS / MAKES[name][1]) for whole in Documents().take(content(file), last=True)
    ]
    return [record for whole in wholes for record in unwrapped(whole)]


def check_the_readme(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute(
        f"SELECT client, queue, {', '.join(MEASURES)} FROM kpi_between(?::TIMESTAMPTZ, ?::TIMESTAMPTZ)", DAY
    ).fetchall()
    found = {(client, queue): tuple(map(int, values)) for client, queue, *values in rows}
    assert found == {(client, QUEUES[queue]): values for (client, queue), values in README.items()}
    left = con.execute(
        "SELECT client, sum(left_callback), sum(left_timeout), sum(left_closed), sum(sales) FROM kpi_day GROUP BY ALL "
        "ORDER BY client"
    ).fetchall()
    assert left == [("acme", 1, 0, 0, 1), ("zenith", 0, 1, 0, 0)]
    assert con.execute(
        "SELECT client, waiting FROM queue_now('2026-03-03T15:01:00Z'::TIMESTAMPTZ) WHERE waiting > 0"
    ).fetchall() == [("zenith", 1)]


@pytest.mark.parametrize("name", MAKES)
def test_the_kpis_of_the_readme(name: str, tmp_path: Path) -> None:
    with stored(tmp_path, events_of(name)) as con:
        check_the_readme(con)


def test_details_and_metrics_name_the_same_passes(tmp_path: Path) -> None:
    with stored(tmp_path, events_of("genesys-metrics") + events_of("genesys-conversations")) as con:
        check_the_readme(con)


def test_what_the_details_tell_beside_the_queues(tmp_path: Path) -> None:
    with stored(tmp_path, events_of("genesys-conversations")) as con:
        steps = con.execute("SELECT interaction, bot, kind, step, result FROM menu_steps ORDER BY time").fetchall()
        assert steps == [
            (conversation(1), "Main menu", "menu", "transfer", "handed_over"),
            (conversation(2), "Main menu", "menu", "transfer", "handed_over"),
            (conversation(8), "Balance bot", "bot", "disconnect", "contained"),
        ]
        callbacks = con.execute(
            "SELECT requested_at, due_at, first_attempt_at, reached_at, status, wait_seconds FROM callbacks"
        ).fetchall()
        assert callbacks == [(at("11:02:00"), at("11:10:00"), at("11:10:40"), at("11:10:55"), "reached", Decimal(535))]
        dials = con.execute("SELECT attempt, lead, result, rung_seconds, dropped FROM dials ORDER BY time").fetchall()
        assert dials == [
            (conversation(6), "lead-77", "human", 12, False),
            (conversation(7), "lead-77", "machine", 15, False),
        ]
        joined = con.execute("SELECT agent, role, change FROM participations ORDER BY time").fetchall()
        assert joined == [(agent(5), "monitor", "joined"), (agent(5), "monitor", "left")]
        transfers = con.execute(
            "SELECT json_extract_string(raw, '$.data.kind'), json_extract_string(raw, '$.data.to_queue'), "
            "json_extract_string(raw, '$.data.to_agent') FROM events WHERE type = 'interaction.transferred.v1' "
            "ORDER BY time"
        ).fetchall()
        assert transfers == [("cold", QUEUES["Support"], None), ("warm", None, agent(2))]
        # The colleague to whom it was handed over had it without a queue: a segment that no queue counts.
        direct = con.execute(
            "SELECT agent, queue, queued_at, talk_seconds FROM segments WHERE interaction = ? AND queued_at IS NULL",
            [conversation(4)],
        ).fetchall()
        assert direct == [(agent(2), None, None, Decimal(185))]
        ended = con.execute(
            "SELECT interaction, json_extract_string(raw, '$.data.ended_by') FROM events "
            "WHERE type = 'interaction.ended.v1' AND agent = ? ORDER BY time",
            [agent(3)],
        ).fetchall()
        assert ended == [(conversation(3), "agent"), (conversation(4), None)]


def test_sources_own_durations_stand_beside_the_computed(tmp_path: Path) -> None:
    with stored(tmp_path, events_of("genesys-conversations")) as con:
        different = con.execute(
            "SELECT count(*) FROM reports r JOIN segments s USING (client, interaction, segment) "
            "WHERE r.talk_ms <> s.talk_seconds * 1000 OR r.hold_ms <> s.hold_seconds * 1000 "
            "OR r.wrap_ms <> s.wrap_seconds * 1000"
        ).fetchone()
        assert different == (0,)
        (row,) = con.execute(
            "SELECT wait_ms, ring_ms, talk_ms, hold_ms, wrap_ms, outcome FROM reports r WHERE interaction = ? "
            "ORDER BY time DESC LIMIT 1",
            [conversation(1)],
        ).fetchall()
        # Both alerts: the one that nobody answered (10 s) and the one that was (5 s).
        assert row == (30_000, 15_000, 270_000, 30_000, 30_000, "answered")


def test_an_open_conversation_is_corrected_when_it_is_fetched_again() -> None:
    said: list[Any] = [
        event
        for event in events_of("genesys-conversations")
        if getattr(event.data, "interaction", None) == conversation(1) and getattr(event.data, "segment", None)
    ]
    revisions = sorted({event.data.revision for event in said if hasattr(event.data, "revision")})
    assert len(revisions) == 2
    first = [event for event in said if getattr(event.data, "revision", None) == revisions[0]]
    assert not any(isinstance(event, ev.InteractionWrappedUp) for event in first)
    assert any(isinstance(event, ev.InteractionWrappedUp) for event in said)


def test_what_nobody_understands_is_noticed(tmp_path: Path) -> None:
    with stored(tmp_path / "details", events_of("genesys-conversations")) as con:
        assert con.execute("SELECT kind, name, client FROM source_notices ORDER BY ALL").fetchall() == [
            ("contradiction", "segment_end_before_start", "zenith"),
            ("unknown_field", "mood", "zenith"),
            ("unreadable", "json", "*"),
        ]
    with stored(tmp_path / "metrics", events_of("genesys-metrics")) as con:
        assert con.execute("SELECT kind, name, client FROM source_notices ORDER BY ALL").fetchall() == [
            ("unknown_field", "shoesize", "zenith"),
            ("unknown_verb", "tbrandnew", "zenith"),
        ]
    reading = read("genesys-conversations", STREAMS / "details", CLIENTS)[1]
    assert [str(problem) for problem in reading.problems] == ["line 6: 2-jobs.jsonl: not a JSON object"]
    assert reading.rows == 15


@pytest.mark.thorough
@pytest.mark.parametrize("name", MAKES)
def test_order_repetition_and_restarts_change_nothing(name: str, tmp_path: Path) -> None:
    make, documents = MAKES[name][0], documents_of(name)
    with stored(tmp_path / "once", converted(make(ASKED), documents)) as con:
        truth = facts(con)
    orders = {
        "twice": documents + documents,
        "halves": documents[len(documents) // 2 :] + documents[: len(documents) // 2],
        "shuffled": random.Random(5).sample(documents, len(documents)),
        "backwards": documents[::-1],
    }
    for way, order in orders.items():
        with stored(tmp_path / way, converted(make(ASKED), order, restart_after=len(order) // 2)) as con:
            assert facts(con) == truth, way


@pytest.mark.parametrize("name", MAKES)
def test_a_restart_in_the_middle_says_the_same(name: str) -> None:
    make, documents = MAKES[name][0], documents_of(name)
    whole = {encode(event) for event in converted(make(ASKED), documents)}
    for place in range(0, len(documents), 3):
        assert {encode(event) for event in converted(make(ASKED), documents, restart_after=place)} == whole


@pytest.mark.parametrize("name", MAKES)
def test_nothing_personal_is_in_events_or_state(name: str) -> None:
    converter = MAKES[name][0](ASKED)
    text = b"".join(encode(event) for event in converted(converter, documents_of(name))) + converter.state()
    for canary in (b"2079460", b"canary", b"Canary", b"example.com"):
        assert canary not in text


def described(events: list[Event]) -> dict[str, Any]:
    return {e.data.interaction: e.data for e in events if isinstance(e, ev.InteractionDescribed)}


def test_the_same_number_is_one_customer_of_each_client() -> None:
    known = described(events_of("genesys-conversations"))
    assert known[conversation(1)].customer != known[conversation(9)].customer
    assert known[conversation(1)].language == "en-GB"
    assert known[conversation(6)].campaign == "ca3b0000-0000-4000-8000-000000000001"
