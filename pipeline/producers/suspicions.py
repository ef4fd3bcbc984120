"""What the contract allows and an event probably does not mean: misspelt members, telephone numbers as names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_type_hints

from msgspec.structs import fields

from pipeline.contract.events import CloudEvent
from pipeline.producers.mending import Problem

# E.164: a plus, a country code that does not begin with 0, eight to fifteen digits in all; as people write it, too.
_PHONE = re.compile(r"(?<![0-9A-Za-z])\+[1-9](?:[ ()./-]?[0-9]){7,14}(?![0-9A-Za-z])")
_NEAR = 0.8
#: CloudEvents' own attributes that the contract does not name are extensions: no misspelling.
_ENVELOPE_TOO = {"type", "traceparent", "tracestate", "partitionkey", "sequence", "recordedtime", "dataref"}


def suspicions(document: Mapping[str, Any], event: CloudEvent) -> Iterator[Problem]:
    """What a person should look at in a valid event."""
    envelope = {field.name for field in fields(type(event))} | _ENVELOPE_TOO
    yield from misspelt("$", document, envelope)
    data = get_type_hints(type(event))["data"]
    yield from misspelt("$.data", document["data"], {field.name for field in fields(data)})
    for path, text in texts(document, "$"):
        if holds_phone(text):
            yield Problem(path, "this looks like a telephone number", "put the pseudonym of the caller in its place")


def misspelt(path: str, said: Mapping[str, Any], known: set[str]) -> Iterator[Problem]:
    """Members that nobody reads, and whose names are nearly those of members that are missing."""
    missing = known - set(said)
    for name in said:
        if name not in known and (near := _near(name, missing)):
            yield Problem(f"{path}.{name}", "this member is not read", f"did you mean {near}?")


def holds_phone(text: str) -> bool:
    """Whether a telephone number in international form stands in it."""
    return _PHONE.search(text) is not None


def texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text in a document, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from texts(part, f"{path}.{name}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from texts(part, f"{path}[{number}]")


def _near(name: str, known: set[str]) -> str:
    plain = {_plain(each): each for each in sorted(known)}
    found = get_close_matches(_plain(name), plain, n=1, cutoff=_NEAR)
    return plain[found[0]] if found else ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
