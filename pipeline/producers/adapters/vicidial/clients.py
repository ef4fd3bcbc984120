"""Whose campaign or in-group it is: by centre.yaml, which lists each client's own, else by --client."""

from __future__ import annotations

from collections import defaultdict

from pipeline.centre.model import Centre
from pipeline.errors import CallboardError


class Clients:
    """Finds the client of a campaign or an in-group, and the queue that a campaign's agents work on."""

    def __init__(self, centre: Centre | None, client: str | None) -> None:
        """Raises CallboardError where neither can say whose a call is."""
        self._default = client
        self._owners: dict[str, set[str]] = defaultdict(set)
        self._queues: dict[tuple[str, str], str] = {}
        for part in () if centre is None else (centre.campaigns, centre.queues):
            for owner, named in part.items():
                for name in named:
                    self._owners[name].add(owner)
        for owner, campaigns in () if centre is None else centre.campaigns.items():
            for name, campaign in campaigns.items():
                if campaign.queue is not None:
                    self._queues[owner, name] = campaign.queue
        if client is None and not self._owners:
            raise CallboardError(
                "VICIDIAL does not say whose contacts these are: give --client NAME, or --centre with the campaigns "
                "and in-groups of each client"
            )

    def of(self, campaign: str) -> str | None:
        """The client of a campaign or an in-group; None where nobody has said it, or several claim it."""
        owners = self._owners.get(campaign, set())
        if self._default is not None and (not owners or self._default in owners):
            return self._default
        return next(iter(owners)) if len(owners) == 1 else self._default

    def queue(self, client: str, campaign: str) -> str:
        """The queue whose agents work on a campaign; without one it is the campaign itself."""
        return self._queues.get((client, campaign), campaign)
