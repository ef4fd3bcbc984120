"""Messages of Asterisk's manager interface as they come over the wire."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

#: A message of the interface: its header fields. What a reader says itself has an Event of these names.
Message = dict[str, str]
CONNECTED = "CallboardConnected"
TICK = "CallboardTick"
#: When it happened, as Asterisk says it with ``timestampevents = yes``, in seconds since 1970.
TIMESTAMP = "Timestamp"
#: When a message came, in seconds since 1970.
RECEIVED = "CallboardReceived"
#: How the first line of a connection begins; the version of the interface follows.
BANNER = "Asterisk Call Manager"


def fields(lines: Iterable[str]) -> Message:
    """The fields of a message, one a line. Of a name that comes twice the last holds; other lines are left out."""
    found: Message = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            found[name.strip()] = value.strip()
    return found


def stamped(message: Message, received_seconds: float) -> Message:
    """The message with the time at which it came, in seconds since 1970."""
    return {**message, RECEIVED: f"{received_seconds:.6f}"}


def time_of(message: Message, *names: str) -> datetime | None:
    """The time in the first of these fields that has one, to the microsecond; None where none has."""
    for name in names:
        try:
            seconds, _, fraction = message[name].partition(".")
            return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(fraction[:6].ljust(6, "0")))
        except (KeyError, ValueError, OverflowError, OSError):
            continue
    return None
