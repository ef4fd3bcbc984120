"""Each rule of the compatibility gate, in both directions."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pipeline.contract.compatibility import breaking_changes
from pipeline.contract.events import EVENT_TYPES
from pipeline.contract.schemas import event_schemas
from tests.contract.corpus import load_schema

BASE: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://callboard.dev/schemas/a.v1.schema.json",
    "title": "A",
    "description": "An event.",
    "type": "object",
    "properties": {
        "kind": {"const": "a"},
        "name": {"type": "string", "x-privacy": "pseudonym", "minLength": 2, "maxLength": 9, "pattern": "^[a-z]+$"},
        "note": {"type": ["string", "null"], "default": None},
        "plain": {"type": "string"},
        "size": {"type": "number", "minimum": 0, "maximum": 10},
        "count": {"type": "integer"},
        "way": {"enum": ["in", "out"], "default": "in"},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "maxItems": 3},
        "at": {"type": "string", "format": "date-time"},
        "part": {
            "type": "object",
            "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
            "required": ["x"],
        },
    },
    "required": ["kind", "name"],
}
REMOVE = object()


def changed(path: str, value: Any) -> dict[str, Any]:
    """BASE with the keyword at ``path`` set, or removed."""
    schema = copy.deepcopy(BASE)
    *parents, last = path.split("/")
    part = schema
    for step in parents:
        part = part[step]
    if value is REMOVE:
        del part[last]
    else:
        part[last] = value
    return schema


BREAKING = [
    ("properties/plain", REMOVE, "$.plain: the field was removed or renamed"),
    ("properties/part/properties/y", REMOVE, "$.part.y: the field was removed or renamed"),
    ("properties", REMOVE, "$.at: the field was removed or renamed"),
    ("required", ["kind", "name", "plain"], "$.plain: the field is required now"),
    ("properties/part/required", ["x", "y"], "$.part.y: the field is required now"),
    ("properties/tags/items/required", ["z"], "$.tags[].z: the field is required now"),
    ("type", "array", "$: the type was narrowed, no longer accepted: object"),
    ("properties/note/type", "string", "$.note: the type was narrowed, no longer accepted: null"),
    ("properties/plain/type", "integer", "$.plain: the type was narrowed, no longer accepted: string"),
    ("properties/size/type", "integer", "$.size: the type was narrowed, no longer accepted: number"),
    ("properties/way/type", "string", "$.way: the type was narrowed"),
    ("properties/kind/const", "b", '$.kind: no longer accepted: "a"'),
    ("properties/way/enum", ["in"], '$.way: no longer accepted: "out"'),
    ("properties/way/enum", ["in", "OUT"], '$.way: no longer accepted: "out"'),
    ("properties/plain/enum", ["x"], "$.plain: only certain values are accepted now"),
    ("properties/plain/const", "x", "$.plain: only certain values are accepted now"),
    ("properties/name/minLength", 3, "$.name: minLength was tightened to 3"),
    ("properties/name/maxLength", 8, "$.name: maxLength was tightened to 8"),
    ("properties/plain/minLength", 1, "$.plain: minLength was tightened to 1"),
    ("properties/plain/maxLength", 1000, "$.plain: maxLength was tightened to 1000"),
    ("properties/size/minimum", 1, "$.size: minimum was tightened to 1"),
    ("properties/size/maximum", 9, "$.size: maximum was tightened to 9"),
    ("properties/size/exclusiveMinimum", 0, "$.size: exclusiveMinimum was tightened to 0"),
    ("properties/count/maximum", 5, "$.count: maximum was tightened to 5"),
    ("properties/tags/maxItems", 2, "$.tags: maxItems was tightened to 2"),
    ("properties/tags/minItems", 1, "$.tags: minItems was tightened to 1"),
    ("properties/tags/items/maxLength", 4, "$.tags[]: maxLength was tightened to 4"),
    ("properties/tags/items", False, "$.tags: items was changed, and whether that is compatible cannot be told"),
    ("properties/tags/uniqueItems", True, "$.tags: repeated items are refused now"),
    ("properties/name/pattern", "^[a-z0-9]+$", "$.name: pattern was changed"),
    ("properties/plain/pattern", "x", "$.plain: pattern was added"),
    ("properties/at/format", "date", "$.at: format was changed"),
    ("properties/plain/format", "uri", "$.plain: format was added"),
    ("additionalProperties", False, "$: unknown members are refused or restricted now"),
    (
        "properties/part/additionalProperties",
        {"type": "string"},
        "$.part: unknown members are refused or restricted now",
    ),
    ("properties/way/default", "out", "$.way: the default was changed"),
    ("properties/way/default", REMOVE, "$.way: the default was changed"),
    ("properties/plain/default", "x", "$.plain: a default was added"),
    ("properties/name/x-privacy", "none", "$.name: x-privacy was weakened"),
    ("properties/name/x-privacy", REMOVE, "$.name: x-privacy was weakened"),
    ("$id", "https://callboard.dev/schemas/b.v1.schema.json", "$: $id was changed"),
    ("$schema", "http://json-schema.org/draft-07/schema#", "$: $schema was changed"),
    ("not", {"required": ["z"]}, "$: not was changed, and whether that is compatible cannot be told"),
    ("properties/plain/anyOf", [{"type": "string"}], "$.plain: anyOf was changed, and whether"),
    ("properties/part/$ref", "#/$defs/p", "$.part: $ref was changed, and whether"),
    ("properties/part/dependentRequired", {"x": ["y"]}, "$.part: dependentRequired was changed, and whether"),
    ("properties/plain/x-unheard-of", 1, "$.plain: x-unheard-of was changed, and whether"),
]

COMPATIBLE = [
    ("properties/new", {"type": "string", "x-privacy": "none"}),
    ("properties/new", {"type": "string", "default": "x"}),
    ("properties/part/properties/z", {"enum": ["a", "b"]}),
    ("required", ["kind"]),
    ("required", REMOVE),
    ("properties/plain/type", ["string", "null"]),
    ("properties/count/type", "number"),
    ("properties/plain/type", REMOVE),
    ("properties/way/enum", ["out", "in", "sideways"]),
    ("properties/way/enum", REMOVE),
    ("properties/kind", {"enum": ["a", "b"]}),
    ("properties/name/minLength", 1),
    ("properties/name/maxLength", 10),
    ("properties/name/maxLength", REMOVE),
    ("properties/name/pattern", REMOVE),
    ("properties/size/minimum", -1),
    ("properties/size/maximum", REMOVE),
    ("properties/tags/maxItems", 4),
    ("properties/tags/items", REMOVE),
    ("properties/tags/uniqueItems", False),
    ("properties/at/format", REMOVE),
    ("additionalProperties", True),
    ("properties/plain/x-privacy", "pseudonym"),
    ("properties/name/default", "someone"),
    ("title", "B"),
    ("description", "Better said."),
    ("properties/plain/description", "What it means."),
    ("properties/plain/examples", ["x"]),
    ("properties/plain/deprecated", True),
]


@pytest.mark.parametrize(("path", "value", "message"), BREAKING)
def test_a_breaking_change_is_named_with_its_place(path: str, value: Any, message: str) -> None:
    problems = breaking_changes(BASE, changed(path, value))
    assert problems
    assert problems[0].startswith(message) or any(problem.startswith(message) for problem in problems), problems


@pytest.mark.parametrize(("path", "value"), COMPATIBLE)
def test_an_additive_change_passes(path: str, value: Any) -> None:
    assert changed(path, value) != BASE
    assert breaking_changes(BASE, changed(path, value)) == []


def test_the_same_schema_passes() -> None:
    assert breaking_changes(BASE, copy.deepcopy(BASE)) == []


def test_a_renamed_field_is_breaking() -> None:
    new = changed("properties/plain", REMOVE)
    new["properties"]["simple"] = {"type": "string"}
    assert breaking_changes(BASE, new) == ["$.plain: the field was removed or renamed"]


def test_loosened_restrictions_on_unknown_members_pass_and_changed_ones_do_not() -> None:
    closed, typed = changed("additionalProperties", False), changed("additionalProperties", {"type": "string"})
    assert breaking_changes(closed, BASE) == []
    assert breaking_changes(closed, typed) == ["$: unknown members are refused or restricted now"]


def test_a_const_that_becomes_part_of_a_choice_passes_and_the_reverse_does_not() -> None:
    wide = changed("properties/kind", {"enum": ["a", "b"]})
    assert breaking_changes(BASE, wide) == []
    assert breaking_changes(wide, BASE) == ['$.kind: no longer accepted: "b"']


def test_true_is_not_one() -> None:
    assert breaking_changes({"enum": [1]}, {"enum": [True]}) == ["$: no longer accepted: 1"]


def test_all_problems_are_reported_at_once() -> None:
    new = changed("properties/plain", REMOVE)
    new["required"].append("note")
    assert len(breaking_changes(BASE, new)) == 2


@pytest.mark.parametrize("event_type", list(EVENT_TYPES))
def test_a_field_taken_from_a_real_event_is_noticed(event_type: str) -> None:
    old, new = load_schema(event_type), event_schemas()[event_type]
    assert breaking_changes(old, new) == []
    for name in list(new["properties"]["data"]["properties"]):
        broken = copy.deepcopy(new)
        del broken["properties"]["data"]["properties"][name]
        assert breaking_changes(old, broken) == [f"$.data.{name}: the field was removed or renamed"]


ANYTHING = st.sampled_from([None, True, 0, 1.5, "", "x", [], {}, [1], {"x": "y"}])
#: Documents that BASE accepts, with values at its limits.
DOCUMENTS = st.fixed_dictionaries(
    {"kind": st.just("a"), "name": st.sampled_from(["ab", "abcdefghi"])},
    optional={
        "note": st.sampled_from([None, "", "x"]),
        "plain": st.text(max_size=5),
        "size": st.sampled_from([0, 0.5, 10]),
        "count": st.integers(),
        "way": st.sampled_from(["in", "out"]),
        "tags": st.lists(st.sampled_from(["", "x", "abcde"]), max_size=3),
        "at": st.just("2025-03-14T09:12:31Z"),
        "part": st.fixed_dictionaries({"x": st.integers()}, optional={"y": st.integers(), "unknown": ANYTHING}),
        "unknown": ANYTHING,
    },
)
OLD = Draft202012Validator(BASE)
NEW = [Draft202012Validator(changed(*case)) for case in COMPATIBLE if not case[0].endswith(("new", "z"))]


@settings(max_examples=150, deadline=None)
@given(document=DOCUMENTS)
def test_what_passes_the_gate_accepts_every_old_document(document: dict[str, Any]) -> None:
    """The gate judged by a validator; additions are left out, being the exception the module names."""
    OLD.validate(document)
    for new in NEW:
        new.validate(document)
