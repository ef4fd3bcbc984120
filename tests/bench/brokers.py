"""A fresh broker of the kind asked for, with the contract's topics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.transport.topics import ensure_topics
from tests.support import kafka
from tests.support.broker import Broker, EmbeddedBroker
from tests.support.strict import require


@contextmanager
def fresh_broker(kind: str, folder: Path) -> Iterator[Broker]:
    """Each measurement has a log of its own: none reads what another one left."""
    if kind == "kafka":
        reason = kafka.why_unavailable()
        require(reason is None, str(reason))
        broker: Broker = kafka.ApacheKafka(folder / "broker")
    else:
        broker = EmbeddedBroker(folder / "broker")
    with broker:
        ensure_topics({"bootstrap_servers": [broker.bootstrap]})
        yield broker
