"""Zendesk's signature: the base64 of the HMAC-SHA-256, by the webhook's signing secret, of timestamp and body."""

from __future__ import annotations

import base64

from pipeline.producers.adapters.base import Call
from pipeline.producers.adapters.pushed.signatures import check_age, refuse_unless, same, sha256_of


def check(call: Call, secret: str) -> None:
    """Raise RefusedCallError (401) unless Zendesk signed the call with this secret, and lately."""
    timestamp = call.headers.get("x-zendesk-webhook-signature-timestamp", "")
    expected = base64.b64encode(sha256_of(secret, timestamp.encode() + call.body)).decode()
    refuse_unless(same(call.headers.get("x-zendesk-webhook-signature", ""), expected))
    check_age(call, timestamp)
