"""What all voices share: from the arguments of a method to a valid event, sent."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar, cast

import msgspec

from pipeline.clock import Clock
from pipeline.contract.decode import decode
from pipeline.contract.events import CloudEvent, Event, type_name
from pipeline.contract.rejects import Rejection, RejectReason
from pipeline.producers.delivery import InvalidEventError
from pipeline.producers.suspicions import holds_phone

log = logging.getLogger(__name__)

E = TypeVar("E", bound=CloudEvent)

#: What was warned of in this process: (source, type, member).
_warned: set[tuple[str, str, str]] = set()

#: Takes a valid event and the bytes that say it.
Send = Callable[[Event, bytes], None]


class Voice:
    """Says events of one thing in the name of a source. Members that are None are left out.

    Without ``event_id`` an event is known by a hash of what it says, so the same said again is the same event and is
    counted once. Two events that say the same at the same microsecond and are two need ids of their own.

    Every method sends the event and returns it. It raises InvalidEventError for what the contract refuses, and whatever
    the producer raises when it cannot take the event.
    """

    def __init__(self, source: str, about: Mapping[str, str], clock: Clock, send: Send) -> None:
        """``about``: the members of ``data`` that all its events have."""
        self._source = source
        self._about = dict(about)
        self._clock = clock
        self._send = send

    def _say(self, cls: type[E], arguments: dict[str, Any]) -> E:
        """Build, check and send; ``arguments`` are all those of the method, by name."""
        time, event_id = arguments["time"], arguments["event_id"]
        said = {name: value for name, value in arguments.items() if name not in {"self", "time", "event_id"}}
        data = {**self._about, **{name: value for name, value in said.items() if value is not None}}
        if not isinstance(time, datetime) or time.tzinfo is None:
            raise InvalidEventError(
                Rejection(RejectReason.SCHEMA, "time is no datetime with a zone: use datetime.now(UTC) - at `$.time`")
            )
        document = {
            "specversion": "1.0",
            "type": type_name(cls),
            "source": self._source,
            "id": event_id or _identity(self._source, type_name(cls), time, data),
            "time": time,
            "datacontenttype": "application/json",
            "data": data,
        }
        value = _encoded(document)
        event = decode(value, self._clock.now())
        if isinstance(event, Rejection):
            raise InvalidEventError(event)
        if b"+" in value:
            self._warn_of_phones(type_name(cls), data)
        self._send(event, value)
        return cast(E, event)

    def _warn_of_phones(self, name: str, data: Mapping[str, Any]) -> None:
        """Once for each member of a type: it is allowed, for it may be something else, and it should not be."""
        for member, said in data.items():
            if isinstance(said, str) and holds_phone(said) and (self._source, name, member) not in _warned:
                _warned.add((self._source, name, member))
                log.warning("%s: data.%s looks like a telephone number: say the caller's pseudonym", name, member)


def _identity(*said: object) -> str:
    return hashlib.blake2b(_encoded(said), digest_size=16).hexdigest()


def _encoded(document: object) -> bytes:
    try:
        return msgspec.json.encode(document)
    except (TypeError, UnicodeEncodeError) as error:
        # Nothing of the value: it may be anything.
        what = f"a member cannot be written as JSON ({type(error).__name__})"
        raise InvalidEventError(Rejection(RejectReason.SCHEMA, what)) from None
