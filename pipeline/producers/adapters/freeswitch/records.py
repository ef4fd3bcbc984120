"""The records of a FreeSWITCH: an event's headers, and what it answers when it is asked how things stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

#: An event by the names of its headers, each value decoded.
Headers = Mapping[str, str]

#: A row of ``callcenter_config queue list members`` or ``agent list``, by its column names.
Row = Mapping[str, str]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAY_HOLD_BARS = ("cid_name", "contact")
_LATEST_US = 4_102_444_800_000_000  # the year 2100: a number beyond it is no time


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection was made: events from here on are not missed."""

    at: datetime
    #: Changes with each start of FreeSWITCH; empty where it did not say.
    core: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How things stood soon after a connection was made: what was missed before can be seen from it."""

    taken_at: datetime
    core: str
    members: tuple[Row, ...] = field(default=())
    agents: tuple[Row, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Garbled:
    """A record of a captured stream that is no event."""

    line: int
    what: str


def micros(headers: Headers, *, second: str = "") -> int | None:
    """When an event happened, in microseconds since 1970; else what the header ``second`` says in whole seconds."""
    stamp = _whole(headers.get("Event-Date-Timestamp"))
    if stamp is not None and 0 < stamp < _LATEST_US:
        return stamp
    return seconds(headers, second) if second else None


def seconds(headers: Headers, name: str) -> int | None:
    """A header of whole epoch seconds in microseconds; None where it is absent or 0, FreeSWITCH's word for never."""
    value = _whole(headers.get(name))
    return value * 1_000_000 if value and 0 < value * 1_000_000 < _LATEST_US else None


def moment(time_us: int) -> datetime:
    """Microseconds since 1970 as an aware datetime."""
    return _EPOCH + timedelta(microseconds=time_us)


def to_micros(at: datetime) -> int:
    """An aware datetime as microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def table_rows(answer: str) -> Iterable[Row]:
    """The rows of mod_callcenter's answer: a line of column names, lines of values between bars, and +OK."""
    lines = [line for line in answer.splitlines() if line and not line.startswith(("+OK", "-ERR"))]
    if not lines:
        return
    names = lines[0].split("|")
    for line in lines[1:]:
        values = _cells(line.split("|"), names)
        if len(values) == len(names):
            yield dict(zip(names, values, strict=True))


def _cells(values: list[str], names: list[str]) -> list[str]:
    """The cells of a row. A caller's name or an agent's dial string may hold bars of its own: they go back into it."""
    extra = len(values) - len(names)
    for name in _MAY_HOLD_BARS:
        if extra > 0 and name in names:
            at = names.index(name)
            return [*values[:at], "|".join(values[at : at + extra + 1]), *values[at + extra + 1 :]]
    return values


def _whole(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > len(str(_LATEST_US)):
        return None
    return int(text)
