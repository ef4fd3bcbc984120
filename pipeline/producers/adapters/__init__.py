"""The adapters: how the files of other systems become contract events.

An adapter is a module of this package (or a folder of several) with a constant ``ADAPTER``, or ``ADAPTERS`` for a
source with several kinds of records; adding a module adds the adapter.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from pipeline.errors import CallboardError
from pipeline.producers.adapters.base import (
    Adapter,
    AdapterRequest,
    Call,
    Hook,
    Live,
    LiveRequest,
    Reading,
    RefusedCallError,
    RowProblem,
)

__all__ = [
    "Adapter",
    "AdapterRequest",
    "Call",
    "Hook",
    "Live",
    "LiveRequest",
    "Reading",
    "RefusedCallError",
    "RowProblem",
    "adapter",
    "adapters",
]


@cache
def adapters() -> dict[str, Adapter]:
    """Every adapter by its name, in the order of the names."""
    found = {}
    for module_info in pkgutil.iter_modules(__path__, __name__ + "."):
        module = importlib.import_module(module_info.name)
        for candidate in getattr(module, "ADAPTERS", [getattr(module, "ADAPTER", None)]):
            if isinstance(candidate, Adapter):
                found[candidate.name] = candidate
    return dict(sorted(found.items()))


def adapter(name: str) -> Adapter:
    """The adapter of that name.

    Raises:
        CallboardError: there is none; the message lists those there are.
    """
    try:
        return adapters()[name]
    except KeyError:
        raise CallboardError(f"no adapter is named {name!r}: choose one of {', '.join(adapters())}") from None
