"""The adapter ``chatwoot``: its webhooks, pushed or kept in a file."""

from __future__ import annotations

from pipeline.producers.adapters.base import Adapter, AdapterRequest, Hook, LiveRequest, Reading
from pipeline.producers.adapters.chatwoot.converter import Chatwoot
from pipeline.producers.adapters.chatwoot.signature import check
from pipeline.producers.adapters.pushed.documents import json_objects, read_documents


def read(request: AdapterRequest) -> Reading:
    """The events of a file of webhook bodies, one a line."""
    live = LiveRequest(str(request.file), client=request.client, source=request.source, door=request.door)
    return read_documents(request, Chatwoot(live), lambda raw: isinstance(raw, dict) and "event" in raw)


ADAPTERS = [
    Adapter(
        name="chatwoot",
        description="Chatwoot's webhooks, by HTTP or a file with one body a line.",
        example="callboard publish chatwoot webhooks.jsonl --client acme",
        read=read,
        hook=Hook(check, json_objects, Chatwoot),
    )
]
