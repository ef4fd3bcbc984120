"""Adherence and conformance from events: plans, revisions, breaks inside shifts, and the field's worked example."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.areas.floor_events import DAY, ask, at, plan, sql_time, states, stored

WHOLE_DAY = f"{sql_time(DAY)}, {sql_time(at('00:00', day=1))}"


def adherence(folder: Path, interval: str = WHOLE_DAY, more: str = "") -> dict[str, Any]:
    (row,) = ask(folder, f"FROM adherence({interval}{more})")
    return row


def test_worked_a_quarter_later_than_planned(tmp_path: Path) -> None:
    """Planned 09:00 to 10:00, worked 09:15 to 10:15: 45 of 60 minutes fit, and 60 of 60 were worked."""
    stored(
        tmp_path,
        [
            *plan("ann", ("work", at("09:00"), at("10:00"))),
            *states("ann", ("available", at("09:15")), ("on_contact", at("09:30")), ("out", at("10:15"))),
        ],
    )
    row = adherence(tmp_path)
    assert (row["adherence"], row["conformance"]) == (0.75, 1.0)
    assert (row["scheduled_seconds"], row["adherent_seconds"], row["worked_seconds"]) == (3600, 2700, 3600)
    assert (row["out_of_adherence_seconds"], row["out_signed_out_seconds"]) == (900, 900)
    assert row["unscheduled_work_seconds"] == 900
    # Half an hour of it: planned 09:00 to 09:30, of that there from 09:15 on.
    assert adherence(tmp_path, f"{sql_time(at('09:00'))}, {sql_time(at('09:30'))}")["adherence"] == 0.5


def test_each_kind_of_being_elsewhere_has_a_number_and_they_add_up(tmp_path: Path) -> None:
    """A shift 09:00 to 13:00 with a break 10:00 to 10:30 and a training 11:00 to 12:00, both inside of it."""
    lines = [
        *plan("ann", ("work", at("09:00"), at("13:00")), schedule="shift"),
        *plan("ann", ("break", at("10:00"), at("10:30")), ("training", at("11:00"), at("12:00")), schedule="inside"),
        *states(
            "ann",
            ("available", at("09:00")),
            ("break", at("10:10")),  # ten minutes of the break worked: out_working 600
            ("available", at("10:40")),  # ten minutes of work on break: out_break 600
            ("unavailable", at("11:00"), "training"),  # fits
            ("unavailable", at("11:30"), "meeting"),  # not the training: out_unavailable 1800
            ("available", at("12:00")),
            ("out", at("12:45")),  # a quarter too early: out_signed_out 900
        ),
    ]
    random.Random(1).shuffle(lines)
    row = adherence(stored(tmp_path, lines))
    assert row["scheduled_seconds"] == 4 * 3600
    assert row["scheduled_work_seconds"] == 4 * 3600 - 1800 - 3600
    kinds = {kind: row[f"out_{kind}_seconds"] for kind in ("working", "break", "unavailable", "signed_out")}
    assert kinds == {"working": 600, "break": 600, "unavailable": 1800, "signed_out": 900}
    assert row["out_of_adherence_seconds"] == sum(kinds.values()) == 3900
    assert row["adherent_seconds"] == 14_400 - 3900
    # Worked 09:00-10:10, 10:40-11:00, 12:00-12:45 = 70 + 20 + 45 minutes of 150 planned.
    assert (row["worked_seconds"], row["conformance"]) == (135 * 60, 0.9)
    # A source whose reasons have other names: the meeting passes for the training.
    assert adherence(tmp_path, more=", match_reasons := false")["out_unavailable_seconds"] == 0


def test_of_a_schedule_the_highest_revision_holds_and_other_schedules_stay(tmp_path: Path) -> None:
    stored(
        tmp_path,
        [
            *plan("ann", ("work", at("12:00"), at("13:00")), revision=2),
            *plan("ann", ("work", at("09:00"), at("10:00")), ("break", at("10:00"), at("11:00")), revision=1),
            *plan("ann", ("work", at("14:00"), at("15:00")), schedule="extra"),
            *plan("bob", ("work", at("09:00"), at("10:00")), revision=1),
            *states("ann", ("available", at("12:00")), ("out", at("13:00"))),
        ],
    )
    in_force = ask(tmp_path, "SELECT agent, starts_at FROM schedule_in_force ORDER BY ALL")
    assert [(row["agent"], row["starts_at"]) for row in in_force] == [
        ("ann", at("12:00")),
        ("ann", at("14:00")),
        ("bob", at("09:00")),
    ]
    ann, bob = ask(tmp_path, f"FROM adherence({WHOLE_DAY})")
    assert (ann["adherence"], bob["adherence"], bob["conformance"]) == (0.5, 0.0, 0.0)


def test_absence_is_no_plan_to_keep_and_a_cancelled_plan_is_none(tmp_path: Path) -> None:
    stored(
        tmp_path,
        [
            *plan("ann", ("sick", at("09:00"), at("12:00"))),
            *plan("bob", ("cancelled", at("09:00"), at("12:00")), revision=3),
            *states("cat", ("available", at("09:00")), ("out", at("10:00"))),
        ],
    )
    ann, cat = ask(tmp_path, f"FROM adherence({WHOLE_DAY})")
    assert (ann["agent"], ann["scheduled_seconds"], ann["adherence"]) == ("ann", 0, None)
    assert (cat["agent"], cat["conformance"], cat["unscheduled_work_seconds"]) == ("cat", None, Decimal(3600))
    (planned,) = ask(tmp_path, f"SELECT agent, activity, expects FROM planned({WHOLE_DAY})")
    assert planned == {"agent": "ann", "activity": "sick", "expects": "absent"}


def test_a_day_that_is_not_over_counts_up_to_now(tmp_path: Path) -> None:
    stored(
        tmp_path,
        [*plan("ann", ("work", at("09:00"), at("17:00"))), *states("ann", ("available", at("10:00")))],
        now=at("11:00"),
    )
    row = adherence(tmp_path, more=f", as_of := {sql_time(at('11:00'))}")
    assert (row["scheduled_seconds"], row["adherent_seconds"], row["adherence"]) == (7200, 3600, 0.5)


@pytest.mark.parametrize(
    ("activity", "state", "reason", "fits"),
    [
        ("phone", "wrap_up", None, True),
        ("lunch", "break", None, True),
        ("lunch", "unavailable", "lunch", True),
        ("lunch", "unavailable", "meeting", False),
        ("lunch", "available", None, False),
        ("coaching", "unavailable", "coaching", True),
        ("coaching", "unavailable", None, True),
        ("coaching", "break", None, False),
        ("coaching", "on_contact", None, False),
        ("work", "unavailable", "work", False),
    ],
)
def test_what_fits(tmp_path: Path, activity: str, state: str, reason: str | None, fits: bool) -> None:
    change = (state, at("09:00"), reason) if reason else (state, at("09:00"))
    stored(tmp_path, [*plan("ann", (activity, at("09:00"), at("10:00"))), *states("ann", change, ("out", at("10:00")))])
    assert adherence(tmp_path)["adherence"] == (1.0 if fits else 0.0)
