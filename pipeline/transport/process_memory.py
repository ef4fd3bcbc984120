"""How a worker's process uses memory: few arenas, and a cycle collector that does not walk the heap all the time."""

from __future__ import annotations

import ctypes
import gc
import sys

import pyarrow as pa

_M_ARENA_MAX = -8
_ARENAS = 2
# Events and rows hold no cycles; what does is Faust's, and little. The defaults would start a collection several times
# per batch, each walking every cached row.
_THRESHOLDS = (100_000, 50, 100)


def tune() -> None:
    """Call once, when everything is imported and before threads are started."""
    if sys.platform == "linux":
        # Memory that one thread allocates and another frees piles up in per-thread arenas.
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
    pa.set_memory_pool(pa.system_memory_pool())
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
