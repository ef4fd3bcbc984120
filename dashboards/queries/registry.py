"""Every query of the boards, by name. A new module of queries is added here, and is then held by all tests of scope."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from dashboards.queries import (
    agents,
    backlog,
    behind,
    bots,
    collections,
    common,
    conversations,
    definitions,
    floor,
    health,
    history,
    interactions,
    live,
    outbound,
    sales,
    surveys,
    whatif,
)
from dashboards.queries.scoped import Query

MODULES: tuple[ModuleType, ...] = (
    common,
    floor,
    health,
    history,
    live,
    outbound,
    sales,
    collections,
    surveys,
    conversations,
    bots,
    backlog,
    agents,
    whatif,
    interactions,
    behind,
    definitions,
)


def _registry() -> Mapping[str, Query]:
    found: dict[str, Query] = {}
    for module in MODULES:
        for query in module.QUERIES:
            if query.name in found:
                raise ValueError(f"there are two queries named {query.name}")
            found[query.name] = query
    return MappingProxyType(found)


QUERIES: Mapping[str, Query] = _registry()
