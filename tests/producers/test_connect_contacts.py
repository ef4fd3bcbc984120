"""Single contacts of Amazon Connect: each way of ending, transferring and calling back in the contract's words."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.contract import events as ev
from pipeline.contract.events import Event
from pipeline.producers.adapters.connect import Asked, agents, contact_events, records
from pipeline.producers.adapters.connect.records import REMEMBERED
from pipeline.producers.adapters.documents.stream import Document
from pipeline.producers.door import Door

ASKED = Asked("acme", None, None, Door(None))
ARN = "arn:aws:connect:eu-central-1:111122223333:instance/i-1"


def at(clock: str | None) -> str | None:
    return None if clock is None else f"2026-03-02T{clock}Z"


def record(**more: Any) -> dict[str, Any]:
    """A contact that waited from 9:00:00 to 9:00:30 and was disconnected then; ``agent`` lets it be answered."""
    agent = more.pop("agent", None)
    base: dict[str, Any] = {
        "ContactId": "c-1",
        "InstanceARN": ARN,
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": at("08:59:50"),
        "DisconnectTimestamp": at("09:00:30" if agent is None else "09:05:30"),
        "LastUpdateTimestamp": at("09:10:00"),
        "Queue": {
            "ARN": f"{ARN}/queue/q-1",
            "Name": "Sales",
            "EnqueueTimestamp": at("09:00:00"),
            "DequeueTimestamp": at("09:00:30"),
            "Duration": 30,
        },
    }
    if agent is not None:
        base["Agent"] = {"ARN": f"{ARN}/agent/a-1", "ConnectedToAgentTimestamp": at("09:00:30"), **agent}
    return base | more


def said(*documents: dict[str, Any]) -> list[Any]:
    converter = records(ASKED)
    return [event for each in documents for event in converter.convert(Document(each))]


def only(events: list[Any], kind: type[Event]) -> Any:
    (found,) = (event for event in events if isinstance(event, kind))
    return found


@pytest.mark.parametrize(
    ("reason", "next_contact", "expected"),
    [
        ("CUSTOMER_DISCONNECT", None, "abandoned"),
        ("TELECOM_PROBLEM", None, "abandoned"),
        ("OTHER", None, "abandoned"),
        (None, None, "abandoned"),
        ("CONTACT_FLOW_DISCONNECT", None, "closed"),
        ("API", None, "closed"),
        ("EXPIRED", None, "timeout"),
        ("CONTACT_FLOW_DISCONNECT", "c-2", "timeout"),
        ("CUSTOMER_DISCONNECT", "c-2", "timeout"),
    ],
)
def test_how_a_queue_was_left(reason: str | None, next_contact: str | None, expected: str) -> None:
    events = said(record(DisconnectReason=reason, NextContactId=next_contact))
    if expected == "abandoned":
        assert only(events, ev.InteractionAbandoned).data.queue == "Sales"
    else:
        assert only(events, ev.InteractionLeftQueue).data.reason == expected


@pytest.mark.parametrize(
    ("reason", "ended_by"),
    [
        ("CUSTOMER_DISCONNECT", "customer"),
        ("AGENT_DISCONNECT", "agent"),
        ("THIRD_PARTY_DISCONNECT", "system"),
        ("BARGED", "system"),
        (None, None),
    ],
)
def test_who_ended_it(reason: str | None, ended_by: str | None) -> None:
    ended = [e for e in said(record(agent={}, DisconnectReason=reason)) if isinstance(e, ev.InteractionEnded)]
    assert {event.data.ended_by for event in ended} == {ended_by}
    assert {event.data.segment for event in ended} == {"c-1", None}


def test_what_came_next_corrects_what_was_said() -> None:
    first = record(agent={}, NextContactId="c-2")
    queue_transfer = record(
        ContactId="c-2", InitialContactId="c-1", PreviousContactId="c-1", InitiationMethod="TRANSFER",
        Queue={"Name": "Support", "EnqueueTimestamp": at("09:05:30")}, LastUpdateTimestamp=at("09:20:00"),
    )  # fmt: skip
    before, after = (
        [event for event in said(first, queue_transfer) if isinstance(event, ev.InteractionTransferred)],
        [event for event in said(queue_transfer, first) if isinstance(event, ev.InteractionTransferred)],
    )
    assert [(event.data.to_queue, event.data.revision % 1000) for event in before] == [(None, 0), ("Support", 1)]
    assert [(event.data.to_queue, event.data.revision % 1000) for event in after] == [("Support", 1)]
    assert before[1].id == after[0].id


def test_a_flow_after_the_end_is_no_transfer() -> None:
    survey = record(
        ContactId="c-2", PreviousContactId="c-1", InitialContactId="c-1", InitiationMethod="DISCONNECT", Queue=None
    )
    events = said(survey, record(agent={}, NextContactId="c-2"))
    assert not any(isinstance(event, ev.InteractionTransferred) for event in events)


def test_who_listens_in_does_not_go_on_with_the_contact() -> None:
    listens = record(
        agent={}, ContactId="c-9", InitialContactId="c-1", PreviousContactId="c-1", InitiationMethod="MONITOR"
    )
    assert not [event for event in said(listens, record(agent={})) if isinstance(event, ev.InteractionTransferred)]


def test_who_gave_up_before_a_flow_that_came_afterwards_gave_up() -> None:
    flow = record(
        ContactId="c-2", PreviousContactId="c-1", InitialContactId="c-1", InitiationMethod="DISCONNECT", Queue=None
    )
    events = said(flow, record(NextContactId="c-2", DisconnectReason="CUSTOMER_DISCONNECT"))
    assert only(events, ev.InteractionAbandoned).data.segment == "c-1"


def test_a_transfer_out_of_the_system_says_no_number() -> None:
    events = said(
        record(
            agent={},
            TransferCompletedTimestamp=at("09:04:00"),
            TransferredToEndpoint={"Type": "TELEPHONE_NUMBER", "Address": "+442079460155"},
        )
    )
    transferred = only(events, ev.InteractionTransferred)
    assert (transferred.time.isoformat(), transferred.data.to_agent) == ("2026-03-02T09:04:00+00:00", None)


@pytest.mark.parametrize(
    ("agent", "lengths"),
    [
        ({"CustomerHoldDuration": 30, "NumberOfHolds": 1, "LongestHoldDuration": 30}, [30]),
        ({"CustomerHoldDuration": 31, "NumberOfHolds": 3, "LongestHoldDuration": 20}, [20, 5.5, 5.5]),
        ({"CustomerHoldDuration": 30}, [30]),
        ({"CustomerHoldDuration": 0, "NumberOfHolds": 0}, []),
    ],
)
def test_holds_without_times_lie_right_behind_the_answer(agent: dict[str, int], lengths: list[float]) -> None:
    events = said(record(agent=agent))
    held = [event.time for event in events if isinstance(event, ev.InteractionHeld)]
    resumed = [event.time for event in events if isinstance(event, ev.InteractionResumed)]
    assert [(end - start).total_seconds() for start, end in zip(held, resumed, strict=True)] == lengths
    assert held[1:] == resumed[:-1]
    assert len({event.id for event in events}) == len(events)


def test_an_agents_own_queue_is_none() -> None:
    queue = {"ARN": f"{ARN}/queue/agent/a-9", "Name": None, "EnqueueTimestamp": at("09:00:00")}
    events = said(record(agent={}, Queue=queue))
    assert not any(isinstance(event, ev.InteractionQueued) for event in events)
    assert only(events, ev.InteractionAnswered).data.queue is None


def test_a_supervisor_who_listens_is_no_segment() -> None:
    events = said(record(agent={}, ContactId="c-7", InitialContactId="c-1", InitiationMethod="MONITOR"))
    assert [(e.data.interaction, e.data.agent, e.data.role, e.data.change) for e in events] == [
        ("c-1", "a-1", "monitor", "joined"),
        ("c-1", "a-1", "monitor", "left"),
    ]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"agent": {}, "ConnectedToSystemTimestamp": at("09:00:20")}, "reached"),
        ({"Agent": {"ARN": f"{ARN}/agent/a-1"}}, "not_reached"),
        ({}, "expired"),
    ],
)
def test_what_became_of_a_callback(more: dict[str, Any], status: str) -> None:
    events = said(record(InitiationMethod="CALLBACK", InitialContactId="c-0", PreviousContactId="c-0", **more))
    changes = [event for event in events if isinstance(event, ev.InteractionCallbackChanged)]
    assert changes[-1].data.status == status
    assert (changes[0].data.status, str(changes[0].data.due_at)) == ("requested", "2026-03-02 09:00:00+00:00")
    # Nobody gave it up: the customer is not in the queue.
    assert not any(isinstance(event, ev.InteractionAbandoned) for event in events)


@pytest.mark.parametrize(
    ("more", "direction", "channel"),
    [
        ({}, "inbound", "voice"),
        ({"InitiationMethod": "OUTBOUND"}, "outbound", "voice"),
        ({"InitiationMethod": "API"}, "outbound", "voice"),
        ({"InitiationMethod": "API", "Channel": "Chat"}, "inbound", "chat"),
        ({"InitiationMethod": "API", "Channel": "TASK"}, "inbound", "work_item"),
        ({"InitiationMethod": "AGENT_REPLY", "Channel": "EMAIL"}, "outbound", "email"),
        ({"InitiationMethod": "CALLBACK"}, "inbound", "voice"),
    ],
)
def test_direction_and_channel(more: dict[str, Any], direction: str, channel: str) -> None:
    data = only(said(record(**more)), ev.InteractionStarted).data
    assert (data.direction, data.channel) == (direction, channel)


def test_an_unknown_channel_or_version_is_noticed_and_kept() -> None:
    events = said(record(Channel="HOLOGRAM", AWSContactTraceRecordFormatVersion="2031-01-01"))
    notices = {(e.data.kind, e.data.name) for e in events if isinstance(e, ev.SourceNoticed)}
    assert notices == {("unknown_verb", "channel hologram"), ("unknown_version", "2031-01-01")}
    assert only(events, ev.InteractionStarted).data.channel == "hologram"


def test_a_refused_member_is_a_notice_without_its_value() -> None:
    events = said(record(Queue={"Name": "Sales", "EnqueueTimestamp": "call +442079460155 at nine"}))
    assert [event.data.name for event in events] == ["enqueuetimestamp is not a time"]


def test_memory_is_bounded() -> None:
    converter = records(ASKED)
    for number in range(REMEMBERED + 50):
        list(converter.convert(Document(record(ContactId=f"c-{number}", NextContactId=f"n-{number}"))))
        list(converter.convert(Document(record(ContactId=f"d-{number}", PreviousContactId=f"p-{number}"))))
    state = converter.state()
    assert state.count(b'"p-') <= REMEMBERED + 50
    assert b'"p-0"' not in state and b'"c-0"' not in state
    assert f'"p-{REMEMBERED + 49}"'.encode() in state


def event(kind: str, time: str, **detail: Any) -> Document:
    base = {
        "contactId": "c-1",
        "channel": "VOICE",
        "instanceArn": ARN,
        "initiationMethod": "INBOUND",
        "eventType": kind,
    }
    return Document({"id": f"{kind}-{time}", "time": at(time), "detail": base | detail})


def test_an_answer_whose_event_was_lost_is_no_abandon() -> None:
    converter = contact_events(ASKED)
    queue = {"queueArn": f"{ARN}/queue/q-1", "enqueueTimestamp": at("09:00:00")}
    events: list[Any] = list(
        converter.convert(
            event("DISCONNECTED", "09:05:00", queueInfo=queue, agentInfo={"agentArn": f"{ARN}/agent/a-1"})
        )
    )
    assert not any(isinstance(each, ev.InteractionAbandoned | ev.InteractionAnswered) for each in events)
    assert only(events, ev.InteractionEnded).data.segment == "c-1"


def test_an_answer_without_a_name_is_somebodys() -> None:
    converter = contact_events(ASKED)
    queue = {"queueArn": f"{ARN}/queue/q-1", "enqueueTimestamp": at("09:00:00")}
    (queued, answered) = converter.convert(event("CONNECTED_TO_AGENT", "09:00:30", queueInfo=queue))
    assert isinstance(queued, ev.InteractionQueued) and isinstance(answered, ev.InteractionAnswered)
    assert answered.data.agent == "unknown"


def test_a_config_change_is_no_change_of_state() -> None:
    snapshot = {"AgentStatus": {"Name": "Available", "Type": "ROUTABLE"}, "Contacts": []}
    changed = snapshot | {"Configuration": {"RoutingProfile": {"Name": "Other"}}}
    document = {
        "AgentARN": f"{ARN}/agent/a-1", "InstanceARN": ARN, "EventId": "e-1", "EventType": "STATE_CHANGE",
        "EventTimestamp": at("09:00:00"), "PreviousAgentSnapshot": snapshot, "CurrentAgentSnapshot": changed,
    }  # fmt: skip
    assert list(agents(ASKED).convert(Document(document))) == []
    document["CurrentAgentSnapshot"] = {"AgentStatus": {"Name": "Training", "Type": "CUSTOM"}, "Contacts": []}
    (state,) = agents(ASKED).convert(Document(document))
    assert isinstance(state, ev.AgentStateChanged)
    assert (state.data.state, state.data.reason) == ("unavailable", "training")
