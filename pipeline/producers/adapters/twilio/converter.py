"""TaskRouter's events to the contract's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from pipeline.contract import events as ev
from pipeline.contract.events import Event
from pipeline.producers.adapters.base import LiveRequest
from pipeline.producers.adapters.dispositions import flags_of
from pipeline.producers.adapters.pushed.story import Fact, Line, Stories, Story, Value
from pipeline.producers.adapters.pushed.values import code, language
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.adapters.states import SIGNED_OUT
from pipeline.producers.adapters.twilio.activities import state_of
from pipeline.producers.adapters.twilio.record import Record, read_record
from pipeline.producers.adapters.twilio.tell import tell
from pipeline.producers.adapters.twilio.verbs import CHANNELS, DECLINED, FACTS, KNOWN_FIELDS, PLACES, SILENT
from pipeline.producers.adapters.words import identifier, word

_ADAPTER = "twilio"
_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_SEPARATOR = "\t"
#: Before the first record with a time.
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_MOST_SECONDS = 10_000_000
_MOST_PRIORITY = 1_000_000_000


class TaskRouter:
    """The converter. It remembers the tasks that are not over, and those that were over in the last hour."""

    def __init__(self, request: LiveRequest) -> None:
        """Client: as the request says, else the account's SID."""
        self._request = request
        self._speaker = Speaker(request.source or _ADAPTER, _ADAPTER)
        self._stories = Stories(self._speaker, self._tell)
        self._newest = _NO_TIME

    def convert(self, record: Any) -> Iterable[Event]:
        """The events of one TaskRouter event: a form's fields, a CloudEvent, or an item of the Events API."""
        read = read_record(record)
        if read is None:
            if self._newest == _NO_TIME:
                return []  # when it was nobody can say; the reader of a file names its line all the same
            return self._speaker.notice(
                self._request.client or "unknown", self._newest, "unreadable", "record", apart=_digest(record)
            )
        self._newest = max(self._newest, read.time)
        client = self._request.client or identifier(read.text("accountsid")) or "unknown"
        try:
            return [*self._noticed(read, client), *self._events(read, client)]
        except (msgspec.ValidationError, ValueError, TypeError):
            return self._speaker.notice(client, read.time, "unreadable", _verb_name(read.verb), apart=_digest(record))

    def state(self) -> bytes:
        """What is remembered."""
        return self._stories.state()

    def restore(self, state: bytes) -> None:
        """Remember what ``state`` said."""
        self._stories.restore(state)

    def _events(self, read: Record, client: str) -> Iterable[Event]:
        if read.verb in {"worker.activity.update", "worker.deleted"}:
            return self._agent(read, client)
        task = identifier(read.text("tasksid"))
        if read.verb in FACTS and task is not None:
            return self._stories.add(f"{client}{_SEPARATOR}{task}", self._fact(read, client))
        if read.verb in FACTS:
            return self._speaker.notice(client, read.time, "unreadable", read.verb, apart=_digest(dict(read.fields)))
        if read.verb not in SILENT:
            return self._speaker.notice(
                client, read.time, "unknown_verb", _verb_name(read.verb), apart=read.text("resourcesid")
            )
        return []

    def _noticed(self, read: Record, client: str) -> Iterable[Event]:
        if read.unknown_version is not None:
            yield from self._speaker.notice(
                client, read.time, "unknown_version", code(read.unknown_version) or "unnamed"
            )
        for name in sorted(set(read.fields) - KNOWN_FIELDS):
            yield from self._speaker.notice(client, read.time, "unknown_field", code(name) or "unnamed")

    def _fact(self, read: Record, client: str) -> Fact:
        attributes = read.attributes("taskattributes")
        conversations = attributes.get("conversations")
        insights = conversations if isinstance(conversations, dict) else {}
        direction = str(attributes.get("direction") or "").lower()
        values: dict[str, Value] = {
            "queue": code(read.text("taskqueuename")) or identifier(read.text("taskqueuesid")),
            "agent": identifier(read.text("workersid")),
            "reservation": identifier(read.text("reservationsid")),
            "channel": CHANNELS.get(str(read.text("taskchanneluniquename") or "").lower(), "work_item"),
            "direction": "outbound" if direction.startswith("outbound") else "inbound",
            "customer": self._customer(client, attributes),
            "language": language(attributes.get("language")),
            "skill": word(attributes.get("skill")),
            "ticket": code(insights.get("conversation_id")),
            "priority": _whole(read.text("taskpriority")),
            "disposition": code(attributes.get("disposition") or insights.get("outcome")),
            **self._of_verb(read),
        }
        about = read.text("reservationsid") or read.text("tasksid")
        return Fact(
            read.time,
            PLACES[read.verb],
            f"{read.verb} {about} {int(read.time.timestamp() * 1000)}",
            FACTS[read.verb],
            {name: value for name, value in values.items() if value is not None},
        )

    def _of_verb(self, read: Record) -> dict[str, Value]:
        if read.verb in DECLINED:
            return {"reason": DECLINED[read.verb]}
        if read.verb == "task.canceled":
            reason = (read.text("taskcanceledreason") or read.text("reason") or "").lower()
            return {"reason": "timeout" if "timeout" in reason or "ttl" in reason else "canceled"}
        if read.verb == "reservation.accepted":
            seconds = _whole(read.text("taskageinqueue"))
            return {"wait_ms": seconds * 1000 if seconds is not None and 0 <= seconds <= _MOST_SECONDS else None}
        if read.verb == "task.transfer-initiated":
            return {
                "transfer_type": (read.text("transfertype") or "").lower(),
                "transfer_mode": (read.text("transfermode") or "").lower(),
                "transfer_to": _sid(read.text("transferto")),
                "transfer_from": identifier(read.text("transferinitiatingreservationsid")),
            }
        return {}

    def _customer(self, client: str, attributes: Any) -> str | None:
        for name in ("from", "caller", "customerAddress"):
            value = attributes.get(name)
            if isinstance(value, str) and value:
                number = value.removeprefix("whatsapp:")
                return self._request.door.caller(client, number) or self._request.door.customer(client, number)
        return None

    def _agent(self, read: Record, client: str) -> Iterable[Event]:
        agent = identifier(read.text("workersid"))
        if agent is None:
            return self._speaker.notice(client, read.time, "unreadable", read.verb, apart=_digest(dict(read.fields)))
        members: dict[str, Any] = {"client": client, "agent": agent}
        state, reason, presence = state_of(read.text("workeractivityname"), self._request.states)
        if read.verb == "worker.deleted" or state == SIGNED_OUT:
            return [self._speaker.say(ev.AgentSignedOut, read.time, **members)]
        before = read.text("workerpreviousactivityname")
        signs_in = before is not None and state_of(before, self._request.states)[0] == SIGNED_OUT
        kind: type[ev.AgentSignedIn] | type[ev.AgentStateChanged] = (
            ev.AgentSignedIn if signs_in else ev.AgentStateChanged
        )
        return [self._speaker.say(kind, read.time, **members, state=state, reason=reason, presence=presence)]

    def _tell(self, contact: str, story: Story) -> tuple[list[Line], datetime | None]:
        client, _, task = contact.partition(_SEPARATOR)
        return tell(client, task, lambda of, disposition: flags_of(self._request.centre, of, disposition), story)


def _sid(text: str | None) -> str | None:
    """One of Twilio's own identifiers; None for anything else, which may be a number or an address."""
    return text if text and _SID.fullmatch(text) else None


def _whole(text: str | None) -> int | None:
    try:
        number = int(text or "")
    except ValueError:
        return None
    return number if abs(number) <= _MOST_PRIORITY else None


def _verb_name(verb: str) -> str:
    return code(verb) or "unnamed"


def _digest(record: Any) -> str:
    """Tells records apart; nothing can be read out of it."""
    return hashlib.blake2b(repr(record).encode(), digest_size=16).hexdigest()
