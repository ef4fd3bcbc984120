"""What became of an event that was sent, and the check that comes before the sending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pipeline.contract.decode import decode
from pipeline.contract.events import Event, encode
from pipeline.contract.rejects import Rejection, RejectReason
from pipeline.errors import CallboardError


@dataclass(frozen=True, slots=True)
class Delivery:
    """One record's fate: Kafka has it at ``partition`` and ``offset``, or there is an ``error``."""

    topic: str
    partition: int | None = None
    offset: int | None = None
    error: CallboardError | None = None
    #: The identity of the event; empty for bytes that were sent as they are.
    source: str = ""
    id: str = ""


#: Called once for each delivery, in a thread of the sender's: it must be quick, and may not send.
Report = Callable[[Delivery], None]


class InvalidEventError(CallboardError):
    """The contract refuses the event, so it was not sent. ``reason`` is of the closed list of the dead letters."""

    def __init__(self, refused: Rejection) -> None:
        """Say why, without the event's content."""
        super().__init__(f"an event was not sent, for a worker would refuse it ({refused.reason}): {refused.detail}")
        self.reason: RejectReason = refused.reason


def checked(event: Event, now: datetime) -> bytes:
    """The event as the bytes to send.

    Raises:
        InvalidEventError: a worker would refuse it.
    """
    value = encode(event)
    refused = decode(value, now)
    if isinstance(refused, Rejection):
        raise InvalidEventError(refused)
    return value
