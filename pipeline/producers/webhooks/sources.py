"""Each source that is received: its hook, its converter, and the file that remembers what the converter knew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from pipeline.centre.model import Centre
from pipeline.centre.vocabulary import EVERY_CLIENT
from pipeline.contract.events import Event, SourceNoticed
from pipeline.errors import CallboardError
from pipeline.producers.adapters import Call, Hook, LiveRequest, RefusedCallError
from pipeline.producers.adapters.base import Converter
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.adapters.words import word
from pipeline.producers.door import Door
from pipeline.producers.live import Checkpoint, Place
from pipeline.producers.webhooks.config import SourceConfig, WebhooksConfig


@dataclass(slots=True)
class Source:
    """A source at work. Only the writer's thread touches its converter."""

    config: SourceConfig
    secret: SecretStr
    hook: Hook
    converter: Converter
    checkpoint: Checkpoint
    #: Of whom it may speak; None: of everybody.
    clients: frozenset[str] | None
    #: The state as the checkpoint has it.
    remembered: bytes = field(default=b"", repr=False)

    @property
    def name(self) -> str:
        """Its name in paths and log lines."""
        return self.config.name

    def events(self, records: Iterable[object]) -> list[Event]:
        """The events of a call's records. Raises RefusedCallError (422) for one that this source may not say."""
        found = [event for record in records for event in self.converter.convert(record)]
        for event in found:
            if not self._is_of(event):
                raise RefusedCallError(422, "this source may speak of its own client only")
            if self.config.source is not None and event.source != self.config.source:
                raise RefusedCallError(422, "this source may speak in its own name (source) only")
        return found

    def _is_of(self, event: Event) -> bool:
        """Whether it is about a client of this source. A notice may be about all, where nobody can say whose."""
        allowed = self.clients
        if allowed is None or event.data.client in allowed:
            return True
        return len(allowed) > 1 and event.data.client == EVERY_CLIENT and isinstance(event, SourceNoticed)

    def unreadable(self, event: Event, call: Call, reason: str) -> list[SourceNoticed]:
        """What is said in place of an event that every worker would refuse."""
        speaker = Speaker(event.source, word(self.config.adapter) or "webhooks")
        return speaker.notice(event.data.client, call.received_at, "unreadable", reason, apart=event.id)

    def remember(self) -> None:
        """Put what the converter knows into the checkpoint, if that is anything new."""
        state = self.converter.state()
        if state != self.remembered:
            self.checkpoint.save(Place(self.config.adapter, self.name, b"", state))
            self.remembered = state

    def reset(self) -> None:
        """After a failure: the converter goes on from what is remembered, as after a restart."""
        self.converter = self.hook.converter(self._request)
        if self.remembered:
            self.converter.restore(self.remembered)

    _request: LiveRequest = field(default_factory=lambda: LiveRequest(""), repr=False)


def open_sources(config: WebhooksConfig, folder: Path, centre: Centre | None, door: Door) -> dict[str, Source]:
    """Every source by its path, each as its checkpoint in ``folder`` left it.

    Raises:
        CallboardError: a secret is missing, or a checkpoint is not one of this source.
    """
    found = {}
    for each in config.sources:
        request = LiveRequest(
            each.name,
            client=each.client,
            source=each.source,
            zone=each.zone,
            centre=centre,
            door=door,
            states=each.states,
        )
        source = Source(
            each,
            each.read_secret(),
            each.hook,
            each.hook.converter(request),
            Checkpoint(folder / f"{each.name}.json"),
            each.clients,
            _request=request,
        )
        place = source.checkpoint.load(each.adapter, each.name)
        if place is not None:
            _restore(source, place)
        found[each.path] = source
    return found


def _restore(source: Source, place: Place) -> None:
    try:
        source.converter.restore(place.state)
    except ValueError:
        raise CallboardError(
            f"{source.checkpoint.file} was written by another version: delete it; open contacts begin anew"
        ) from None
    source.remembered = place.state
