"""Schema and code accept the same documents: what is valid for a producer's validator is accepted by the worker.

Two things are for the code alone: whether a time is plausible, and its looser spelling (see ``lenient_time``). One is
for producers to know, because no JSON Schema can say it: a whole number has no decimal point (see ``without_points``).
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.contract.decode import decode
from pipeline.contract.events import DETAIL_EVENTS, EVENT_TYPES, type_name
from pipeline.contract.rejects import Rejection, RejectReason
from tests.contract.corpus import ACCEPTED_FILES, EXAMPLES, NOW, members, valid_by_schema

DOCUMENTS: list[dict[str, Any]] = [json.loads(path.read_bytes()) for path in ACCEPTED_FILES]

#: Spellings of a moment that the code takes and the schema does not.
LENIENT = re.compile(r"^\d{4}-\d\d-\d\d |[+-]\d{4}$")

# Values on both sides of every rule, and of every JSON type.
NEAR = [
    *(
        "",
        " ",
        "x",
        "é",
        "\x00",
        "a\tb",
        "a\x7f",
        "a\nb",
        "x" * 60,
        "x" * 61,
        "x" * 200,
        "x" * 201,
        "😀" * 200,
        "😀" * 201,
    ),
    *(
        "voice",
        "Voice",
        "no_answer",
        "9lives",
        "a-b",
        "inbound",
        "internal",
        "INBOUND",
        "cold",
        "warm",
        "timeout",
        "callback",
    ),
    *("available", "on_contact", "break", "customer", "system", "1.0", "1.1", "application/json", "text/plain"),
    *("19.90", "-0", "0.12345", "1.", ".5", "1e5", "+1", "123456789012.1234", "1234567890123", "-123456789012.1234"),
    *("EUR", "eur", "EURO", "EU", "ÄÖÜ", *EVENT_TYPES),
    *("de", "pt-BR", "sr-Latn-RS", "German", "pt_BR", "d", "de-", "DE", "x" * 35, "de" + "-12345678" * 4),
    *("human", "made", "kept", "coach", "joined", "resolved", "reopened", "bot", "answered", "requested", "contained"),
    *("2024-02-29", "2025-02-29", "2025-2-1", "20250314", "9999-12-31", "0001-01-01", "2099-12-31", "2100-01-01"),
    *("2025-03-14T09:12:31Z", "2025-03-14T09:12:31.123456+05:30", "2025-03-14t09:12:31z", "2025-03-14T09:12:31-00:00"),
    *("2025-03-14T09:12:31", "2025-03-14", "2025-03-14T09:12Z", "2025-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
    *("2025-03-14T24:00:00Z", "2025-03-14T09:12:60Z", "2025-03-14T09:12:31+24:00", "2025-03-14T09:12:31.Z"),
    *("2025-03-14 09:12:31Z", "2025-03-14T09:12:31+0100", "1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"),
    *(10**9, 10**9 + 1, -(10**9), -(10**9) - 1, -1.0, 1e9, 1e10),
    *(None, True, False, 0, 1, -1, 7, 1.0, 1.5, 2**53, 2**70, 1e300, {}, {"client": "x"}, [], [1], [None], [[]]),
    *(["sale"], ["Sale"], ["sale", "sale"], ["f"] * 20, ["f"] * 21, ["x" * 61]),
]
values = st.one_of(
    st.sampled_from(NEAR),
    st.text(max_size=20).filter(lambda text: not text.endswith("\n")),  # Python's $ and a final line feed: known gap
    st.lists(st.sampled_from(NEAR), max_size=3),
)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """An example with one to three members removed, replaced or added, at either level."""
    document = copy.deepcopy(draw(st.sampled_from(DOCUMENTS)))
    known = [("type",), *members(EVENT_TYPES[document["type"]])]
    for _ in range(draw(st.integers(1, 3))):
        *parents, name = draw(st.sampled_from([*known, ("unknown",), ("data", "unknown")]))
        part = document.get("data") if parents else document
        if not isinstance(part, dict):
            continue  # an earlier step replaced data
        if draw(st.booleans()):
            part[name] = copy.deepcopy(draw(values))
        else:
            part.pop(name, None)
    return document


def said(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, set[type]]]:
    """Every known member that a document has: the object it is in, its name, and the types that it may have."""
    for (*parents, name), info in members(EVENT_TYPES[document["type"]]).items():
        part = document.get("data") if parents else document
        if isinstance(part, dict) and name in part:
            yield part, name, kinds_of(info.type)


def kinds_of(annotation: Any) -> set[type]:
    """The types of an annotation, without its limits and choices."""
    if get_origin(annotation) in {UnionType, Union}:
        return {kind for part in get_args(annotation) for kind in kinds_of(part)}
    return kinds_of(get_args(annotation)[0]) if get_origin(annotation) is Annotated else {annotation}


def lenient_time(document: dict[str, Any]) -> bool:
    """A space for the T, or an offset without its colon: decode takes it, RFC 3339 (and so the schema) does not."""
    return any(
        datetime in kinds and isinstance(part[name], str) and LENIENT.search(part[name])
        for part, name, kinds in said(document)
    )


def without_points(document: dict[str, Any]) -> dict[str, Any]:
    """The document with 1 for 1.0 wherever a whole number is asked for.

    Every JSON Schema takes 1.0 for an integer. To take it too, decode would have to take numbers in quotes as well, so
    it refuses; the page of events says so to producers.
    """
    document = copy.deepcopy(document)
    for part, name, kinds in said(document):
        if int in kinds and isinstance(part[name], float) and part[name].is_integer():
            part[name] = int(part[name])
    return document


def accepted(document: dict[str, Any]) -> bool:
    """Whether the code accepts a document, but for its times, which the schema cannot judge."""
    result = decode(json.dumps(document).encode(), NOW)
    return not isinstance(result, Rejection) or result.reason is RejectReason.IMPLAUSIBLE_TIME


def assert_agreement(document: dict[str, Any]) -> bool:
    """That code and schema judge alike but for the two exceptions; returns what the schema says."""
    valid = valid_by_schema(document)
    if document.get("type") not in list(EVENT_TYPES):  # a list, because the type may be anything
        assert not accepted(document)
        return valid
    pointless = without_points(document)
    if json.dumps(pointless) != json.dumps(document):
        assert not accepted(document), document
    if accepted(pointless) and lenient_time(pointless):
        assert not valid, document
    else:
        assert accepted(pointless) == valid, document
    return valid


@settings(max_examples=1500, deadline=None)
@given(document=mutated())
@example(document=DOCUMENTS[0])
def test_schema_and_code_agree_on_every_mutation_of_the_examples(document: dict[str, Any]) -> None:
    assert_agreement(document)


EXHAUSTED = (
    "interaction.wrapped_up.v1",
    "interaction.transferred.v1",
    "agent.signed_in.v1",
    *(type_name(cls) for cls in DETAIL_EVENTS),
)


@pytest.mark.thorough
@pytest.mark.parametrize("event_type", EXHAUSTED)
def test_each_near_value_is_judged_alike_in_every_member(event_type: str) -> None:
    """The same by exhaustion for one change at a time, so that no rule depends on luck."""
    full = {d["type"]: d for path, d in zip(ACCEPTED_FILES, DOCUMENTS, strict=True) if path.stem == "full"}
    seen: dict[bool, int] = {True: 0, False: 0}
    for *parents, name in [("type",), *members(EVENT_TYPES[event_type])]:
        for value in NEAR:
            document = copy.deepcopy(full[event_type])
            (document["data"] if parents else document)[name] = value
            seen[assert_agreement(document)] += 1
    assert seen[True] > 100
    assert seen[False] > 100


def test_a_whole_number_with_a_point_is_the_known_exception() -> None:
    document = json.loads((EXAMPLES / "interaction.outcome_changed.v1" / "full.json").read_bytes())
    document["data"]["quantity"] = 1.0
    assert valid_by_schema(document)
    assert not accepted(document)
    assert accepted(without_points(document))
