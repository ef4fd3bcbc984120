"""CloudEvents over HTTP: its three modes, and the signature of Standard Webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.contract.events import InteractionQueued
from pipeline.producers.adapters import AdapterRequest, Call, RefusedCallError, adapter
from pipeline.producers.adapters.cloudevents import check, records
from tests.producers.webhooks.receiver import SECRET
from tests.support.calls import call

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LINES = call(1, NOW - timedelta(hours=1), answered_after_seconds=5)


def test_binary_mode_has_the_attributes_in_headers() -> None:
    document = json.loads(LINES[0])
    headers = {f"ce-{name}": value for name, value in document.items() if name != "data"}
    headers["ce-source"] = "test%2Ftelephony"  # the binding percent-encodes
    body = json.dumps(document["data"]).encode()
    (event,) = records(Call("https://x/", {**headers, "content-type": "application/json; charset=utf-8"}, body, NOW))
    assert isinstance(event, InteractionQueued)
    assert (event.id, event.source, event.data.queue) == (document["id"], "test/telephony", "sales")


def signed(body: bytes, secret: bytes, at: datetime) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret, b"msg_1." + stamp.encode() + b"." + body, hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": f"v1,bm9uZQ== v1,{signature}"}


def test_the_vector_of_standard_webhooks() -> None:
    """The example of its specification: the secret's base64 is decoded, and id.timestamp.body is signed."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  of the specification
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    at = datetime.fromtimestamp(1614265330, UTC)
    check(Call("https://x/", headers, b'{"test": 2432232314}', at), secret)
    with pytest.raises(RefusedCallError):
        check(Call("https://x/", headers, b'{"test": 2432232315}', at), secret)


def test_a_signature_is_good_for_five_minutes() -> None:
    secret = SECRET
    headers = signed(b"{}", secret.encode(), NOW)
    check(Call("https://x/", headers, b"{}", NOW + timedelta(minutes=5)), secret)
    for late in (timedelta(minutes=5, seconds=1), timedelta(minutes=-6)):
        with pytest.raises(RefusedCallError, match="check both clocks") as refused:
            check(Call("https://x/", headers, b"{}", NOW + late), secret)
        assert refused.value.status == 401
    with pytest.raises(RefusedCallError):
        check(Call("https://x/", {**headers, "webhook-id": "msg_2"}, b"{}", NOW), secret)


def test_an_empty_batch_is_a_call_without_events() -> None:
    assert records(Call("https://x/", {"content-type": "application/cloudevents-batch+json"}, b"[]", NOW)) == []


def test_a_file_of_events(tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    file.write_bytes(b"\n".join([LINES[0], b"nothing", LINES[1]]))
    read = adapter("cloudevents").read
    assert read is not None
    reading = read(AdapterRequest(file, NOW))
    assert len(list(reading.events)) == 2
    assert [(problem.line, problem.column) for problem in reading.problems] == [(2, "")]
    assert (reading.rows, reading.read_as) == (3, {"events": 2})
