"""The adapter ``cloudevents``: contract events as they are, one or many in a call, by CloudEvents' HTTP binding.

Structured (``application/cloudevents+json``), batched (``application/cloudevents-batch+json``) or binary (``ce-``
headers around the data). Every event of a call is good or none of the call is taken. A call is signed by a bearer
token, or by ``webhook-signature`` as Standard Webhooks has it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from pipeline.contract.decode import decode
from pipeline.contract.events import Event
from pipeline.contract.rejects import Rejection
from pipeline.producers.adapters.base import (
    Adapter,
    AdapterRequest,
    Call,
    Hook,
    LiveRequest,
    Reading,
    RefusedCallError,
    RowProblem,
)
from pipeline.producers.adapters.pushed.documents import media_type
from pipeline.producers.adapters.pushed.signatures import bearer, check_age, refuse_unless, same, sha256_of
from pipeline.producers.eventfile import read_values

_ONE = "application/cloudevents+json"
_MANY = "application/cloudevents-batch+json"
_ATTRIBUTES = ("specversion", "type", "source", "id", "time", "subject", "dataschema")
_SECRET_PREFIX = "whsec_"  # noqa: S105  not a secret, but how one begins


def check(call: Call, secret: str) -> None:
    """Raise RefusedCallError (401) unless the call has the secret as its bearer token, or is signed with it."""
    signatures = call.headers.get("webhook-signature")
    if signatures is None:
        refuse_unless(same(bearer(call), secret))
        return
    timestamp = call.headers.get("webhook-timestamp", "")
    content = b".".join((call.headers.get("webhook-id", "").encode(), timestamp.encode(), call.body))
    expected = f"v1,{base64.b64encode(sha256_of(_key(secret), content)).decode()}"
    refuse_unless(any([same(each, expected) for each in signatures.split()]))
    check_age(call, timestamp)


def _key(secret: str) -> bytes:
    """The key of a Standard Webhooks secret; a secret without its prefix is the key itself."""
    if secret.startswith(_SECRET_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def records(call: Call) -> list[Any]:
    """The events of a call. Raises RefusedCallError with the contract's reason for the first that is bad."""
    values = _values(call)
    found = []
    for number, value in enumerate(values, start=1):
        event = decode(value, call.received_at)
        if isinstance(event, Rejection):
            which = f"event {number} of {len(values)}" if len(values) > 1 else "the event"
            raise RefusedCallError(422, f"{which} is refused ({event.reason}): {event.detail}; none was taken")
        found.append(event)
    return found


def _values(call: Call) -> list[bytes]:
    kind = media_type(call)
    if kind == _ONE:
        return [call.body]
    if kind == _MANY:
        try:
            raws = msgspec.json.decode(call.body, type=list[msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise RefusedCallError(400, "the body is not a JSON list in UTF-8") from None
        return [bytes(raw) for raw in raws]
    if kind == "application/json" and "ce-specversion" in call.headers:
        return [_binary(call)]
    raise RefusedCallError(415, f"send {_ONE}, {_MANY}, or application/json with ce- headers")


def _binary(call: Call) -> bytes:
    attributes: dict[str, Any] = {
        name: unquote(call.headers[f"ce-{name}"]) for name in _ATTRIBUTES if f"ce-{name}" in call.headers
    }
    try:
        msgspec.json.decode(call.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RefusedCallError(400, "the body is not a JSON document in UTF-8") from None
    return msgspec.json.encode({**attributes, "data": msgspec.Raw(call.body)})


class AsTheyAre:
    """Events are events."""

    def convert(self, record: Any) -> Iterable[Event]:
        """The event itself."""
        return [record]

    def state(self) -> bytes:
        """Nothing to remember."""
        return b""

    def restore(self, state: bytes) -> None:
        """Nothing to remember."""


def _converter(_request: LiveRequest) -> AsTheyAre:
    return AsTheyAre()


def read(request: AdapterRequest) -> Reading:
    """The events of an event file (JSON lines); a line that is none is a problem, and the others are read."""
    reading = Reading()
    reading.events = _events(request, reading)
    return reading


def _events(request: AdapterRequest, reading: Reading) -> Iterator[Event]:
    for line, value in read_values(request.file):
        reading.rows += 1
        event = decode(value, request.now)
        if isinstance(event, Rejection):
            reading.problems.append(RowProblem(line, "", f"{event.reason}: {event.detail}"))
        else:
            reading.read_as["events"] += 1
            yield event
    request.progress(reading.rows)


ADAPTER = Adapter(
    name="cloudevents",
    description="Events of the contract as they are: CloudEvents over HTTP, or a file of JSON lines.",
    example="callboard publish cloudevents day.jsonl",
    read=read,
    hook=Hook(check, records, _converter),
)
