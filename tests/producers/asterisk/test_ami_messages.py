"""Messages of the manager interface that the recorded dialogue does not have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.contract.events import Event, type_name
from pipeline.producers.adapters.asterisk.ami import AmiConverter
from pipeline.producers.door import Door

START = 1772442000


def message(second: float, event: str, **fields: object) -> dict[str, str]:
    return {
        "Event": event,
        "Timestamp": f"{START + second:.6f}",
        **{name: str(value) for name, value in fields.items()},
    }


def call(second: float, event: str, **fields: object) -> dict[str, str]:
    return message(second, event, **{"Uniqueid": "c", "Linkedid": "l", "Queue": "q", "MemberName": "201", **fields})


def events(*messages: dict[str, str]) -> list[Event]:
    one = AmiConverter(None, "acme", None, Door(None))
    return [event for each in messages for event in one.convert(each)]


def brief(*messages: dict[str, str], last: int = 0) -> list[tuple[Any, ...]]:
    """Type, seconds after the start, and what is worth naming, of the last events."""
    names = ("agent", "state", "reason", "kind", "ended_by", "name")
    found = []
    for event in events(*messages)[-last:]:
        after = (event.time - datetime.fromtimestamp(START, UTC)).total_seconds()
        said = [value for name in names if (value := getattr(event.data, name, None)) is not None]
        found.append((type_name(type(event)).split(".")[1], round(after), *said))
    return found


JOIN, RING, ANSWER = call(0, "QueueCallerJoin"), call(5, "AgentCalled"), call(8, "AgentConnect", HoldTime=8, RingTime=3)


def test_the_contact_is_the_linked_call_and_the_segment_its_pass() -> None:
    (queued,) = events(JOIN)
    assert (queued.data.interaction, queued.data.segment, queued.data.queue) == ("l", "q#1", "q")


@pytest.mark.parametrize("name", ["RingTime", "Ringtime"])
def test_how_long_it_rang_in_vain_is_told_in_milliseconds(name: str) -> None:
    """As app_queue.c has it, in both spellings; how long it rang before an answer is in seconds."""
    declined = call(40, "AgentRingNoAnswer", **{name: 15_000})
    assert brief(JOIN, declined, last=2) == [("offered", 25, "201"), ("declined", 40, "201", "no_answer")]
    assert brief(JOIN, call(40, "AgentConnect", HoldTime=40, RingTime=15), last=2)[0] == ("offered", 25, "201")


def test_who_waits_is_not_said_to_have_waited_no_time_where_nobody_says_how_long() -> None:
    entry = message(30, "QueueEntry", Queue="q", Uniqueid="c", Linkedid="l")
    assert brief(entry) == [("noticed", 30, "unreadable", "wait_of_a_waiting_call")]


def test_the_old_names_of_messages_are_known() -> None:
    assert brief({**JOIN, "Event": "Join"}) == [("queued", 0)]
    member = {"Queue": "q", "MemberName": "201", "Paused": "1", "Reason": "Lunch"}
    assert brief(message(0, "QueueMemberPaused", **member)) == [("signed_in", 0, "201", "break", "lunch")]


def test_an_attended_transfer_is_warm() -> None:
    transfer = message(30, "AttendedTransfer", OrigTransfererLinkedid="l", TransfereeLinkedid="l")
    done = call(31, "AgentComplete", HoldTime=8, TalkTime=23, Reason="transfer")
    assert brief(JOIN, RING, ANSWER, transfer, done, last=1) == [("transferred", 31, "201", "warm")]


def test_an_agent_who_drops_the_caller_in_the_announcement_declined() -> None:
    left = call(8, "QueueCallerLeave")
    assert brief(JOIN, RING, left, call(9, "AgentDump"), last=2) == [
        ("offered", 5, "201"),
        ("declined", 9, "201", "agent_dump"),
    ]


def test_an_announcement_to_the_agent_may_lie_between_leaving_and_answer() -> None:
    left, answer = call(8, "QueueCallerLeave"), call(38, "AgentConnect", HoldTime=38, RingTime=33)
    assert [each[0] for each in brief(JOIN, RING, left, answer)] == ["queued", "offered", "answered"]


def test_only_the_answer_or_only_the_abandon_was_seen() -> None:
    assert brief(ANSWER) == [("queued", 0), ("offered", 5, "201"), ("answered", 8, "201")]
    assert brief(call(20, "QueueCallerAbandon", HoldTime=15)) == [("queued", 5), ("reported", 20), ("abandoned", 20)]


def test_a_caller_who_hangs_up_ends_the_contact_wherever_it_was() -> None:
    (ended,) = events(JOIN, call(9, "QueueCallerAbandon", HoldTime=9), call(60, "Hangup"))[-1:]
    assert (type_name(type(ended)), ended.data.interaction, ended.data.segment) == ("interaction.ended.v1", "l", None)
    assert events(call(60, "Hangup")) == []


def test_the_customers_own_hold_is_none() -> None:
    assert brief(JOIN, RING, ANSWER, message(10, "Hold", Uniqueid="c", Linkedid="l"), last=1)[0][0] == "answered"
    assert brief(JOIN, RING, ANSWER, message(10, "Hold", Uniqueid="d", Linkedid="l"), last=1)[0][0] == "held"


def test_a_telephone_that_is_not_registered_makes_its_agent_unavailable() -> None:
    member = {"Queue": "q", "MemberName": "201", "Paused": "0"}
    changes = [
        message(second, "QueueMemberStatus", Status=status, **member) for second, status in ((0, 1), (9, 5), (20, 1))
    ]
    assert brief(*changes) == [
        ("signed_in", 0, "201", "available"),
        ("state_changed", 9, "201", "unavailable", "unreachable"),
        ("state_changed", 20, "201", "available"),
    ]


def test_agents_who_log_in_by_themselves() -> None:
    assert brief(message(0, "AgentLogin", Agent="7"), message(9, "AgentLogoff", Agent="7", Logintime=9)) == [
        ("signed_in", 0, "7", "available"),
        ("signed_out", 9, "7"),
    ]


@pytest.mark.parametrize("name", ["QueueParams", "QueueSummary", "QueueMemberPenalty", "Newchannel", "RTCPSent", "Cdr"])
def test_messages_that_say_nothing_of_ours(name: str) -> None:
    assert events(call(0, name)) == []


def test_a_message_of_queues_that_nobody_knows_is_noticed() -> None:
    assert brief(call(0, "AgentSneezed")) == [("noticed", 0, "unknown_verb", "agentsneezed")]


def test_a_message_without_a_time_or_a_call_stops_nothing() -> None:
    assert events({"Event": "QueueCallerJoin"}, {"Response": "Success"}, {}) == []
    assert [each[0] for each in brief(message(0, "QueueCallerJoin", Queue="q"))] == ["noticed"]


def test_a_value_that_no_event_can_have_is_noticed_without_it() -> None:
    found = brief(call(0, "QueueCallerJoin", Linkedid="x" * 300))
    assert found == [("noticed", 0, "unreadable", "queuecallerjoin")]
