"""How a worker's process uses memory: few arenas, and a cycle collector that does not walk the heap all the time."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import pyarrow as pa

_M_ARENA_MAX = -8
_M_MMAP_THRESHOLD = -3
_ARENAS = 2
# Columns of a batch go back to the system when they are freed; on the heap small survivors would pin them down.
_MAPPED_BYTES = 256 * 1024
# Events and rows hold no cycles; what does is Faust's, and little. The defaults would start a collection several times
# per batch, each walking every cached row.
_THRESHOLDS = (100_000, 50, 100)


class _NoPandas(MetaPathFinder):
    """pandas is here for the board. DuckDB and pyarrow import it when they find it, and a worker has no use for it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Deny that it is installed; both then go on without."""
        if fullname == "pandas":
            raise ModuleNotFoundError("a worker does without pandas", name=fullname)
        return None


def tune() -> None:
    """Call once, when everything is imported and before threads are started."""
    sys.meta_path.insert(0, _NoPandas())
    if sys.platform == "linux":
        # Memory that one thread allocates and another frees piles up in per-thread arenas.
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, _ARENAS)
        libc.mallopt(_M_MMAP_THRESHOLD, _MAPPED_BYTES)
    pa.set_memory_pool(pa.system_memory_pool())
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
