"""The board's gate: the settings and the access file of this server process, and who gets through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.access.admission import Caller, by_kiosk, by_sign_in, by_sitting_here
from dashboards.access.errors import NotAllowedError
from dashboards.access.people import Person
from dashboards.access.policy_file import PolicyFile
from dashboards.saying import Saying
from pipeline.clock import Clock
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Gate:
    """Asked anew for every panel of every viewer, so everything that ends a view ends it at once."""

    clock: Clock
    #: None: nothing is configured.
    policy_file: PolicyFile | None = None
    has_sign_in: bool = False

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> Gate:
        """The gate that the settings ask for."""
        file = settings.access_file
        return cls(clock, None if file is None else PolicyFile(file.absolute()), settings.has_sign_in)

    @property
    def is_open(self) -> bool:
        """Nobody has to sign in."""
        return self.policy_file is None

    def admit(self, caller: Caller, claims: Mapping[str, Any], token: str | None) -> Person:
        """Who looks: by a kiosk's token if there is one, else by the provider's claims, else by sitting here.

        Raises:
            NotAllowedError: nobody who may.
        """
        if self.policy_file is None:
            return by_sitting_here(caller)
        policy = self.policy_file.policy()
        if token:
            return by_kiosk(policy, token)
        if not self.has_sign_in:
            raise NotAllowedError(
                Saying(
                    "Nobody can sign in here: open a wall by its own address, or ask your administrator to set "
                    "oidc_metadata_url."
                )
            )
        return by_sign_in(policy, claims, self.clock.now())
