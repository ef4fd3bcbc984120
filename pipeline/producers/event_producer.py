"""The producer library: what an integrator imports to say events from a system of their own."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from pipeline.clock import Clock, SystemClock
from pipeline.contract.events import Event, record_key
from pipeline.producers.delivery import Report, checked
from pipeline.producers.publisher import Publisher
from pipeline.producers.spool import MAX_BYTES, Spool, SpoolStatus
from pipeline.producers.voices import AgentVoice, ContactVoice, SystemVoice
from pipeline.settings import load_settings
from pipeline.transport.connection import kafka_python_options


class EventProducer:
    """Sends events to callboard: valid ones only, under their keys, acknowledged by every replica.

    With a ``spool`` an event is on disk when its method returns, and reaches Kafka in order whenever Kafka is there,
    also after a crash of this process. Without one it is in memory until Kafka has acknowledged it: leave the context
    normally, or call ``flush``, to know that it has. Either way a method waits when too much is under way.

    For use by any number of threads. Use it as a context manager, or call ``close``.
    """

    def __init__(
        self,
        source: str,
        *,
        spool: str | Path | None = None,
        connection: Mapping[str, Any] | None = None,
        on_delivery: Report | None = None,
        max_spool_bytes: int = MAX_BYTES,
        clock: Clock | None = None,
    ) -> None:
        """Connect; with a spool Kafka need not be there.

        Args:
            source: names the system that speaks, such as 'acme/pbx-1'; with an event's id it is its identity.
            spool: a file for events that Kafka does not have yet; one for each process.
            connection: keyword arguments of kafka-python; without them callboard's settings hold
                (``KAFKA_BOOTSTRAP_SERVERS``, ``CALLBOARD_SECURITY`` and so on).
            on_delivery: told of each event, in another thread: where Kafka has it or, without a spool, why not.
            max_spool_bytes: how much may wait in the spool.
            clock: for tests.

        Raises:
            CallboardError: the spool is in use or no spool; without one: no broker answers.
        """
        self._source = source
        self._clock = clock or SystemClock()
        self._on_delivery = on_delivery
        self._lock = threading.Lock()
        settings = kafka_python_options(load_settings()) if connection is None else connection
        self._spool: Spool | None = None
        self._publisher: Publisher | None = None
        if spool is None:
            self._publisher = Publisher(settings, self._clock)
        else:
            self._spool = Spool(spool, settings, self._clock, max_bytes=max_spool_bytes, on_delivery=on_delivery)

    def __enter__(self) -> Self:
        """The producer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close. Without a spool this waits until Kafka has everything, unless an exception is on its way."""
        if self._publisher is not None:
            self._publisher.__exit__(kind, error, trace)
        self.close()

    def contact(
        self,
        client: str,
        interaction: str,
        channel: str = "voice",
        direction: Literal["inbound", "outbound", "internal"] = "inbound",
    ) -> ContactVoice:
        """One contact, on whose behalf the methods of what is returned speak: ``.queued(...)``, ``.answered(...)``."""
        about = {"client": client, "interaction": interaction, "channel": channel, "direction": direction}
        return ContactVoice(self._source, about, self._clock, self._send)

    def agent(self, client: str, agent: str) -> AgentVoice:
        """One agent, by a work identifier: ``.signed_in(...)``, ``.state_changed(...)``."""
        return AgentVoice(self._source, {"client": client, "agent": agent}, self._clock, self._send)

    def system(self, client: str) -> SystemVoice:
        """The source itself, as far as this client's contacts go: ``.noticed(...)``, for instance a gap."""
        return SystemVoice(self._source, {"client": client}, self._clock, self._send)

    def publish(self, event: Event) -> None:
        """Check and send an event that was made elsewhere.

        Raises:
            InvalidEventError: the contract refuses it.
            CallboardError: it cannot be taken; without a spool also: an earlier one was not delivered.
        """
        self._send(event, checked(event, self._clock.now()))

    def flush(self, timeout_seconds: float | None = None) -> None:
        """Wait until Kafka has everything; ``timeout_seconds`` is for a spool.

        Raises:
            CallboardError: it does not. What is in a spool stays there.
        """
        if self._spool is not None:
            self._spool.flush(timeout_seconds)
        elif self._publisher is not None:
            self._publisher.flush()

    def close(self) -> None:
        """Let everything go: what waits in a spool is sent by the next process, what is only in memory is lost."""
        if self._spool is not None:
            self._spool.close()
        elif self._publisher is not None:
            self._publisher.close()

    @property
    def spool_status(self) -> SpoolStatus | None:
        """What waits in the spool, and why; None without one."""
        return self._spool.status if self._spool is not None else None

    def _send(self, event: Event, value: bytes) -> None:
        record = (event.topic, record_key(event), value)
        if self._spool is not None:
            self._spool.publish_raw([record])
        elif self._publisher is not None:
            with self._lock:
                self._publisher.publish_raw(*record, self._named(event))

    def _named(self, event: Event) -> Report | None:
        report = self._on_delivery
        if report is None:
            return None
        return lambda done: report(replace(done, source=event.source, id=event.id))
