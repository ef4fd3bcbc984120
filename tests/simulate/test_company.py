"""Those who are on the line besides a segment's agent, and contacts that agents pass on: event by event."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from pipeline.contract.events import (
    Event,
    InteractionAnswered,
    InteractionEnded,
    InteractionHeld,
    InteractionParticipated,
    InteractionQueued,
    InteractionResumed,
    InteractionTransferred,
)
from pipeline.simulate.manifest import Manifest

Run = tuple[list[Event], Manifest]
SUPERVISING = ("monitor", "coach", "barge")


def total(manifest: Manifest, name: str) -> int:
    return sum(line.counts[name] for line in manifest.lines.values())


def segment_of(event: Event) -> tuple[str, str]:
    data: Any = event.data
    return data.interaction, data.segment


@pytest.fixture
def by_segment(busy_run: Run) -> dict[tuple[str, str], list[Event]]:
    """The events of each segment, in order."""
    found: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in busy_run[0]:
        if getattr(event.data, "segment", None) is not None:
            found[segment_of(event)].append(event)
    return found


def test_whoever_joins_leaves_and_the_truth_counts_both(busy_run: Run) -> None:
    events, manifest = busy_run
    there: set[tuple[str, str, str, str]] = set()
    joined, left = Counter[str](), 0
    for event in events:
        if not isinstance(event, InteractionParticipated):
            continue
        key = (*segment_of(event), event.data.agent, event.data.role)
        if event.data.change == "joined":
            assert key not in there
            there.add(key)
            joined[event.data.role] += 1
        else:
            there.remove(key)
            left += 1
    assert {role: total(manifest, f"joined.{role}") for role in joined} == joined
    assert total(manifest, "parted") == left
    assert set(joined) == {*SUPERVISING, "consult", "conference"}
    # Only those of conversations that go on when the run ends are there still.
    assert len(there) < 5


def test_who_may_join_in_which_role(busy_run: Run, by_segment: dict[tuple[str, str], list[Event]]) -> None:
    agents: dict[str, set[str]] = defaultdict(set)
    for event in busy_run[0]:
        if isinstance(event, InteractionAnswered):
            agents[event.data.interaction].add(event.data.agent or "")
    kinds: set[str] = set()
    for events in by_segment.values():
        answered = [event.data.agent for event in events if isinstance(event, InteractionAnswered)]
        for event in events:
            if not isinstance(event, InteractionParticipated):
                continue
            role, who = event.data.role, event.data.agent
            assert answered and who not in answered, "nobody joins a segment of his own, or one that nobody answered"
            group = answered[0].rsplit("-", 1)[0]
            if role in SUPERVISING:
                assert who == f"{group}-lead"
            elif who == f"{group}-specialist":
                kinds.add(role)
            else:  # whoever has passed the contact on and stays with it
                assert role == "conference"
                assert who in agents[event.data.interaction]
                kinds.add("stayed")
    assert kinds == {"consult", "conference", "stayed"}


def test_a_consult_is_between_hold_and_resume(by_segment: dict[tuple[str, str], list[Event]]) -> None:
    consults = 0
    for events in by_segment.values():
        on_hold = False
        for event in events:
            if isinstance(event, InteractionHeld):
                on_hold = True
            elif isinstance(event, InteractionResumed | InteractionEnded):
                on_hold = False
            elif isinstance(event, InteractionParticipated) and event.data.role == "consult":
                assert on_hold, "the customer does not hear what the specialist says"
                consults += event.data.change == "joined"
    assert consults > 10


def test_in_a_conference_three_are_on_the_line(by_segment: dict[tuple[str, str], list[Event]]) -> None:
    conferences = 0
    for (interaction, segment), events in by_segment.items():
        passed = [event for event in events if isinstance(event, InteractionTransferred)]
        if not passed or passed[0].data.kind != "conference":
            continue
        first, onward = passed[0].data.agent, by_segment[interaction, str(int(segment) + 1)]
        assert isinstance(onward[0], InteractionQueued)
        assert onward[0].data.queue == passed[0].data.to_queue
        stays = [e for e in onward if isinstance(e, InteractionParticipated) and e.data.agent == first]
        own_end = [event.time for event in events if isinstance(event, InteractionEnded)]
        if len(stays) != 2 or not own_end:
            continue  # nobody answered in time, the customer was gone, or the run ended
        conferences += 1
        (answered,) = (event.time for event in onward if isinstance(event, InteractionAnswered))
        assert answered == stays[0].time <= stays[1].time == own_end[0]
        over = [event.time for event in onward if isinstance(event, InteractionEnded)]
        assert not over or stays[1].time <= over[0]
    assert conferences > 3


def test_a_supervisor_has_one_contact_at_once_and_no_queue_has_it(
    busy_run: Run, by_segment: dict[tuple[str, str], list[Event]]
) -> None:
    events, manifest = busy_run
    busy: set[str] = set()
    taken = 0
    for event in events:
        agent = getattr(event.data, "agent", None) or ""
        if not agent.endswith("-lead") or getattr(event.data, "queue", None) is not None:
            continue
        if isinstance(event, InteractionAnswered):
            assert agent not in busy
            busy.add(agent)
            taken += 1
            interaction, segment = segment_of(event)
            before = by_segment[interaction, str(int(segment) - 1)]
            (passed,) = (each for each in before if isinstance(each, InteractionTransferred))
            assert (passed.data.to_agent, passed.data.to_queue, passed.time) == (agent, None, event.time)
        elif isinstance(event, InteractionEnded):
            busy.remove(agent)
    assert taken == total(manifest, "transfers.warm.to_agent") > 3


def test_a_queue_is_entered_again(busy_run: Run) -> None:
    events, manifest = busy_run
    been: set[tuple[str, str | None]] = set()
    again = 0
    for event in events:
        if isinstance(event, InteractionQueued):
            place = (event.data.interaction, event.data.queue)
            again += place in been
            been.add(place)
    assert again == total(manifest, "reentries") > 10
