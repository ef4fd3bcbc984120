"""Details and plans: every event is one row, under the name of the view that shows its type."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any

from .contract import DAYS, DETAIL_SHAPES, MOMENTS, day, instant
from .model import Event

#: The view of each type of event.
DETAIL_VIEWS = {
    "descriptions": "interaction.described.v1",
    "menu_steps": "interaction.menu_stepped.v1",
    "messages": "interaction.message_sent.v1",
    "callback_changes": "interaction.callback_changed.v1",
    "survey_answers": "interaction.surveyed.v1",
    "outcome_changes": "interaction.outcome_changed.v1",
    "resolution_changes": "interaction.resolution_changed.v1",
    "dials": "interaction.dialled.v1",
    "participations": "interaction.participated.v1",
    "reports": "interaction.reported.v1",
    "schedules": "agent.scheduled.v1",
    "source_notices": "source.noticed.v1",
}

#: Where a channel's contacts lie, if not with the calls.
TOPICS = {
    **dict.fromkeys(("chat", "messaging", "social", "sms"), "chats"),
    **dict.fromkeys(("email", "letter", "fax", "work_item"), "emails"),
}


def topic_of(event: Event) -> str:
    """The topic that an event belongs in."""
    return TOPICS.get(event.data["channel"], "calls") if event.is_about_contact else "agents"


def detail_rows(events: list[Event]) -> dict[str, list[dict[str, Any]]]:
    """The rows of every detail view: topic, source, id, time, and every member that the event's type knows.

    Moments are UTC, days are dates, amounts are ``Decimal``; a member that was left out has its default or is None.
    """
    return {
        view: [_row(event, members_of(type_name)) for event in events if event.type == type_name]
        for view, type_name in DETAIL_VIEWS.items()
    }


def members_of(type_name: str) -> list[str]:
    """The members of ``data`` that a type of detail knows."""
    shape = DETAIL_SHAPES[type_name]
    return [*shape.required, *shape.optional]


def _row(event: Event, members: list[str]) -> dict[str, Any]:
    said = {name: _value(name, event.data.get(name)) for name in members}
    return {"topic": topic_of(event), "source": event.source, "id": event.id, "time": event.time, **said}


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in MOMENTS:
        moment = instant(value)
        return moment.astimezone(UTC) if moment else None
    if name in DAYS:
        return day(value)
    return Decimal(value) if name == "amount" else value
