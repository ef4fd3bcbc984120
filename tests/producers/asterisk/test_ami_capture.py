"""A captured stream of the manager interface says what the running system said; what is no message stops nothing."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from pipeline.contract.events import Event, InteractionQueued, SourceNoticed
from pipeline.errors import CallboardError
from pipeline.producers.adapters import AdapterRequest, LiveRequest, Reading, adapter
from pipeline.producers.adapters.asterisk.ami_capture import AmiCapture
from pipeline.producers.adapters.asterisk.ami_parts import WITH_A_TIME, Part, parts
from pipeline.producers.door import Door
from pipeline.producers.growing_file import Gap
from tests.e2e.command import callboard
from tests.producers.asterisk import ami_numbers
from tests.producers.asterisk.test_ami import DIALOGUE, DOOR, START, converted, dialogue, stored
from tests.support.ami import RECORDED_AT, captured

STREAM = captured(DIALOGUE)
SECRET = "a word that only the PBX knows"  # noqa: S105  of nobody


def read(folder: Path, text: str | bytes, name: str = "capture.txt") -> tuple[list[Event], Reading]:
    """What a file with this text says."""
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return of(file)


def of(file: Path) -> tuple[list[Event], Reading]:
    whole = adapter("ami").read
    assert whole is not None
    reading = whole(AdapterRequest(file, START + timedelta(days=1), client="acme", source="acme/pbx", door=DOOR))
    events = list(reading.events)
    assert reading.rows == len(reading.problems) + sum(reading.read_as.values())
    return events, reading


def noticed(events: list[Event]) -> list[tuple[str, str, int]]:
    return [(each.data.kind, each.data.name, each.data.count) for each in events if isinstance(each, SourceNoticed)]


def blocks(*messages: str) -> str:
    """Messages, each of fields with a comma between them."""
    return "".join("\n".join(each.split(", ")) + "\n\n" for each in messages)


def at(second: int) -> str:
    return f"Timestamp: {RECORDED_AT + second}.000000"


def join(call: str, second: int, name: str = "") -> str:
    ids = f"Uniqueid: {call}, Linkedid: {call}"
    return f"Event: QueueCallerJoin, {at(second)}, CallerIDName: {name}, Queue: support, {ids}"


def cut(text: str) -> list[str]:
    """The pieces of a stream, and its rest."""
    found, end = [], 0
    for each in WITH_A_TIME.end.finditer(text.encode()):
        found.append(text.encode()[end : each.end()].decode())
        end = each.end()
    return [*found, text.encode()[end:].decode()]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_the_numbers_are_those_worked_out_by_hand(tmp_path: Path, end: str) -> None:
    events, reading = read(tmp_path, captured(DIALOGUE, end))
    store = stored(tmp_path / "store", events)
    assert ami_numbers.queues(store) == ami_numbers.QUEUES
    assert ami_numbers.agents(store) == ami_numbers.AGENTS
    assert ami_numbers.notices(store) == ami_numbers.NOTICES
    assert not reading.problems
    assert set(reading.read_as) == {"answers", "about calls", "about agents", "not for events", "unknown"}


def test_it_says_the_very_events_that_the_running_system_says(tmp_path: Path) -> None:
    assert read(tmp_path, STREAM)[0] == converted(dialogue())


def test_resumed_after_any_piece_it_says_the_same() -> None:
    resumed: list[Event] = []
    state = AmiCapture("acme/pbx", "acme", None, DOOR).state()
    for each in cut(STREAM):
        fresh = AmiCapture("acme/pbx", "acme", None, DOOR)
        fresh.restore(state)
        resumed += fresh.convert(each)
        state = fresh.state()
    assert resumed == converted(dialogue())
    with pytest.raises(msgspec.MsgspecError):
        fresh.restore(b'{"calls":{}}')


@pytest.mark.parametrize("step", [700, 10_001])
def test_a_file_that_grows_by_any_bytes_is_followed_over_restarts(tmp_path: Path, step: int) -> None:
    file, said = tmp_path / "capture.txt", list[Event]()
    stream, position, state = STREAM.encode(), None, None
    file.touch()
    for end in range(step, len(stream) + step, step):
        file.write_bytes(stream[:end])
        follow = adapter("ami").live
        assert follow is not None
        live = follow(LiveRequest(str(file), client="acme", source="acme/pbx", door=DOOR, position=position))
        if state is not None:
            live.converter.restore(state)
        while found := live.reader.poll(0):
            said += [event for record in found for event in live.converter.convert(record)]
        position, state = live.reader.position(), live.converter.state()
        live.reader.close()
        assert b"2079460" not in position + state
    assert said == converted(dialogue())


def test_a_compressed_file_and_standard_input_are_read_as_the_file_is(tmp_path: Path) -> None:
    whole = read(tmp_path, STREAM)[0]
    assert read(tmp_path, gzip.compress(STREAM.encode()), "capture.gz")[0] == whole
    packed = callboard("publish", "ami", "capture.gz", "--client", "acme", "--to", "-", cwd=tmp_path)
    piped = callboard("publish", "ami", "-", "--client", "acme", "--to", "-", cwd=tmp_path, stdin=STREAM.encode())
    assert (packed.returncode, packed.stdout) == (piped.returncode, piped.stdout)
    assert piped.returncode == 0, piped.stderr
    assert len(piped.stdout.splitlines()) > 50


def test_half_a_message_at_the_end_is_not_believed(tmp_path: Path) -> None:
    whole, half = (
        blocks(join("1.1", 1)),
        f"Event: QueueCallerAbandon\n{at(9)}\nUniqueid: 1.1\nQueue: support\nHoldTime: 1",
    )
    events, reading = read(tmp_path, whole + half)
    assert noticed(events) == [("unreadable", "cut_off", 1)]
    assert events[-1].time == START + timedelta(seconds=1)
    assert [str(each) for each in reading.problems] == [
        "line 8: cut off: the empty line that ends a message is missing"
    ]
    assert [type(each).__name__ for each in events] == ["InteractionQueued", "SourceNoticed"]


def test_a_connection_that_is_lost_within_a_line_begins_anew() -> None:
    lost = "Event: AgentComplete\r\nUniqueid: 1.1\r\nTalkTi"
    found = list(parts(f"{lost}Asterisk Call Manager/9.0.0\r\nResponse: Success\r\nMessage: Hello\r\n\r\n"))
    assert [(each.kind, each.line) for each in found] == [("cut_off", 0), ("connected", 2), ("message", 3)]
    assert list(parts("Event: A\nAsterisk Call Manager/2.10.6\n")) == [
        Part("cut_off", 0, ("Event: A",)),
        Part("connected", 1),
    ]


def test_a_caller_who_is_named_like_a_connection_makes_none(tmp_path: Path) -> None:
    events, reading = read(tmp_path, blocks(join("1.1", 1, "Asterisk Call Manager/9.0.0")))
    assert [type(each).__name__ for each in events] == ["InteractionQueued"]
    assert not reading.problems


def test_what_is_no_message_is_counted_and_told_by_its_line(tmp_path: Path) -> None:
    text = blocks(join("1.1", 1)) + "bash: no such file\n\n" + blocks(f"{join('1.2', 2)}, Ncat: 1, and a word")
    events, reading = read(tmp_path, text + "\ufffd\0\n\n")
    assert [(each.line, each.what) for each in reading.problems] == [
        (8, "no message of the manager interface"),
        (17, "a line of a message that is no field"),
        (19, "no message of the manager interface"),
    ]
    assert sum(isinstance(each, InteractionQueued) for each in events) == 2
    assert sorted(noticed(events)) == [
        ("unreadable", "line", 1),
        ("unreadable", "no_message", 1),
        ("unreadable", "no_message", 1),
    ]


def test_without_timestamps_nothing_is_said_and_it_is_told_what_to_switch_on(tmp_path: Path) -> None:
    text = "\n".join(line for line in STREAM.splitlines() if not line.startswith("Timestamp"))
    events, reading = read(tmp_path, text + "\n")
    assert events == []
    assert "timestampevents = yes" in str(reading.problems[0])
    assert {each.what for each in reading.problems} == {
        "it has no Timestamp: set timestampevents = yes in manager.conf"
    }


def test_how_long_somebody_waited_is_not_guessed_from_a_list_without_a_time(tmp_path: Path) -> None:
    """Half a minute passes between the list and the next message: by that time the wait would be wrong by as much."""
    call = "Queue: support, Uniqueid: 1.1, Linkedid: 1.1"
    entry = f"Event: QueueEntry, {call}, Wait: 20"
    ping = "Response: Success, Ping: Pong, Timestamp: {}.500000"
    answered = f"Event: AgentConnect, {at(40)}, {call}, MemberName: 201, HoldTime: 50"
    pinged = [ping.format(RECORDED_AT + 9), entry, ping.format(RECORDED_AT + 9)]
    queued_at = {}
    for name, messages in {"alone": [entry], "pinged": pinged, "long ago": [ping.format(RECORDED_AT), entry]}.items():
        events, reading = read(tmp_path, "Asterisk Call Manager/9.0.0\n" + blocks(*messages, answered))
        queued_at[name] = next(each.time for each in events if isinstance(each, InteractionQueued))
        told = [each.what for each in reading.problems]
        assert ("send Action: Ping before and after QueueStatus" in "".join(told)) == (name != "pinged")
    # By the list and the Ping within a second; else by what AgentConnect says of the wait.
    by_connect = START + timedelta(seconds=40 - 50)
    assert queued_at == {"alone": by_connect, "pinged": START + timedelta(seconds=9.5 - 20), "long ago": by_connect}


def test_what_was_sent_to_asterisk_is_not_looked_at(tmp_path: Path) -> None:
    log_in = f"Action: Login, Username: callboard, Secret: {SECRET}"
    events, reading = read(tmp_path, blocks(log_in, join("1.1", 1)))
    assert reading.read_as == {"actions": 1, "about calls": 1}
    assert SECRET not in repr(events) + repr(reading)


def test_a_file_that_was_cut_is_a_gap() -> None:
    capture = AmiCapture(None, "acme", None, Door(None))
    capture.convert(blocks(join("1.1", 1)))
    assert capture.convert(Gap("file_cut")) == []
    assert noticed(capture.convert(blocks(join("1.2", 5)))) == [("gap", "file_cut", 1)]


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CallboardError, match="there is no such file"):
        of(tmp_path / "missing")
    (tmp_path / "torn.gz").write_bytes(gzip.compress(STREAM.encode())[:-20])
    with pytest.raises(CallboardError, match=r"cannot read .*torn\.gz"):
        of(tmp_path / "torn.gz")


def test_an_hour_of_messages_is_read_in_seconds(tmp_path: Path) -> None:
    """And the time does not grow with the square of their number: pieces are not looked at twice."""
    text = "".join(blocks(join(f"{n}.1", n)) for n in range(20_000))
    began = datetime.now(UTC)
    events, _ = read(tmp_path, text)
    assert sum(isinstance(each, InteractionQueued) for each in events) == 20_000
    assert datetime.now(UTC) - began < timedelta(seconds=30)
