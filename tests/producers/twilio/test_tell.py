"""Turns that a task's story can take, beyond those of the recorded stream; and what activities mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.contract.events import Event, encode
from pipeline.producers.adapters import LiveRequest
from pipeline.producers.adapters.states import SIGNED_OUT
from pipeline.producers.adapters.twilio.activities import state_of
from pipeline.producers.adapters.twilio.converter import TaskRouter
from tests.producers.pushed.recorded import Stored

BEGAN_MS = 1_772_445_600_000  # 2 March 2026, 10:00
W1, W2 = (f"WK{number:032d}" for number in (1, 2))


def form(verb: str, seconds: float, **fields: Any) -> dict[str, str]:
    fields = {"TaskSid": "WT1", "TaskChannelUniqueName": "voice", "TaskQueueName": "Support"} | fields
    return {"EventType": verb, "AccountSid": "AC1", "TimestampMs": str(BEGAN_MS + round(seconds * 1000)), **fields}


def reservation(verb: str, seconds: float, sid: str, worker: str = W1, **fields: Any) -> dict[str, str]:
    return form(f"reservation.{verb}", seconds, ReservationSid=sid, WorkerSid=worker, **fields)


def told(*records: dict[str, str], **request: Any) -> list[Event]:
    converter = TaskRouter(LiveRequest("test", client="acme", **request))
    return [event for record in records for event in converter.convert(record)]


ANSWERED = (
    form("task-queue.entered", 0),
    reservation("created", 5, "WR1"),
    reservation("accepted", 10, "WR1"),
)


def test_passed_from_worker_to_worker_there_is_no_queue() -> None:
    events = told(
        *ANSWERED,
        form(
            "task.transfer-initiated",
            60,
            TransferType="WORKER",
            TransferMode="COLD",
            TransferTo=W2,
            TransferInitiatingReservationSid="WR1",
        ),
        reservation("created", 61, "WR2", W2),
        reservation("accepted", 65, "WR2", W2),
        reservation("completed", 66, "WR1"),
        reservation("completed", 125, "WR2", W2),
    )
    by_kind = {(type(event).__name__, event.data.segment): event for event in events if hasattr(event.data, "segment")}
    passed_on = by_kind["InteractionTransferred", "1"].data
    assert (passed_on.to_agent, passed_on.to_queue, passed_on.kind, passed_on.agent) == (W2, None, "cold", W1)
    assert ("InteractionQueued", "2") not in by_kind
    assert by_kind["InteractionAnswered", "2"].data.agent == W2
    ends = {
        event.data.segment: event.time.timestamp() for event in events if type(event).__name__ == "InteractionEnded"
    }
    assert {segment: end - BEGAN_MS / 1000 for segment, end in ends.items()} == {"1": 66.0, "2": 125.0}


def test_a_transfer_to_somebodys_number_does_not_say_it() -> None:
    start = form("task.transfer-initiated", 60, TransferType="WORKER", TransferTo="+442079460199")
    assert b"442079460199" not in b"".join(encode(event) for event in told(*ANSWERED, start))


def test_a_transfer_that_failed_is_taken_back(tmp_path: Path) -> None:
    start = form("task.transfer-initiated", 60, TransferType="QUEUE", TransferInitiatingReservationSid="WR1")
    failed = form("task.transfer-failed", 70)
    events = told(*ANSWERED, start, failed, reservation("completed", 90, "WR1"))
    for order in (events, events[::-1]):
        store = Stored(tmp_path / str(order is events), order)
        segments = (
            "SELECT revision, outcome, transferred_at, answered_at IS NOT NULL, talk_seconds::DOUBLE FROM segments"
        )
        assert store.rows(segments) == [(1, "answered", None, True, 80.0)]


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("hangup", "InteractionAbandoned"),
        ("Task TTL Exceeded", "InteractionLeftQueue"),
        ("Task canceled on Workflow timeout", "InteractionLeftQueue"),
        ("", "InteractionAbandoned"),
    ],
)
def test_a_task_that_is_canceled_while_it_waits(reason: str, kind: str) -> None:
    events = told(ANSWERED[0], form("task.canceled", 30, TaskCanceledReason=reason))
    outcome = {"InteractionAbandoned", "InteractionLeftQueue"} & {type(event).__name__ for event in events}
    assert outcome == {kind}


def test_a_task_that_is_canceled_while_somebody_talks_is_ended_and_not_abandoned() -> None:
    events = told(*ANSWERED, form("task.canceled", 30, TaskCanceledReason="hangup"))
    names = [type(event).__name__ for event in events]
    assert "InteractionAbandoned" not in names
    assert [
        event.data.agent for event in events if type(event).__name__ == "InteractionEnded" and event.data.segment
    ] == [W1]


@pytest.mark.parametrize("verb", ["rejected", "timeout", "canceled", "rescinded", "failed"])
def test_every_way_not_to_take_a_task_leaves_it_waiting(verb: str) -> None:
    events = told(*ANSWERED[:2], reservation(verb, 8, "WR1"), reservation("created", 9, "WR2", W2))
    names = [type(event).__name__ for event in events]
    assert names == ["InteractionQueued", "InteractionOffered", "InteractionDeclined", "InteractionOffered"]
    assert {event.data.segment for event in events} == {"1"}


def test_what_nobody_can_use_does_not_break_the_rest() -> None:
    wild = reservation(
        "accepted", 10, "WR1", TaskAgeInQueue="99999999999", TaskAttributes="{not json", TaskPriority="x"
    )
    assert [type(event).__name__ for event in told(ANSWERED[0], wild)] == ["InteractionQueued", "InteractionAnswered"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Available", ("available", None, None)),
        ("Idle", ("available", None, None)),
        ("Offline", (SIGNED_OUT, None, None)),
        ("On Lunch", ("break", "on_lunch", "meal")),
        ("Break", ("break", None, None)),
        ("After-Call Work", ("wrap_up", "after_call_work", None)),
        ("Training", ("unavailable", "training", "training")),
        ("Unavailable", ("unavailable", None, None)),
        (None, ("unavailable", "unnamed", None)),
    ],
)
def test_what_an_activity_means(name: str | None, expected: tuple[str, str | None, str | None]) -> None:
    assert state_of(name, {}) == expected


def test_the_centres_own_meaning_comes_first() -> None:
    assert state_of("Team Huddle", {"team huddle": "break"}) == ("break", "team_huddle", None)
    assert state_of("Available", {"Available": "signed_out"})[0] == SIGNED_OUT
    events = told(
        {
            "EventType": "worker.activity.update",
            "AccountSid": "AC1",
            "TimestampMs": str(BEGAN_MS),
            "WorkerSid": W1,
            "WorkerActivityName": "Team Huddle",
            "WorkerPreviousActivityName": "Offline",
        },
        states={"Team Huddle": "break"},
    )
    assert [(type(event).__name__, event.data.state) for event in events] == [("AgentSignedIn", "break")]
