"""One record of the queue log: a line of the file, or a row of the table that some keep it in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pipeline.producers.adapters.asterisk.names import NOBODY, Agents, whole
from pipeline.producers.adapters.words import identifier

_MIN_FIELDS = 5
_EPOCH_DIGITS = 10
_MICROSECOND_DIGITS = 6


class UnreadableLineError(Exception):
    """A record that is none; the message says why and holds nothing of it."""


@dataclass(slots=True)
class Line:
    """A record. ``call`` and ``queue`` are empty for none, ``agent`` is None."""

    time: datetime
    call: str
    queue: str
    agent: str | None
    verb: str
    data: Sequence[str]
    #: Tells the second of two equal records in one second from the first.
    apart: int | None = field(default=None)

    def text(self, index: int) -> str:
        """A data field, from 1; empty if the record has none there."""
        return self.data[index - 1].strip() if index <= len(self.data) else ""

    def number(self, index: int) -> int | None:
        """A data field as a whole number; None if it is none."""
        return whole(self.text(index))


@lru_cache(maxsize=4096)
def _name(text: str) -> str:
    return identifier(text) or ""


class Lines:
    """Reads records; remembers only what it saves work with."""

    def __init__(self, agents: Agents, zone: ZoneInfo | None) -> None:
        """``zone`` is that of times which are written as local time, as some tables do."""
        self._agents = agents
        self._zone = zone
        self._second = ""
        self._moment = datetime.fromtimestamp(0, UTC)

    def read(self, record: str | Sequence[str]) -> Line:
        """A line of the file, or the fields of a row in the same order. Raises UnreadableLineError."""
        fields = record.split("|") if isinstance(record, str) else record
        if len(fields) < _MIN_FIELDS:
            raise UnreadableLineError(f"{len(fields)} fields instead of at least {_MIN_FIELDS}")
        second = fields[0]
        if second != self._second:
            self._moment = self._time(second.strip())
            self._second = second
        call, queue, verb = fields[1].strip(), _name(fields[2]), fields[4].strip().upper()
        if not verb:
            raise UnreadableLineError("no verb")
        return Line(
            self._moment,
            "" if call in NOBODY else call,
            "" if queue in NOBODY else queue,
            self._agents.name(fields[3].strip()),
            verb,
            fields[5:],
        )

    def _time(self, text: str) -> datetime:
        whole_part, _, fraction = text.partition(".")
        if len(whole_part) <= _EPOCH_DIGITS and whole_part.isascii() and whole_part.isdigit():
            if fraction and not (fraction.isascii() and fraction.isdigit()):
                raise UnreadableLineError("the time is no number")
            micros = int(fraction[:_MICROSECOND_DIGITS].ljust(_MICROSECOND_DIGITS, "0")) if fraction else 0
            found = datetime.fromtimestamp(int(whole_part), UTC) + timedelta(microseconds=micros)
        else:
            found = self._written_time(text)
        if found.year < _FIRST_YEAR:
            raise UnreadableLineError(f"the time is before {_FIRST_YEAR}")
        return found

    def _written_time(self, text: str) -> datetime:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise UnreadableLineError("the time is neither seconds since 1970 nor a date with a time") from None
        if found.tzinfo is None:
            if self._zone is None:
                raise UnreadableLineError("a local time: say in which zone with --zone, such as Europe/Berlin")
            found = found.replace(tzinfo=self._zone)
        return found.astimezone(UTC)


#: Asterisk is younger; a machine without a clock says 1970.
_FIRST_YEAR = 1990
