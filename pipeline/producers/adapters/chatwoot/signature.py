"""Who signed a call of Chatwoot.

Versions that sign have ``X-Chatwoot-Signature: sha256=`` with the HMAC-SHA-256, by the webhook's secret, of
``timestamp.body``, and ``X-Chatwoot-Timestamp``. Earlier ones sign nothing: for these the secret is a token in the
address, ``?token=SECRET``, which only TLS protects.
"""

from __future__ import annotations

from pipeline.producers.adapters.base import Call
from pipeline.producers.adapters.pushed.signatures import check_age, query_value, refuse_unless, same, sha256_of


def check(call: Call, secret: str) -> None:
    """Raise RefusedCallError (401) unless the call is signed with the secret, or has it as its token."""
    signature = call.headers.get("x-chatwoot-signature")
    if signature is None:
        refuse_unless(same(query_value(call, "token"), secret))
        return
    timestamp = call.headers.get("x-chatwoot-timestamp", "")
    expected = sha256_of(secret, timestamp.encode() + b"." + call.body).hex()
    refuse_unless(same(signature, f"sha256={expected}"))
    check_age(call, timestamp)
