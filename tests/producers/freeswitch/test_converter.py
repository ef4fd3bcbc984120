"""What the converter makes of single cases: answers taken back, streams joined in the middle, words nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.contract.events import Event
from pipeline.producers.adapters.freeswitch.converter import FreeSwitchConverter
from pipeline.producers.adapters.freeswitch.names import Names
from pipeline.producers.door import Door
from tests.support.freeswitch import Caller, Switch
from tests.support.recorded import read

QUEUE = "support@acme.example"
AGENT = "1001@acme.example"
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TAKEN_BACK = Path(__file__).parent / "taken_back.txt"


def convert(*records: dict[str, str], client: str | None = None) -> list[Event]:
    converter = FreeSwitchConverter(Names(client), Door(None))
    return [event for record in records for event in converter.convert(record)]


def told(events: list[Event]) -> list[tuple[str, str | None]]:
    return [(type(event).__name__, getattr(event.data, "state", None)) for event in events]


def test_an_answer_that_is_taken_back() -> None:
    events = list(read("freeswitch", TAKEN_BACK).events)
    last = [event for event in events if getattr(event.data, "revision", 0) == 1]
    assert [type(event).__name__ for event in last] == [
        "InteractionQueued",
        "InteractionOffered",
        "InteractionAbandoned",
    ]
    queued, _, abandoned = last
    assert (abandoned.time - queued.time).total_seconds() == 10.2
    assert len({event.id for event in events}) == len(events), "said anew is said under other ids"
    again = list(read("freeswitch", TAKEN_BACK).events)
    assert [event.id for event in again] == [event.id for event in events]


def test_a_call_that_was_answered_before_anybody_listened() -> None:
    caller = Caller(Switch(), 1, QUEUE, NINE)
    caller.offered(2, AGENT)
    caller.answered(7, AGENT)
    events = convert(caller.bridge_ends(30, AGENT), caller.terminated(30, AGENT))
    assert [(type(event).__name__, event.time) for event in events[:3]] == [
        ("InteractionQueued", NINE),
        ("InteractionAnswered", caller.at(7)),
        ("InteractionEnded", caller.at(30)),
    ]


def test_a_hold_counts_for_the_agents_channel_only() -> None:
    switch = Switch()
    caller = Caller(switch, 1, QUEUE, NINE)
    before = [caller.joins(), caller.answered(5, AGENT)]
    other = switch.event("CHANNEL_HOLD", caller.at(6), Unique_ID=caller.session)
    events = convert(*before, other, caller.hold(7), caller.hold(8), caller.hold(9, on=False))
    assert [type(event).__name__ for event in events[2:]] == ["InteractionHeld", "InteractionResumed"]


def test_the_axes_of_an_agent() -> None:
    switch = Switch()
    steps = [
        switch.agent(AGENT, NINE, state="Waiting"),  # too little is known: it may be a break
        switch.agent(AGENT, NINE, status="Logged Out"),
        switch.agent(AGENT, NINE, status="Available (On Demand)"),
        switch.agent(AGENT, NINE, state="Receiving"),
        switch.agent(AGENT, NINE, state="In a queue call"),
        switch.agent(AGENT, NINE, status="Logged Out"),  # goes home, but the call goes on
        switch.agent(AGENT, NINE, state="Idle"),
        switch.agent(AGENT, NINE, status="Available (On Demand)"),
        switch.agent(AGENT, NINE, state="Waiting"),
    ]
    assert told(convert(*steps)) == [
        ("AgentSignedIn", "available"),
        ("AgentStateChanged", "available"),
        ("AgentStateChanged", "on_contact"),
        ("AgentStateChanged", "on_contact"),
        ("AgentSignedOut", None),
        ("AgentSignedIn", "unavailable"),
        ("AgentStateChanged", "available"),
    ]


@pytest.mark.parametrize(
    ("name", "client", "expected"),
    [
        ("support@acme.example", None, ("acme.example", "support")),
        ("support", None, ("default", "support")),
        ("support@acme.example", "zeta", ("zeta", "support@acme.example")),
    ],
)
def test_whose_queue_it_is(name: str, client: str | None, expected: tuple[str, str]) -> None:
    assert Names(client).queue(name) == expected


def test_an_agent_of_another_domain_keeps_it() -> None:
    assert Names().agent_of("acme.example", "1001@acme.example") == "1001"
    assert Names().agent_of("acme.example", "1001@zeta.example") == "1001@zeta.example"


def test_words_nobody_knows_are_noticed_and_hold_no_number() -> None:
    switch = Switch()
    events = convert(
        switch.callcenter("transfer +44 20 7946 0001", NINE, CC_Queue=QUEUE),
        switch.agent(AGENT, NINE, status="On Holiday"),
        switch.event("BACKGROUND_JOB", NINE),
        {"Event-Name": "CUSTOM", "Event-Subclass": "callcenter::info", "CC-Action": "agent-offering"},
        switch.callcenter("agent-offering", NINE, CC_Agent=AGENT),
    )
    found = [(event.data.kind, event.data.name) for event in events]  # type: ignore[union-attr]
    assert found == [
        ("unknown_verb", "hidden"),
        ("unknown_verb", "on_holiday"),
        ("unknown_verb", "background_job"),
        ("unreadable", "time"),
        ("unreadable", "agent_offering"),
    ]


def test_what_is_over_is_forgotten() -> None:
    converter = FreeSwitchConverter(Names(), Door(None))
    switch = Switch()
    for number in range(50):
        caller = Caller(switch, number, QUEUE, NINE.replace(minute=number))
        for record in (caller.joins(), caller.cancelled(5, "BREAK_OUT")):
            list(converter.convert(record))
    assert len(converter.state()) < 5_000
