"""The receiver as a process."""

from __future__ import annotations

import fcntl
import ipaddress
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from pipeline.centre.model import Centre
from pipeline.clock import Clock
from pipeline.errors import CallboardError
from pipeline.producers.door import Door
from pipeline.producers.webhooks.app import make_app
from pipeline.producers.webhooks.config import WebhooksConfig
from pipeline.producers.webhooks.kafka import PromptPublisher
from pipeline.producers.webhooks.sources import open_sources
from pipeline.producers.webhooks.writer import Writer

#: Calls under way when the process is to end have so long; Kafka gives up sooner.
_GRACEFUL_SECONDS = 12
_MOST_CONNECTIONS = 500


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen, and what makes that safe. An address beyond loopback needs TLS or a proxy that has it."""

    host: str = "127.0.0.1"
    port: int = 8088
    behind_proxy: bool = False
    tls_certificate: Path | None = None
    tls_key: Path | None = None

    def check(self) -> None:
        """Raise CallboardError for what would send secrets and contacts over a network in clear."""
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise CallboardError("TLS needs both --tls-certificate and --tls-key")
        for file in (self.tls_certificate, self.tls_key):
            if file is not None and not file.is_file():
                raise CallboardError(f"cannot read {file}: No such file")
        if not self._is_loopback() and not self.behind_proxy and self.tls_certificate is None:
            raise CallboardError(
                f"{self.host} is not loopback, and calls would come in clear: give --tls-certificate and --tls-key, "
                "or --behind-proxy if a proxy with TLS is the only one that reaches this port"
            )

    def _is_loopback(self) -> bool:
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True, slots=True)
class Receiving:
    """What the receiver works with: ``state`` is the folder of its checkpoints, ``connection`` as Publisher has it."""

    config: WebhooksConfig
    listen: Listen
    state: Path
    connection: Mapping[str, Any]
    #: Called before each connection to Kafka, for instance to create topics.
    prepare: Callable[[], object] = lambda: None
    centre: Centre | None = None
    door: Door = field(default_factory=lambda: Door(None))


def serve(receiving: Receiving, clock: Clock, say: Callable[[str], None]) -> None:
    """Receive until SIGINT or SIGTERM; calls under way are answered first.

    Raises:
        CallboardError: the address is not safe or not free, a secret is missing, or another receiver has the state.
    """
    listen = receiving.listen
    listen.check()
    with _owned(receiving.state):
        sources = open_sources(receiving.config, receiving.state, receiving.centre, receiving.door)

        def connect() -> PromptPublisher:
            receiving.prepare()
            return PromptPublisher(receiving.connection, clock)

        writer = Writer(connect, clock, receiving.config.waiting_calls)
        server = uvicorn.Server(_server_config(listen, make_app(receiving.config, sources, writer, clock)))
        scheme = "https" if listen.tls_certificate else "http"
        for path, source in sources.items():
            say(f"POST {source.config.url or f'{scheme}://{listen.host}:{listen.port}{path}'}")
        try:
            server.run()
        except SystemExit:
            raise CallboardError(f"cannot listen on {listen.host}:{listen.port}: is something else there?") from None


def _server_config(listen: Listen, app: Any) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    return uvicorn.Config(
        app,
        host=listen.host,
        port=listen.port,
        access_log=False,  # it would hold addresses with their queries
        log_config=None,
        server_header=False,
        proxy_headers=listen.behind_proxy,
        forwarded_allow_ips="*" if listen.behind_proxy else None,
        ssl_certfile=listen.tls_certificate,
        ssl_keyfile=listen.tls_key,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_GRACEFUL_SECONDS,
        lifespan="on",
        ws="none",
    )


@contextmanager
def _owned(folder: Path) -> Iterator[None]:
    """Two receivers over the same checkpoints would each forget what the other knows."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CallboardError(f"another receiver uses {folder}: give each its own --state folder") from None
        yield
