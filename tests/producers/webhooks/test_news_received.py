"""Converters that say what is new only: a call that is repeated, for Kafka had failed, says all of it again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.clock import SystemClock
from pipeline.contract.decode import decode
from pipeline.contract.rejects import Rejection
from tests.producers.pushed.recorded import Stored, documents
from tests.producers.webhooks.receiver import SECRET, Kafka, receiver

HERE = Path(__file__).parents[1]
STREAMS = {
    "connect-contacts": HERE / "connect" / "contact-events.jsonl",
    "genesys-metrics": HERE / "genesys" / "metrics.jsonl",
    "genesys-conversations": HERE / "genesys" / "details" / "2-jobs.jsonl",
}
HEADERS = {"x-api-key": SECRET, "content-type": "application/json"}


def received(folder: Path, adapter: str, every: int) -> Stored:
    """The store after all calls of which each ``every``-th fails at first, and comes again behind the next one."""
    kafka = Kafka()
    bodies = [json.dumps(record).encode() for record in documents(STREAMS[adapter])]
    again: list[bytes] = []
    with receiver(folder, kafka, {"name": "main", "adapter": adapter, "client": "acme", "source": "s"}) as client:

        def post(body: bytes) -> int:
            return int(client.post(f"/{adapter}/main", content=body, headers=HEADERS).status_code)

        for number, body in enumerate(bodies):
            waiting, again = again, []
            kafka.fails_at_flush = every > 0 and number % every == 0
            if post(body) == 503:
                again = [body]
            kafka.fails_at_flush = False
            assert {post(each) for each in waiting} <= {200}
        assert {post(each) for each in again} <= {200}
    events = [decode(value, SystemClock().now()) for value in kafka.values]
    return Stored(folder / "store", [event for event in events if not isinstance(event, Rejection)])


@pytest.mark.parametrize("every", [2, 3])
@pytest.mark.parametrize("adapter", STREAMS)
def test_what_failed_and_came_again_is_the_same_store(adapter: str, every: int, tmp_path: Path) -> None:
    whole = received(tmp_path / "whole", adapter, 0).facts()
    assert whole[0] != []
    assert received(tmp_path / "failing", adapter, every).facts() == whole
