"""What a source says of itself, or its adapter of it: where its story has gaps, and what of it nobody understood."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from pipeline.contract.envelope import AgentEventBase
from pipeline.contract.values import Count, Identifier, Moment, Word


class SourceNoticedData(Struct, frozen=True, kw_only=True, gc=False):
    """One thing noticed in the records of a source. Nothing that a person said or wrote stands in ``name``."""

    client: Identifier
    adapter: Annotated[Word, Meta(description="Which adapter read the source, such as queue_log.")]
    kind: Annotated[
        Literal["gap", "unknown_verb", "unknown_field", "unknown_version", "unreadable", "contradiction"],
        Meta(description="gap: the source lost its state, or records. contradiction: it disagrees with itself."),
    ]
    name: Annotated[Identifier, Meta(description="Which verb, field or version; for a gap, what caused it.")]
    count: Annotated[Count, Meta(description="How many records it concerns.")] = 1
    lost_from: Annotated[Moment | None, Meta(description="A gap's beginning; its end is the event's time.")] = None


class SourceNoticed(AgentEventBase, frozen=True, kw_only=True, gc=False, tag="source.noticed.v1"):
    """A gap in a source's records, or a part of them that its adapter does not know."""

    data: SourceNoticedData
