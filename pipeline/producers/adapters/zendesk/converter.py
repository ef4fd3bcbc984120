"""Zendesk's ticket events to the contract's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.contract.events import Event
from pipeline.producers.adapters.pushed.conversations import CHANGED_PLACE, CREATED_PLACE, DeskConverter
from pipeline.producers.adapters.pushed.desk import SNAPSHOT
from pipeline.producers.adapters.pushed.story import Value
from pipeline.producers.adapters.pushed.values import code, moment
from pipeline.producers.adapters.words import identifier
from pipeline.producers.adapters.zendesk.fields import (
    CHANNELS,
    KNOWN_FIELDS,
    KNOWN_VERSION,
    OTHER_CHANNEL,
    PRIORITIES,
    SILENT,
    SNAPSHOTS,
    STATUSES,
    TYPE_PREFIX,
)

Json = Mapping[str, Any]
#: A status that is none of these events' own comes with a status_changed of its own; the others change it themselves.
_TELL_CHANGES = SNAPSHOTS - {"merged", "soft_deleted", "undeleted", "marked_as_spam"}
_MOST_POSITION = 10_000
#: Below 1 an identifier is none: -1 is Zendesk itself.
_LEAST_PERSON = 1


class Zendesk(DeskConverter):
    """A ticket is an interaction; an agent and a group are known by number; a group is a queue."""

    adapter = "zendesk"

    def read(self, record: Json) -> list[Event]:
        """The events of one ticket event."""
        kind = str(record["type"])
        detail = record["detail"]
        time = moment(record["time"])
        if time is None:
            raise ValueError("no time")
        client = self.request.client or f"account-{record['account_id']}"
        told = self._noticed(client, time, record)
        verb = kind.removeprefix(TYPE_PREFIX)
        if verb == kind or not (verb in SNAPSHOTS or verb in SILENT or verb == "comment_added"):
            return told + self.notice(client, time, "unknown_verb", kind.removeprefix("zen:event-type:"), record)
        if verb == "comment_added":
            return told + self._comment(client, time, record, detail)
        if verb in SNAPSHOTS:
            return told + self._snapshot(client, time, verb, record, detail)
        return told

    def _noticed(self, client: str, time: datetime, record: Json) -> list[Event]:
        told = self.unknown_fields(client, time, record, KNOWN_FIELDS)
        version = record.get("zendesk_event_version")
        if version not in {None, KNOWN_VERSION}:
            told += self.notice(client, time, "unknown_version", str(version))
        return told

    def _snapshot(self, client: str, time: datetime, verb: str, record: Json, detail: Json) -> list[Event]:
        ticket = str(detail["id"])
        values: dict[str, Value] = {
            "status": STATUSES.get(str(detail.get("status")).lower()),
            "assignee": _person(detail.get("assignee_id")) or "",
            "team": f"group {group}" if (group := _person(detail.get("group_id"))) else "",
            "inbox": "no group",
            "channel": _channel(detail),
            "ticket": ticket,
            "priority": PRIORITIES.get(str(detail.get("priority")).lower()),
            "reason": next((name for tag in detail.get("tags") or [] if (name := code(tag)) is not None), None),
            "customer": self.customer(client, None, None, _person(detail.get("requester_id"))),
            "actor": _actor(detail),
        }
        created = verb == "created"
        change = _object(record, "event")
        if verb in _TELL_CHANGES and (verb != "status_changed" or "previous" in change):
            values["tells_changes"] = True
            if verb == "status_changed":
                values["was"] = STATUSES.get(str(change["previous"]).lower())
            elif created:
                values["was"] = ""
        place = CREATED_PLACE if created else CHANGED_PLACE + _position(record)
        told = self.fact(client, ticket, time, SNAPSHOT, f"{verb} {record['id']}", values, place)
        if created and detail.get("submitter_id") == detail.get("requester_id"):
            # What the ticket is about is the customer's first message.
            told += self.message(client, ticket, time, "customer", "description", channel=_channel(detail))
        return told

    def _comment(self, client: str, time: datetime, record: Json, detail: Json) -> list[Event]:
        comment = _object(_object(record, "event"), "comment")
        author = _object(comment, "author")
        is_description = moment(detail.get("created_at")) == time and not author.get("is_staff")
        if not comment.get("is_public") or is_description:
            return []
        person = _person(author.get("id"))
        sender = "system" if person is None else "agent" if author.get("is_staff") else "customer"
        identity = str(comment.get("id") or record["id"])
        channel = _channel(detail)
        return self.message(client, str(detail["id"]), time, sender, identity, agent=person, channel=channel)


def _person(value: Any) -> str | None:
    """A person's or group's number; None for none, and for Zendesk itself."""
    text = identifier(value)
    if text is None or (text.lstrip("-").isdigit() and int(text) < _LEAST_PERSON):
        return None
    return text


def _actor(detail: Json) -> str:
    actor = _person(detail.get("actor_id"))
    if actor is None:
        return "agent" if detail.get("actor_id") is None else "system"
    return "customer" if actor == _person(detail.get("requester_id")) else "agent"


def _channel(detail: Json) -> str:
    return CHANNELS.get(str(_object(detail, "via").get("channel")).lower(), OTHER_CHANNEL)


def _position(record: Json) -> int:
    """The place in the changes of one update, which Zendesk numbers because it sends them in no order."""
    position = _object(_object(_object(record, "event"), "meta"), "sequence").get("position")
    return min(position, _MOST_POSITION) if isinstance(position, int) and position >= 0 else 0


def _object(record: Json, name: str) -> Json:
    value = record.get(name)
    return value if isinstance(value, Mapping) else {}
