"""The adapters ``zendesk`` (ticket events, pushed or kept in a file) and ``zendesk-chat`` (chat events by row)."""

from __future__ import annotations

from pipeline.producers.adapters.base import Adapter, AdapterRequest, Hook, LiveRequest, Reading
from pipeline.producers.adapters.pushed.documents import json_objects, read_documents
from pipeline.producers.adapters.zendesk import chat
from pipeline.producers.adapters.zendesk.converter import Zendesk
from pipeline.producers.adapters.zendesk.signature import check


def read(request: AdapterRequest) -> Reading:
    """The events of a file of ticket events, one a line."""
    live = LiveRequest(str(request.file), client=request.client, source=request.source, door=request.door)
    return read_documents(
        request, Zendesk(live), lambda raw: isinstance(raw, dict) and {"type", "detail", "time"} <= set(raw)
    )


ADAPTERS = [
    Adapter(
        name="zendesk",
        description="Zendesk's ticket events, by HTTP or a file with one a line.",
        example="callboard publish zendesk ticket-events.jsonl --client acme",
        read=read,
        hook=Hook(check, json_objects, Zendesk),
    ),
    Adapter(
        name="zendesk-chat",
        description="Zendesk's chat events, a CSV with one a row.",
        example="callboard publish zendesk-chat ticket_chat_event.csv --client acme",
        read=chat.read,
    ),
]
