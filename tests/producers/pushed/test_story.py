"""Stories told from facts in any order: what is said anew, what is said again, and what is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.contract import events as ev
from pipeline.contract.events import Event
from pipeline.producers.adapters.pushed import story as module
from pipeline.producers.adapters.pushed.desk import AGENT_MESSAGE, SNAPSHOT, tell
from pipeline.producers.adapters.pushed.story import Fact, Line, Stories, Story
from pipeline.producers.adapters.speaker import Speaker

BEGAN = datetime(2026, 3, 2, 10, tzinfo=UTC)


def told(contact: str, story: Story) -> tuple[list[Line], datetime | None]:
    return tell("acme", contact, story)


def stories() -> Stories:
    return Stories(Speaker("test", "test"), told)


def snapshot(seconds: float, status: str, **values: str) -> Fact:
    return Fact(BEGAN + timedelta(seconds=seconds), 2, f"{status} {seconds}", SNAPSHOT, {"status": status, **values})


def answer(seconds: float, agent: str = "ann") -> Fact:
    return Fact(BEGAN + timedelta(seconds=seconds), 1, f"answer {seconds}", AGENT_MESSAGE, {"agent": agent})


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__.removeprefix("Interaction") for event in events]


def revisions(events: list[Event]) -> set[int]:
    return {event.data.revision for event in events if hasattr(event.data, "revision")}


def test_only_what_is_new_is_said() -> None:
    told = stories()
    assert kinds(told.add("1", snapshot(0, "open"))) == ["Queued", "Started"]
    assert kinds(told.add("1", answer(30))) == ["Answered"]
    assert kinds(told.add("1", answer(40))) == []
    assert kinds(told.add("1", snapshot(60, "resolved"))) == ["Ended", "ResolutionChanged"]


def test_what_comes_late_and_only_adds_is_no_revision() -> None:
    told = stories()
    told.add("1", snapshot(0, "open"))
    told.add("1", snapshot(60, "open", assignee="ann"))
    late = told.add("1", snapshot(30, "open", assignee="bob"))
    assert kinds(late) == ["Offered"]
    assert revisions(late) == {0}


def test_what_is_no_longer_so_is_said_anew_as_the_next_revision() -> None:
    told = stories()
    told.add("1", snapshot(0, "open"))
    closed = told.add("1", snapshot(60, "resolved"))
    assert "LeftQueue" in kinds(closed)
    anew = told.add("1", answer(30))
    assert kinds(anew) == ["Queued", "Answered", "Ended"]
    assert revisions(anew) == {1}
    earlier = told.add("1", answer(20, "bob"))
    assert [event.data.agent for event in earlier if isinstance(event, ev.InteractionAnswered)] == ["bob"]
    assert revisions(earlier) == {2}


def test_a_repeated_fact_and_a_restart_say_the_whole_story_as_the_same_events() -> None:
    told = stories()
    facts = [snapshot(0, "open"), snapshot(60, "resolved"), answer(30)]
    said = {event.id for fact in facts for event in told.add("1", fact)}
    again = told.add("1", answer(30))
    assert len(again) == 5
    assert {event.id for event in again} <= said
    after = stories()
    after.restore(told.state())
    assert {event.id for event in after.add("1", facts[0])} == {event.id for event in again}
    assert after.state() == told.state()


def test_a_revision_is_remembered_over_a_restart() -> None:
    """Events of the revision before would count no more: a restart must not fall back to it."""
    before = stories()
    for fact in (snapshot(0, "open"), snapshot(60, "resolved"), answer(30)):
        before.add("1", fact)
    after = stories()
    after.restore(before.state())
    assert revisions([e for e in after.add("1", answer(35)) if getattr(e.data, "segment", None) == "1"]) == {1}


def test_what_is_over_for_an_hour_is_forgotten_but_not_how_far_it_went() -> None:
    told = stories()
    for fact in (snapshot(0, "open"), answer(30), snapshot(60, "resolved")):
        told.add("1", fact)
    told.add("2", snapshot(3600 + 61, "open"))
    assert told.facts_of("1") == []
    # What was told comes again, an hour late: it is not told as something new.
    assert told.add("1", snapshot(0, "open")) == []
    assert told.add("1", answer(30)) == []
    reopened = told.add("1", snapshot(7200, "open"))
    assert kinds(reopened) == ["Queued", "ResolutionChanged"]
    assert {event.data.segment for event in reopened if isinstance(event, ev.InteractionQueued)} == {"2"}
    assert told.add("1", snapshot(0, "open")) == []
    restarted = stories()
    restarted.restore(told.state())
    assert kinds(restarted.add("1", answer(7230))) == ["Queued", "ResolutionChanged", "Answered"]


def test_memory_is_bounded(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(module, "MOST_STORIES", 10)
    monkeypatch.setattr(module, "MOST_ENDED", 20)
    told = stories()
    sizes = []
    for number in range(200):
        told.add(str(number), snapshot(number, "open"))
        sizes.append(len(told.state()))
    assert max(sizes[40:]) <= max(sizes[:40]) + 200


def test_a_contact_of_very_many_facts_is_told_from_those_that_matter() -> None:
    told = stories()
    told.add("1", snapshot(0, "open"))
    said = [event for number in range(1, 1000) for event in told.add("1", answer(float(number)))]
    assert kinds(said) == ["Answered"]
    assert len(told.facts_of("1")) <= module.MOST_FACTS
    assert kinds(told.add("1", snapshot(2000, "resolved"))) == ["Ended", "ResolutionChanged"]
    assert len(told.add("1", snapshot(2000, "resolved"))) == 5


def test_a_line_that_the_contract_refuses_is_noticed_and_the_others_are_said() -> None:
    events = stories().add("1", snapshot(0, "open", inbox="a\nname of two lines"))
    assert kinds(events) == ["SourceNoticed", "Started"]
    assert events[0].data.name == "InteractionQueued"


def test_what_did_not_go_out_is_told_with_the_next_fact() -> None:
    told = stories()
    told.add("1", snapshot(0, "open"))
    told.unsay(["1"])
    assert kinds(told.add("1", answer(30))) == ["Queued", "Started", "Answered"]
