"""What part of a centre a person may see. Pure; ``dashboards.queries.scoped`` puts it into SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Scope:
    """Clients, sites and teams that a person may see; None is all of them, an empty set is none.

    A client bounds everything. A site bounds queues and agents that are not known to be there; a team bounds agents.
    There is no default on purpose: who forgets the scope must not see everything.
    """

    clients: frozenset[str] | None
    sites: frozenset[str] | None
    teams: frozenset[str] | None

    @classmethod
    def everything(cls) -> Self:
        """The whole store."""
        return cls(None, None, None)

    @classmethod
    def of(
        cls,
        clients: Iterable[str] | None = None,
        sites: Iterable[str] | None = None,
        teams: Iterable[str] | None = None,
    ) -> Self:
        """A scope of names; what is left out is not bounded."""
        return cls(*(None if names is None else frozenset(names) for names in (clients, sites, teams)))

    @property
    def is_everything(self) -> bool:
        """Nothing is bounded."""
        return self.clients is None and self.sites is None and self.teams is None

    def parameters(self) -> dict[str, list[str]]:
        """The values of the SQL parameters of what is bounded."""
        bounds = {"scope_clients": self.clients, "scope_sites": self.sites, "scope_teams": self.teams}
        return {name: sorted(names) for name, names in bounds.items() if names is not None}
