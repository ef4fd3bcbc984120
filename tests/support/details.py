"""Details of every type for a store to hold: plain events, no chance in them, each member now said and now left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

Json = dict[str, Any]

CHANNELS = ("voice", "chat", "email", "voice")
#: By type: the values that each member of its own takes in turn.
MEMBERS: dict[str, dict[str, tuple[Any, ...]]] = {
    "interaction.described.v1": {
        **{name: (f"{name}-1", f"{name}-2") for name in ("customer", "product", "reason", "ticket", "campaign")},
        "language": ("de", "pt-BR", None),
        "skill": ("loans", "cards"),
        "tier": (0, 1, 2),
        "priority": (-1, 0, 1_000_000_000),
        "promised_at": ("2026-05-01T12:00:00+02:00", "2026-03-09T00:00:00.000001Z"),
        "audio_seconds": (0, 3720),
        "items": (1, 12),
    },
    "interaction.menu_stepped.v1": {
        "bot": ("main", "helper"),
        "step": ("1", "2", "3"),
        "kind": ("menu", "bot"),
        "intent": ("balance", None),
        "result": ("continued", "contained", "handed_over", "abandoned"),
        "reason": ("asked_for_agent", None),
    },
    "interaction.message_sent.v1": {"sender": ("customer", "agent", "bot", "system")},
    "interaction.callback_changed.v1": {
        "callback": ("cb-1", "cb-2"),
        "status": ("requested", "scheduled", "attempted", "reached", "not_reached", "cancelled", "expired"),
        "due_at": ("2026-03-04T10:00:00Z", "2026-03-04T11:00:00.5+01:00"),
    },
    "interaction.surveyed.v1": {
        "survey": ("s-1", "s-2"),
        "status": ("sent", "answered", "completed", "refused"),
        "question": ("csat", "nps", None),
        "score": (5, 0, 10),
    },
    "interaction.outcome_changed.v1": {
        "outcome": ("o-1", "o-2"),
        "kind": ("sale", "promise"),
        "status": ("made", "kept", "cancelled"),
        "amount": ("19.90", "-0.0001", "999999999999.9999"),
        "currency": ("EUR", "USD"),
        "quantity": (1, 0, 3),
        "due_on": ("2026-03-29", "2028-02-29", None),
        "product": ("loan", "card"),
        "campaign": ("spring", None),
    },
    "interaction.resolution_changed.v1": {
        "status": ("resolved", "reopened", "pending", "escalated"),
        "actor": ("agent", "bot", "customer", "system"),
        "tier": (1, 2),
        "product": ("router", None),
    },
    "interaction.dialled.v1": {
        "attempt": ("d-1", "d-2"),
        "campaign": ("spring", "autumn"),
        "list": ("march", None),
        "lead": ("l-1", "l-2"),
        "result": ("human", "machine", "busy", "no_answer", "invalid", "blocked", "failed"),
        "rung_seconds": (0, 14),
        "greeting_ended_at": ("2026-03-03T10:00:02.5Z", None),
        "connected_at": ("2026-03-03T10:00:03Z", None),
        "dropped": (True, False),
    },
    "interaction.participated.v1": {
        "role": ("monitor", "coach", "barge", "consult", "conference"),
        "change": ("joined", "left"),
    },
    "interaction.reported.v1": {
        "wait_ms": (31_627, 0, None),
        "ring_ms": (6_400, 10_000_000_000),
        "talk_ms": (412_750, 1, None),
        "hold_ms": (0, 70_000),
        "wrap_ms": (54_500, None),
        "outcome": ("completecaller", "abandon", None),
    },
    "agent.scheduled.v1": {
        "schedule": ("w10", "w11"),
        "revision": (0, 1),
        "activity": ("work", "break"),
        "starts_at": ("2026-03-03T08:00:00+01:00", "2026-03-03T12:00:00Z"),
        "ends_at": ("2026-03-03T11:00:00+01:00", "2026-03-03T16:00:00Z"),
        "paid": (True, False),
    },
    "source.noticed.v1": {
        "adapter": ("queue_log", "ami"),
        "kind": ("gap", "unknown_verb", "unknown_field", "unknown_version", "unreadable", "contradiction"),
        "name": ("QUEUESTART", "NEWVERB"),
        "count": (1, 0, 17),
        "lost_from": ("2026-03-03T08:00:00+01:00", None),
    },
}
#: What an event of its type cannot do without.
REQUIRED = {"bot", "step", "sender", "callback", "survey", "outcome", "attempt", "role", "change", "schedule"}
REQUIRED |= {"activity", "starts_at", "ends_at", "adapter", "name"}
_ALSO = {
    "interaction.callback_changed.v1": {"status"},
    "interaction.surveyed.v1": {"status"},
    "interaction.outcome_changed.v1": {"kind"},
    "interaction.resolution_changed.v1": {"status"},
    "interaction.dialled.v1": {"campaign", "result"},
    "source.noticed.v1": {"kind"},
}


def detail_events(rounds: int, start: datetime, step: timedelta, source: str = "details") -> Iterator[Json]:
    """``rounds`` events of each type, one round every ``step`` from ``start``, in the order of time."""
    for nth in range(rounds):
        for type_name in MEMBERS:
            yield {
                "specversion": "1.0",
                "type": type_name,
                "source": source,
                "id": f"{type_name.split('.')[1]}-{nth}",
                "time": (start + nth * step).isoformat(),
                "data": _data(type_name, nth),
            }


def _data(type_name: str, nth: int) -> Json:
    data: Json = {"client": ("north", "south")[nth % 2]}
    data |= {} if type_name.startswith("source.") else {"agent": f"agent-{nth % 3}"}
    if type_name.startswith("interaction."):
        data |= {"interaction": f"d-{nth % 8}", "channel": CHANNELS[nth % 4], "direction": "outbound"}
        data |= {"segment": "1"} if nth % 3 or type_name == "interaction.reported.v1" else {}
        data |= {"queue": "sales"} if nth % 2 else {}
    required = REQUIRED | _ALSO.get(type_name, set())
    for place, (name, values) in enumerate(MEMBERS[type_name].items()):
        if name in required or (nth + place) % 5:
            data[name] = values[(nth + place) % len(values)]
    return data
