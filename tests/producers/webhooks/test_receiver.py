"""The receiver's own rules, whichever adapter reads the call."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.producers.webhooks.receiver import SECRET, Kafka, receiver
from tests.support.calls import call

ONE = "application/cloudevents+json"
MANY = "application/cloudevents-batch+json"
SIGNED = {"authorization": f"Bearer {SECRET}"}
NORTH = {"name": "north", "adapter": "cloudevents", "client": "acme"}
THE_TIME = datetime(2026, 3, 2, 10, tzinfo=UTC)


def events(number: int = 1, client: str = "acme") -> list[bytes]:
    return call(number, THE_TIME, client=client, answered_after_seconds=5, ended_after_seconds=60)


def batch(lines: list[bytes]) -> bytes:
    return b"[" + b",".join(lines) + b"]"


def test_a_call_is_answered_when_kafka_has_all_its_events(tmp_path: Path) -> None:
    kafka = Kafka()
    with receiver(tmp_path, kafka, NORTH) as client:
        answer = client.post("/cloudevents/north", content=batch(events()), headers={"content-type": MANY, **SIGNED})
        assert (answer.status_code, answer.json()) == (200, {"events": 4})
        assert [json.loads(value)["id"] for value in kafka.values] == [json.loads(line)["id"] for line in events()]
        assert {key for _, key, _ in kafka.records} != {None}


def test_a_call_that_is_not_signed_is_refused_and_nothing_of_it_is_said_again(tmp_path: Path) -> None:
    kafka = Kafka()
    with receiver(tmp_path, kafka, NORTH) as client:
        for headers in (
            {},
            {"authorization": "Bearer wrong"},
            {"authorization": SECRET},
            {"authorization": "Bearer ä"},
        ):
            raw = [(name.encode(), value.encode()) for name, value in {"content-type": ONE, **headers}.items()]
            answer = client.post("/cloudevents/north", content=events()[0], headers=raw)
            assert answer.status_code == 401
            assert answer.json() == {"error": "the call is not signed with this source's secret"}
    assert kafka.records == []


def test_a_call_that_is_too_large_is_refused_whether_it_says_so_or_not(tmp_path: Path) -> None:
    kafka = Kafka()
    with receiver(tmp_path, kafka, NORTH, max_body_bytes=2048) as client:
        headers = {"content-type": ONE, **SIGNED}
        assert client.post("/cloudevents/north", content=b"x" * 2049, headers=headers).status_code == 413
        chunks = (b"x" * 100 for _ in range(100))
        answer = client.post("/cloudevents/north", content=chunks, headers=headers)
        assert (answer.status_code, answer.json()) == (413, {"error": "the body is larger than 2048 bytes"})
    assert kafka.records == []


def test_more_calls_than_allowed_are_told_when_to_come_again(tmp_path: Path) -> None:
    kafka = Kafka()
    south = {**NORTH, "name": "south"}
    with receiver(tmp_path, kafka, NORTH, south, calls_per_minute=2) as client:
        headers = {"content-type": ONE, **SIGNED}
        answers = [client.post("/cloudevents/north", content=events()[0], headers=headers) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 1 <= int(answers[2].headers["retry-after"]) <= 60
        # Another source is not held up by it.
        assert client.post("/cloudevents/south", content=events()[0], headers=headers).status_code == 200


def test_without_kafka_a_call_is_put_off_and_counts_once_when_it_comes_again(tmp_path: Path) -> None:
    kafka = Kafka()
    kafka.away = True
    with receiver(tmp_path, kafka, NORTH) as client:
        headers = {"content-type": MANY, **SIGNED}
        answer = client.post("/cloudevents/north", content=batch(events()), headers=headers)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert client.get("/health").status_code == 503
        kafka.away = False
        assert client.post("/cloudevents/north", content=batch(events()), headers=headers).status_code == 200
        assert client.get("/health").json() == {"status": "ok", "sources": 1, "waiting": 0}
        # An acknowledgement that does not come is a failure, too, and the next call has a connection of its own.
        kafka.fails_at_flush = True
        assert client.post("/cloudevents/north", content=batch(events(2)), headers=headers).status_code == 503
        kafka.fails_at_flush = False
        assert client.post("/cloudevents/north", content=batch(events(2)), headers=headers).status_code == 200
    assert len(kafka.records) == 8
    assert kafka.connections == 2


def test_one_bad_event_refuses_the_whole_call_with_the_contracts_reason(tmp_path: Path) -> None:
    kafka = Kafka()
    lines = events()
    lines[2] = lines[2].replace(b'"inbound"', b'"sideways-0301234567"')
    with receiver(tmp_path, kafka, NORTH) as client:
        answer = client.post("/cloudevents/north", content=batch(lines), headers={"content-type": MANY, **SIGNED})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("event 3 of 4 is refused (schema): ")
    assert "0301234567" not in answer.text
    assert kafka.records == []


def test_a_source_may_speak_of_its_own_client_and_in_its_own_name_only(tmp_path: Path) -> None:
    kafka = Kafka()
    named = {**NORTH, "name": "named", "source": "acme/pbx"}
    with receiver(tmp_path, kafka, NORTH, named) as client:
        headers = {"content-type": ONE, **SIGNED}
        other = client.post("/cloudevents/north", content=events(client="zeta")[0], headers=headers)
        assert (other.status_code, other.json()) == (422, {"error": "this source may speak of its own client only"})
        assert client.post("/cloudevents/named", content=events()[0], headers=headers).status_code == 422
    assert kafka.records == []


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [("text/plain", b"{}", 415), (MANY, b"{}", 400), (ONE, b"not json", 422), (MANY, b"[\xff]", 400)],
)
def test_what_is_no_event_is_refused(tmp_path: Path, content_type: str, body: bytes, status: int) -> None:
    with receiver(tmp_path, Kafka(), NORTH) as client:
        answer = client.post("/cloudevents/north", content=body, headers={"content-type": content_type, **SIGNED})
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}


def test_other_paths_and_methods(tmp_path: Path) -> None:
    with receiver(tmp_path, Kafka(), NORTH) as client:
        assert client.post("/cloudevents/elsewhere").json() == {"error": "no source is called here"}
        assert client.get("/cloudevents/north").status_code == 405


def test_an_event_from_the_future_is_no_reason_to_stop(tmp_path: Path) -> None:
    kafka = Kafka()
    line = call(1, datetime.now(UTC) + timedelta(hours=1))[0]
    with receiver(tmp_path, kafka, NORTH) as client:
        answer = client.post("/cloudevents/north", content=line, headers={"content-type": ONE, **SIGNED})
    assert (answer.status_code, "implausible_time" in answer.text) == (422, True)


def test_nothing_of_a_call_stands_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), receiver(tmp_path, Kafka(), NORTH) as client:
        headers = {"content-type": ONE, **SIGNED}
        client.post("/cloudevents/north?token=canary-query", content=b'{"canary-body": 1}', headers=headers)
        client.post("/cloudevents/north?token=canary-query", content=events()[0], headers=headers)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("pipeline")]
    assert any("422" in line for line in ours)
    assert any("200, 1 events" in line for line in ours)
    assert "canary" not in "".join(ours)
    assert SECRET not in caplog.text
