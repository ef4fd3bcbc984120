"""Intercom's signature: ``X-Hub-Signature: sha1=`` with the HMAC-SHA-1, by the app's client secret, of the body.

It has no time of signing, so an old call can be repeated; it is the same events.
"""

from __future__ import annotations

import hashlib
import hmac

from pipeline.producers.adapters.base import Call
from pipeline.producers.adapters.pushed.signatures import refuse_unless, same


def check(call: Call, secret: str) -> None:
    """Raise RefusedCallError (401) unless Intercom signed the call with this secret."""
    # SHA-1 is Intercom's choice; as an HMAC it still holds.
    expected = hmac.new(secret.encode(), call.body, hashlib.sha1).hexdigest()
    refuse_unless(same(call.headers.get("x-hub-signature", ""), f"sha1={expected}"))
