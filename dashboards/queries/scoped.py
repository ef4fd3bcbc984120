"""The one way to write a query of the boards: over relations that are bounded by the scope of who asks.

A query names a relation of the store through ``scoped(relation, kind)``. That leaves a mark in the text,
``callboard_scope('kind')``, which stands for the condition until somebody asks. A query with a relation outside such a
mark cannot be made: its text is parsed (by DuckDB, not by us) when the module is imported.
"""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import duckdb

from dashboards.access.scope import Scope
from pipeline.store.sql_tree import in_sight, relation_of, tree_of

#: Which columns a relation has that a scope can bound: ``client``; ``client`` and ``queue``; ``client`` and ``agent``;
#: all three (``contact``); or ``site`` alone, for the names of sites.
Kind = Literal["client", "queue", "agent", "contact", "site"]

#: Relations that say nothing of any client. Everything else needs a mark.
OPEN_RELATIONS = frozenset({"kpi_catalogue", "centre_settings", "unnest", "range", "generate_series"})
_MARK = "callboard_scope"

_CLIENT = "client IN (SELECT unnest($scope_clients::VARCHAR[]))"
# Who is bounded to a site sees no queue and no agent of which the site is not known.
_QUEUE_SITE = (
    "(client, queue) IN (SELECT (places.client, places.queue) FROM centre_queues places "
    "WHERE places.site IN (SELECT unnest($scope_sites::VARCHAR[])))"
)
_AGENT_SITE = (
    "(client, agent) IN (SELECT (people.client, people.agent) FROM centre_agents people "
    "WHERE people.site IN (SELECT unnest($scope_sites::VARCHAR[])))"
)
_AGENT_TEAM = (
    "(client, agent) IN (SELECT (people.client, people.agent) FROM centre_agents people "
    "WHERE people.team IN (SELECT unnest($scope_teams::VARCHAR[])))"
)
_SITE = "site IN (SELECT unnest($scope_sites::VARCHAR[]))"


def _condition(kind: str, scope: Scope) -> str:
    parts = []
    if scope.clients is not None and kind != "site":
        parts.append(_CLIENT)
    if scope.sites is not None:
        parts += {"queue": [_QUEUE_SITE], "contact": [_QUEUE_SITE], "agent": [_AGENT_SITE], "site": [_SITE]}.get(
            kind, []
        )
    if scope.teams is not None:
        # A contact that no agent has had yet is everybody's; one that an agent has had is that agent's team's.
        parts += {"agent": [_AGENT_TEAM], "contact": [f"(agent IS NULL OR {_AGENT_TEAM})"]}.get(kind, [])
    return " AND ".join(parts) or "true"


def scoped(relation: str, kind: Kind) -> str:
    """A FROM item: a view, table or table macro of the store, bounded by the scope of who asks.

    ``relation`` is text of ours, such as ``queue_now(as_of := $at)``. Rows in which a bounded column is NULL (totals)
    are not seen by who is bounded: a query makes its own totals of the rows.
    """
    return f"(SELECT * FROM {relation} WHERE {_MARK}('{kind}'))"


@dataclass(frozen=True, slots=True)
class Query:
    """A named query. Made of constant text when a module is imported, never of anything from outside.

    Its parameters are those that its text names: ``$at`` (the moment), ``$start`` and ``$stop`` (the period), the
    filters by their names, and any that a page gives as arguments.
    """

    name: str
    template: str
    #: How often a standing question is answered anew, in seconds.
    every_seconds: float = 1.0
    #: The same question of a past moment, if it is another text: of what was known then, with the same columns.
    past: Query | None = None
    #: It says something of the store as a whole, so only a scope of everything may ask it.
    whole_store: bool = False

    def __post_init__(self) -> None:
        """Refuse a text that reads what no scope bounds."""
        object.__setattr__(self, "template", self.template.strip())
        if not self.whole_store and (unbounded := unscoped_relations(self.template)):
            raise ValueError(
                f"query {self.name}: not within a scope: {', '.join(unbounded)}; write scoped(relation, kind)"
            )

    def at(self, as_of: datetime | None) -> Query:
        """The query to ask of a moment; None: now."""
        return self if as_of is None or self.past is None else self.past

    @property
    def parameters(self) -> frozenset[str]:
        """The names of the parameters besides those of the scope."""
        return parameters_of(self.template)

    def sql(self, scope: Scope) -> str:
        """The text for a scope; its values are parameters.

        Raises:
            PermissionError: the query is of the whole store, and the scope is not.
        """
        if self.whole_store and not scope.is_everything:
            raise PermissionError(f"query {self.name} is of the whole store")
        return _sql(self.template, scope)


@functools.lru_cache(maxsize=4_096)
def _sql(template: str, scope: Scope) -> str:
    return re.sub(rf"{_MARK}\('(\w+)'\)", lambda mark: _condition(mark[1], scope), template)


@functools.lru_cache(maxsize=4_096)
def parameters_of(text: str) -> frozenset[str]:
    """The names of the ``$parameters`` of an SQL text."""
    return frozenset(re.findall(r"\$([a-z_]+)", text))


def unscoped_relations(sql: str) -> list[str]:
    """The relations of a text that stand outside a mark of ``scoped``, and unknown marks. Empty: all is bounded.

    Raises:
        ValueError: DuckDB cannot parse it as one SELECT.
    """
    with _parser_lock:
        document = tree_of(_parser(), sql)
    if document.get("error") or len(document["statements"]) != 1:
        raise ValueError(f"not one SELECT: {document.get('error_message', 'several statements')}")
    return sorted(set(_unscoped(document["statements"][0]["node"], frozenset())))


_parser_lock = threading.Lock()


@functools.cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


def _unscoped(node: Any, known: frozenset[str]) -> Iterator[str]:
    """Walk the tree; ``known`` are the names of the common table expressions that are in sight."""
    if isinstance(node, list):
        for item in node:
            yield from _unscoped(item, known)
    elif isinstance(node, dict):
        known = in_sight(node, known)
        name = relation_of(node, known)
        if name is not None and name not in OPEN_RELATIONS:
            yield name
        if _is_bounded(node):
            # The relation itself is bounded; what its arguments read is not.
            node = {**node, "from_table": node["from_table"].get("function", {}).get("children", [])}
        for child in node.values():
            yield from _unscoped(child, known)


def _is_bounded(node: Mapping[str, Any]) -> bool:
    """A SELECT over one relation whose whole condition is the mark, which no row can get past."""
    condition = node.get("where_clause")
    if not condition or condition.get("function_name") != _MARK:
        return False
    kinds = [child.get("value", {}).get("value") for child in condition["children"]]
    return (
        kinds[0] in ("client", "queue", "agent", "contact", "site")
        and relation_of(node["from_table"], frozenset()) is not None
    )
