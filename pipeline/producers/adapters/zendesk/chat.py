"""Zendesk's chat events, one a row: ``chat_id, created_at, actor_id, chat_index, type, ...``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.contract.events import Event
from pipeline.producers.adapters.base import AdapterRequest, LiveRequest, Reading
from pipeline.producers.adapters.pushed.conversations import CHANGED_PLACE, CREATED_PLACE, DeskConverter
from pipeline.producers.adapters.pushed.desk import OPEN, RESOLVED, SNAPSHOT
from pipeline.producers.adapters.pushed.documents import read_rows
from pipeline.producers.adapters.pushed.values import code, moment

Row = Mapping[str, Any]
_AGENT = "agent:"
_SYSTEM = frozenset({"__trigger", "__system", "__bot"})
_MESSAGES = frozenset({"ChatMessage", "ChatFileAttachment"})
_ENDS = frozenset({"ChatEnd"})
_SILENT = frozenset(
    """ChatJoin ChatLeave ChatDepartmentTransfer ChatEmailChanged ChatNameChanged ChatPhoneChanged ChatMessageStatus
    ChatRating ChatRatingRequest ChatComment ChatTagsAdded ChatTagsRemoved ChatNotesUpdated TriggerMessage""".split()
)
_UNNAMED_AGENT = "unnamed"


class ZendeskChat(DeskConverter):
    """A chat is an interaction. Who says ``agent:`` is an agent, everybody else with a name the customer."""

    adapter = "zendesk_chat"

    def read(self, record: Row) -> list[Event]:
        """The events of a row. One whose actor is blank is no message, and noticed."""
        client = self.request.client or "unknown"
        time = moment(record["created_at"])
        chat, kind = str(record["chat_id"]), str(record["type"])
        if time is None or not chat:
            raise ValueError("no time or no chat")
        told = []
        if not self.channel_of(client, chat):
            values = {"status": OPEN, "channel": "chat", "inbox": "chat"}
            told = self.fact(client, chat, time, SNAPSHOT, "begin", values, CREATED_PLACE)
        if kind in _ENDS:
            return told + self.fact(client, chat, time, SNAPSHOT, "end", {"status": RESOLVED}, CHANGED_PLACE)
        if kind in _SILENT:
            return told
        if kind not in _MESSAGES:
            return told + self.notice(client, time, "unknown_verb", code(kind) or "unnamed", record)
        sender, agent = _sender(str(record["actor_id"] or "").strip())
        if sender is None:
            return told + self.notice(client, time, "unreadable", "blank actor", record)
        identity = f"{chat} {record['chat_index']}"
        return told + self.message(client, chat, time, sender, identity, agent=agent, channel="chat")


def read(request: AdapterRequest) -> Reading:
    """The events of an export, each chat's in the order of time and ``chat_index``, whatever the order of the rows."""
    live = LiveRequest(str(request.file), client=request.client, source=request.source, door=request.door)
    return read_rows(request, ZendeskChat(live), _is_row, sort=in_order)


def in_order(rows: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    """Chat by chat, for rows come in any order."""
    chats: dict[str, list[tuple[int, Any]]] = defaultdict(list)
    for line, row in rows:
        chats[str(row.get("chat_id")) if isinstance(row, dict) else ""].append((line, row))
    for rows_of_chat in chats.values():
        yield from sorted(rows_of_chat, key=_place)


def _place(numbered: tuple[int, Any]) -> tuple[float, int, int]:
    line, row = numbered
    if not isinstance(row, dict):
        return 0.0, 0, line
    time = moment(row.get("created_at"))
    index = str(row.get("chat_index") or "")
    return time.timestamp() if time else 0.0, int(index) if index.isdecimal() else 0, line


def _is_row(row: Any) -> bool:
    return isinstance(row, dict) and {"chat_id", "created_at", "actor_id", "chat_index", "type"} <= set(row)


def _sender(actor: str) -> tuple[str | None, str | None]:
    if not actor:
        return None, None
    if actor.startswith(_AGENT):
        return "agent", actor.removeprefix(_AGENT) or _UNNAMED_AGENT
    return ("system", None) if actor in _SYSTEM or actor.startswith("__") else ("customer", None)
