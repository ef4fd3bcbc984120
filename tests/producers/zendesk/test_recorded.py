"""The recorded events of README.md: each number there was worked out by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.contract.events import encode
from pipeline.producers.adapters import Call, RefusedCallError, RowProblem
from pipeline.producers.adapters.zendesk.signature import check
from tests.producers.pushed.recorded import Stored, documents, nearby, pushed, read

STREAM = Path(__file__).with_name("ticket-events.jsonl")
CHATS = Path(__file__).with_name("ticket_chat_event.csv")
SECOND, THIRD = (f"'2026-03-{day} 00:00:00Z', '2026-03-{day} 23:59:00Z'" for day in ("02", "03"))
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = "a-secret-of-the-tests"  # noqa: S105
COLUMNS = (
    "queue, channel, offered, answered, left_closed, wait_seconds_answered, wait_seconds_left, talk_seconds, alerts, "
    "transferred"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return Stored(tmp_path_factory.mktemp("zendesk") / "store", read("zendesk", STREAM).events)


def test_the_kpis_are_those_worked_out_by_hand(store: Stored) -> None:
    assert store.rows(f"SELECT {COLUMNS} FROM kpi_between({SECOND}) ORDER BY queue, channel") == [
        ("group 77", "email", 1, 1, 0, 600, 0, 0, 1, 0),
        ("group 77", "messaging", 1, 1, 0, 120, 0, 480, 1, 1),
        ("group 78", "messaging", 1, 1, 0, 300, 0, 1500, 1, 0),
        ("no group", "email", 1, 0, 1, 0, 1800, 0, 0, 0),
    ]
    assert store.rows(f"SELECT {COLUMNS} FROM kpi_between({THIRD})") == [
        ("group 77", "email", 1, 1, 0, 1200, 0, 600, 1, 0)
    ]


def test_responses_and_resolutions(store: Stored) -> None:
    columns = "queue, channel, customer_messages, agent_messages, first_response_seconds, agent_response_seconds"
    assert store.rows(f"SELECT {columns} FROM conversation_kpis({SECOND}) ORDER BY queue, channel") == [
        ("group 77", "email", 1, 1, 600, 600),
        ("group 77", "messaging", 2, 2, 120, 120),
        ("no group", "email", 1, 0, 0, 0),
    ]
    assert store.rows(f"SELECT {columns} FROM conversation_kpis({THIRD})") == [("group 77", "email", 1, 1, 1200, 1200)]
    assert store.rows("SELECT interaction, status, actor FROM resolution_changes ORDER BY time") == [
        ("501", "resolved", "agent"),
        ("502", "pending", "agent"),
        ("502", "resolved", "agent"),
        ("503", "resolved", "system"),
        ("501", "reopened", "customer"),
        ("501", "resolved", "agent"),
    ]
    described = store.rows("SELECT interaction, ticket, priority, reason FROM contacts ORDER BY 1")
    assert described == [("501", "501", 2, "billing"), ("502", "502", 2, "billing"), ("503", "503", 4, "billing")]


def test_what_nobody_understood_is_noticed_and_stops_nothing(store: Stored) -> None:
    assert store.rows("SELECT kind, name, count(*) FROM source_notices GROUP BY ALL ORDER BY ALL") == [
        ("unknown_verb", "ticket.sparkled", 1),
        ("unknown_version", "2027-01-01", 1),
        ("unreadable", "record", 1),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_repeated_overtaken_and_restarted_it_is_the_same_store(store: Stored, tmp_path: Path, seed: int) -> None:
    records = [record for record in documents(STREAM) for _ in range(2)]
    events = pushed("zendesk", nearby(records, seed, places=8), restarts=seed)
    assert Stored(tmp_path / "store", events).facts() == store.facts()


def test_chat_rows_in_any_order(tmp_path: Path) -> None:
    reading = read("zendesk-chat", CHATS)
    assert reading.problems == [RowProblem(13, "ticket_chat_event.csv", "not a record of this source")]
    chats = Stored(tmp_path / "store", reading.events)
    assert chats.rows(f"SELECT {COLUMNS} FROM kpi_between({SECOND})") == [("chat", "chat", 2, 2, 0, 65.5, 0, 100, 0, 0)]
    assert chats.rows("SELECT interaction, sender, agent FROM messages ORDER BY time") == [
        ("c.1", "customer", None),
        ("c.1", "system", None),
        ("c.1", "agent", "4039"),
        ("c.2", "customer", None),
        ("c.2", "agent", "unnamed"),
    ]
    assert chats.rows("SELECT kind, name, count(*) FROM source_notices GROUP BY ALL ORDER BY ALL") == [
        ("unknown_verb", "ChatSparkle", 1),
        ("unreadable", "blank actor", 1),
        ("unreadable", "record", 2),
    ]


def test_no_text_address_or_number_comes_out() -> None:
    events = [*read("zendesk", STREAM).events, *read("zendesk-chat", CHATS).events]
    text = b"\n".join(encode(event) for event in events).lower()
    for canary in (b"canary", b"example.com", b"4420794601", b"9001", b"visitor"):
        assert canary not in text


def test_signatures() -> None:
    body = b'{"type": "zen:event-type:ticket.created"}'
    stamp = "2026-03-02T12:00:00Z"
    digest = hmac.new(SECRET.encode(), stamp.encode() + body, hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    headers = {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": stamp}
    url = "https://hooks.example.org/zendesk/main"
    check(Call(url, headers, body, NOW), SECRET)
    forged = [
        Call(url, headers, body + b" ", NOW),
        Call(url, {**headers, "x-zendesk-webhook-signature-timestamp": "2026-03-02T12:00:01Z"}, body, NOW),
        Call(url, headers, body, NOW + timedelta(minutes=6)),
        Call(url, {"x-zendesk-webhook-signature": signature}, body, NOW),
        Call(url, {}, body, NOW),
    ]
    for call in forged:
        with pytest.raises(RefusedCallError) as refused:
            check(call, SECRET)
        assert refused.value.status == 401
