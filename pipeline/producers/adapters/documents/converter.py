"""What the converters of documents share: what cannot be read becomes a notice, and only news are said."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from pipeline.contract import events as ev
from pipeline.producers.adapters.documents.clients import Clients
from pipeline.producers.adapters.documents.fields import Fields, UnreadableError, safe_name
from pipeline.producers.adapters.documents.stream import Document, first_moment
from pipeline.producers.adapters.speaker import Speaker

_encoder = msgspec.json.Encoder(order="sorted")


class DocumentConverter(ABC):
    """Documents into events. A document that is wrong makes one notice (kind ``unreadable``) and nothing else."""

    def __init__(self, speaker: Speaker, clients: Clients) -> None:
        """``speaker`` says the events; ``clients`` knows whose they are."""
        self.speaker = speaker
        self.clients = clients

    def convert(self, record: Document) -> Iterable[ev.Event]:
        """The events of one document."""
        if record.value is None:
            return self._unreadable("json", record.mark, record.moment)
        try:
            return self.events(Fields(record.value))
        except (UnreadableError, msgspec.ValidationError) as error:
            text = _encoder.encode(record.value)
            mark = hashlib.blake2b(text, digest_size=16).hexdigest()
            # A message of msgspec may hold a value; one of ours names a member and nothing else.
            what = str(error) if isinstance(error, UnreadableError) else "member refused by the contract"
            return self._unreadable(what, mark, first_moment(text))

    @abstractmethod
    def events(self, record: Fields) -> list[ev.Event]:
        """The events of a document that could be read as JSON. Raises UnreadableError or msgspec.ValidationError."""

    def state(self) -> bytes:
        """Nothing, unless a subclass remembers something."""
        return b""

    def restore(self, state: bytes) -> None:  # noqa: B027  most converters remember nothing
        """Remember what ``state`` said."""

    def _unreadable(self, what: str, mark: str, moment: datetime | None) -> list[ev.Event]:
        # Without any time in it there is no event to be made: the reader of a file names its line all the same.
        if moment is None:
            return []
        return [*self.speaker.notice(self.clients.somebody, moment, "unreadable", what, apart=mark)]


def notice_names(
    speaker: Speaker, client: str, time: datetime, names: set[str], known: frozenset[str]
) -> list[ev.SourceNoticed]:
    """A notice of each member that nobody knows, by its folded name."""
    unknown = sorted({safe_name(name) or "unnamed" for name in names - known})
    return [notice for name in unknown for notice in speaker.notice(client, time, "unknown_field", name)]


def news(
    said: Sequence[ev.Event], revision: int, say: Callable[[int], list[ev.Event]]
) -> tuple[list[ev.Event], int, list[ev.Event]]:
    """What is to be said now that more is known: (events to send, revision, everything said of it by now).

    ``said`` is everything said before under ``revision``, ``say`` makes all of it anew under a revision. What was said
    already is not said again; if something of it no longer holds, all is said again under the next revision.
    """
    now = say(revision)
    before = {event.id for event in said}
    holds = {event.id for event in now}
    if any(event.id not in holds for event in said if getattr(event.data, "segment", None) and _revised(event)):
        revision += 1
        now = say(revision)
    return [event for event in now if event.id not in before], revision, now


def _revised(event: ev.Event) -> bool:
    return hasattr(event.data, "revision")
