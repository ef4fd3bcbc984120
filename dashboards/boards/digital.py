"""The page of digital work: chat and messaging, bots and menus, email and other work that waits."""

from __future__ import annotations

from dashboards.look.words import mark
from dashboards.sections import backlog, bots, conversations, picking

_PERIODS = ("today", "60", "week")


def page() -> None:
    """The whole page."""
    sections: dict[str, picking.Section] = {
        "chat": (mark("Chat and messaging"), conversations.show),
        "bots": (mark("Bots and menus"), bots.show),
        "backlog": (mark("Email and back office"), backlog.show),
    }
    picking.show(sections, _PERIODS)


page()
