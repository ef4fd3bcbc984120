"""What refused records would have said of passes through queues, had they been accepted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

_MOMENTS = {
    "interaction.queued.v1": "queued_at",
    "interaction.offered.v1": "offered_at",
    "interaction.answered.v1": "answered_at",
    "interaction.abandoned.v1": "abandoned_at",
    "interaction.left_queue.v1": "left_at",
    "interaction.ended.v1": "ended_at",
    "interaction.wrapped_up.v1": "wrapped_up_at",
}
#: As in the store: of several the last, of all others the first.
_LATEST = {"ended_at", "wrapped_up_at"}

Pass = dict[str, Any]
Key = tuple[str, str, str]


def said_by(values: Iterable[bytes | None]) -> dict[Key, Pass]:
    """Moments by (client, interaction, segment), of those records that can be read at all.

    Nothing but names of places and times is taken from them.
    """
    found: dict[Key, Pass] = {}
    for value in values:
        try:
            document = json.loads(value or b"")
            data = document["data"]
            name = _MOMENTS[document["type"]]
            key = data["client"], data["interaction"], data["segment"]
            moment = datetime.fromisoformat(document["time"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if moment.tzinfo is None or not all(isinstance(part, str) and part for part in key):
            continue
        row = found.setdefault(key, {})
        known = row.get(name)
        if known is None or (moment > known if name in _LATEST else moment < known):
            row[name] = moment
        for member, column in (("queue", "queue"), ("reason", "left_reason")):
            if isinstance(data.get(member), str) and (column == "queue" or name == "left_at"):
                row.setdefault(column, data[member])
    return found


def completed(stored: Pass, letter: Pass) -> Pass:
    """A pass as the store has it, with what the refused records say besides; outcome and durations follow.

    What the store knows stays as it is. As in the store, an answer outweighs an abandon, and that outweighs leaving.
    """
    row = stored | {name: moment for name, moment in letter.items() if stored.get(name) is None}
    outcomes = (("answered", "answered_at"), ("abandoned", "abandoned_at"), ("left", "left_at"))
    row["outcome"], ended = next(
        ((outcome, row[moment]) for outcome, moment in outcomes if row.get(moment) is not None), ("waiting", None)
    )
    if row["outcome"] != stored.get("outcome") or stored.get("wait_us") is None:
        row["wait_ended_at"] = ended
        row["wait_us"] = _between(row.get("queued_at"), ended)
    if row.get("handle_ended_at") is None and row["outcome"] == "answered":
        row["handle_ended_at"] = row.get("ended_at")
        row["talk_us"] = _between(ended, row["handle_ended_at"])
        row["hold_us"] = None if row["talk_us"] is None else 0
    if row.get("wrap_us") is None and row["outcome"] == "answered":
        row["wrap_us"] = _between(row["handle_ended_at"], row.get("wrapped_up_at"))
    return row


def _between(start: datetime | None, stop: datetime | None) -> int | None:
    if start is None or stop is None:
        return None
    gone = stop - start
    return max(0, (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds)
