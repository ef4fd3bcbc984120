"""The examples are the corpus: each is accepted by schema and code, or refused for the reason its index gives."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import fields

from pipeline.contract.decode import MAX_CLOCK_AHEAD, MAX_EVENT_BYTES, decode
from pipeline.contract.events import EVENT_TYPES, CloudEvent, encode, key_form, record_key
from pipeline.contract.rejects import Rejection, RejectReason
from pipeline.contract.topics import TOPICS
from tests.contract.corpus import (
    ACCEPTED_FILES,
    EXAMPLES,
    NOW,
    REJECTED,
    REJECTED_INDEX,
    data_class,
    members,
    name_of,
    valid_by_schema,
    validator,
)

every_accepted = pytest.mark.parametrize("path", ACCEPTED_FILES, ids=name_of)
every_rejected = pytest.mark.parametrize("entry", REJECTED_INDEX, ids=lambda entry: entry["file"])

#: Members that hold a moment: its spelling may change, the moment may not.
MOMENTS = {("time",), *(("data", n) for n in ("promised_at", "due_at", "greeting_ended_at", "connected_at"))}
MOMENTS |= {("data", "starts_at"), ("data", "ends_at"), ("data", "lost_from")}


def accepted(path: Path) -> CloudEvent:
    event = decode(path.read_bytes(), NOW)
    assert not isinstance(event, Rejection), event
    return event


def no_constant(name: str) -> None:
    """Python's JSON has NaN and Infinity; JSON has not."""
    raise ValueError(name)


@every_accepted
def test_an_example_is_valid_by_its_schema(path: Path) -> None:
    document = json.loads(path.read_bytes())
    assert document["type"] == path.parent.name
    validator(document["type"]).validate(document)


@every_accepted
def test_an_example_decodes_to_its_class_and_has_a_key(path: Path) -> None:
    event = accepted(path)
    assert type(event) is EVENT_TYPES[path.parent.name]
    document = json.loads(path.read_bytes())
    form = key_form(document["type"])
    assert form == TOPICS[event.topic].key or (form, event.topic) == ("client/source", "agents")
    expected = "/".join({**document, **document["data"]}[member] for member in form.split("/"))
    assert record_key(event) == expected.encode()


@every_accepted
def test_an_example_survives_encoding(path: Path) -> None:
    """Decoding what was encoded gives the same event, and no member that the class knows is lost or changed."""
    event, document = accepted(path), json.loads(path.read_bytes())
    written = encode(event)
    assert decode(written, NOW) == event
    again = json.loads(written)
    assert valid_by_schema(again)
    known = members(type(event))
    for where, part, found in (((), document, again), (("data",), document["data"], again["data"])):
        for name, value in part.items():
            if (*where, name) in MOMENTS:
                assert datetime.fromisoformat(found[name]) == datetime.fromisoformat(value)
            elif name == "type" or ((*where, name) in known and name != "data" and value is not None):
                assert found[name] == value


@pytest.mark.parametrize("event_type", list(EVENT_TYPES))
def test_each_type_has_a_minimal_and_a_full_example(event_type: str) -> None:
    known = {".".join(path) for path in members(EVENT_TYPES[event_type])} | {"type"}

    def said(name: str) -> set[str]:
        document = json.loads((EXAMPLES / event_type / f"{name}.json").read_bytes())
        return set(document) | {f"data.{member}" for member, value in document["data"].items() if value is not None}

    required = {".".join(path) for path, info in members(EVENT_TYPES[event_type]).items() if info.required} | {"type"}
    assert said("minimal") == required
    assert said("full") == known


@every_rejected
def test_a_bad_event_is_refused_for_its_reason(entry: dict[str, str]) -> None:
    refused = decode((REJECTED / entry["file"]).read_bytes(), NOW)
    assert isinstance(refused, Rejection)
    assert refused.reason == RejectReason(entry["reason"])
    assert refused.detail


@every_rejected
def test_the_schema_refuses_what_is_refused_for_its_schema(entry: dict[str, str]) -> None:
    raw = (REJECTED / entry["file"]).read_bytes()
    try:
        document = json.loads(raw.decode(), parse_constant=no_constant)
    except (ValueError, RecursionError):
        assert entry["reason"] == RejectReason.UNDECODABLE
        return
    if entry["reason"] in {RejectReason.SCHEMA, RejectReason.UNKNOWN_TYPE}:
        assert not isinstance(document, dict) or not valid_by_schema(document)
    elif entry["reason"] == RejectReason.IMPLAUSIBLE_TIME:
        assert valid_by_schema(document), "only the clock can say that this time is wrong"
    elif entry["reason"] == RejectReason.CARD_NUMBER:
        assert valid_by_schema(document), "no schema can say what a card number is"


def test_no_value_at_all_is_undecodable() -> None:
    refused = decode(None, NOW)
    assert isinstance(refused, Rejection)
    assert refused.reason is RejectReason.UNDECODABLE


@pytest.mark.parametrize("size_bytes", [MAX_EVENT_BYTES + 1, 20 * 1024 * 1024])
def test_an_oversized_event_is_refused_however_good_it_is(size_bytes: int) -> None:
    good = (EXAMPLES / "interaction.queued.v1" / "minimal.json").read_bytes().strip()
    refused = decode(good + b" " * (size_bytes - len(good)), NOW)
    assert isinstance(refused, Rejection)
    assert refused.reason is RejectReason.TOO_LARGE
    assert str(size_bytes) in refused.detail


def test_an_event_of_exactly_the_limit_is_accepted() -> None:
    good = (EXAMPLES / "interaction.queued.v1" / "minimal.json").read_bytes().strip()
    assert not isinstance(decode(good + b" " * (MAX_EVENT_BYTES - len(good)), NOW), Rejection)


def test_a_clock_may_run_ahead_a_little_and_no_more() -> None:
    document = json.loads((EXAMPLES / "interaction.queued.v1" / "minimal.json").read_bytes())
    limit = NOW + MAX_CLOCK_AHEAD
    for time, fine in ((limit, True), (limit + timedelta(microseconds=1), False)):
        event = decode(json.dumps({**document, "time": time.isoformat()}).encode(), NOW)
        assert isinstance(event, Rejection) is not fine


def test_every_reason_has_an_example() -> None:
    assert {entry["reason"] for entry in REJECTED_INDEX} | {"too_large"} == set(RejectReason)


def test_no_example_is_an_orphan() -> None:
    assert sorted(path.name for path in EXAMPLES.iterdir()) == sorted([*EVENT_TYPES, "rejected"])
    files = sorted(path for name in EVENT_TYPES for path in (EXAMPLES / name).iterdir())
    assert files == ACCEPTED_FILES
    listed = [entry["file"] for entry in REJECTED_INDEX]
    assert sorted([*listed, "index.yaml"]) == sorted(path.name for path in REJECTED.iterdir())
    assert all(len(entry["why"]) > 2 for entry in REJECTED_INDEX)


def test_examples_of_a_type_are_about_the_fields_of_its_data() -> None:
    """A misspelt optional member would be taken for an unknown one: only one example may have such."""
    for path in ACCEPTED_FILES:
        if path.stem == "unknown-members":
            continue
        document = json.loads(path.read_bytes())
        cls = EVENT_TYPES[document["type"]]
        assert set(document["data"]) <= {info.name for info in fields(data_class(cls))}
        assert set(document) <= {info.name for info in fields(cls)} | {"type"}
