"""A captured stream of the manager interface into events, by what converts the messages of a running Asterisk.

A running Asterisk's messages have the time at which they came; in a captured stream only what Asterisk stamped has a
time. Answers to actions are not stamped, with ``timestampevents`` either, but for the answer to a Ping. What they list
holds when the next message with a time comes: they are said at that time.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime, timedelta

import msgspec

from pipeline.centre.model import Centre
from pipeline.producers.adapters.asterisk.ami import NOT_FOR_EVENTS, AmiConverter
from pipeline.producers.adapters.asterisk.ami_parts import Part, parts
from pipeline.producers.adapters.asterisk.ami_wire import CONNECTED, TIMESTAMP, Message, fields, stamped, time_of
from pipeline.producers.adapters.asterisk.rosters import Said
from pipeline.producers.door import Door
from pipeline.producers.growing_file import Gap

#: What a message begins with, of either direction.
_FIRST = {"Event", "Response", "Action"}
#: What is listed in answer to an action.
_LISTED = {
    "QueueParams",
    "QueueMember",
    "QueueEntry",
    "QueueStatusComplete",
    "CoreShowChannel",
    "CoreShowChannelsComplete",
}
#: How long somebody has waited is known to a second where the list stands between two times that are no further apart.
_A_MOMENT = timedelta(seconds=2)
#: What is wrong with a row, by the name under which it is noticed.
PROBLEMS = {
    "cut_off": "cut off: the empty line that ends a message is missing",
    "no_message": "no message of the manager interface",
    "line": "a line of a message that is no field",
    "no_time": "it has no Timestamp: set timestampevents = yes in manager.conf",
    "no_time_of_snapshot": "who waits is listed without a time: send Action: Ping before and after QueueStatus",
}


class State(msgspec.Struct):
    """What is remembered between two pieces of the stream."""

    converter: bytes
    #: The newest time, and whether it is of this connection.
    newest: datetime | None = None
    is_of_connection: bool = False
    #: A connection began, and no time is known since.
    has_connected: bool = False
    #: What was noticed before the first time.
    unreadable: dict[str, int] = {}
    gaps: list[str] = []


class AmiCapture:
    """Converts pieces of a stream, each of some messages of which the last has a time (``ami_parts.WITH_A_TIME``)."""

    def __init__(self, source: str | None, client: str | None, centre: Centre | None, door: Door) -> None:
        """Raises CallboardError when nothing says whose contacts these are."""
        self._converter = AmiConverter(source, client, centre, door)
        self._state = State(self._converter.state())
        #: Of the last piece: its messages by what they are about, and its rows that cannot be read, each with its line
        #: in the piece (the first is 0) and its name in PROBLEMS.
        self.read_as: Counter[str] = Counter()
        self.problems: list[tuple[int, str]] = []

    def state(self) -> bytes:
        """What it remembers."""
        self._state.converter = self._converter.state()
        return msgspec.json.encode(self._state)

    def restore(self, state: bytes) -> None:
        """Go on from there. Raises msgspec.MsgspecError for the state of another version."""
        self._state = msgspec.json.decode(state, type=State)
        self._converter.restore(self._state.converter)

    def convert(self, record: str | Gap) -> Said:
        """The events of one piece."""
        self.read_as, self.problems = Counter(), []
        state = self._state
        if isinstance(record, Gap):
            state.gaps.append(record.name)
            state.is_of_connection = False
            return []
        found = [(part, fields(part.lines)) for part in parts(record)]
        times = [time_of(message, TIMESTAMP) for part, message in found if part.kind == "message"]
        when = next((time for time in reversed(times) if time is not None), None)
        said: Said = []
        if when is not None:
            said += [event for name in state.gaps for event in self._converter.noticed(when, "gap", name)]
            state.gaps = []
        for part, message in found:
            if part.kind == "connected":
                state.has_connected, state.is_of_connection = True, False
            if when is not None and state.has_connected:
                state.has_connected = False
                said += self._converter.convert(stamped({"Event": CONNECTED}, when.timestamp()))
            if part.kind == "cut_off":
                self.problems.append((part.line, "cut_off" if message.keys() & _FIRST else "no_message"))
            elif part.kind == "message":
                said += self._message(part, message, when)
        return said + self._noticed(when, record)

    def _message(self, part: Part, message: Message, when: datetime | None) -> Said:
        if not message.keys() & _FIRST:
            self.problems.append((part.line, "no_message"))
            return []
        if "Event" in message:
            self.problems += [(part.line + n, "line") for n, line in enumerate(part.lines) if ":" not in line]
        elif "Response" not in message:
            # What was sent to Asterisk, the password among it, where both directions were captured.
            self.read_as["actions"] += 1
            return []
        own = time_of(message, TIMESTAMP)
        read_as = self._converter.read_as(message)
        problem = None
        if own is None and read_as != NOT_FOR_EVENTS and "Event" in message:
            message, problem = self._listed(message, when)
        if problem is not None:
            self.problems.append((part.line, problem))
        else:
            self.read_as[read_as] += 1
        if own is not None:
            self._state.newest, self._state.is_of_connection = own, True
        elif when is not None and problem != "no_time":
            message = stamped(message, when.timestamp())
        return self._converter.convert(message)

    def _listed(self, message: Message, when: datetime | None) -> tuple[Message, str | None]:
        """A message without a time as it can be said at the next time, and what is wrong with it."""
        name, state = message["Event"], self._state
        if name not in _LISTED or when is None:
            return message, "no_time"
        if name != "QueueEntry":
            return message, None
        before = state.newest if state.is_of_connection else None
        if before is not None and when - before <= _A_MOMENT:
            return message, None
        return {field: value for field, value in message.items() if field != "Wait"}, "no_time_of_snapshot"

    def _noticed(self, when: datetime | None, text: str) -> Said:
        """What cannot be read, counted by kind, at the time of the piece or of the last one before it."""
        state = self._state
        counts = Counter(state.unreadable) + Counter(name for _, name in self.problems)
        at = when or state.newest
        if at is None:
            state.unreadable = dict(counts)
            return []
        state.unreadable = {}
        # Pieces without a time would be noticed at the same time, and yet are several.
        apart = None if when is not None else hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        return [
            notice
            for name, count in sorted(counts.items())
            for notice in self._converter.noticed(at, "unreadable", name, apart, count)
        ]
