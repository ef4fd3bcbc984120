"""Intercom's notifications, and the rows of its history, to the contract's events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.contract import events as ev
from pipeline.contract.events import Event
from pipeline.producers.adapters.intercom.fields import (
    ASSIGNMENTS,
    CHANNELS,
    COMMENTS,
    CONVERSATION_COLUMNS,
    DELETED_TOPICS,
    NOTIFICATION_FIELDS,
    PART_COLUMNS,
    REOPENING,
    SENDERS,
    SILENT_PARTS,
    SILENT_TOPICS,
    STATES,
    STATUS_OF_PART,
)
from pipeline.producers.adapters.pushed.conversations import CHANGED_PLACE, CREATED_PLACE, DeskConverter, digest
from pipeline.producers.adapters.pushed.desk import OPEN, SNAPSHOT
from pipeline.producers.adapters.pushed.story import Value
from pipeline.producers.adapters.pushed.values import moment
from pipeline.producers.adapters.words import identifier

Json = Mapping[str, Any]
_NO_TEAM = "no team"


class Intercom(DeskConverter):
    """A conversation is an interaction, an admin an agent, by number; a team is a queue."""

    adapter = "intercom"

    def read(self, record: Json) -> list[Event]:
        """The events of a notification, of a row of conversation_part_history, or of one of conversation_history."""
        if "topic" in record:
            return self._notification(record)
        client = self.request.client or "unknown"
        if set(record) >= PART_COLUMNS:
            return self._part(client, str(record["conversation_id"]), None, _of_part_row(record))
        if set(record) >= CONVERSATION_COLUMNS:
            return self._history(client, record)
        raise ValueError("neither a notification nor a row")

    def _notification(self, record: Json) -> list[Event]:
        topic = str(record["topic"])
        time = moment(record["created_at"])
        if time is None:
            raise ValueError("no time")
        client = self.request.client or str(record["app_id"])
        told = self.unknown_fields(client, time, record, NOTIFICATION_FIELDS)
        item = record["data"]["item"] if topic not in {"ping"} else {}
        if topic.startswith(SILENT_TOPICS) or topic in DELETED_TOPICS:
            return told
        if topic.startswith("admin."):
            return told + self._admin(client, time, topic, item)
        if not topic.startswith("conversation."):
            return told + self.notice(client, time, "unknown_verb", topic, record)
        by = "customer" if topic.startswith("conversation.user.") else "agent"
        return told + self._conversation(client, time, item, by)

    def _conversation(self, client: str, time: datetime, item: Json, by: str) -> list[Event]:
        number = str(item["id"])
        source = _object(item, "source")
        channel = CHANNELS.get(str(source.get("type")).lower(), "chat")
        began = self._created(client, number, item, source, channel)
        values: dict[str, Value] = {
            "status": STATES.get(str(item.get("state"))),
            "assignee": identifier(item.get("admin_assignee_id")) or "",
            "team": _team(item.get("team_assignee_id")),
            "channel": channel,
            "priority": 1 if item.get("priority") == "priority" else None,
            "actor": by,
        }
        parts = _object(item, "conversation_parts").get("conversation_parts") or []
        told = [event for part in parts for event in self._part(client, number, channel, part)]
        # The part that the notification is about has made it so; a notification comes a little later.
        since = max((at for part in parts if (at := moment(part.get("created_at"))) is not None), default=time)
        identity = f"now {digest(sorted(values.items(), key=str))} {int(since.timestamp())}"
        told += self.fact(client, number, since, SNAPSHOT, identity, values, CHANGED_PLACE + 1)
        return began + told + self._rating(client, number, channel, _object(item, "conversation_rating"))

    def _created(self, client: str, number: str, item: Json, source: Json, channel: str) -> list[Event]:
        created = moment(item.get("created_at"))
        if created is None:
            raise ValueError("no time of creation")
        if self.has_said(client, number, "created", created):
            return []  # every notification has it again
        author = _object(source, "author")
        sender = SENDERS.get(str(author.get("type")).lower(), "customer")
        contacts = _object(item, "contacts").get("contacts") or []
        contact = contacts[0].get("id") if contacts else author.get("id") if sender == "customer" else None
        values: dict[str, Value] = {
            "status": OPEN,
            "inbox": _NO_TEAM,
            "channel": channel,
            "direction": "outbound" if sender == "agent" else None,
            "customer": self.customer(client, None, None, contact),
        }
        told = self.fact(client, number, created, SNAPSHOT, "created", values, CREATED_PLACE)
        agent = identifier(author.get("id")) if sender == "agent" else None
        return told + self.message(client, number, created, sender, f"source {number}", agent=agent, channel=channel)

    def _history(self, client: str, row: Json) -> list[Event]:
        """One version of a conversation: what it was at ``updated_at``."""
        updated = moment(row["updated_at"])
        if updated is None:
            raise ValueError("no time")
        number = str(row["id"])
        source = {
            "type": row.get("source_type"),
            "author": {"type": row.get("source_author_type"), "id": row.get("source_author_id")},
        }
        is_team = row.get("assignee_type") == "team"
        channel = CHANNELS.get(str(source["type"]).lower(), "chat")
        values: dict[str, Value] = {
            "status": STATES.get(str(row["state"])),
            "channel": channel,
            "priority": 1 if row.get("priority") == "priority" else None,
            ("team" if is_team else "assignee"): _team(row.get("assignee_id"))
            if is_team
            else identifier(row.get("assignee_id")) or "",
        }
        identity = f"version {int(updated.timestamp() * 1000)}"
        rating = {
            "rating": row.get("conversation_rating_value"),
            "created_at": row.get("conversation_rating_created_at"),
        }
        return [
            *self._created(client, number, row, source, channel),
            *self.fact(client, number, updated, SNAPSHOT, identity, values, CHANGED_PLACE + 1),
            *self._rating(client, number, channel, rating),
        ]

    def _part(self, client: str, number: str, channel: str | None, part: Json) -> list[Event]:
        time = moment(part["created_at"])
        kind = str(part["part_type"])
        author = _object(part, "author")
        by = SENDERS.get(str(author.get("type")).lower())
        if time is None:
            raise ValueError("no time")
        status = STATUS_OF_PART.get(kind) or REOPENING.get(kind)
        known = kind in SILENT_PARTS or kind in COMMENTS or kind in ASSIGNMENTS or status is not None
        if not known or by is None:
            return self.notice(client, time, "unknown_verb", f"part {kind}" if by else "author of a part", part)
        told: list[Event] = []
        # A reply can come with a closing: then it has a body, which nobody here reads.
        if kind in COMMENTS or (status is not None and part.get("body") and by in {"agent", "customer"}):
            agent = identifier(author.get("id")) if by == "agent" else None
            told += self.message(client, number, time, by, str(part["id"]), agent=agent, channel=channel)
        values: dict[str, Value] = {"status": status, "channel": channel}
        if status is not None:
            values["actor"] = by
        if kind in ASSIGNMENTS:
            values |= _assigned(_object(part, "assigned_to"))
        if status is not None or kind in ASSIGNMENTS:
            told += self.fact(client, number, time, SNAPSHOT, f"part {part['id']}", values, CHANGED_PLACE)
        return told

    def _rating(self, client: str, number: str, channel: str, rating: Json) -> list[Event]:
        score, time = rating.get("rating"), moment(rating.get("created_at"))
        if score in {None, ""} or time is None:
            return []
        members = {
            "client": client,
            "interaction": number,
            "channel": self.channel_of(client, number) or channel,
            "direction": "inbound",
            "survey": f"rating {number}",
            "status": "answered",
            "question": "csat",
            "score": int(str(score)),
        }
        return self.say(ev.InteractionSurveyed, time, "rating", **members)

    def _admin(self, client: str, time: datetime, topic: str, item: Json) -> list[Event]:
        """What an admin says of being there: away is a break."""
        agent = identifier(item.get("id"))
        if agent is None:
            raise ValueError("no admin")
        members: dict[str, Any] = {"client": client, "agent": agent}
        if topic == "admin.away_mode_updated":
            away = bool(item.get("away_mode_enabled"))
            reason = {"reason": "away", "presence": "away"} if away else {}
            return self.say(
                ev.AgentStateChanged, time, "away", **members, state="break" if away else "available", **reason
            )
        if topic == "admin.logged_in":
            return self.say(ev.AgentSignedIn, time, "login", **members, state="available")
        if topic in {"admin.logged_out", "admin.removed_from_workspace"}:
            return self.say(ev.AgentSignedOut, time, "logout", **members)
        return [] if topic == "admin.added_to_workspace" else self.notice(client, time, "unknown_verb", topic, item)


def _of_part_row(row: Json) -> Json:
    return {
        **row,
        "author": {"type": row["author_type"], "id": row.get("author_id")},
        "assigned_to": {"type": row.get("assigned_to_type"), "id": row.get("assigned_to_id")},
    }


def _assigned(to: Json) -> dict[str, Value]:
    """To an admin, to a team, or to nobody."""
    kind = str(to.get("type") or "").lower()
    if kind == "team":
        return {"team": _team(to.get("id"))}
    return {"assignee": identifier(to.get("id")) or ""} if kind in {"admin", "", "nobody_admin"} else {}


def _team(value: Any) -> str:
    name = identifier(value)
    return f"team {name}" if name and name != "0" else ""


def _object(record: Json, name: str) -> Json:
    value = record.get(name)
    return value if isinstance(value, Mapping) else {}
