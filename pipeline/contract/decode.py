"""Bytes to a valid event or to a rejection: no broker, no store, and the clock is an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import get_type_hints

import msgspec
from msgspec.structs import fields

from pipeline.contract.cards import holds_card
from pipeline.contract.events import EVENT_TYPES, CloudEvent, Event
from pipeline.contract.plain_text import check_plain, may_hold_control
from pipeline.contract.rejects import Rejection, RejectReason

#: Larger events are refused: a contact-centre event carries no bodies and no recordings.
MAX_EVENT_BYTES = 256 * 1024
#: No contact centre has events from before this; a producer whose clock has no battery says 1970.
EARLIEST_TIME = datetime(1990, 1, 1, tzinfo=UTC)
#: How far a producer's clock may run ahead of ours before its events are refused.
MAX_CLOCK_AHEAD = timedelta(minutes=10)
#: A moment or a day that data names may lie ahead, but not here: systems write 9999 for 'never', and what is past the
#: year 9999 in UTC is a value that readers of the store could not take.
END_OF_PLANS = datetime(2100, 1, 1, tzinfo=UTC)

#: Checks all but what is asked of the bytes and of moments: see ``decode``.
decoder = msgspec.json.Decoder(Event)


def _members_of(cls: type[CloudEvent], kind: type) -> tuple[str, ...]:
    """The members of an event's data that hold a value of this very kind: a moment is a date to ``isinstance``."""
    data = get_type_hints(cls)["data"]
    hints = get_type_hints(data)
    return tuple(
        field.name for field in fields(data) if kind in getattr(hints[field.name], "__args__", (hints[field.name],))
    )


#: By event class: the members that hold moments, and those that hold days. Most classes have neither and are not here.
PLANS = {
    cls: found for cls in EVENT_TYPES.values() if any(found := (_members_of(cls, datetime), _members_of(cls, date)))
}


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
        event: Event = decoder.decode(value if value.isascii() else value.decode())
        if may_hold_control(value):
            check_plain(event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _explain(value, error)
    if event.time < EARLIEST_TIME:
        return Rejection(RejectReason.IMPLAUSIBLE_TIME, f"time is before {EARLIEST_TIME:%Y-%m-%d}")
    if event.time > now + MAX_CLOCK_AHEAD:
        return Rejection(RejectReason.IMPLAUSIBLE_TIME, f"time is more than {MAX_CLOCK_AHEAD} in the future")
    plans = PLANS.get(type(event))
    if plans is not None and (implausible := _implausible_plan(event, *plans)):
        return implausible
    if holds_card(value):
        return Rejection(RejectReason.CARD_NUMBER, "the number of a payment card stands in it, which no event may hold")
    return event


def has_implausible_plan(event: Event) -> bool:
    """Whether a moment or a day that the event's data names is out of bounds."""
    plans = PLANS.get(type(event))
    return plans is not None and _implausible_plan(event, *plans) is not None


def _implausible_plan(event: Event, moments: tuple[str, ...], days: tuple[str, ...]) -> Rejection | None:
    for name in moments:
        moment: datetime | None = getattr(event.data, name)
        if moment is not None and not EARLIEST_TIME <= moment < END_OF_PLANS:
            return _out_of_bounds(name)
    for name in days:
        day: date | None = getattr(event.data, name)
        if day is not None and not EARLIEST_TIME.date() <= day < END_OF_PLANS.date():
            return _out_of_bounds(name)
    return None


def _out_of_bounds(name: str) -> Rejection:
    return Rejection(
        RejectReason.IMPLAUSIBLE_TIME, f"{name} is not from {EARLIEST_TIME.year} to {END_OF_PLANS.year - 1}"
    )


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
