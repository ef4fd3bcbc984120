"""What the converters of the three desks share: conversations by their facts, messages as they are, and notices."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec

from pipeline.contract import events as ev
from pipeline.contract.events import Event
from pipeline.producers.adapters.base import LiveRequest
from pipeline.producers.adapters.pushed import desk
from pipeline.producers.adapters.pushed.story import Fact, Line, Stories, Story, Value
from pipeline.producers.adapters.pushed.values import code
from pipeline.producers.adapters.speaker import Speaker

#: At one moment a conversation is first created, then written in, then changed: who resolves it with an answer has
#: answered it.
CREATED_PLACE, MESSAGE_PLACE, CHANGED_PLACE = 0, 1, 2
_SEPARATOR = "\t"
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)


class DeskConverter(ABC):
    """A converter of conversations. It remembers those that are open, and those resolved in the last hour.

    A subclass says in ``read`` what a record is, by the methods of this class.
    """

    adapter: ClassVar[str]

    def __init__(self, request: LiveRequest) -> None:
        """The client is that of the request, else what the records say."""
        self.request = request
        self._speaker = Speaker(request.source or self.adapter, self.adapter)
        self._stories = Stories(self._speaker, self._tell)
        self._newest = _NO_TIME
        #: Conversations that the record at hand is about.
        self._touched: set[str] = set()

    @abstractmethod
    def read(self, record: Mapping[str, Any]) -> list[Event]:
        """The events of a record. May raise KeyError, TypeError or ValueError for one that cannot be read."""

    def convert(self, record: Any) -> Iterable[Event]:
        """The events of one record; of one that cannot be read, a notice, once any time is known."""
        self._touched.clear()
        if isinstance(record, Mapping):
            try:
                return self.read(record)
            except (msgspec.ValidationError, KeyError, TypeError, ValueError, AttributeError):
                self._stories.unsay(self._touched)
        if self._newest == _NO_TIME:
            return []  # when it was nobody can say; the reader of a file names its line all the same
        client = self.request.client or "unknown"
        return self._speaker.notice(client, self._newest, "unreadable", "record", apart=digest(record))

    def state(self) -> bytes:
        """What is remembered."""
        return self._stories.state()

    def restore(self, state: bytes) -> None:
        """Remember what ``state`` said."""
        self._stories.restore(state)

    def fact(
        self,
        client: str,
        conversation: str,
        time: datetime,
        verb: str,
        identity: str,
        values: Mapping[str, Value],
        place: int = 0,
    ) -> list[Event]:
        """A snapshot or message of a conversation; values that are None are not known."""
        self._newest = max(self._newest, time)
        known: dict[str, Value] = {name: value for name, value in values.items() if value is not None}
        contact = f"{client}{_SEPARATOR}{conversation}"
        self._touched.add(contact)
        return self._stories.add(contact, Fact(time, place, identity, verb, known))

    def message(
        self,
        client: str,
        conversation: str,
        time: datetime,
        sender: str,
        identity: str,
        *,
        agent: str | None = None,
        channel: str | None = None,
    ) -> list[Event]:
        """A public message, and what it makes of the conversation."""
        told: list[Event] = []
        if sender == "agent":
            values = {"agent": agent, "channel": channel}
            told = self.fact(
                client, conversation, time, desk.AGENT_MESSAGE, f"message {identity}", values, MESSAGE_PLACE
            )
        self._newest = max(self._newest, time)
        members = {"client": client, "interaction": conversation, "direction": "inbound"}
        said = self._speaker.say(
            ev.InteractionMessageSent,
            time,
            f"message {identity}",
            **members,
            channel=self.channel_of(client, conversation) or channel or "chat",
            sender=sender,
            agent=agent if sender == "agent" else None,
        )
        return [*told, said]

    def say(self, event: type[Any], time: datetime, apart: str, /, **members: Any) -> list[Event]:
        """One event that is no part of a story."""
        self._newest = max(self._newest, time)
        return [self._speaker.say(event, time, apart, **members)]

    def notice(self, client: str, time: datetime | None, kind: str, name: str, record: Any = None) -> list[Event]:
        """What nobody understood; ``name`` is left out if it may be personal."""
        at = self._newest if time is None else time
        return [*self._speaker.notice(client, at, kind, code(name) or "unnamed", apart=digest(record))]

    def unknown_fields(
        self, client: str, time: datetime, record: Mapping[str, Any], known: frozenset[str]
    ) -> list[Event]:
        """A notice of each field that is not known, once in an hour."""
        return [
            event for name in sorted(set(record) - known) for event in self.notice(client, time, "unknown_field", name)
        ]

    def has_said(self, client: str, conversation: str, identity: str, time: datetime) -> bool:
        """Whether a fact of that time has been told, so that it need not be told again in passing."""
        contact = f"{client}{_SEPARATOR}{conversation}"
        return self._stories.has_said(contact, identity) or self._stories.is_past(contact, time)

    def channel_of(self, client: str, conversation: str) -> str | None:
        """The channel that the conversation's facts name; None where none does."""
        facts = self._stories.facts_of(f"{client}{_SEPARATOR}{conversation}")
        return next((found for fact in facts if (found := fact.get("channel"))), None)

    def customer(self, client: str, phone: Any, email: Any, reference: Any) -> str | None:
        """The pseudonym of a customer by telephone number, else address, else the source's own number."""
        door = self.request.door
        if phone:
            return door.caller(client, str(phone))
        if email or reference:
            return door.customer(client, str(email or f"{self.adapter} {reference}"))
        return None

    def _tell(self, contact: str, story: Story) -> tuple[list[Line], datetime | None]:
        client, _, conversation = contact.partition(_SEPARATOR)
        return desk.tell(client, conversation, story)


def digest(record: Any) -> str:
    """Tells records apart; nothing can be read out of it."""
    return hashlib.blake2b(repr(record).encode(), digest_size=16).hexdigest()
