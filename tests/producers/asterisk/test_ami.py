"""The recorded dialogue through the adapter and the store: the numbers are those of README.md."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from pipeline.clock import ManualClock
from pipeline.contract.events import Event, encode
from pipeline.errors import CallboardError
from pipeline.producers.adapters import LiveRequest, adapter
from pipeline.producers.adapters.asterisk.ami import AmiConverter
from pipeline.producers.adapters.asterisk.ami_client import AmiReader
from pipeline.producers.adapters.asterisk.ami_wire import CONNECTED, RECEIVED, TICK, Message
from pipeline.producers.door import Door
from pipeline.store.process import FileProcessor
from tests.areas.outbound_events import ask
from tests.producers.asterisk import ami_numbers
from tests.support.ami import SECRET, FakeAsterisk, message, sections

DIALOGUE = Path(__file__).parent / "ami.txt"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DOOR = Door(b"a key of this test" * 2, "GB")


def converter() -> AmiConverter:
    return AmiConverter("acme/pbx", "acme", None, DOOR)


def said_by_reader(event: str, second: float) -> Message:
    return {"Event": event, RECEIVED: f"{START.timestamp() + second:.6f}"}


def dialogue() -> list[Message]:
    """All messages, with what the reader says itself at each connection."""
    found: list[Message] = []
    for name, blocks in sections(DIALOGUE).items():
        if name.startswith("snapshot"):
            found.append(said_by_reader(CONNECTED, int(name.split()[1])))
        found += map(message, blocks)
    return found


def converted(messages: Iterable[Message]) -> list[Event]:
    one = converter()
    return [event for each in messages for event in one.convert(each)]


def stored(folder: Path, *runs: Iterable[Event]) -> Path:
    with FileProcessor(folder, ManualClock(START + timedelta(days=1))) as processor:
        for run in runs:
            assert processor.process(encode(event) for event in run).rejected == 0
    return folder


def test_the_numbers_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    store = stored(tmp_path, converted(dialogue()))
    assert ami_numbers.queues(store) == ami_numbers.QUEUES
    assert ami_numbers.agents(store) == ami_numbers.AGENTS
    assert ami_numbers.notices(store) == ami_numbers.NOTICES
    languages = ask(store, "SELECT DISTINCT language FROM descriptions WHERE language IS NOT NULL ORDER BY 1")
    assert [row["language"] for row in languages] == ["de", "en", "en-GB"]
    told = ask(store, "SELECT wait_ms, ring_ms, talk_ms, outcome FROM reports ORDER BY time LIMIT 2")
    assert [tuple(row.values()) for row in told] == [
        (40_000, 5_000, 60_000, "agentcomplete_caller"),
        (20_000, None, None, "abandon"),
    ]


def test_in_any_order_and_twice_the_store_is_the_same(tmp_path: Path) -> None:
    events = converted(dialogue())
    shuffled = list(events)
    Random(2).shuffle(shuffled)
    store = stored(tmp_path, shuffled, events)
    assert ami_numbers.queues(store) == ami_numbers.QUEUES
    assert ami_numbers.agents(store) == ami_numbers.AGENTS


def test_resumed_after_any_message_it_says_the_same() -> None:
    resumed: list[Event] = []
    state = converter().state()
    for each in dialogue():
        fresh = converter()
        fresh.restore(state)
        resumed += fresh.convert(each)
        state = fresh.state()
    assert resumed == converted(dialogue())


def test_a_call_that_is_known_no_more_is_the_same_segment_by_the_snapshot() -> None:
    """Killed after the events were sent and before they were remembered."""
    messages = dialogue()
    joined = next(n for n, each in enumerate(messages) if each["Event"] == "QueueCallerJoin")
    first = converted(messages[: joined + 1])[-2]
    snapshot = {"Event": "QueueEntry", "Queue": "support", "Uniqueid": messages[joined]["Uniqueid"], "Wait": "3"}
    again = converted([said_by_reader(CONNECTED, 84), {**snapshot, "Timestamp": f"{START.timestamp() + 83.4:.6f}"}])[0]
    assert (first.data.interaction, first.data.segment) == (again.data.interaction, again.data.segment)
    assert first.time <= again.time <= first.time + timedelta(seconds=1)


def test_without_results_of_the_dialplan_a_call_that_left_is_said_to_have_timed_out() -> None:
    kept = [each for each in dialogue() if each["Event"] != "VarSet"]
    left = [event for event in converted(kept) if type(event).__name__ == "InteractionLeftQueue"]
    assert [event.data.reason for event in left] == ["timeout", "timeout"]


def test_a_call_is_said_to_have_left_once_nobody_can_be_about_to_answer_it() -> None:
    one = converter()
    blocks = {each["Event"]: each for each in dialogue() if each["Event"].startswith("QueueCaller")}
    for name, second in (("QueueCallerJoin", 0), ("QueueCallerLeave", 10)):
        times = {"Timestamp": f"{START.timestamp() + second:.6f}", "Uniqueid": "1.1"}
        said = one.convert({**blocks[name], **times})
    assert said == []
    assert one.convert(said_by_reader(TICK, 11)) == []
    (report, left) = one.convert(said_by_reader(TICK, 13))
    assert (report.data.outcome, left.data.reason) == ("left_timeout", "timeout")
    assert left.time == START + timedelta(seconds=10)


def test_no_number_and_no_name_is_in_any_event() -> None:
    said = b"\n".join(map(encode, converted(dialogue()))).decode()
    for canary in ("2079460", "A Caller"):
        assert canary in DIALOGUE.read_text()
        assert canary not in said


def test_without_the_right_to_see_channels_calls_are_left_as_they_were() -> None:
    refusal = {"Response": "Error", "ActionID": "CoreShowChannels", RECEIVED: f"{START.timestamp() + 301:.6f}"}
    kept = [refusal if each["Event"] == "CoreShowChannelsComplete" else each for each in dialogue()]
    names = [event.data.name for event in converted(kept) if type(event).__name__ == "SourceNoticed"]
    assert names.count("no_right_to_see_channels") == 3
    assert "call_ended_unseen" not in names


@pytest.mark.parametrize(
    ("url", "password", "says"),
    [
        ("tcp://{address}", SECRET, "asks who listens"),
        ("http://callboard@{address}", SECRET, "no address of a manager interface"),
        ("tcp://callboard@{address}", "wrong", "refuses the log-in of callboard"),
        ("tcp://callboard@127.0.0.1:1", SECRET, "cannot reach Asterisk at 127.0.0.1:1"),
    ],
)
def test_who_may_not_come_in_is_told_why(url: str, password: str, says: str) -> None:
    live = adapter("ami").live
    assert live is not None
    with FakeAsterisk() as asterisk, pytest.raises(CallboardError, match=says):
        target = url.format(address=f"127.0.0.1:{asterisk.port}")
        user = "callboard" if "@" in target else ""
        live(LiveRequest(target.replace("callboard@", ""), client="acme", username=user, password=password))


def test_a_lost_connection_is_made_anew_and_the_snapshot_asked_for_again() -> None:
    with FakeAsterisk() as asterisk:
        asterisk.snapshot = sections(DIALOGUE)["snapshot 0"]
        reader = AmiReader(LiveRequest(f"tcp://127.0.0.1:{asterisk.port}", username="callboard", password=SECRET))
        try:
            for connection in (1, 2):
                seen: list[str] = []
                while "CoreShowChannelsComplete" not in seen:
                    seen += [each.get("Event", "") for each in reader.poll(0.2)]
                assert seen[0] == CONNECTED
                assert seen.count("QueueMember") == 4
                assert asterisk.log_ins == connection
                asterisk.drop()
        finally:
            reader.close()
