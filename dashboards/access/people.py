"""People of the board and their roles. Pure."""

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


@dataclass(frozen=True, slots=True)
class Person:
    """Who looks at the board. ``name`` is what an acknowledgement is signed with."""

    name: str
    role: Role
    scope: Scope
    #: When the sign-in ends; None: it does not (loopback without sign-in, a wall's token).
    expires_at: datetime | None = None
