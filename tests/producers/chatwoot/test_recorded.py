"""The recorded webhooks of README.md: each number there was worked out by hand."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.contract.events import encode
from pipeline.producers.adapters import Call, RefusedCallError
from pipeline.producers.adapters.chatwoot.signature import check
from tests.producers.pushed.recorded import Stored, documents, nearby, pushed, read

STREAM = Path(__file__).with_name("webhooks.jsonl")
SECOND, SEVENTH = (f"'2026-03-{day} 00:00:00Z', '2026-03-{day} 23:59:00Z'" for day in ("02", "07"))
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = "a-secret-of-the-tests"  # noqa: S105


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return Stored(tmp_path_factory.mktemp("chatwoot") / "store", read("chatwoot", STREAM).events)


def test_the_kpis_are_those_worked_out_by_hand(store: Stored) -> None:
    columns = (
        "queue, channel, offered, answered, left_closed, wait_seconds_answered, wait_seconds_left, talk_seconds, "
        "alerts, transferred"
    )
    assert store.rows(f"SELECT {columns} FROM kpi_between({SECOND}) ORDER BY queue") == [
        ("Sales", "chat", 1, 1, 0, 30, 0, 210, 1, 1),
        ("Support", "chat", 2, 2, 0, 105, 0, 495, 2, 0),
        ("inbox 4", "email", 1, 0, 1, 0, 1800, 0, 0, 0),
    ]
    assert store.rows(f"SELECT {columns} FROM kpi_between({SEVENTH})") == [
        ("Support", "chat", 1, 1, 0, 600, 0, 1200, 1, 0)
    ]


def test_responses_count_from_the_reopening_and_without_the_bot(store: Stored) -> None:
    columns = (
        "queue, conversations, conversations_reopened, customer_messages, agent_messages, bot_messages, "
        "system_messages, first_response_seconds, bot_first_response_seconds, agent_responses, agent_response_seconds"
    )
    assert store.rows(f"SELECT {columns} FROM conversation_kpis({SECOND}) WHERE channel = 'chat' ORDER BY queue") == [
        ("Sales", 1, 0, 2, 2, 1, 0, 90, 2, 1, 90),
        ("Support", 1, 0, 2, 2, 0, 0, 60, 0, 2, 100),
        (None, 1, 0, 1, 0, 1, 0, 0, 5, 0, 0),
    ]
    assert store.rows(f"SELECT {columns} FROM conversation_kpis({SEVENTH})") == [
        ("Support", 0, 1, 1, 1, 0, 0, 600, 0, 1, 600)
    ]


def test_resolutions_bots_and_ratings(store: Stored) -> None:
    assert store.rows("SELECT interaction, status, actor FROM resolution_changes ORDER BY time, interaction") == [
        ("101", "resolved", "agent"),
        ("102", "resolved", "agent"),
        ("103", "resolved", "bot"),
        ("104", "resolved", "agent"),
        ("101", "reopened", "system"),
        ("101", "resolved", "agent"),
    ]
    assert store.rows("SELECT interaction, result FROM menu_steps ORDER BY time") == [
        ("102", "handed_over"),
        ("103", "contained"),
    ]
    assert store.rows("SELECT question, score FROM survey_scores") == [("csat", 5)]
    assert store.rows("SELECT language, reason, priority FROM contacts WHERE interaction = '101'") == [
        ("en-US", "billing", 3)
    ]


def test_what_nobody_understood_is_noticed_and_stops_nothing(store: Stored) -> None:
    assert store.rows("SELECT kind, name, count(*) FROM source_notices GROUP BY ALL ORDER BY ALL") == [
        ("unknown_field", "sparkle", 1),
        ("unknown_verb", "conversation_sparkled", 1),
        ("unreadable", "record", 1),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_repeated_overtaken_and_restarted_it_is_the_same_store(store: Stored, tmp_path: Path, seed: int) -> None:
    records = [record for record in documents(STREAM) for _ in range(2)]
    events = pushed("chatwoot", nearby(records, seed, places=8), restarts=seed)
    assert Stored(tmp_path / "store", events).facts() == store.facts()


def test_no_name_address_number_or_text_comes_out() -> None:
    text = b"\n".join(encode(event) for event in read("chatwoot", STREAM).events).lower()
    for canary in (b"canary", b"example.com", b"4420794601", b"acme ltd", b"robo", b"nine"):
        assert canary not in text


def test_signatures() -> None:
    body = b'{"event": "message_created"}'
    stamp = str(int(NOW.timestamp()))
    signature = "sha256=" + hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"x-chatwoot-signature": signature, "x-chatwoot-timestamp": stamp}
    url = "https://hooks.example.org/chatwoot/main"
    check(Call(url, headers, body, NOW), SECRET)
    check(Call(f"{url}?token={SECRET}", {}, body, NOW), SECRET)
    forged = [
        Call(url, headers, body + b" ", NOW),
        Call(url, {**headers, "x-chatwoot-timestamp": str(int(stamp) + 1)}, body, NOW),
        Call(url, headers, body, NOW + timedelta(minutes=6)),
        # A signature that is wrong is not mended by a token.
        Call(f"{url}?token={SECRET}", {**headers, "x-chatwoot-signature": "sha256="}, body, NOW),
        Call(f"{url}?token=", {}, body, NOW),
        Call(url, {}, body, NOW),
    ]
    for call in forged:
        with pytest.raises(RefusedCallError) as refused:
            check(call, SECRET)
        assert refused.value.status == 401
