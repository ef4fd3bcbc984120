"""Bytes to a valid event or to a rejection: no broker, no store, and the clock is an argument."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from pipeline.contract.events import EVENT_TYPES, Event
from pipeline.contract.rejects import Rejection, RejectReason

#: Larger events are refused: a contact-centre event carries no bodies and no recordings.
MAX_EVENT_BYTES = 256 * 1024
#: No contact centre has events from before this; a producer whose clock has no battery says 1970.
EARLIEST_TIME = datetime(1990, 1, 1, tzinfo=UTC)
#: How far a producer's clock may run ahead of ours before its events are refused.
MAX_CLOCK_AHEAD = timedelta(minutes=10)

_decoder = msgspec.json.Decoder(Event)


def decode(value: bytes | None, now: datetime) -> Event | Rejection:
    """Decode and validate one record value.

    ``now`` is the aware current time against which a future event time is judged.
    """
    if not value:
        return Rejection(RejectReason.UNDECODABLE, "the record has no value")
    if len(value) > MAX_EVENT_BYTES:
        return Rejection(RejectReason.TOO_LARGE, f"{len(value)} bytes, at most {MAX_EVENT_BYTES} are allowed")
    try:
        # msgspec skips members that nobody reads without a look at their encoding, but the raw event is kept as text.
        event: Event = _decoder.decode(value.decode())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _explain(value, error)
    if event.time < EARLIEST_TIME:
        return Rejection(RejectReason.IMPLAUSIBLE_TIME, f"time is before {EARLIEST_TIME:%Y-%m-%d}")
    if event.time > now + MAX_CLOCK_AHEAD:
        return Rejection(RejectReason.IMPLAUSIBLE_TIME, f"time is more than {MAX_CLOCK_AHEAD} in the future")
    return event


def _explain(value: bytes, error: Exception) -> Rejection:
    """Name the reason on the slow path only: msgspec reports a broken document and a broken rule alike."""
    try:
        document = msgspec.json.decode(value.decode())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Rejection(RejectReason.UNDECODABLE, "not a JSON document in UTF-8")
    if not isinstance(document, dict):
        return Rejection(RejectReason.SCHEMA, "not a JSON object")
    type_name = document.get("type")
    if isinstance(type_name, str) and type_name not in EVENT_TYPES:
        return Rejection(RejectReason.UNKNOWN_TYPE, "the type is not one of contract version 1")
    return Rejection(RejectReason.SCHEMA, _without_values(str(error)))


def _without_values(message: str) -> str:
    """Take quoted values out: msgspec repeats the offending value of an enumeration, a detail must not."""
    if message.startswith("Invalid enum value") or message.startswith("Invalid value"):
        where = message.rpartition(" - at ")[2]
        return f"Value not allowed - at {where}"
    return message
