"""The reader of a running FreeSWITCH against a real socket: log-in, gaps, and what is made good after them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.producers.adapters import Live, LiveRequest, adapter
from tests.support.event_socket import PASSWORD, FakeEventSocket, agent, member
from tests.support.freeswitch import Caller, Switch, epoch
from tests.support.ports import free_port

QUEUE = "support@acme.example"
AGENT = "1001@acme.example"
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def freeswitch() -> Iterator[FakeEventSocket]:
    with FakeEventSocket() as running:
        yield running


def connect(url: str, password: str = PASSWORD, state: bytes | None = None, **options: Any) -> Live:
    opener = adapter("freeswitch").live
    assert opener is not None
    live = opener(LiveRequest(url, password=password, **options))
    if state is not None:
        live.converter.restore(state)
    return live


def drain(live: Live, polls: int = 6) -> list[Event]:
    return [event for _ in range(polls) for record in live.reader.poll(0.1) for event in live.converter.convert(record)]


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__.removeprefix("Interaction") for event in events]


def test_a_call_over_the_socket(freeswitch: FakeEventSocket) -> None:
    freeswitch.agents = [agent(AGENT, "Available", "Waiting")]
    live = connect(freeswitch.url)
    assert kinds(drain(live, 1)) == ["AgentStateChanged"]
    caller = Caller(Switch(), 1, QUEUE, NINE)
    freeswitch.send(caller.joins(), caller.offered(2, AGENT), caller.answered(5, AGENT), caller.hold(9))
    freeswitch.send(caller.hold(11, on=False), caller.bridge_ends(30, AGENT), caller.terminated(30, AGENT))
    assert kinds(drain(live)) == ["Queued", "Offered", "Answered", "Held", "Resumed", "Ended", "Reported"]
    live.reader.close()


def test_a_user_with_a_name(freeswitch: FakeEventSocket) -> None:
    live = connect(freeswitch.url, username="callboard")
    assert drain(live, 1) == []
    live.reader.close()


def test_what_waiting_does_not_help_is_said_in_a_line(freeswitch: FakeEventSocket) -> None:
    with pytest.raises(CallboardError, match="refuses the password") as refused:
        connect(freeswitch.url, password="not-the-one").reader.poll(0.1)  # noqa: S106
    assert "not-the-one" not in str(refused.value)
    with pytest.raises(CallboardError, match=r"no FreeSWITCH answers at 127\.0\.0\.1"):
        connect(f"tcp://127.0.0.1:{free_port()}").reader.poll(0.1)
    with pytest.raises(CallboardError, match="give the event socket as tcp://host:8021"):
        connect("http://127.0.0.1")
    freeswitch.refuses_address = True
    with pytest.raises(CallboardError, match="apply-inbound-acl"):
        connect(freeswitch.url).reader.poll(0.1)


def test_what_happened_while_the_connection_was_away(freeswitch: FakeEventSocket) -> None:
    """Four callers are waiting when the connection drops; when it is back, the tables tell what became of three."""
    live = connect(freeswitch.url)
    drain(live, 1)
    switch = Switch()
    waits, answered, gave_up, vanished, came = (Caller(switch, number, QUEUE, NINE) for number in range(1, 6))
    freeswitch.send(*(caller.joins() for caller in (waits, answered, gave_up, vanished)))
    assert kinds(drain(live)) == ["Queued"] * 4
    freeswitch.members = [
        member(waits.member, waits.session, QUEUE, epoch(NINE)),
        member(answered.member, answered.session, QUEUE, epoch(NINE), "Answered", bridge_epoch=epoch(answered.at(20)),
               serving_agent=AGENT),
        member(gave_up.member, "", QUEUE, epoch(NINE), "Abandoned", abandoned_epoch=epoch(gave_up.at(15))),
        member(came.member, came.session, QUEUE, epoch(came.at(25))),
    ]  # fmt: skip
    freeswitch.agents = [agent(AGENT, "Available", "In a queue call", answered.agent_channel)]
    freeswitch.drop()
    events = drain(live, 30)
    found = [(type(e).__name__, getattr(e.data, "segment", None) or getattr(e.data, "name", None)) for e in events]
    assert found == [
        ("SourceNoticed", "connection_lost"),
        ("SourceNoticed", "ended_unseen"),
        ("InteractionAnswered", answered.member),
        ("InteractionAbandoned", gave_up.member),
        ("InteractionQueued", came.member),
        ("AgentStateChanged", None),
    ]
    by_kind = {type(event).__name__: event for event in events}
    assert by_kind["InteractionAnswered"].time == answered.at(20)
    assert by_kind["InteractionAbandoned"].time == gave_up.at(15)
    assert by_kind["InteractionQueued"].time == came.at(25)
    assert events[0].data.lost_from == NINE  # type: ignore[union-attr]
    # The answered call's channel is known from the agents' table, so its holds count.
    freeswitch.send(answered.hold(30), answered.bridge_ends(40, AGENT), answered.terminated(40, AGENT))
    assert kinds(drain(live)) == ["Held", "Ended", "Reported"]
    live.reader.close()


def test_a_caller_who_gave_up_and_came_back_while_the_connection_was_away(freeswitch: FakeEventSocket) -> None:
    live = connect(freeswitch.url)
    drain(live, 1)
    caller = Caller(Switch(), 1, QUEUE, NINE)
    freeswitch.send(caller.joins())
    drain(live)
    times = {"abandoned_epoch": epoch(caller.at(10)), "rejoined_epoch": epoch(caller.at(40))}
    freeswitch.members = [member(caller.member, "another-channel", QUEUE, epoch(NINE), **times)]
    freeswitch.drop()
    events = drain(live, 30)
    assert kinds(events) == ["SourceNoticed", "Abandoned", "Queued"]
    assert [event.time for event in events[1:]] == [caller.at(10), caller.at(40)]
    freeswitch.drop()
    assert kinds(drain(live, 30)) == ["SourceNoticed"], "the same tables once more say nothing new"
    live.reader.close()


def test_a_restart_of_the_listener_says_nothing_twice(freeswitch: FakeEventSocket) -> None:
    first = connect(freeswitch.url)
    caller = Caller(Switch(), 1, QUEUE, NINE)
    drain(first, 1)
    freeswitch.send(caller.joins())
    assert kinds(drain(first)) == ["Queued"]
    state = first.converter.state()
    first.reader.close()
    freeswitch.members = [member(caller.member, caller.session, QUEUE, epoch(NINE))]
    second = connect(freeswitch.url, state=state)
    assert kinds(drain(second, 1)) == ["SourceNoticed"]
    freeswitch.send(caller.answered(5, AGENT))
    assert kinds(drain(second)) == ["Answered"]
    second.reader.close()


def test_a_restart_of_freeswitch_ends_its_calls_at_an_unknown_time(freeswitch: FakeEventSocket) -> None:
    live = connect(freeswitch.url)
    drain(live, 1)
    freeswitch.send(Caller(Switch(), 1, QUEUE, NINE).joins())
    drain(live)
    freeswitch.core = "6f1e0d52-1111-4000-8000-000000000002"
    freeswitch.drop()
    found = [(event.data.name, event.data.count) for event in drain(live, 30)]  # type: ignore[union-attr]
    assert found == [("restarted", 1), ("ended_unseen", 1)]
    live.reader.close()


def test_a_freeswitch_that_is_away_for_a_while(freeswitch: FakeEventSocket) -> None:
    live = connect(freeswitch.url)
    drain(live, 1)
    caller = Caller(Switch(), 1, QUEUE, NINE)
    freeswitch.send(caller.joins())
    assert kinds(drain(live)) == ["Queued"]
    freeswitch.stop()
    assert drain(live, 3) == []
    with FakeEventSocket(port=freeswitch.port) as again:
        again.members = [member(caller.member, caller.session, QUEUE, epoch(NINE))]
        assert kinds(drain(live, 40)) == ["SourceNoticed"]
    live.reader.close()
