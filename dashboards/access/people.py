"""People of the board, their roles, and what a role may do besides looking. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dashboards.access.scope import Scope


class Role(StrEnum):
    """What a person is here for."""

    WALL = "wall"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    ADMIN = "admin"


class Permission(StrEnum):
    """What one may do beyond looking at a page that one's role sees (``dashboards.access.pages``)."""

    ACKNOWLEDGE_ALERTS = "acknowledge alerts"
    EDIT_ALERT_RULES = "edit alert rules"


_MAY: dict[Permission, frozenset[Role]] = {
    Permission.ACKNOWLEDGE_ALERTS: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Permission.EDIT_ALERT_RULES: frozenset({Role.ADMIN}),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Who looks at the board. ``name`` is what an acknowledgement is signed with."""

    name: str
    role: Role
    scope: Scope
    #: When the sign-in ends; None: it does not (loopback without sign-in, a wall's token).
    expires_at: datetime | None = None


def may(person: Person, permission: Permission) -> bool:
    """Whether a person may do that."""
    return person.role in _MAY[permission]
