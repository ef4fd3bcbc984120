"""Producers: what brings events to Kafka or into event files.

For a system of one's own: ``from pipeline.producers import EventProducer``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.producers.delivery import Delivery as Delivery
    from pipeline.producers.delivery import InvalidEventError as InvalidEventError
    from pipeline.producers.event_producer import EventProducer as EventProducer
    from pipeline.producers.spool import Spool as Spool
    from pipeline.producers.spool import SpoolSink as SpoolSink
    from pipeline.producers.spool_file import SpoolBusyError as SpoolBusyError
    from pipeline.producers.spool_file import SpoolFullError as SpoolFullError

__all__ = [
    "Delivery",
    "EventProducer",
    "InvalidEventError",
    "Spool",
    "SpoolBusyError",
    "SpoolFullError",
    "SpoolSink",
]

_MODULES = {
    "Delivery": "delivery",
    "EventProducer": "event_producer",
    "InvalidEventError": "delivery",
    "Spool": "spool",
    "SpoolBusyError": "spool_file",
    "SpoolFullError": "spool_file",
    "SpoolSink": "spool",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for only then: an adapter needs no Kafka client."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
