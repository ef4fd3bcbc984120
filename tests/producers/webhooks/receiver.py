"""A receiver in the test's own process, with a Kafka that can be taken away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from pipeline.clock import SystemClock
from pipeline.errors import CallboardError
from pipeline.producers.door import Door
from pipeline.producers.webhooks.app import make_app
from pipeline.producers.webhooks.config import WebhooksConfig
from pipeline.producers.webhooks.sources import open_sources
from pipeline.producers.webhooks.writer import Writer

SECRET = "a-secret-of-the-tests"  # noqa: S105
DOOR_KEY = b"the tests' own key"


class Kafka:
    """What was acknowledged, and whether it is there."""

    def __init__(self) -> None:
        self.records: list[tuple[str, bytes | None, bytes | None]] = []
        self.away = False
        self.fails_at_flush = False
        self.connections = 0

    def connect(self) -> Sink:
        if self.away:
            raise CallboardError("no Kafka broker answers")
        self.connections += 1
        return Sink(self)

    @property
    def values(self) -> list[bytes]:
        return [value for _, _, value in self.records if value is not None]


class Sink:
    """One connection."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self._sent: list[tuple[str, bytes | None, bytes | None]] = []

    def publish_raw(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        self._sent.append((topic, key, value))

    def flush(self) -> None:
        if self._kafka.away or self._kafka.fails_at_flush:
            raise CallboardError("not everything could be published")
        self._kafka.records += self._sent
        self._sent = []

    def close(self) -> None:
        self._sent = []


class PatientClock(SystemClock):
    """After a failure Kafka is asked again at once: each question about the time is a minute later."""

    def __init__(self) -> None:
        self._asked = 0.0

    def monotonic(self) -> float:
        self._asked += 60
        return self._asked


@contextmanager
def receiver(folder: Path, kafka: Kafka, *sources: dict[str, Any], **settings: Any) -> Iterator[TestClient]:
    """A client of a receiver that runs until the context is left. Each source has ``SECRET`` unless it says one."""
    told = [{"secret": SECRET, "secret_in_clear": True, **source} for source in sources]
    config = WebhooksConfig.model_validate({"sources": told, **settings})
    clock = PatientClock()
    writer = Writer(kafka.connect, clock, config.waiting_calls)
    app = make_app(config, open_sources(config, folder, None, Door(DOOR_KEY, "GB")), writer, clock)
    with TestClient(app, base_url="https://hooks.example.org", raise_server_exceptions=False) as client:
        yield client
