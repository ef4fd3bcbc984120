"""Each adapter's calls, signed as its system signs them, through the receiver; and the same signed by somebody else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from pipeline.producers.webhooks.config import hooks
from tests.producers.webhooks.receiver import SECRET, Kafka, receiver
from tests.support.calls import call

HERE = Path(__file__).parents[1]
ORIGIN = "https://hooks.example.org"
OTHER = "a-secret-of-somebody-else"
Signed = tuple[str, bytes, dict[str, str]]


def first(name: str, of: str = "created") -> dict[str, object]:
    """The first record of a recorded stream that makes events."""
    line = next(line for line in (HERE / name).read_text().splitlines() if of in line)
    found: dict[str, object] = json.loads(line)
    return found


def mac(secret: str, content: bytes, algorithm: str = "sha256") -> bytes:
    return hmac.new(secret.encode(), content, algorithm).digest()


def cloudevents(secret: str) -> Signed:
    body = call(1, datetime(2026, 3, 2, 10, tzinfo=UTC))[0]
    stamp = str(int(datetime.now(UTC).timestamp()))
    signature = base64.b64encode(mac(secret, f"msg_1.{stamp}.".encode() + body)).decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
    return "", body, {"content-type": "application/cloudevents+json", **headers}


def twilio(secret: str) -> Signed:
    fields = {name: str(value) for name, value in first("twilio/taskrouter.jsonl").items()}
    content = f"{ORIGIN}/twilio/main" + "".join(name + fields[name] for name in sorted(fields))
    signature = base64.b64encode(mac(secret, content.encode(), "sha1")).decode()
    kind = "application/x-www-form-urlencoded"
    return "", urlencode(fields).encode(), {"content-type": kind, "x-twilio-signature": signature}


def chatwoot(secret: str) -> Signed:
    body = json.dumps(first("chatwoot/webhooks.jsonl")).encode()
    stamp = str(int(datetime.now(UTC).timestamp()))
    signature = mac(secret, stamp.encode() + b"." + body).hex()
    headers = {"x-chatwoot-signature": f"sha256={signature}", "x-chatwoot-timestamp": stamp}
    return "", body, {"content-type": "application/json; charset=utf-8", **headers}


def chatwoot_without_signature(secret: str) -> Signed:
    body = json.dumps(first("chatwoot/webhooks.jsonl")).encode()
    return f"?token={secret}", body, {"content-type": "application/json"}


def zendesk(secret: str) -> Signed:
    body = json.dumps(first("zendesk/ticket-events.jsonl")).encode()
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = base64.b64encode(mac(secret, stamp.encode() + body)).decode()
    headers = {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": stamp}
    return "", body, {"content-type": "application/json", **headers}


def intercom(secret: str) -> Signed:
    body = json.dumps(first("intercom/notifications.jsonl", "user.created")).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return "", body, {"content-type": "application/json", "x-hub-signature": f"sha1={signature}"}


def connect_contacts(secret: str) -> Signed:
    return by_key(secret, "connect/contact-events.jsonl", "INITIATED")


def genesys_metrics(secret: str) -> Signed:
    return by_key(secret, "genesys/metrics.jsonl", "metric")


def genesys_conversations(secret: str) -> Signed:
    return by_key(secret, "genesys/details/2-jobs.jsonl", "conversationId")


def by_key(secret: str, name: str, of: str) -> Signed:
    """An API destination sends its secret in a header, as a token does: the body is not signed."""
    body = json.dumps(first(name, of)).encode()
    return "", body, {"content-type": "application/json", "x-api-key": secret}


SIGNERS: list[Callable[[str], Signed]] = [
    cloudevents, twilio, chatwoot, chatwoot_without_signature, zendesk, intercom,
    connect_contacts, genesys_metrics, genesys_conversations,
]  # fmt: skip


def adapter_of(sign: Callable[[str], Signed]) -> str:
    return sign.__name__.removesuffix("_without_signature").replace("_", "-")


@pytest.mark.parametrize("sign", SIGNERS)
def test_a_signed_call_is_taken_and_a_forged_one_is_not(tmp_path: Path, sign: Callable[[str], Signed]) -> None:
    adapter = adapter_of(sign)
    kafka = Kafka()
    with receiver(tmp_path, kafka, {"name": "main", "adapter": adapter, "client": "acme"}) as client:
        query, body, headers = sign(OTHER)
        forged = client.post(f"/{adapter}/main{query}", content=body, headers=headers)
        assert (forged.status_code, kafka.records) == (401, [])
        query, body, headers = sign(SECRET)
        # A token or key signs nothing: only TLS protects that call.
        signs_nothing = bool(query) or "x-api-key" in headers
        altered = client.post(f"/{adapter}/main{query}", content=body[:-1] + b" }", headers=headers)
        assert altered.status_code == (200 if signs_nothing else 401)
        taken = client.post(f"/{adapter}/main{query}", content=body, headers=headers)
        assert taken.status_code == 200
        assert taken.json()["events"] == len(kafka.records) - (altered.json().get("events", 0)) > 0


def test_no_adapter_that_takes_calls_is_left_out() -> None:
    assert {adapter_of(sign) for sign in SIGNERS} == set(hooks())
