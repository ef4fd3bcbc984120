"""The adapters of Amazon Connect: contact records, the agent event stream, contact events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pipeline.centre.model import Centre
from pipeline.producers.adapters.base import Adapter, AdapterRequest, Converter, Hook, Live, LiveRequest, Reading
from pipeline.producers.adapters.connect.agents import AgentConverter
from pipeline.producers.adapters.connect.contact_events import ContactEventConverter
from pipeline.producers.adapters.connect.records import RecordConverter
from pipeline.producers.adapters.documents.clients import Clients, named_clients
from pipeline.producers.adapters.documents.delivered import read_delivered
from pipeline.producers.adapters.documents.follow import DeliveredFiles
from pipeline.producers.adapters.documents.hook import check_secret, posted
from pipeline.producers.adapters.documents.stream import Document
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.door import Door

#: How Connect is named in its events. One name for all three streams, for they are about the same contacts.
SOURCE = "amazon-connect"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a converter needs to know, of a file or of a running system."""

    client: str | None
    source: str | None
    centre: Centre | None
    door: Door
    states: Mapping[str, str] = field(default_factory=dict)


Make = Callable[[Asked], Converter]


def records(asked: Asked) -> Converter:
    """A converter of contact records."""
    return RecordConverter(
        Speaker(asked.source or SOURCE, "connect_ctr"), Clients(asked.client), asked.door, asked.centre
    )


def agents(asked: Asked) -> Converter:
    """A converter of the agent event stream."""
    return AgentConverter(Speaker(asked.source or SOURCE, "connect_agents"), Clients(asked.client), asked.states)


def contact_events(asked: Asked) -> Converter:
    """A converter of contact events."""
    return ContactEventConverter(Speaker(asked.source or SOURCE, "connect_contacts"), Clients(asked.client))


def one(document: Document) -> Iterator[Document]:
    """A document of Connect is one record."""
    yield document


def _asked(request: AdapterRequest | LiveRequest) -> Asked:
    return Asked(request.client, request.source, request.centre, request.door, request.states)


def _read(make: Make, request: AdapterRequest) -> Reading:
    return read_delivered(request, make(_asked(request)), one)


def _live(make: Make, request: LiveRequest) -> Live:
    return Live(DeliveredFiles(Path(request.target), one, request.position), make(_asked(request)))


ADAPTERS = [
    Adapter(
        name="connect-ctr",
        description="Amazon Connect contact records: a file or a folder as Firehose and S3 deliver them, also gzipped.",
        example="callboard publish connect-ctr ctr/ --client INSTANCE-ID=acme,OTHER-ID=zenith",
        read=partial(_read, records),
        live=partial(_live, records),
        reads_folder=True,
        tells_clients_apart=True,
        follows_folder=True,
    ),
    Adapter(
        name="connect-agents",
        description="Amazon Connect agent event stream: what each agent does, and contacts at their desks.",
        example="callboard publish connect-agents agent-events/ --client acme",
        read=partial(_read, agents),
        live=partial(_live, agents),
        names_states=True,
        reads_folder=True,
        tells_clients_apart=True,
        follows_folder=True,
    ),
    Adapter(
        name="connect-contacts",
        description="Amazon Connect contact events from EventBridge: contacts as they happen.",
        example="callboard publish connect-contacts contact-events.jsonl --client acme",
        read=partial(_read, contact_events),
        live=partial(_live, contact_events),
        reads_folder=True,
        tells_clients_apart=True,
        follows_folder=True,
        hook=Hook(
            check=check_secret,
            records=lambda call: posted(call, one),
            converter=lambda request: contact_events(_asked(request)),
            clients=named_clients,
        ),
    ),
]
