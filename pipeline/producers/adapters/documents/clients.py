"""Whose records they are, where one system works for several clients: by the system's own name for each."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.centre.vocabulary import EVERY_CLIENT
from pipeline.errors import CallboardError


class Clients:
    """What ``--client`` says: ``acme``, or ``ID=acme,OTHER-ID=zenith``, or both (``ID=acme,rest``)."""

    def __init__(self, said: str | None) -> None:
        """Raises CallboardError when it cannot be understood."""
        self._by_id: dict[str, str] = {}
        self._rest: str | None = None
        for part in filter(None, (part.strip() for part in (said or "").split(","))):
            own, equals, client = (piece.strip() for piece in part.partition("="))
            if equals and own and client and "=" not in client:
                self._by_id[own.lower()] = client
            elif not equals and self._rest is None:
                self._rest = own
            else:
                raise CallboardError(f"--client {said!r} is not understood: give a name, or ID=name,ID=name")
        #: All clients that were named.
        self.named = frozenset({*self._by_id.values(), *filter(None, [self._rest])})

    def of(self, own: Iterable[str]) -> str:
        """The client of a record, by what the system calls it: the first that is known, else the rest, else itself."""
        names = list(own)
        for name in names:
            found = self._by_id.get(name.lower())
            if found is not None:
                return found
        return self._rest or (names[0] if names else self.somebody)

    @property
    def somebody(self) -> str:
        """Whose a record is that nobody can read: the only client there is, or '*', which stands for all."""
        return next(iter(self.named)) if len(self.named) == 1 else EVERY_CLIENT


def named_clients(said: str) -> frozenset[str]:
    """All clients that ``said`` names. Raises CallboardError when it cannot be understood."""
    return Clients(said).named
