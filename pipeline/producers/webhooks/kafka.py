"""The way to Kafka of a process that somebody waits for: it gives up within seconds, and is made anew afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.clock import Clock
from pipeline.producers.publisher import Publisher

# A caller waits: what cannot be delivered soon is better put off, for the caller comes again.
_SOON: Mapping[str, object] = {
    "linger_ms": 2,
    "bootstrap_timeout_ms": 3_000,
    "max_block_ms": 3_000,
    "request_timeout_ms": 4_000,
    "delivery_timeout_ms": 6_000,
}


class PromptPublisher(Publisher):
    """A Publisher for the writer's thread."""

    def __init__(self, connection: Mapping[str, Any], clock: Clock) -> None:
        """Connect within seconds. Raises CallboardError."""
        super().__init__({**_SOON, **connection}, clock)
