"""The adapters of Genesys Cloud: conversation details and metric records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from pipeline.producers.adapters.base import Adapter, AdapterRequest, Converter, Hook, Live, LiveRequest, Reading
from pipeline.producers.adapters.documents.clients import Clients, named_clients
from pipeline.producers.adapters.documents.delivered import read_delivered
from pipeline.producers.adapters.documents.fields import folded
from pipeline.producers.adapters.documents.follow import DeliveredFiles
from pipeline.producers.adapters.documents.hook import check_secret, posted
from pipeline.producers.adapters.documents.stream import Document
from pipeline.producers.adapters.genesys.conversations import ConversationConverter
from pipeline.producers.adapters.genesys.metrics import MetricConverter
from pipeline.producers.adapters.speaker import Speaker

#: How Genesys Cloud is named in its events. One name for both, for they are about the same conversations.
SOURCE = "genesys-cloud"
Make = Callable[[AdapterRequest | LiveRequest], Converter]
#: In what records may be wrapped: EventBridge's envelope, a notification, and the answer to a query.
_ENVELOPES = ("detail", "eventbody")
_LISTS = ("conversations", "metrics")


def conversations(request: AdapterRequest | LiveRequest) -> Converter:
    """A converter of conversation details."""
    speaker = Speaker(request.source or SOURCE, "genesys_conversations")
    return ConversationConverter(speaker, Clients(request.client), request.door, request.centre)


def metrics(request: AdapterRequest | LiveRequest) -> Converter:
    """A converter of metric records."""
    return MetricConverter(
        Speaker(request.source or SOURCE, "genesys_metrics"), Clients(request.client), request.centre
    )


def unwrapped(document: Document) -> Iterator[Document]:
    """The records in a document: in the envelope of a notification, or in the list of a query's answer."""
    value = document.value
    if value is None:
        yield document
        return
    names = {folded(name): name for name in value}
    for envelope in _ENVELOPES:
        inner = value.get(names.get(envelope, ""))
        if isinstance(inner, dict):
            yield from unwrapped(replace(document, value=inner))
            return
    for listed in _LISTS:
        found = value.get(names.get(listed, ""))
        # A conversation has no such member; the answer to a query has one, and a count beside it.
        if isinstance(found, list):
            for each in found:
                if isinstance(each, dict):
                    yield replace(document, value=each)
            return
    yield document


def _read(make: Make, request: AdapterRequest) -> Reading:
    return read_delivered(request, make(request), unwrapped)


def _live(make: Make, request: LiveRequest) -> Live:
    return Live(DeliveredFiles(Path(request.target), unwrapped, request.position), make(request))


def _hook(make: Make) -> Hook:
    return Hook(check=check_secret, records=lambda call: posted(call, unwrapped), converter=make, clients=named_clients)


ADAPTERS = [
    Adapter(
        name="genesys-conversations",
        description="Genesys Cloud conversation details: answers to the analytics query, or one conversation per line.",
        example="callboard publish genesys-conversations details.json --client DIVISION-ID=acme,OTHER-ID=zenith",
        read=partial(_read, conversations),
        live=partial(_live, conversations),
        reads_folder=True,
        tells_clients_apart=True,
        follows_folder=True,
        hook=_hook(conversations),
    ),
    Adapter(
        name="genesys-metrics",
        description="Genesys Cloud metric records (t*, n*), as notifications or EventBridge deliver them.",
        example="callboard publish genesys-metrics metrics.jsonl --client acme",
        read=partial(_read, metrics),
        live=partial(_live, metrics),
        reads_folder=True,
        tells_clients_apart=True,
        follows_folder=True,
        hook=_hook(metrics),
    ),
]
