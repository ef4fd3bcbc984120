"""What is remembered of a running system, to go on from there, holds nothing of a person; nor do the events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.clock import SystemClock
from pipeline.contract.events import encode
from pipeline.producers.adapters import LiveRequest, adapter, adapters
from pipeline.producers.adapters.asterisk.ami import AmiConverter
from pipeline.producers.adapters.asterisk.ami_wire import RECEIVED
from pipeline.producers.adapters.base import Converter
from pipeline.producers.adapters.freeswitch.converter import FreeSwitchConverter
from pipeline.producers.adapters.freeswitch.names import Names
from pipeline.producers.adapters.freeswitch.wire import stream_records
from pipeline.producers.door import Door
from tests.canary.search import found_in_text
from tests.canary.table import CARD, EMAIL, NAME, NEEDLES, PHONE, PHONE_DIGITS, TEXT, Canary, canaries
from tests.support.ami import message, sections

DOOR = Door(b"the canaries' key", "GB")
#: Followed over a connection, not as a file; below by what their converters are given.
BY_CONNECTION = {"freeswitch"}
FOLLOWED = [
    each for each in canaries() if adapters()[each.adapter].live is not None and each.adapter not in BY_CONNECTION
]
#: Where not everything that can be read can also be followed.
_FOLLOWED_FILES = {"freeswitch-cdr": "cdr/calls.json"}
_AMI_TYPED = {
    "CallerIDNum": PHONE,
    "CallerIDName": NAME,
    "ConnectedLineNum": PHONE_DIGITS,
    "ConnectedLineName": NAME,
    "TransfereeCallerIDNum": PHONE,
    "TransfereeCallerIDName": NAME,
    "Extension": PHONE,
    "TransferTargetCallerIDName": NAME,
    "DestCallerIDNum": PHONE,
    "DestCallerIDName": NAME,
    "AccountCode": EMAIL,
    "Variable": f"note={TEXT}",
    "Variable2": f"card={CARD}",
}


def said_and_remembered(converter: Converter, records: Iterator[Any]) -> tuple[str, int]:
    """Every event, and what is remembered after every record; and how many events there were."""
    said, events = [], 0
    for record in records:
        for event in converter.convert(record):
            said.append(encode(event).decode())
            events += 1
        said.append(converter.state().decode())
    return "\n".join(said), events


@pytest.mark.parametrize("canary", FOLLOWED, ids=lambda canary: canary.adapter)
def test_the_checkpoint_of_a_followed_file_holds_nobody(canary: Canary, tmp_path: Path) -> None:
    target, *options = canary.write(tmp_path)
    client = options[options.index("--client") + 1] if "--client" in options else None
    follow = adapter(canary.adapter).live
    assert follow is not None
    file = tmp_path / _FOLLOWED_FILES.get(canary.adapter, target)
    live = follow(LiveRequest(str(file), client=client, door=DOOR))
    events = 0
    try:
        while records := live.reader.poll(0):
            text, more = said_and_remembered(live.converter, iter(records))
            events += more
            assert not found_in_text("events and states", text, NEEDLES)
            assert not found_in_text("the position", live.reader.position().decode(), NEEDLES)
    finally:
        live.reader.close()
    assert events > 5


def test_what_is_remembered_of_freeswitch_holds_nobody(tmp_path: Path) -> None:
    canary = next(each for each in canaries() if each.adapter == "freeswitch")
    (file,) = canary.write(tmp_path)
    with (tmp_path / file).open() as stream:
        records = (record for _, record in stream_records(stream))
        text, events = said_and_remembered(FreeSwitchConverter(Names(None), DOOR), records)
    assert events >= canary.events
    assert not found_in_text("events and states", text, NEEDLES)


def messages() -> Iterator[dict[str, str]]:
    """The recorded dialogue with a caller in every field for one, and what a person may have typed."""
    recorded = sections(Path(__file__).parents[1] / "producers" / "asterisk" / "ami.txt")
    for block in (block for blocks in recorded.values() for block in blocks):
        yield {**message(block), **_AMI_TYPED}
    now = f"{SystemClock().now().timestamp():.6f}"
    home = {"Queue": "support", "MemberName": f"Local/{PHONE_DIGITS}@home", "Interface": f"Local/{PHONE}@home"}
    for typed in (EMAIL, f"call {PHONE}", CARD):
        yield {"Event": "QueueMemberPause", RECEIVED: now, **home, "Paused": "1", "PausedReason": typed}
        yield {"Event": f"Queue{typed}", RECEIVED: now, "Queue": "support"}
    call = {"Uniqueid": "1.1", "Linkedid": "1.1", **home, **_AMI_TYPED, RECEIVED: now}
    for event in (
        "QueueCallerJoin",
        "AgentCalled",
        "AgentConnect",
        "BlindTransfer",
        "AgentComplete",
        "QueueCallerLeave",
    ):
        yield {"Event": event, **call}


def test_what_the_manager_interface_says_of_a_person_is_nowhere() -> None:
    text, events = said_and_remembered(AmiConverter(None, "acme", None, DOOR), messages())
    assert events > 20
    assert not found_in_text("events and states", text, NEEDLES)


def test_every_adapter_for_running_systems_is_here() -> None:
    followed = {name for name, each in adapters().items() if each.live is not None}
    assert followed == {each.adapter for each in FOLLOWED} | BY_CONNECTION
