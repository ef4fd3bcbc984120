"""Twilio's own examples of its signature, and what does not have one."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from pipeline.producers.adapters import Call, RefusedCallError
from pipeline.producers.adapters.twilio.signature import check, records

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
#: The example of Twilio's documentation and of its helper libraries.
TOKEN = "12345"  # noqa: S105
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
BODY = b'{"property": "value", "boolean": true}'
BODY_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
BODY_SIGNATURE = "a9nBmqA0ju/hNViExpshrM61xv4="


def call(url: str, content_type: str, body: bytes, signature: str) -> Call:
    return Call(url, {"content-type": content_type, "x-twilio-signature": signature}, body, NOW)


def form(url: str = URL, signature: str = SIGNATURE, **changed: str) -> Call:
    return call(url, "application/x-www-form-urlencoded", urlencode({**FORM, **changed}).encode(), signature)


def body(content: bytes = BODY, digest: str = BODY_HASH, signature: str = BODY_SIGNATURE) -> Call:
    return call(f"{URL}&bodySHA256={digest}", "application/json", content, signature)


def test_twilios_examples() -> None:
    check(form(), TOKEN)
    check(body(), TOKEN)
    check(form("https://mycompany.com:443/myapp.php?foo=1&bar=2"), TOKEN)
    assert records(form()) == [FORM]
    assert records(body()) == [{"property": "value", "boolean": True}]


@pytest.mark.parametrize(
    "forged",
    [
        form(Digits="1235"),
        form(Extra="1"),
        form(URL.replace("foo=1", "foo=2")),
        form(signature=""),
        form(signature="ä"),
        body(BODY + b" "),
        body(digest="00" * 32),
        call(URL, "application/json", BODY, BODY_SIGNATURE),
        # The signature of an address without a form, with a body that nobody signed.
        call(f"{URL}&bodySHA256={BODY_HASH}", "application/x-www-form-urlencoded", b"Digits=1", BODY_SIGNATURE),
    ],
)
def test_a_forged_call_is_refused(forged: Call) -> None:
    with pytest.raises(RefusedCallError) as refused:
        check(forged, TOKEN)
    assert refused.value.status == 401
    with pytest.raises(RefusedCallError):
        check(form(), "54321")
