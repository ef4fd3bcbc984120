"""Builds the events of one source, each with an identity that the source's own records give it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar, cast, get_type_hints

import msgspec

from pipeline.contract import events as ev
from pipeline.contract.cards import holds_card
from pipeline.contract.plain_text import check_plain, may_hold_control

E = TypeVar("E", bound=ev.CloudEvent)

#: A field or a version that an adapter does not know is noticed once in so long: it stands in every record.
_NOTICED_AGAIN = "%Y-%m-%dT%H"
_IN_EVERY_RECORD = ("unknown_field", "unknown_version")


class Speaker:
    """Says events in the name of a source.

    An event's id is a hash of what it says, so the same record read again gives the same event, and a worker counts it
    once. Two records that say the same and are two things must be told apart by ``apart``, for instance their place.
    """

    def __init__(self, source: str, adapter: str) -> None:
        """``source`` names the system, ``adapter`` (a word) who reads it."""
        self.source = source
        self._adapter = adapter
        self._noticed: set[tuple[str, str, str, str]] = set()

    def say(self, cls: type[E], time: datetime, apart: object = None, **members: Any) -> E:
        """An event of that class. Members that are None are left out.

        Raises:
            msgspec.ValidationError: the contract refuses a member (the message may hold its value), or the number of a
                payment card stands in one.
        """
        said = {name: value for name, value in members.items() if value is not None}
        data = msgspec.convert(said, _data_class(cls))
        text = _encoder.encode((cls.__name__, time, said, apart))
        if may_hold_control(text):
            check_plain(data)
        # ``apart`` is not sent: what stands in it is nobody's to refuse.
        if holds_card(text) and holds_card(_encoder.encode(said)):
            raise msgspec.ValidationError("the number of a payment card, which no event may hold")
        identity = hashlib.blake2b(text, digest_size=16).hexdigest()
        return cast(E, cast(Any, cls)(specversion="1.0", id=identity, source=self.source, time=time, data=data))

    def notice(
        self, client: str, time: datetime, kind: str, name: str, apart: object = None, **more: Any
    ) -> list[ev.SourceNoticed]:
        """What was noticed in a record, as a list of one event.

        A field or a version gives an event only the first time in each hour; anything else each time.
        """
        if kind in _IN_EVERY_RECORD:
            apart = f"{time:{_NOTICED_AGAIN}}"
            mark = (client, kind, name, apart)
            if mark in self._noticed:
                return []
            self._noticed.add(mark)
        members: Mapping[str, Any] = {"client": client, "adapter": self._adapter, "kind": kind, "name": name}
        return [self.say(ev.SourceNoticed, time, apart, **members, **more)]


_encoder = msgspec.json.Encoder(enc_hook=str)
_DATA_CLASSES: dict[type, Any] = {}


def _data_class(cls: type[ev.CloudEvent]) -> Any:
    found = _DATA_CLASSES.get(cls)
    if found is None:
        found = _DATA_CLASSES[cls] = get_type_hints(cls)["data"]
    return found
