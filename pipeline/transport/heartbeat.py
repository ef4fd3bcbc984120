"""A worker's sign of life: a small file that each turn of its loop touches, for health checks and the board."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterable
from typing import Protocol

import msgspec
from faust.types import TP

from pipeline.clock import Clock
from pipeline.files import write_whole
from pipeline.store.layout import StoreLayout

log = logging.getLogger(__name__)

_EVERY_SECONDS = 1.0
_REMIND_SECONDS = 10.0


class _Held(Protocol):
    tp: TP
    waiting: int


class Heartbeat:
    """Writes at most once a second."""

    def __init__(self, layout: StoreLayout, clock: Clock) -> None:
        """One file per process."""
        self._clock = clock
        # Containers that share a store may well have the same process number.
        self._path = layout.health / f"worker-{socket.gethostname()}-{os.getpid()}.json"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._beaten_at = float("-inf")
        self._reminded: dict[TP, float] = {}

    def beat(self, readers: Iterable[_Held]) -> None:
        """The loop has turned."""
        now = self._clock.monotonic()
        if now - self._beaten_at < _EVERY_SECONDS:
            return
        self._beaten_at = now
        held = sorted(f"{reader.tp.topic}-{reader.tp.partition}" for reader in readers)
        content = {"pid": os.getpid(), "turned_at": self._clock.now(), "partitions": held}
        write_whole(self._path, msgspec.json.encode(content), sync=False)

    def waiting_for(self, tp: TP) -> None:
        """Say, now and then, that a partition is still in another worker's hands."""
        now = self._clock.monotonic()
        if now - self._reminded.get(tp, float("-inf")) >= _REMIND_SECONDS:
            self._reminded[tp] = now
            log.warning("%s-%s is still held by another worker; waiting for it", tp.topic, tp.partition)

    def close(self) -> None:
        """The worker has ended in good order."""
        self._path.unlink(missing_ok=True)
