"""The adapter ``twilio``: TaskRouter's events, as its callbacks and Event Streams push them or its API lists them.

A task is an interaction, each pass of it through a task queue a segment, a worker an agent. Twilio sends each event at
least once and in no order; ``TimestampMs`` is the order in which they are told. No worker's name, no attribute that may
be free text and no number leaves this package.
"""

from __future__ import annotations

from pipeline.producers.adapters.base import Adapter, AdapterRequest, Hook, LiveRequest, Reading
from pipeline.producers.adapters.pushed.documents import read_documents
from pipeline.producers.adapters.twilio.converter import TaskRouter
from pipeline.producers.adapters.twilio.record import read_record
from pipeline.producers.adapters.twilio.signature import check, records


def read(request: AdapterRequest) -> Reading:
    """The events of a file: pages of the Events API (``{"events": [...]}``), or its items or pushed events by line."""
    live = LiveRequest(
        str(request.file),
        client=request.client,
        source=request.source,
        centre=request.centre,
        door=request.door,
        states=request.states,
    )
    return read_documents(request, TaskRouter(live), lambda raw: read_record(raw) is not None, ("events",))


ADAPTERS = [
    Adapter(
        name="twilio",
        description="Twilio TaskRouter: event callbacks and Event Streams by HTTP, or a file of its Events API.",
        example="callboard publish twilio events.json --client acme",
        read=read,
        hook=Hook(check, records, TaskRouter),
        names_states=True,
    )
]
