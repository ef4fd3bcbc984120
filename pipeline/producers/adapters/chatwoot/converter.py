"""Chatwoot's webhooks to the contract's events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.contract import events as ev
from pipeline.contract.events import Event
from pipeline.producers.adapters.chatwoot.fields import (
    CHANNELS,
    CONVERSATION_EVENTS,
    CONVERSATION_FIELDS,
    MESSAGE_EVENTS,
    MESSAGE_FIELDS,
    MESSAGE_TYPES,
    PRIORITIES,
    SILENT,
    STATUS_NUMBERS,
    STATUSES,
)
from pipeline.producers.adapters.pushed.conversations import CHANGED_PLACE, CREATED_PLACE, DeskConverter, digest
from pipeline.producers.adapters.pushed.desk import SNAPSHOT
from pipeline.producers.adapters.pushed.story import Value
from pipeline.producers.adapters.pushed.values import code, language, moment
from pipeline.producers.adapters.words import identifier

Json = Mapping[str, Any]
_SATISFACTION = "input_csat"


class Chatwoot(DeskConverter):
    """A conversation is an interaction, by its number in the account; a user is an agent, by number."""

    adapter = "chatwoot"

    def read(self, record: Json) -> list[Event]:
        """The events of one webhook body."""
        event = str(record["event"])
        if event in CONVERSATION_EVENTS:
            return self._conversation(event, record)
        if event in MESSAGE_EVENTS:
            return self._message(event, record)
        if event in SILENT:
            return []
        return self.notice(self._client(record), moment(record.get("timestamp")), "unknown_verb", event, record)

    def _client(self, record: Json) -> str:
        account = _object(record, "account").get("id") or record.get("account_id")
        return self.request.client or (f"account-{account}" if account else "unknown")

    def _conversation(self, event: str, record: Json) -> list[Event]:
        client = self._client(record)
        time = _time_of(event, record)
        if time is None:
            raise ValueError("no time")
        values = self._snapshot(client, record)
        number = str(record["id"])
        identity = f"{int(time.timestamp() * 1000)} {digest(sorted(values.items()))}"
        place = CREATED_PLACE if event == "conversation_created" else CHANGED_PLACE
        return [
            *self.unknown_fields(client, time, record, CONVERSATION_FIELDS),
            *self.fact(client, number, time, SNAPSHOT, identity, values, place),
        ]

    def _snapshot(self, client: str, record: Json) -> dict[str, Value]:
        meta = _object(record, "meta")
        sender, assignee, team = (_object(meta, name) for name in ("sender", "assignee", "team"))
        labels = record.get("labels") or []
        additional = _object(record, "additional_attributes")
        found: dict[str, Value] = {
            "status": _status(record.get("status")),
            "channel": CHANNELS.get(str(record.get("channel"))),
            "inbox": f"inbox {record['inbox_id']}" if record.get("inbox_id") else None,
            "customer": self.customer(client, sender.get("phone_number"), sender.get("email"), sender.get("id")),
            "language": language(additional.get("conversation_language"))
            or language(_object(additional, "browser").get("language") or additional.get("browser_language")),
            "reason": next((name for label in labels if (name := code(label)) is not None), None),
            "priority": PRIORITIES.get(str(record.get("priority"))),
            "assignee": identifier(assignee.get("id")) or "",
        }
        if isinstance(record.get("changed_attributes"), list):
            found["tells_changes"] = True
            found["was"] = _status_before(record["changed_attributes"])
        if "team" in meta:
            found["team"] = code(team.get("name")) or identifier(team.get("id")) or ""
        return {name: value for name, value in found.items() if value is not None}

    def _message(self, event: str, record: Json) -> list[Event]:
        client = self._client(record)
        conversation = record["conversation"]
        number = str(conversation.get("display_id") or conversation["id"])
        time = moment(record.get("created_at"))
        if time is None:
            raise ValueError("no time")
        channel = CHANNELS.get(str(conversation.get("channel")))
        told = self.unknown_fields(client, time, record, MESSAGE_FIELDS)
        if record.get("content_type") == _SATISFACTION:
            return told + self._survey(event, record, client, number, channel)
        sender = _sender(record)
        if event == "message_updated" or sender is None or record.get("private"):
            return told
        agent = identifier(_object(record, "sender").get("id")) if sender == "agent" else None
        return told + self.message(client, number, time, sender, str(record["id"]), agent=agent, channel=channel)

    def _survey(self, event: str, record: Json, client: str, number: str, channel: str | None) -> list[Event]:
        submitted = _object(_object(record, "content_attributes"), "submitted_values")
        rating = _object(submitted, "csat_survey_response").get("rating")
        time = moment(record.get("updated_at") if event == "message_updated" else None) or moment(record["created_at"])
        if time is None or (event == "message_updated" and rating is None):
            return []
        members = {
            "client": client,
            "interaction": number,
            "channel": self.channel_of(client, number) or channel or "chat",
            "direction": "inbound",
            "survey": f"csat {record['id']}",
        }
        if rating is None:
            return self.say(ev.InteractionSurveyed, time, "sent", **members, status="sent")
        answer = {"status": "answered", "question": "csat", "score": int(rating)}
        return self.say(ev.InteractionSurveyed, time, "answered", **members, **answer)


def _time_of(event: str, record: Json) -> datetime | None:
    """When a conversation became what it is. ``timestamp`` is its last activity, the best that older versions tell."""
    names = ("created_at", "timestamp") if event == "conversation_created" else ("updated_at", "timestamp")
    return next((found for name in names if (found := moment(record.get(name))) is not None), None)


def _status_before(changes: list[Any]) -> str | None:
    """The status before a change of it; None where something else has changed."""
    for change in changes:
        if isinstance(change, Mapping) and isinstance(change.get("status"), Mapping):
            return _status(change["status"].get("previous_value"))
    return None


def _status(value: Any) -> str | None:
    if isinstance(value, int) and 0 <= value < len(STATUS_NUMBERS):
        value = STATUS_NUMBERS[value]
    return STATUSES.get(str(value))


def _sender(record: Json) -> str | None:
    """Who wrote a message; None for what is none, such as 'was assigned to'."""
    kind = record.get("message_type")
    if isinstance(kind, int) and not isinstance(kind, bool):
        kind = MESSAGE_TYPES[kind] if 0 <= kind < len(MESSAGE_TYPES) else None
    if kind == "incoming":
        return "customer"
    if kind == "template":
        return "system"
    if kind != "outgoing":
        return None
    sender = _object(record, "sender")
    by = str(sender.get("type") or record.get("sender_type") or "").lower()
    if by == "user":
        return "agent"
    return "bot" if "bot" in by or "captain" in by else "system"


def _object(record: Json, name: str) -> Json:
    value = record.get(name)
    return value if isinstance(value, Mapping) else {}
