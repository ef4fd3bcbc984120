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


def with_secret(recorded: str, of: str) -> Callable[[str], Signed]:
    """A call as an API destination makes it: the secret stands in a header."""

    def sign(secret: str) -> Signed:
        headers = {"content-type": "application/json", "x-api-key": secret}
        return "", json.dumps(first(recorded, of)).encode(), headers

    return sign


SIGNS_CONTENT, TOKEN_ONLY = True, False
SIGNERS: list[tuple[str, Callable[[str], Signed], bool]] = [
    ("cloudevents", cloudevents, SIGNS_CONTENT),
    ("twilio", twilio, SIGNS_CONTENT),
    ("chatwoot", chatwoot, SIGNS_CONTENT),
    ("chatwoot", chatwoot_without_signature, TOKEN_ONLY),
    ("zendesk", zendesk, SIGNS_CONTENT),
    ("intercom", intercom, SIGNS_CONTENT),
    ("connect-contacts", with_secret("connect/contact-events.jsonl", "QUEUED"), TOKEN_ONLY),
    ("genesys-conversations", with_secret("genesys/details/2-jobs.jsonl", "conversationEnd"), TOKEN_ONLY),
    ("genesys-metrics", with_secret("genesys/metrics.jsonl", "tAnswered"), TOKEN_ONLY),
]


@pytest.mark.parametrize(("adapter", "sign", "signs_content"), SIGNERS)
def test_a_signed_call_is_taken_and_a_forged_one_is_not(
    tmp_path: Path, adapter: str, sign: Callable[[str], Signed], signs_content: bool
) -> None:
    kafka = Kafka()
    with receiver(tmp_path, kafka, {"name": "main", "adapter": adapter, "client": "acme"}) as client:
        query, body, headers = sign(OTHER)
        forged = client.post(f"/{adapter}/main{query}", content=body, headers=headers)
        assert (forged.status_code, kafka.records) == (401, [])
        query, body, headers = sign(SECRET)
        altered = client.post(f"/{adapter}/main{query}", content=body[:-1] + b" }", headers=headers)
        assert altered.status_code == (401 if signs_content else 200)  # only TLS protects a call with a token
        taken = client.post(f"/{adapter}/main{query}", content=body, headers=headers)
        assert taken.status_code == 200
        assert taken.json()["events"] + altered.json().get("events", 0) == len(kafka.records) > 0


def test_no_adapter_that_takes_calls_is_left_out() -> None:
    assert {adapter for adapter, _, _ in SIGNERS} == set(hooks())
