"""Schema and code accept the same documents: what is valid for a producer's validator is accepted by the worker.

Two things are for the code alone: whether a time is plausible, and its looser spelling (see ``lenient_time``).
"""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.contract.decode import decode
from pipeline.contract.events import EVENT_TYPES
from pipeline.contract.rejects import Rejection, RejectReason
from tests.contract.corpus import ACCEPTED_FILES, NOW, members, valid_by_schema

DOCUMENTS: list[dict[str, Any]] = [json.loads(path.read_bytes()) for path in ACCEPTED_FILES]

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
    *("2025-03-14T09:12:31Z", "2025-03-14T09:12:31.123456+05:30", "2025-03-14t09:12:31z", "2025-03-14T09:12:31-00:00"),
    *("2025-03-14T09:12:31", "2025-03-14", "2025-03-14T09:12Z", "2025-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
    *("2025-03-14T24:00:00Z", "2025-03-14T09:12:60Z", "2025-03-14T09:12:31+24:00", "2025-03-14T09:12:31.Z"),
    *("2025-03-14 09:12:31Z", "2025-03-14T09:12:31+0100", "1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"),
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


def lenient_time(document: dict[str, Any]) -> bool:
    """A space for the T, or an offset without its colon: decode takes it, RFC 3339 (and so the schema) does not."""
    time = document.get("time")
    return isinstance(time, str) and bool(re.search(r"^\d{4}-\d\d-\d\d |[+-]\d{4}$", time))


@settings(max_examples=1500, deadline=None)
@given(document=mutated())
@example(document=DOCUMENTS[0])
def test_schema_and_code_agree_on_every_mutation_of_the_examples(document: dict[str, Any]) -> None:
    result = decode(json.dumps(document).encode(), NOW)
    accepted = not isinstance(result, Rejection) or result.reason is RejectReason.IMPLAUSIBLE_TIME
    if accepted and lenient_time(document):
        assert not valid_by_schema(document)
    else:
        assert accepted == valid_by_schema(document), result


def test_each_near_value_is_judged_alike_in_every_member() -> None:
    """The same by exhaustion for one change at a time, so that no rule depends on luck."""
    full = {d["type"]: d for path, d in zip(ACCEPTED_FILES, DOCUMENTS, strict=True) if path.stem == "full"}
    seen: dict[bool, int] = {True: 0, False: 0}
    for event_type in ("interaction.wrapped_up.v1", "interaction.transferred.v1", "agent.signed_in.v1"):
        for *parents, name in [("type",), *members(EVENT_TYPES[event_type])]:
            for value in NEAR:
                document = copy.deepcopy(full[event_type])
                (document["data"] if parents else document)[name] = value
                result = decode(json.dumps(document).encode(), NOW)
                accepted = not isinstance(result, Rejection) or result.reason is RejectReason.IMPLAUSIBLE_TIME
                valid = valid_by_schema(document)
                assert accepted == (valid or lenient_time(document)), (event_type, name, value, result)
                seen[valid] += 1
    assert seen[True] > 500
    assert seen[False] > 500
