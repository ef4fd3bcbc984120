"""The recorded notifications of README.md, and the same as rows: each number there was worked out by hand."""

from __future__ import annotations

import hashlib
import hmac
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.contract.events import InteractionStarted, SourceNoticed, encode
from pipeline.errors import CallboardError
from pipeline.producers.adapters import Call, RefusedCallError, RowProblem
from pipeline.producers.adapters.intercom.signature import check
from tests.producers.pushed.recorded import Stored, documents, nearby, pushed, read

HERE = Path(__file__).parent
STREAM, EXPORT = HERE / "notifications.jsonl", HERE / "export"
SECOND, FOURTH = (f"'2026-03-{day} 00:00:00Z', '2026-03-{day} 23:59:00Z'" for day in ("02", "04"))
SECRET = "a-secret-of-the-tests"  # noqa: S105


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return Stored(tmp_path_factory.mktemp("intercom") / "store", read("intercom", STREAM).events)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return Stored(tmp_path_factory.mktemp("exported") / "store", read("intercom", EXPORT).events)


@pytest.mark.parametrize("name", ["store", "exported"])
def test_the_kpis_are_those_worked_out_by_hand(request: pytest.FixtureRequest, name: str) -> None:
    store: Stored = request.getfixturevalue(name)
    columns = (
        "queue, channel, direction, offered, answered, left_closed, wait_seconds_answered, wait_seconds_left, "
        "talk_seconds, alerts"
    )
    assert store.rows(f"SELECT {columns} FROM kpi_between({SECOND}) ORDER BY queue, channel") == [
        ("no team", "chat", "inbound", 1, 0, 1, 0, 1800, 0, 0),
        ("no team", "email", "outbound", 1, 1, 0, 0, 0, 1800, 0),
        ("team 5", "chat", "inbound", 1, 1, 0, 120, 0, 240, 1),
    ]
    assert store.rows(f"SELECT {columns} FROM kpi_between({FOURTH})") == [
        ("team 5", "chat", "inbound", 1, 1, 0, 300, 0, 300, 1)
    ]
    responses = "queue, channel, customer_messages, agent_messages, bot_messages, first_response_seconds"
    responses += ", agent_response_seconds"
    assert store.rows(f"SELECT {responses} FROM conversation_kpis({SECOND}) ORDER BY queue, channel") == [
        ("no team", "chat", 1, 0, 1, 0, 0),
        ("no team", "email", 1, 2, 0, 0, 600),
        ("team 5", "chat", 2, 3, 0, 120, 180),
    ]
    assert store.rows(f"SELECT {responses} FROM conversation_kpis({FOURTH})") == [("team 5", "chat", 1, 1, 0, 300, 300)]
    assert store.rows("SELECT question, score FROM survey_scores") == [("csat", 5)]


def test_resolutions_and_agents(store: Stored) -> None:
    assert store.rows("SELECT interaction, status, actor FROM resolution_changes ORDER BY time") == [
        ("2001", "resolved", "agent"),
        ("2002", "resolved", "agent"),
        ("2003", "resolved", "bot"),
        ("2001", "reopened", "customer"),
        ("2001", "resolved", "agent"),
    ]
    spans = "SELECT agent, state, reason, strftime(started_at, '%H:%M:%S'), strftime(ended_at, '%H:%M:%S') "
    assert store.rows(f"{spans} FROM agent_spans ORDER BY started_at") == [
        ("11", "available", None, "09:00:01", "13:00:01"),
        ("11", "break", "away", "13:00:01", "13:15:01"),
        ("11", "available", None, "13:15:01", "14:00:01"),
    ]


def test_what_nobody_understood_is_noticed_and_stops_nothing(store: Stored, exported: Stored) -> None:
    notices = "SELECT kind, name, count(*) FROM source_notices GROUP BY ALL ORDER BY ALL"
    assert store.rows(notices) == [
        ("unknown_field", "sparkle", 1),
        ("unknown_verb", "part sparkle", 1),
        ("unknown_verb", "sparkle.created", 1),
        ("unreadable", "record", 1),
    ]
    assert exported.rows(notices) == [("unknown_verb", "part sparkle", 1), ("unreadable", "record", 1)]
    (problem,) = read("intercom", EXPORT).problems
    assert problem == RowProblem(problem.line, "conversation_part_history_data.csv", "not a record of this source")


@pytest.mark.parametrize("restarts", range(3))
def test_repeated_and_restarted_it_is_the_same_store(store: Stored, tmp_path: Path, restarts: int) -> None:
    records = [record for record in documents(STREAM) for _ in range(2)]
    assert Stored(tmp_path / "store", pushed("intercom", records, restarts)).facts() == store.facts()


@pytest.mark.parametrize("seed", range(4))
def test_overtaken_it_is_the_same_story(store: Stored, tmp_path: Path, seed: int) -> None:
    """All but the resolutions, which are rows that nothing takes back: these overtakings are of minutes."""
    events = pushed("intercom", nearby(documents(STREAM), seed, places=3), restarts=seed)
    assert Stored(tmp_path / "store", events).facts()[:3] == store.facts()[:3]


def test_one_table_alone_tells_no_story(tmp_path: Path) -> None:
    shutil.copy(EXPORT / "conversation_history_data.csv", tmp_path)
    with pytest.raises(CallboardError, match=r"has no conversation_part_history\*\.csv"):
        read("intercom", tmp_path)


def test_no_name_address_or_text_comes_out() -> None:
    events = [*read("intercom", STREAM).events, *read("intercom", EXPORT).events]
    text = b"\n".join(encode(event) for event in events).lower()
    for canary in (b"canary", b"example.com", b"hello"):
        assert canary not in text


def test_signatures() -> None:
    body = b'{"type": "notification_event"}'
    now = datetime(2026, 3, 2, tzinfo=UTC)
    signature = "sha1=" + hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
    check(Call("https://x/", {"x-hub-signature": signature}, body, now), SECRET)
    for headers, content in (
        ({"x-hub-signature": signature}, body + b" "),
        ({}, body),
        ({"x-hub-signature": ""}, body),
    ):
        with pytest.raises(RefusedCallError) as refused:
            check(Call("https://x/", headers, content, now), SECRET)
        assert refused.value.status == 401


def test_a_notification_that_breaks_off_in_the_middle_loses_nothing_of_its_conversation() -> None:
    """Its rating is no number. What the notification said before that is told with the next one."""
    records = [record for record in documents(STREAM) if "2001" in str(record["data"])][:3]
    broken = {**records[0], "id": "notif_x", "data": {"item": {**records[0]["data"]["item"]}}}
    broken["data"]["item"]["conversation_rating"] = {"rating": "canary", "created_at": 1772445600}
    events = pushed("intercom", [broken, *records[1:]])
    assert any(isinstance(event, SourceNoticed) and event.data.kind == "unreadable" for event in events)
    assert [event.time.hour for event in events if isinstance(event, InteractionStarted)] == [10]
