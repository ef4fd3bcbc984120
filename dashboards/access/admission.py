"""Whether a session is let in, and as whom. Pure: what is known of it comes in, a person or a refusal goes out.

Three ways in: a kiosk's token, a sign-in, and, where nothing is configured, sitting at the machine itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboards.access.errors import NotAllowedError
from dashboards.access.people import Person, Role
from dashboards.access.policy import Policy
from dashboards.access.scope import Scope
from dashboards.saying import Saying
from pipeline.loopback import is_loopback

#: Headers by which a proxy says that it passes on somebody else's call.
PROXY_HEADERS = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of a session without a sign-in. Nothing in it is said by the page itself."""

    #: Where the server listens, as it was told; empty: on all addresses.
    server_address: str = ""
    #: The other end of the connection; None: not known.
    remote_address: str | None = None
    #: The headers of the session's first call, names in small letters.
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_local(self) -> bool:
        """Server and viewer are on this machine, without a proxy, and the page was called by this machine's own name.

        The last is for pages of others that a name server has pointed at loopback: they say their own name.
        """
        return (
            is_loopback(self.server_address)
            and is_loopback(self.remote_address or "")
            and is_loopback(_host_name(self.headers.get("host", "")))
            and not any(name in self.headers for name in PROXY_HEADERS)
        )


def _host_name(host: str) -> str:
    """The name in a Host header, without its port and brackets."""
    name, _, rest = host.rpartition(":")
    return (name if name and rest.isdigit() else host).strip("[]").lower()


def by_kiosk(policy: Policy, token: str) -> Person:
    """Who looks with a kiosk's token.

    Raises:
        NotAllowedError: it is none.
    """
    person = policy.kiosk(token)
    if person is None:
        raise NotAllowedError(
            Saying("This address opens no wall: its token is not known (any more). Ask your administrator.")
        )
    return person


def by_sign_in(policy: Policy, claims: Mapping[str, Any], now: datetime) -> Person:
    """Who has signed in, by what the provider says of them; empty: nobody has.

    The sign-in ends ``session_hours`` after the provider made its token (``iat``). The token's own end (``exp``) is a
    matter of minutes with many providers and says how long the token may be passed on, not how long one may look.

    Raises:
        NotAllowedError: nobody has signed in, it is over, or the board does not know them.
    """
    if not claims:
        raise NotAllowedError(Saying("Sign in to see the board."), can_sign_in=True)
    began_at = _moment(claims.get("iat"))
    if began_at is None:
        raise NotAllowedError(
            Saying("Your provider does not say when you signed in (the claim iat): ask your administrator.")
        )
    expires_at = began_at + timedelta(hours=policy.session_hours)
    if now >= expires_at:
        raise NotAllowedError(Saying("Your session has ended: sign in again."), can_sign_in=True)
    rule = policy.rule_for(claims)
    called = _called(claims)
    if rule is None:
        raise NotAllowedError(
            Saying(
                "You are signed in as {name}, but this board does not know you: ask your administrator.", name=called
            ),
            is_signed_in=True,
        )
    return Person(rule.name or called, rule.role, rule.scope, expires_at)


def by_sitting_here(caller: Caller) -> Person:
    """Whoever is at the machine itself, where nothing is configured.

    Raises:
        NotAllowedError: they are not.
    """
    if not caller.is_local:
        raise NotAllowedError(
            Saying(
                "Nobody can sign in here yet, so the board is shown on its own machine only. "
                "To open it to others, set access_file and oidc_metadata_url (docs/how-to/sign-in.md)."
            )
        )
    return Person("", Role.ADMIN, Scope.everything())


def _called(claims: Mapping[str, Any]) -> str:
    names = (claims.get(name) for name in ("name", "email", "preferred_username", "sub"))
    return next((str(name) for name in names if name), "somebody without a name")


def _moment(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
