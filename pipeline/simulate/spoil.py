"""Making a good event bad: at least one way for each reason of the closed list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from pipeline.contract.decode import MAX_EVENT_BYTES
from pipeline.contract.rejects import RejectReason

#: Too large records are kept few: each weighs as much as a thousand events.
MAX_TOO_LARGE = 20

Document = dict[str, Any]


class Spoilt(NamedTuple):
    """A bad value, the reason with which it must be refused, how it was spoilt, and the id given to it."""

    value: bytes
    reason: RejectReason
    variant: str
    id: str


def _empty(_document: Document) -> bytes:
    return b""


def _truncated(document: Document) -> bytes:
    value = msgspec.json.encode(document)
    return value[: len(value) // 2]


def _not_utf8(document: Document) -> bytes:
    return b"\xff\xfe" + msgspec.json.encode(document)


def _not_a_number(document: Document) -> bytes:
    return msgspec.json.encode(document)[:-1] + b',"weight":NaN}'


def _not_an_object(document: Document) -> bytes:
    return msgspec.json.encode([document])


def _missing_member(document: Document) -> bytes:
    return msgspec.json.encode({**document, "data": {k: v for k, v in document["data"].items() if k != "client"}})


def _wrong_type(document: Document) -> bytes:
    return msgspec.json.encode({**document, "data": {**document["data"], "client": 7}})


def _naive_time(document: Document) -> bytes:
    return msgspec.json.encode({**document, "time": "2026-01-01T00:00:00"})


def _unknown_type(document: Document) -> bytes:
    return msgspec.json.encode({**document, "type": "interaction.teleported.v1"})


def _year_1970(document: Document) -> bytes:
    return msgspec.json.encode({**document, "time": "1970-01-01T00:00:07Z"})


def _year_2100(document: Document) -> bytes:
    return msgspec.json.encode({**document, "time": "2100-01-01T00:00:00Z"})


def _too_large(document: Document) -> bytes:
    return msgspec.json.encode({**document, "padding": "x" * MAX_EVENT_BYTES})


def _card_number(document: Document) -> bytes:
    # A test number that the card companies publish.
    return msgspec.json.encode({**document, "subject": "paid with 4111 1111 1111 1111"})


_VARIANTS: tuple[tuple[str, RejectReason, Callable[[Document], bytes]], ...] = (
    ("truncated", RejectReason.UNDECODABLE, _truncated),
    ("missing_member", RejectReason.SCHEMA, _missing_member),
    ("unknown_type", RejectReason.UNKNOWN_TYPE, _unknown_type),
    ("year_1970", RejectReason.IMPLAUSIBLE_TIME, _year_1970),
    ("too_large", RejectReason.TOO_LARGE, _too_large),
    ("card_number", RejectReason.CARD_NUMBER, _card_number),
    ("not_utf8", RejectReason.UNDECODABLE, _not_utf8),
    ("wrong_type", RejectReason.SCHEMA, _wrong_type),
    ("year_2100", RejectReason.IMPLAUSIBLE_TIME, _year_2100),
    ("not_a_number", RejectReason.UNDECODABLE, _not_a_number),
    ("naive_time", RejectReason.SCHEMA, _naive_time),
    ("empty", RejectReason.UNDECODABLE, _empty),
    ("not_an_object", RejectReason.SCHEMA, _not_an_object),
)


class Spoiler:
    """Goes round the ways of spoiling in turn, so that a handful of bad records covers every reason.

    None puts a line break into a value, so that bad records can stand in an event file.
    """

    def __init__(self) -> None:
        """Start with the first way."""
        self._turn = 0
        self._too_large = 0

    def spoil(self, value: bytes) -> Spoilt:
        """A bad record made from a good one. It has an id of its own, so that a mended one is no duplicate."""
        variant, reason, make = self._next()
        document: Document = msgspec.json.decode(value)
        document["id"] = f"{document['id']}-bad"
        return Spoilt(make(document), reason, variant, document["id"])

    def _next(self) -> tuple[str, RejectReason, Callable[[Document], bytes]]:
        chosen = _VARIANTS[self._turn % len(_VARIANTS)]
        self._turn += 1
        if chosen[1] is not RejectReason.TOO_LARGE:
            return chosen
        if self._too_large == MAX_TOO_LARGE:
            return self._next()
        self._too_large += 1
        return chosen
