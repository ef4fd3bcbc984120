"""Documents that a system posts over HTTP with a secret in a header, as an EventBridge API destination does."""

from __future__ import annotations

import hmac

from pipeline.producers.adapters.base import Call, RefusedCallError
from pipeline.producers.adapters.documents.delivered import Unwrap
from pipeline.producers.adapters.documents.stream import Document, Documents

#: Where the secret may stand; an API destination sends the header that its connection names.
_HEADERS = ("x-api-key", "authorization")


def check_secret(call: Call, secret: str) -> None:
    """Raises RefusedCallError (401) unless a header has the secret, alone or behind 'Bearer'."""
    for name in _HEADERS:
        given = call.headers.get(name, "").removeprefix("Bearer ").strip()
        if secret and hmac.compare_digest(given.encode(), secret.encode()):
            return
    raise RefusedCallError(401, "the secret is missing or wrong: send it in the header x-api-key")


def posted(call: Call, unwrap: Unwrap) -> list[Document]:
    """The records of a call. Raises RefusedCallError (400) if its body has none; one that is wrong becomes a notice."""
    found = [record for whole in Documents().take(call.body, last=True) for record in unwrap(whole)]
    if all(record.value is None for record in found):
        raise RefusedCallError(400, "the body is not a JSON object: send one event, or one after another")
    return found
