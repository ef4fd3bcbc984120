"""Twilio's signature, and the records of a call that has it.

``X-Twilio-Signature`` is the HMAC-SHA-1, by the account's auth token, of the address as Twilio called it, followed by
every form parameter and its value in the order of the names. A JSON body is not a part of it: its SHA-256 is, as
``bodySHA256`` in the address. The scheme has no time of signing, so an old call can be repeated; it is the same events.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from pipeline.producers.adapters.base import Call, RefusedCallError
from pipeline.producers.adapters.pushed.documents import json_objects, media_type
from pipeline.producers.adapters.pushed.signatures import query_value, refuse_unless, same

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 500
_DEFAULT_PORTS = {"http": 80, "https": 443}


def check(call: Call, secret: str) -> None:
    """Raise RefusedCallError (401) unless Twilio signed the call with this auth token."""
    given = call.headers.get("x-twilio-signature", "")
    signed_hash = query_value(call, "bodySHA256")
    if signed_hash:
        hash_fits = same(hashlib.sha256(call.body).hexdigest(), signed_hash.lower())
        content = ""
    else:
        hash_fits = media_type(call) == _FORM
        content = "".join(name + value for name, value in sorted(set(_parameters(call)))) if hash_fits else ""
    # Which of these Twilio signs depends on the product.
    fits = [same(given, _signature(url + content, secret)) for url in _addresses(call.url)]
    refuse_unless(any(fits) and hash_fits)


def records(call: Call) -> list[Any]:
    """The records of a call: a form is one, JSON one or a list. Raises RefusedCallError (400, 415, 422)."""
    return [dict(_parameters(call))] if media_type(call) == _FORM else json_objects(call)


def _parameters(call: Call) -> list[tuple[str, str]]:
    try:
        return parse_qsl(call.body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise RefusedCallError(400, "the body is not a form in UTF-8") from None


def _signature(content: str, secret: str) -> str:
    # SHA-1 is Twilio's choice; as an HMAC it still holds.
    return base64.b64encode(hmac.new(secret.encode(), content.encode(), hashlib.sha1).digest()).decode()


def _addresses(url: str) -> list[str]:
    """The address, with and without a port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 443)
    return [urlunsplit(parts._replace(netloc=netloc)) for netloc in (host, f"{host}:{port}")]
