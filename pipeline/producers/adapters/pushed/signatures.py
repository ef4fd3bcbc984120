"""Who signed a call. Comparisons take the same time, whatever was sent, and a refusal does not say what was wrong."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from pipeline.producers.adapters.base import Call, RefusedCallError

#: A signed call may be this old, or this much ahead of our clock: later it is somebody's repetition.
MOST_AGE = timedelta(minutes=5)
_MILLISECONDS_FROM = 10**11


def same(given: str, expected: str) -> bool:
    """Whether two texts are equal, in constant time; texts that are not ASCII never are."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())


def sha256_of(secret: bytes | str, content: bytes) -> bytes:
    """The HMAC-SHA-256 of a content."""
    return hmac.new(secret.encode() if isinstance(secret, str) else secret, content, hashlib.sha256).digest()


def refuse_unless(signed: bool) -> None:
    """Raise RefusedCallError (401) for a call that was not signed with the secret."""
    if not signed:
        raise RefusedCallError(401, "the call is not signed with this source's secret")


def check_age(call: Call, timestamp: str | None) -> None:
    """Refuse (401) a call whose signed timestamp is missing or further than ``MOST_AGE`` from its arrival.

    ``timestamp``: seconds or milliseconds since 1970, or ISO 8601 with an offset.
    """
    try:
        said = _moment(timestamp or "")
    except (ValueError, OverflowError, OSError):
        raise RefusedCallError(401, "the call has no timestamp that could be understood") from None
    if abs(call.received_at - said) > MOST_AGE:
        minutes = MOST_AGE.seconds // 60
        raise RefusedCallError(401, f"the call was signed more than {minutes} minutes from now: check both clocks")


def query_value(call: Call, name: str) -> str:
    """A value of the address's query, or an empty text."""
    return next(iter(parse_qs(urlsplit(call.url).query).get(name, [])), "")


def bearer(call: Call) -> str:
    """The token of ``Authorization: Bearer``, or an empty text."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _moment(text: str) -> datetime:
    if text.isascii() and text.isdigit():
        number = int(text)
        return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, UTC)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no offset")
    return moment
