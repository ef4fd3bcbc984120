"""What a worker's activity means. Twilio knows its name only, and the names are each workspace's own."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.producers.adapters.states import SIGNED_OUT, by_word
from pipeline.producers.adapters.words import word

#: By the word of the name. Any other name is unavailable, with the word as its reason.
_STATES: Mapping[str, str] = {
    **dict.fromkeys(("offline", "logged_out", "signed_out", "log_out"), SIGNED_OUT),
    **dict.fromkeys(("available", "idle", "ready", "online"), "available"),
    **dict.fromkeys(("busy", "reserved", "on_call", "on_a_call", "in_call", "on_a_task"), "on_contact"),
    **dict.fromkeys(("wrap_up", "wrapup", "after_call_work", "after_call", "acw"), "wrap_up"),
    **dict.fromkeys(("break", "on_break", "lunch", "on_lunch", "meal", "coffee", "coffee_break", "pause"), "break"),
}
_PRESENCES: Mapping[str, str] = {
    **dict.fromkeys(("lunch", "on_lunch", "meal"), "meal"),
    **dict.fromkeys(("meeting", "in_a_meeting", "team_meeting"), "meeting"),
    **dict.fromkeys(("training", "in_training"), "training"),
    "away": "away",
}


def state_of(name: str | None, states: Mapping[str, str]) -> tuple[str, str | None, str | None]:
    """State, reason and presence of an activity; ``states`` are the centre's own meanings by name, and come first.

    The state may be ``SIGNED_OUT``. A state that says everything has no reason.
    """
    key = word(name) or "unnamed"
    state = by_word(states).get(key) or _STATES.get(key, "unavailable")
    reason = None if key == state or state in {"available", "on_contact", SIGNED_OUT} else key
    return state, reason, _PRESENCES.get(key)
