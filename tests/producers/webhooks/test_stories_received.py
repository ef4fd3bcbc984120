"""The receiver with a source that remembers: whatever fails, what Kafka has in the end is the whole story, once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.clock import SystemClock
from pipeline.contract.decode import decode
from pipeline.contract.rejects import Rejection
from tests.producers.pushed.recorded import Stored, documents, pushed
from tests.producers.webhooks.receiver import SECRET, Kafka, receiver

STREAM = Path(__file__).parents[1] / "chatwoot" / "webhooks.jsonl"
SOURCE = {"name": "main", "adapter": "chatwoot", "client": "acme", "source": "chatwoot"}
RECORDS = [record for record in documents(STREAM) if "message_type" in record or "status" in record]


def post(client: Any, record: Any) -> int:
    headers = {"content-type": "application/json"}
    url = f"/chatwoot/main?token={SECRET}"
    return int(client.post(url, content=json.dumps(record).encode(), headers=headers).status_code)


def facts(folder: Path, values: list[bytes]) -> list[list[tuple[Any, ...]]]:
    """What the store makes of it: ids would differ with the revisions, which depend on what came when."""
    events = [decode(value, SystemClock().now()) for value in values]
    return Stored(folder, [event for event in events if not isinstance(event, Rejection)]).facts()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[list[tuple[Any, ...]]]:
    """The store when nothing fails."""
    return Stored(tmp_path_factory.mktemp("whole") / "store", pushed("chatwoot", RECORDS)).facts()


@pytest.mark.parametrize("fails_at", [3, 9, 17])
def test_a_call_that_failed_in_the_middle_and_comes_again(
    tmp_path: Path, whole: list[list[tuple[Any, ...]]], fails_at: int
) -> None:
    kafka = Kafka()
    with receiver(tmp_path, kafka, SOURCE) as client:
        for number, record in enumerate(RECORDS):
            if number == fails_at:
                kafka.fails_at_flush = True
                assert post(client, record) == 503
                kafka.fails_at_flush = False
                # Another call comes before the one that failed is repeated.
                if number + 1 < len(RECORDS):
                    assert post(client, RECORDS[number + 1]) == 200
            assert post(client, record) == 200
    assert facts(tmp_path / "store", kafka.values) == whole


def test_a_restart_goes_on_where_it_was(tmp_path: Path, whole: list[list[tuple[Any, ...]]]) -> None:
    kafka = Kafka()
    for begin in range(0, len(RECORDS), 7):
        with receiver(tmp_path, kafka, SOURCE) as client:
            assert {post(client, record) for record in RECORDS[begin : begin + 7]} == {200}
    assert facts(tmp_path / "store", kafka.values) == whole


def test_a_call_that_breaks_the_converter_is_refused_and_harms_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.producers.adapters.chatwoot.converter import Chatwoot

    original = Chatwoot.read

    def broken(self: Chatwoot, record: Any) -> Any:
        if record.get("event") == "contact_created":
            raise RuntimeError("canary: a mistake of ours, with what it was about")
        return original(self, record)

    monkeypatch.setattr(Chatwoot, "read", broken)
    kafka = Kafka()
    with receiver(tmp_path, kafka, SOURCE) as client:
        assert post(client, RECORDS[1]) == 200
        answer = client.post(
            f"/chatwoot/main?token={SECRET}", json={"event": "contact_created"}, headers={"accept": "*/*"}
        )
        assert (answer.status_code, answer.json()) == (422, {"error": "the call could not be understood"})
        assert post(client, RECORDS[2]) == 200
    expected = Stored(tmp_path / "expected", pushed("chatwoot", RECORDS[1:3])).facts()
    assert facts(tmp_path / "store", kafka.values) == expected


def test_a_checkpoint_that_cannot_be_written_puts_calls_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.producers.live import Checkpoint

    def full(_self: Checkpoint, _place: Any) -> None:
        raise OSError(28, "No space left on device")

    kafka = Kafka()
    with receiver(tmp_path, kafka, SOURCE) as client:
        with monkeypatch.context() as patch:
            patch.setattr(Checkpoint, "save", full)
            assert post(client, RECORDS[1]) == 503
        assert kafka.records == []
        assert post(client, RECORDS[1]) == 200
    assert kafka.records != []
