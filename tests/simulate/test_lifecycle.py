"""What happens to a contact and what an agent does obey the rules of the floor, event by event."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from pipeline.contract.events import AGENT_EVENTS, DETAIL_EVENTS, Event, type_name
from pipeline.simulate.manifest import Manifest

Run = tuple[list[Event], Manifest]

#: What may follow what within a segment.
NEXT: dict[str, set[str]] = {
    "": {"queued", "answered"},
    "queued": {"offered", "abandoned", "left_queue"},
    "offered": {"answered", "declined", "abandoned", "left_queue"},
    "declined": {"offered", "abandoned", "left_queue"},
    "answered": {"held", "transferred", "ended"},
    "held": {"resumed", "transferred", "ended"},
    "resumed": {"held", "transferred", "ended"},
    "transferred": {"ended", "wrapped_up"},
    "ended": {"wrapped_up"},
    "abandoned": set(),
    "left_queue": set(),
    "wrapped_up": set(),
}
#: The states from which an agent may come into a state.
STATES: dict[str, set[str]] = {
    "on_contact": {"available"},
    "wrap_up": {"on_contact"},
    "available": {"wrap_up", "break", "unavailable"},
    "break": {"available", "wrap_up", "unavailable"},
    "unavailable": {"available", "wrap_up", "break", "unavailable"},
}
#: The states that an agent with several chats comes out of besides.
BETWEEN_CHATS = {"wrap_up", "on_contact", "available"}


@pytest.fixture(params=["busy_run", "demo_run"])
def events(request: pytest.FixtureRequest) -> list[Event]:
    """Either centre's stream."""
    run: Run = request.getfixturevalue(request.param)
    return run[0]


def kind_of(event: Event) -> str:
    return type_name(type(event)).split(".")[1]


def test_segments_go_only_where_a_segment_can_go(events: list[Event]) -> None:
    state: dict[tuple[str, ...], str] = defaultdict(str)
    alerted: dict[tuple[str, ...], str] = {}
    for event in events:
        data: Any = event.data
        segment = getattr(data, "segment", None)
        if isinstance(event, AGENT_EVENTS + DETAIL_EVENTS) or segment is None:
            continue
        key, kind = (data.client, data.interaction, segment), kind_of(event)
        assert kind in NEXT[state[key]], f"{kind} after {state[key]!r}"
        if data.queue is None and not state[key]:  # given to a supervisor: no queue, and no desk that rang
            assert (kind, data.agent[-5:]) == ("answered", "-lead")
            alerted[key] = data.agent
        else:
            assert state[key] or kind == "queued"
        state[key] = kind
        if kind == "offered":
            alerted[key] = data.agent
        elif data.agent is not None:
            assert data.agent == alerted[key]
    assert len(state) > 200


def test_a_contact_starts_once_and_nothing_but_a_callback_or_wrap_up_follows_its_end(events: list[Event]) -> None:
    started: set[str] = set()
    ended: set[str] = set()
    for event in events:
        if isinstance(event, AGENT_EVENTS):
            continue
        data: Any = event.data
        kind = kind_of(event)
        if isinstance(event, DETAIL_EVENTS):  # what is said besides may come later
            assert data.interaction in started
            if kind == "resolution_changed" and data.status == "reopened":
                ended.discard(data.interaction)
            continue
        if kind == "started":
            assert data.interaction not in started
            started.add(data.interaction)
        assert data.interaction in started
        # The first agent of a transferred contact may still be wrapping up or on the line when the contact is over.
        assert data.interaction not in ended or (kind in {"wrapped_up", "ended"} and data.segment is not None)
        if kind == "ended" and data.segment is None:
            ended.add(data.interaction)
    assert len(ended) > 200


def test_an_agent_has_as_many_contacts_as_slots_and_says_so(events: list[Event]) -> None:
    state: dict[str, str | None] = defaultdict(lambda: None)
    contacts: dict[str, set[tuple[str, str]]] = defaultdict(set)
    answers = 0
    for event in events:
        data: Any = event.data
        kind = kind_of(event)
        agent = getattr(data, "agent", None)
        # Who joins besides, and supervisors, take no contacts from a queue and are in no state.
        if isinstance(event, DETAIL_EVENTS) or (agent or "").endswith("-lead"):
            continue
        if isinstance(event, AGENT_EVENTS):
            came_from = state[agent]
            if kind == "signed_in":
                assert came_from is None
                state[agent] = data.state
            elif kind == "signed_out":
                assert came_from in {"available", "wrap_up", "unavailable", "break"}
                assert not contacts[agent]
                state[agent] = None
            else:
                allowed = STATES[data.state] | (BETWEEN_CHATS if contacts[agent] else set())
                assert came_from in allowed, f"{data.state} after {came_from}"
                # Of several chats one may still be on its way when the others are done.
                assert data.state != "available" or len(contacts[agent]) < 3
                state[agent] = data.state
        elif kind == "offered":
            assert state[agent] == "available" or data.channel == "chat"
            contacts[agent].add((data.interaction, data.segment))
            assert len(contacts[agent]) <= (3 if data.channel == "chat" else 1)
        elif kind == "declined":
            contacts[agent].remove((data.interaction, data.segment))
        elif kind in {"abandoned", "left_queue"}:
            # Given up while a desk was ringing: that agent is free again.
            for theirs in contacts.values():
                theirs.discard((data.interaction, data.segment))
        elif kind == "answered":
            answers += 1
            assert (data.interaction, data.segment) in contacts[agent]
        elif kind in {"held", "resumed", "transferred"}:
            assert state[agent] == "on_contact"
        elif kind == "wrapped_up":
            assert state[agent] == "wrap_up" or data.channel == "chat"
            contacts[agent].remove((data.interaction, data.segment))
    assert answers > 200


def test_nobody_is_served_in_a_closed_queue_and_closing_sends_everyone_away(busy_run: Run) -> None:
    queued_hour: dict[tuple[str, str], int] = {}
    fates: dict[bool, set[str]] = {True: set(), False: set()}
    for event in busy_run[0]:
        data: Any = event.data
        if getattr(data, "queue", None) != "back":
            continue
        key = (data.interaction, data.segment)
        if kind_of(event) == "queued":
            queued_hour[key] = event.time.hour
            continue
        is_open = queued_hour[key] == 8  # when the busy centre's back office is open
        fates[is_open].add(getattr(data, "reason", None) or kind_of(event))
    assert fates[False] == {"closed"}
    assert {"closed", "answered", "abandoned"} < fates[True]
