"""One source for several clients: the adapter tells them apart, and the source may speak of those that are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.producers.webhooks.config import SourceConfig
from tests.producers.webhooks.receiver import SECRET, Kafka, receiver

ACME, ZENITH = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
RECORDED = Path(__file__).parents[1] / "connect" / "contact-events.jsonl"
SOURCE = {"name": "main", "adapter": "connect-contacts"}
HEADERS = {"x-api-key": SECRET, "content-type": "application/json"}


def contact_event(instance: str) -> dict[str, Any]:
    """A recorded contact event, as of another instance, in which the contact has an identifier of its own."""
    line = next(line for line in RECORDED.read_text().splitlines() if ACME in line and "INITIATED" in line)
    found: dict[str, Any] = json.loads(line.replace(ACME, instance))
    found["detail"]["ContactId"] = f"c0ffee{instance[:2]}-0000-4000-8000-000000000001"
    return found


def clients_of(kafka: Kafka) -> set[str]:
    return {json.loads(value)["data"]["client"] for value in kafka.values}


def test_every_client_of_a_mapping_may_be_spoken_of_and_no_other(tmp_path: Path) -> None:
    kafka = Kafka()
    with receiver(tmp_path, kafka, {**SOURCE, "client": f"{ACME}=acme,{ZENITH}=zenith"}) as client:

        def post(instance: str) -> tuple[int, Any]:
            answer = client.post("/connect-contacts/main", json=contact_event(instance), headers=HEADERS)
            return answer.status_code, answer.json().get("error")

        assert post(ACME) == (200, None)
        assert post(ZENITH) == (200, None)
        assert clients_of(kafka) == {"acme", "zenith"}
        assert post("cccccccc-0000-4000-8000-000000000003") == (422, "this source may speak of its own client only")
    assert clients_of(kafka) == {"acme", "zenith"}


def test_what_is_neither_mapped_is_of_the_rest(tmp_path: Path) -> None:
    kafka = Kafka()
    with receiver(tmp_path, kafka, {**SOURCE, "client": f"{ACME}=acme,rest"}) as client:
        for instance in (ACME, ZENITH):
            answer = client.post("/connect-contacts/main", json=contact_event(instance), headers=HEADERS)
            assert answer.status_code == 200
    assert clients_of(kafka) == {"acme", "rest"}


def test_a_record_that_nobody_can_read_is_noticed_for_all_of_them(tmp_path: Path) -> None:
    """It does not say whose it is, and must not hold up the call's other records."""
    kafka = Kafka()
    with receiver(tmp_path, kafka, {**SOURCE, "client": f"{ACME}=acme,{ZENITH}=zenith"}) as client:
        nobody = {"time": "2026-03-02T10:00:00Z", "detail": {"canary": 1}}
        body = json.dumps(contact_event(ACME)) + json.dumps(nobody)
        answer = client.post("/connect-contacts/main", content=body, headers=HEADERS)
        assert answer.status_code == 200
    notices = [json.loads(value) for value in kafka.values if b"source.noticed" in value]
    assert {notice["data"]["client"] for notice in notices} == {"*"}
    assert {notice["data"]["kind"] for notice in notices} == {"unreadable"}
    assert clients_of(kafka) == {"acme", "*"}


@pytest.mark.parametrize(
    ("adapter", "client", "says"),
    [
        ("chatwoot", "1=acme,2=zenith", "client: not understood"),
        ("connect-contacts", "a=acme,=zenith", "client: not understood"),
        ("connect-contacts", "one,two", "client: not understood"),
        ("connect-contacts", f"a={'x' * 300}", "client: a name has at most"),
    ],
)
def test_a_client_that_cannot_be_understood_is_told_at_the_start(adapter: str, client: str, says: str) -> None:
    source = {"name": "main", "secret": SECRET, "secret_in_clear": True}
    with pytest.raises(ValidationError, match=says):
        SourceConfig.model_validate({**source, "adapter": adapter, "client": client})
