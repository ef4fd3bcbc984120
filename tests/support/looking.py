"""Who looks at the board in a test: somebody at the machine itself, or a person of the test's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboards.access import session
from dashboards.access.admission import Caller
from dashboards.access.people import Person

#: What a browser on the board's own machine looks like. AppTest has no connection, of which nothing is known.
AT_THE_MACHINE = Caller("127.0.0.1", "127.0.0.1", {"host": "127.0.0.1:8501"})


@pytest.fixture
def at_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of this machine's own, and a viewer who sits at it."""
    for name in ("CALLBOARD_ACCESS_FILE", "CALLBOARD_OIDC_METADATA_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(session, "caller", lambda: AT_THE_MACHINE)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch, at_the_machine: None) -> Callable[[Person], None]:
    """Says who looks from now on."""

    def now(person: Person) -> None:
        monkeypatch.setattr(session, "person", lambda: person)

    return now
