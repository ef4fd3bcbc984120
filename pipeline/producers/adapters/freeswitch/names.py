"""Whose queue and whose agent: mod_callcenter's convention ``name@domain``, in which the domain is the client."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.producers.adapters.words import identifier

#: Where a name has no domain and nobody has said whose it is: the domain of FreeSWITCH's own example configuration.
NO_DOMAIN = "default"


@dataclass(frozen=True, slots=True)
class Names:
    """How names are read. With a ``client`` everything is that client's, and names stay whole.

    They stay whole because ``support@a`` and ``support@b`` are then two queues of one client and must not become one.
    """

    client: str | None = None

    def queue(self, name: str | None) -> tuple[str, str] | None:
        """(client, queue) of a queue's name; None without one."""
        found = identifier(name)
        if found is None:
            return None
        if self.client is not None:
            return self.client, found
        local, _, domain = found.rpartition("@")
        return (domain or NO_DOMAIN, local) if local else (NO_DOMAIN, found)

    def agent_of(self, client: str, name: str | None) -> str | None:
        """The agent as named within ``client``: without the domain where that is the client's own."""
        found = identifier(name)
        if found is None or self.client is not None:
            return found
        return found.removesuffix(f"@{client}") or found

    def agent(self, name: str | None) -> tuple[str, str] | None:
        """(client, agent) of an agent who is not in a call; None without a name."""
        return self.queue(name)
