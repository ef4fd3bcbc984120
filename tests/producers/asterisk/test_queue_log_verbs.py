"""Each verb of the queue log, in each dialect, into events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.centre.model import Centre
from pipeline.centre.parse import read_centre
from pipeline.contract.events import Event, encode, type_name
from pipeline.errors import CallboardError
from pipeline.producers.adapters.asterisk.queue_log import QueueLogConverter
from pipeline.producers.door import Door
from pipeline.producers.growing_file import Gap

START = 1772442000
ENTER = "0|c|q|NONE|ENTERQUEUE||2001|1"
CONNECT = "10|c|q|SIP/1|CONNECT|10|c2|4"
TALKING = (ENTER, CONNECT)


def converter(client: str | None = "acme", centre: Centre | None = None, key: bytes | None = None) -> QueueLogConverter:
    return QueueLogConverter(None, client, centre, Door(key, "US"))


def events(*lines: str, one: QueueLogConverter | None = None) -> list[Event]:
    """Of lines whose times are seconds after the start."""
    one = one or converter()
    found: list[Event] = []
    for line in lines:
        seconds, _, rest = line.partition("|")
        found += one.convert(f"{START + int(seconds)}|{rest}")
    return found


def told(*lines: str, one: QueueLogConverter | None = None) -> list[tuple[Any, ...]]:
    """The events of the last line: type, seconds after the start, and what they say besides the call and the queue."""
    one = one or converter()
    events(*lines[:-1], one=one)
    return [brief(event) for event in events(lines[-1], one=one)]


def brief(event: Event) -> tuple[Any, ...]:
    usual = ("client", "interaction", "segment", "channel", "direction", "queue", "adapter", "revision")
    named = {n: getattr(event.data, n) for n in event.data.__struct_fields__ if n not in usual}
    kind = type_name(type(event)).split(".")[1]
    after = (event.time - datetime.fromtimestamp(START, UTC)).total_seconds()
    return kind, after, {name: value for name, value in named.items() if value not in {None, ()}}


def reported(**members: Any) -> tuple[str, dict[str, Any]]:
    return "reported", members


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            (*TALKING, "70|c|q|SIP/1|TRANSFER|2001|internal|10|60|1"),
            ["reported", ("transferred", 70, {"agent": "SIP/1", "kind": "cold"})],
            id="old transfer",
        ),
        pytest.param(
            (*TALKING, "70|c|q|SIP/1|ATTENDEDTRANSFER|BRIDGE|some-bridge|10|60|1"),
            ["reported", ("transferred", 70, {"agent": "SIP/1", "kind": "warm"})],
            id="attended, bridge",
        ),
        pytest.param(
            (*TALKING, "70|c|q|SIP/1|ATTENDEDTRANSFER|APP|Queue|10|60|1"),
            ["reported", ("transferred", 70, {"agent": "SIP/1", "kind": "warm"})],
            id="attended, application",
        ),
        pytest.param(
            (ENTER, "8|c|q|SIP/1|AGENTDUMP|"),
            [
                ("offered", 8, {"agent": "SIP/1"}),
                ("declined", 8, {"agent": "SIP/1", "reason": "agent_dump"}),
            ],
            id="the agent drops the caller in the announcement",
        ),
        pytest.param(
            (ENTER, "8|c|q|SIP/1|SYSCOMPAT|"), ["reported", ("left_queue", 8, {"reason": "closed"})], id="no codec"
        ),
        pytest.param(
            (ENTER, "8|c|q|NONE|LEAVEEMPTY|"), ["reported", ("left_queue", 8, {"reason": "closed"})], id="left empty"
        ),
        *(
            pytest.param(
                (f"8|c|q|NONE|{verb}|",),
                [("queued", 8, {}), "reported", ("left_queue", 8, {"reason": "closed"})],
                id=verb,
            )
            for verb in ("JOINEMPTY", "CLOSED", "DIVERT_CA_RATIO", "DIVERT_HOLDTIME")
        ),
        pytest.param(
            (ENTER, "8|c|q|NONE|WITHDRAW|1|1|8|moved by hand"),
            ["reported", ("left_queue", 8, {"reason": "closed"})],
            id="withdrawn",
        ),
        pytest.param(
            (ENTER, "2|c|q|SIP/1|RINGNOANSWER|5000"),
            [("offered", 0, {"agent": "SIP/1"}), ("declined", 2, {"agent": "SIP/1", "reason": "no_answer"})],
            id="it cannot have rung before the call was there",
        ),
        pytest.param(
            ("60|c|q|SIP/1|COMPLETEAGENT|10|40|1",),
            [
                ("queued", 10, {}),
                ("offered", 20, {"agent": "SIP/1"}),
                ("answered", 20, {"agent": "SIP/1"}),
                "reported",
                ("ended", 60, {"agent": "SIP/1", "ended_by": "agent"}),
            ],
            id="only the end was seen",
        ),
        pytest.param(
            (ENTER, "60|c|q|SIP/1|COMPLETECALLER|10|40|1"),
            [
                ("offered", 20, {"agent": "SIP/1"}),
                ("answered", 20, {"agent": "SIP/1"}),
                "reported",
                ("ended", 60, {"agent": "SIP/1", "ended_by": "customer"}),
            ],
            id="the answer was not seen",
        ),
        pytest.param(
            ("60|c|q|NONE|ABANDON|1|1|25",),
            [("queued", 35, {}), "reported", ("abandoned", 60, {})],
            id="only the abandon",
        ),
        pytest.param(
            ("60|c|q|SIP/1|OUTCALL|ANSWER|40|x",),
            [
                ("dialled", 20, {"agent": "SIP/1", "campaign": "q", "result": "human", "attempt": "c-q1772442020"}
                 | {"connected_at": datetime.fromtimestamp(START + 20, UTC), "dropped": False}),
                ("queued", 20, {}),
                ("answered", 20, {"agent": "SIP/1"}),
                "reported",
                ("ended", 60, {"agent": "SIP/1"}),
            ],
            id="QueueUpdate, reached",
        ),
        pytest.param(
            ("60|c|q|SIP/1|OUTCALL|BUSY|0|x",),
            [("dialled", 60, {"agent": "SIP/1", "campaign": "q", "result": "busy", "attempt": "c-q1772442060"}
              | {"dropped": False})],
            id="QueueUpdate, busy",
        ),
        pytest.param(
            ("0|c|q|SIP/1|CALLOUTBOUND|x", "30|c|q|SIP/1|ABANDON|1|1|30"),
            [("dialled", 0, {"agent": "SIP/1", "campaign": "q", "result": "no_answer", "attempt": "c-q1772442000"}
              | {"rung_seconds": 30, "dropped": False})],
            id="dialled and not reached",
        ),
        pytest.param(
            ("5|c|NONE|NONE|INFO|IVR|2 sales",),
            [("menu_stepped", 5, {"bot": "ivr", "kind": "menu", "step": "n2_sales", "result": "continued"})],
            id="menu",
        ),
        pytest.param(("5|c|NONE|NONE|INFO|DID|+12025550100",), [], id="the number dialled"),
        pytest.param(("5|c|q|NONE|DID|12025550100",), [], id="the number dialled, as a verb"),
        pytest.param((*TALKING, "12|c|q|SIP/1|CALLEROFFHOLD|"), [], id="off hold and never on it"),
        pytest.param(("5|NONE|q|SIP/1|PENALTY|3",), [], id="penalty"),
        pytest.param(("5|NONE|q|SIP/1|RINGINUSE|1",), [], id="ring in use"),
    ],
)  # fmt: skip
def test_what_a_verb_says(lines: tuple[str, ...], expected: list[Any]) -> None:
    found = [each[0] if each[0] == "reported" else each for each in told(*lines)]
    assert found == expected


@pytest.mark.parametrize(
    ("line", "kind", "name"),
    [
        ("5|c|q|SIP/1|RINGNOANSWER|1000", "gap", "ringnoanswer_without_enterqueue"),
        ("5|c|q|SIP/1|AGENTDUMP|", "gap", "agentdump_without_enterqueue"),
        ("5|c|q|SIP/1|CALLERONHOLD|", "gap", "calleronhold_without_connect"),
        ("5|c|q|SIP/1|CALLSTATUS|X", "gap", "callstatus_without_call"),
        ("5|c|q|NONE|ABANDON|", "gap", "abandon_without_enterqueue"),
        ("5|c|q|NONE|CONNECT|3|x|1", "contradiction", "connect_without_agent"),
        ("5|NONE|q|NONE|ENTERQUEUE||1|1", "contradiction", "enterqueue_without_call"),
        ("5|NONE|q|NONE|PAUSE|", "contradiction", "pause_without_agent"),
        ("5|c|q|NONE|SING_2025550100|", "unknown_verb", "unnamed"),
    ],
)
def test_what_cannot_be_is_noticed_and_says_nothing_else(line: str, kind: str, name: str) -> None:
    assert told(line) == [("noticed", 5, {"kind": kind, "name": name, "count": 1})]


def test_a_call_that_is_answered_twice_or_ends_twice_is_a_contradiction() -> None:
    assert [each[2]["name"] for each in told(*TALKING, "12|c|q|SIP/2|CONNECT|12|x|1")] == ["connect_after_connect"]
    end = "30|c|q|SIP/1|COMPLETEAGENT|10|20|1"
    assert [each[2]["name"] for each in told(*TALKING, end, end)] == ["completeagent_after_end"]


def test_a_call_that_enters_again_without_an_end_frees_its_agent() -> None:
    one = converter()
    found = [
        brief(each) for each in events("0|NONE|q|SIP/1|ADDMEMBER|", *TALKING, "40|c|p|NONE|ENTERQUEUE||1|1", one=one)
    ]
    assert [(kind, after) for kind, after, _ in found[-3:]] == [("state_changed", 40), ("noticed", 40), ("queued", 40)]
    assert found[-3][2]["state"] == "available"


def test_two_equal_records_in_one_second_are_two_and_the_same_stream_again_is_the_same() -> None:
    rang = "5|c|q|SIP/1|RINGNOANSWER|1000"
    once = events(ENTER, rang, rang)
    assert len({event.id for event in once}) == 5
    assert events(ENTER, rang, rang) == once
    # Alerts that cannot have begun before the call was there.
    again = "6|c|q|SIP/1|RINGNOANSWER|9000"
    assert len({event.id for event in events(ENTER, "5|c|q|SIP/1|RINGNOANSWER|9000", again)}) == 5
    # Two alerts of other lengths end with two declines that say the same.
    assert len({event.id for event in events(ENTER, rang, "5|c|q|SIP/1|RINGNOANSWER|2000")}) == 5


def test_a_call_that_enters_the_same_queue_twice_in_a_second_is_two_segments() -> None:
    found = events(ENTER, "0|c|q|NONE|EXITEMPTY|1|1|0", ENTER)
    assert len({event.data.segment for event in found if type_name(type(event)) == "interaction.queued.v1"}) == 2


def test_wrap_up_of_known_length_ends_when_its_time_has_come_with_the_outcome_told_meanwhile() -> None:
    one = converter(centre=read_centre(Path(__file__).parent / "centre.yaml")[0])
    events("0|NONE|q|SIP/1|ADDMEMBER|", *TALKING, "30|c|q|SIP/1|COMPLETEAGENT|10|20|1", one=one)
    began = [
        brief(event) for event in events("30|NONE|q|SIP/1|WRAPUPSTART|15", "35|c|q|SIP/1|CALLSTATUS|SOLD", one=one)
    ]
    assert [(kind, said.get("state")) for kind, _, said in began] == [("state_changed", "wrap_up")]
    over = [brief(event) for event in events("60|NONE|q|SIP/1|PENALTY|1", one=one)]
    assert over == [
        ("wrapped_up", 45, {"agent": "SIP/1", "disposition": "SOLD", "flags": ("sale",)}),
        ("state_changed", 45, {"agent": "SIP/1", "state": "available"}),
    ]


@pytest.mark.parametrize(
    ("lines", "states"),
    [
        (("1|NONE|NONE|Agent/7|AGENTLOGIN|SIP/7", "9|NONE|NONE|Agent/7|AGENTLOGOFF|SIP/7|8"), ["available", None]),
        (
            (
                "1|NONE|NONE|Agent/7|AGENTCALLBACKLOGIN|7@in",
                "9|NONE|NONE|Agent/7|AGENTCALLBACKLOGOFF|7@in|8|Autologoff",
            ),
            ["available", None],
        ),
        (
            ("1|NONE|q|SIP/7|ADDMEMBER2|", "2|NONE|NONE|SIP/7|PAUSEALL|", "3|NONE|NONE|SIP/7|PAUSEREASON|Short break"),
            ["available", "break", "break short_break"],
        ),
        (("2|NONE|q|SIP/7|PAUSE|call 12025550100", "3|NONE|q|SIP/7|UNPAUSE|"), ["break", "available"]),
        (("1|NONE|p|SIP/7|ADDMEMBER|", "1|NONE|q|SIP/7|ADDMEMBER|", "2|NONE|q|SIP/7|PAUSE|x"), ["available"]),
        ((*TALKING, "30|c|q|SIP/1|COMPLETEAGENT|10|20|1"), []),
    ],
    ids=[
        "login",
        "callback login",
        "reason afterwards",
        "a member who never joined",
        "one queue of two",
        "never joined",
    ],
)
def test_states_of_an_agent(lines: tuple[str, ...], states: list[str | None]) -> None:
    found = [brief(event) for event in events(*lines) if type_name(type(event)).startswith("agent.")]
    said = [" ".join(filter(None, (members.get("state"), members.get("reason")))) or None for _, _, members in found]
    assert said == states


def test_an_agent_of_two_clients_is_not_available_to_one_while_on_a_call_of_the_other(tmp_path: Path) -> None:
    file = tmp_path / "centre.yaml"
    queue = "{line: customer-service, channel: voice}"
    file.write_text(f"version: 1\nclients: {{a: {{}}, b: {{}}}}\nqueues:\n  a: {{qa: {queue}}}\n  b: {{qb: {queue}}}\n")
    one = converter(None, read_centre(file)[0])
    joined = events("0|NONE|qa|SIP/1|ADDMEMBER|", "0|NONE|qb|SIP/1|ADDMEMBER|", one=one)
    assert [event.data.client for event in joined] == ["a", "b"]
    found = events("1|c|qb|NONE|ENTERQUEUE||1|1", "5|c|qb|SIP/1|CONNECT|4|x|1", one=one)
    assert {(event.data.client, getattr(event.data, "state", None)) for event in found[1:]} == {
        ("b", None),
        ("a", "unavailable"),
        ("b", "on_contact"),
    }
    assert [brief(each)[2]["name"] for each in events("6|d|other|NONE|ENTERQUEUE||1|1", one=one)] == [
        "queue_of_no_client"
    ]
    assert one.problem is not None and "--client" in one.problem
    paused = events("7|NONE|NONE|SIP/1|PAUSEALL|x", "9|c|qb|SIP/1|COMPLETEAGENT|4|4|1", one=one)[2:]
    assert [(event.data.client, event.data.state) for event in paused] == [("a", "break"), ("b", "break")]
    assert {event.data.client for event in events("20|NONE|NONE|NONE|QUEUESTART|", one=one)} == {"a", "b"}


def test_nothing_says_whose_contacts_these_are() -> None:
    with pytest.raises(CallboardError, match="--client NAME"):
        converter(None)


@pytest.mark.parametrize("key", [None, b"k" * 32])
def test_an_agent_at_home_is_no_telephone_number(key: bytes | None) -> None:
    said = b"".join(map(encode, events("1|NONE|q|Local/12025550123@out/n|ADDMEMBER|", one=converter(key=key))))
    assert b"12025550123" not in said
    assert b"0123" not in said
    assert b'"agent":"' in said


def test_what_was_missed_in_a_file_is_told_with_the_next_line() -> None:
    one = converter()
    events(ENTER, one=one)
    assert one.convert(Gap("file_gone")) == []
    (gap, _) = events("60|d|q|NONE|ENTERQUEUE||1|1", one=one)
    assert brief(gap) == (
        "noticed",
        60,
        {"kind": "gap", "name": "file_gone", "count": 1, "lost_from": datetime.fromtimestamp(START, UTC)},
    )


@pytest.mark.parametrize(
    "text", ["", "nonsense", "x|c|q|NONE|ENTERQUEUE|", "5|c|q|NONE|ABANDON|", "1772442000|c|q|NONE||"]
)
def test_a_line_that_is_none_stops_nothing(text: str) -> None:
    one = converter()
    assert one.convert(text) == []
    assert (one.problem is None) == (text == "")
    found = events(ENTER, one=one)
    assert [type_name(type(event)) for event in found] == ["source.noticed.v1"] * (text != "") + [
        "interaction.queued.v1"
    ]


def test_what_is_remembered_stays_small() -> None:
    one = converter()
    for number in range(3_000):
        at = number * 10
        events(f"{at}|c{number}|q|NONE|ENTERQUEUE||1|1", f"{at + 5}|c{number}|q|NONE|ABANDON|1|1|5", one=one)
    assert len(one.state()) < 100_000


def test_a_call_without_an_end_is_not_spoken_of_for_ever() -> None:
    one = converter()
    day = int(timedelta(days=2).total_seconds())
    events(*TALKING, f"{day}|NONE|q|SIP/2|PENALTY|1", one=one)
    assert b'"c"' not in one.state()
