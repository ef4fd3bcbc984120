"""The typed methods are the contract: every event type, every member, and what is said is what a worker stores."""

from __future__ import annotations

import inspect
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from msgspec import NODEFAULT
from msgspec.structs import fields

from pipeline.clock import ManualClock
from pipeline.contract import events as ev
from pipeline.contract.constructors import constructors
from pipeline.contract.decode import decode
from pipeline.producers import InvalidEventError
from pipeline.producers.voices import AgentVoice, ContactVoice, SystemVoice
from tests.support.details import MEMBERS

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
VOICES = {"interaction": ContactVoice, "agent": AgentVoice, "source": SystemVoice}
ABOUT = {
    "interaction": {"client": "acme", "interaction": "c-1", "channel": "voice", "direction": "inbound"},
    "agent": {"client": "acme", "agent": "a-1"},
    "source": {"client": "acme"},
}
#: A value for each member whose type does not say one.
VALUES: dict[str, Any] = {
    **{"kind": "cold", "reason": "closed", "state": "break", "ended_by": "agent", "flags": ("sale",), "amount": "1.50"},
    **{"currency": "EUR", "activity": "work", "starts_at": NOW, "ends_at": NOW, "paid": False, "schedule": "w-1"},
    **{"role": "coach", "change": "left", "presence": "meal", "adapter": "pbx", "name": "reset", "lost_from": NOW},
}
KINDS = {"interaction.menu_stepped.v1": "bot", "interaction.outcome_changed.v1": "sale", "source.noticed.v1": "gap"}


def voice(prefix: str, sent: list[tuple[ev.Event, bytes]]) -> Any:
    return VOICES[prefix](
        "acme/pbx-1", ABOUT[prefix], ManualClock(NOW), lambda event, value: sent.append((event, value))
    )


def members(name: str) -> dict[str, Any]:
    """Every member of the event's data but those that the voice knows, each with a value."""
    cls = get_type_hints(ev.EVENT_TYPES[name])["data"]
    prefix = name.split(".", maxsplit=1)[0]
    said = {}
    for field in fields(cls):
        if field.name in ABOUT[prefix]:
            continue
        (example, *_) = MEMBERS.get(name, {}).get(field.name, (VALUES.get(field.name),))
        hint = get_type_hints(cls)[field.name]
        if "datetime.date" in str(hint):
            example = NOW if "datetime.datetime" in str(hint) else NOW.date()
        said[field.name] = example if example is not None else 3 if "int" in str(hint) else f"{field.name}-1"
    if "kind" in said:
        said["kind"] = KINDS.get(name, "cold")
    if name == "interaction.reported.v1" and "outcome" in said:
        said["outcome"] = "complete"
    return said


def test_the_generated_modules_are_current_and_well_formed() -> None:
    for name, text in constructors().items():
        assert (ROOT / "pipeline/producers/voices" / name).read_text() == text, name
    folder = str(ROOT / "pipeline/producers/voices")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--check", folder], check=True, cwd=ROOT)


@pytest.mark.parametrize("name", list(ev.EVENT_TYPES))
def test_a_method_for_each_event_with_its_members(name: str) -> None:
    prefix, event, _ = name.split(".")
    method = getattr(VOICES[prefix], event)
    parameters = dict(inspect.signature(method).parameters)
    assert list(parameters)[:2] == ["self", "time"]
    assert parameters.pop("event_id").default is None
    data = get_type_hints(ev.EVENT_TYPES[name])["data"]
    known = {field.name: field for field in fields(data) if field.name not in ABOUT[prefix]}
    assert list(parameters)[2:] == list(known)
    hints = get_type_hints(method)
    assert hints["return"] is ev.EVENT_TYPES[name]
    for member, field in known.items():
        parameter = parameters[member]
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert parameter.default == (inspect.Parameter.empty if field.default is NODEFAULT else field.default)
        assert hints[member] == get_type_hints(data)[member]


@pytest.mark.parametrize("name", list(ev.EVENT_TYPES))
def test_what_is_said_is_the_event(name: str) -> None:
    prefix, event, _ = name.split(".")
    sent: list[tuple[ev.Event, bytes]] = []
    said = members(name)
    made = getattr(voice(prefix, sent), event)(NOW, **said)
    ((told, value),) = sent
    assert type(made) is ev.EVENT_TYPES[name]
    assert decode(value, NOW) == made == told
    assert made.time == NOW
    assert made.source == "acme/pbx-1"
    for member, wanted in {**ABOUT[prefix], **said}.items():
        assert getattr(made.data, member) == wanted, member


def test_the_same_said_again_is_the_same_event_and_anything_else_is_not() -> None:
    sent: list[tuple[ev.Event, bytes]] = []
    call = voice("interaction", sent)
    first = call.queued(NOW, segment="1", queue="sales")
    assert call.queued(NOW, segment="1", queue="sales").id == first.id
    assert call.queued(NOW, segment="1", queue="sales").id == first.id
    others = [
        call.queued(NOW, segment="2", queue="sales"),
        call.queued(NOW - timedelta(microseconds=1), segment="1", queue="sales"),
        call.offered(NOW, segment="1", queue="sales", agent="a-1"),
        call.queued(NOW, segment="1", queue="sales", event_id="own"),
    ]
    assert len({first.id, *(event.id for event in others)}) == 1 + len(others)
    assert others[-1].id == "own"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"time": NOW.replace(tzinfo=None)}, "time is no datetime with a zone"),
        ({"time": "2026-03-02T09:00:00Z"}, "time is no datetime with a zone"),
        ({"time": NOW + timedelta(hours=1)}, "implausible_time"),
        ({"queue": ""}, r"schema.*\$\.data\.queue"),
        ({"queue": 7}, r"schema.*\$\.data\.queue"),
        ({"queue": object()}, "cannot be written as JSON"),
        ({"segment": "\ud800"}, "cannot be written as JSON"),
        ({"segment": "4111 1111 1111 1111"}, "card_number.*payment card"),
    ],
)
def test_what_a_worker_would_refuse_is_not_sent_and_not_repeated(arguments: dict[str, Any], said: str) -> None:
    sent: list[tuple[ev.Event, bytes]] = []
    complete = {"time": NOW, "segment": "1", "queue": "sales", **arguments}
    with pytest.raises(InvalidEventError, match=said) as refused:
        voice("interaction", sent).queued(**complete)
    assert not sent
    assert "4111" not in str(refused.value)


def test_a_type_checker_knows_the_members(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from datetime import UTC, datetime\n"
        "from pipeline.producers import EventProducer\n"
        "def say(centre: EventProducer) -> None:\n"
        "    call = centre.contact('acme', 'c-1')\n"
        "    call.queued(datetime.now(UTC), segment='1', queue='sales')\n"
        "    call.left_queue(datetime.now(UTC), segment='1', reason='bored')\n"
        "    call.answered(datetime.now(UTC), segment='1')\n"
        "    centre.agent('acme', 'a-1').state_changed(datetime.now(UTC), state=None)\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(program)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = [line.split(":")[1] for line in run.stdout.splitlines() if "error:" in line and "program.py" in line]
    assert found == ["6", "7", "8"], run.stdout


def test_a_telephone_number_is_warned_of_once_and_not_repeated(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[tuple[ev.Event, bytes]] = []
    for number in ("+442079460123", "+44 20 7946 0124"):
        voice("interaction", sent).described(NOW, customer=number)
    voice("interaction", sent).described(NOW, customer="c+1")
    assert len(sent) == 3
    (record,) = caplog.records
    assert "data.customer looks like a telephone number" in record.getMessage()
    assert "7946" not in caplog.text
