"""Transfers, re-entries, supervisors and escalations from events."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.centre.kept import apply_centre
from pipeline.store.layout import StoreLayout
from tests.areas.floor_events import ask, at, contact, sql_time, stored

CENTRE = b"""\
version: 1
clients: {acme: {title: Acme}}
teams: {acme: {blue: {supervisor: sue, agents: [ann]}}}
"""
HOUR = f"{sql_time(at('09:00'))}, {sql_time(at('10:00'))}"


def leg(segment: str, queue: str, start: datetime, **transfer: Any) -> list[tuple[Any, ...]]:
    """Queued, answered at once, and passed on or ended a minute later."""
    end = start + timedelta(minutes=1)
    last = ("transferred", end, {"segment": segment, **transfer}) if transfer else ("ended", end, {"segment": segment})
    return [
        ("queued", start, {"segment": segment, "queue": queue}),
        ("answered", start, {"segment": segment, "agent": "ann"}),
        last,
    ]


def test_transfers_by_kind_and_target(tmp_path: Path) -> None:
    apply_centre(StoreLayout(tmp_path), CENTRE, "centre.yaml")
    lines = [
        *contact(
            "c1",
            *leg("1", "care", at("09:00"), kind="warm", to_queue="billing"),
            *leg("2", "billing", at("09:01"), kind="cold", to_queue="care"),
            *leg("3", "care", at("09:02"), kind="conference", to_agent="sue"),
        ),
        *contact("c2", *leg("1", "care", at("09:10"), kind="warm", to_queue="billing")),
        *contact("c3", *leg("1", "care", at("09:59"), to_queue="billing")),  # passed on at 10:00: not in this hour
        *contact("c4", *leg("1", "care", at("09:20"), kind="cold")),
    ]
    random.Random(2).shuffle(lines)
    stored(tmp_path, lines)
    rows = ask(tmp_path, f"FROM transfers({HOUR})")
    assert [tuple(row.values()) for row in rows] == [
        ("acme", "billing", "cold", "queue", "care", 1, 1),
        ("acme", "care", "cold", "not_said", None, 1, 1),
        ("acme", "care", "conference", "agent", None, 1, 1),
        ("acme", "care", "warm", "queue", "billing", 2, 2),
    ]
    # Care was entered by c1 twice, and by c2, c3 and c4.
    rows = ask(tmp_path, f"FROM reentries({HOUR})")
    assert [tuple(row.values()) for row in rows] == [("acme", "billing", 1, 1, 0, 0.0), ("acme", "care", 5, 4, 1, 0.2)]
    # The first entry may lie before the interval.
    later = f"{sql_time(at('09:01'))}, {sql_time(at('10:00'))}"
    assert [row["reentries"] for row in ask(tmp_path, f"FROM reentries({later})")] == [0, 1]
    # To somebody's supervisor.
    (row,) = ask(tmp_path, f"FROM escalations_made({HOUR})")
    assert tuple(row.values()) == ("acme", "care", "to_supervisor", None, 1, 1)


def test_a_concern_that_is_escalated(tmp_path: Path) -> None:
    stored(
        tmp_path,
        contact(
            "c1",
            *leg("1", "care", at("09:00")),
            ("resolution_changed", at("09:05"), {"segment": "1", "status": "escalated", "tier": 2}),
            ("resolution_changed", at("09:06"), {"segment": "1", "status": "escalated", "tier": 3}),
            ("resolution_changed", at("09:07"), {"segment": "1", "status": "resolved"}),
        ),
    )
    rows = ask(tmp_path, f"FROM escalations_made({HOUR})")
    assert [tuple(row.values()) for row in rows] == [
        ("acme", "care", "resolution", 2, 1, 1),
        ("acme", "care", "resolution", 3, 1, 1),
    ]


def test_supervisors_are_there_from_joining_to_leaving(tmp_path: Path) -> None:
    def part(change: str, clock: str, role: str, agent: str = "sue") -> tuple[str, datetime, dict[str, Any]]:
        return "participated", at(clock), {"segment": "1", "agent": agent, "role": role, "change": change}

    lines = contact(
        "c1",
        ("queued", at("08:50"), {"segment": "1", "queue": "care"}),
        ("answered", at("08:51"), {"segment": "1", "agent": "ann"}),
        part("joined", "08:55", "monitor"),
        part("left", "09:05", "monitor"),  # 5 of 10 minutes in the hour
        part("joined", "09:10", "coach"),
        part("joined", "09:11", "coach"),  # said twice: there all along
        part("left", "09:20", "coach"),
        part("left", "09:21", "coach"),  # left already
        part("joined", "09:25", "barge"),  # never left: there until the call ended at 09:40
        part("joined", "09:30", "monitor"),
        part("left", "09:30:30", "monitor"),
        part("left", "09:35", "monitor", agent="rob"),  # of a joining that nobody reported
        ("ended", at("09:40"), {"segment": "1"}),
    )
    random.Random(3).shuffle(lines)
    stored(tmp_path, lines)
    rows = ask(tmp_path, f"FROM supervision({HOUR})")
    assert [tuple(row.values()) for row in rows] == [
        ("acme", "sue", "barge", 1, 1, 900, 1),
        ("acme", "sue", "coach", 1, 1, 600, 0),
        ("acme", "sue", "monitor", 1, 1, 330, 0),
    ]
    # While the call lasts, who has not left is there until now.
    (row,) = ask(tmp_path, f"FROM supervision({HOUR}, as_of := {sql_time(at('09:26'))}) WHERE role = 'barge'")
    assert row["seconds"] == 60


def test_who_never_left_a_call_that_never_ended_was_not_there_for_days(tmp_path: Path) -> None:
    """The call is aged: the last that was heard of it, at 09:10, is its end. Of the other call nobody said anything."""
    joined = {"agent": "sue", "role": "monitor", "change": "joined"}
    stored(
        tmp_path,
        [
            *contact(
                "aged",
                ("queued", at("09:00"), {"segment": "1", "queue": "care"}),
                ("answered", at("09:01"), {"segment": "1", "agent": "ann"}),
                ("participated", at("09:05"), joined),
                ("held", at("09:10"), {"segment": "1"}),
            ),
            *contact("unknown", ("participated", at("09:05"), joined)),
        ],
    )
    days = f"{sql_time(at('00:00'))}, {sql_time(at('00:00', day=9))}"
    (row,) = ask(tmp_path, f"FROM supervision({days}, as_of := {sql_time(at('00:00', day=9))})")
    assert (row["times"], row["contacts"], row["seconds"], row["without_leaving"]) == (2, 2, 300, 2)
