"""The published schemas say what the classes say, no more and no less."""

from __future__ import annotations

import inspect
import json
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from msgspec import NODEFAULT, Struct
from msgspec.structs import fields

from pipeline.contract.events import EVENT_TYPES
from pipeline.contract.fields import FIELDS
from pipeline.contract.schemas import event_schemas, schema_text
from tests.contract.corpus import ACCEPTED_FILES, SCHEMAS, data_class, load_schema, name_of

TYPES = list(EVENT_TYPES)


def choices(cls: type[Struct], name: str) -> set[Any] | None:
    """The values of a Literal member, or None."""
    found: set[Any] = set()
    todo = [get_type_hints(cls)[name]]
    for hint in todo:
        if get_origin(hint) is Literal:
            found.update(get_args(hint))
        elif type(None) in get_args(hint):
            todo += get_args(hint)
            found.add(None) if any(get_origin(arg) is Literal for arg in get_args(hint)) else None
    return found or None


@pytest.mark.parametrize("event_type", TYPES)
def test_a_schema_file_is_what_the_classes_generate(event_type: str) -> None:
    assert (SCHEMAS / "events" / f"{event_type}.schema.json").read_text() == schema_text(event_schemas()[event_type])


def test_every_schema_file_belongs_to_a_type() -> None:
    assert sorted(p.name for p in (SCHEMAS / "events").iterdir()) == sorted(f"{name}.schema.json" for name in TYPES)


@pytest.mark.parametrize("event_type", TYPES)
def test_a_schema_introduces_itself(event_type: str) -> None:
    schema, cls = load_schema(event_type), EVENT_TYPES[event_type]
    Draft202012Validator.check_schema(schema)
    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"https://callboard.dev/schemas/{event_type}.schema.json"
    assert schema["title"] == cls.__name__
    assert schema["description"] == inspect.getdoc(cls)
    assert schema["properties"]["type"]["const"] == event_type
    assert schema["properties"]["specversion"]["const"] == "1.0"
    assert schema["properties"]["time"]["format"] == "date-time"
    assert schema["properties"]["data"]["title"] == data_class(cls).__name__
    assert schema["properties"]["data"]["description"] == inspect.getdoc(data_class(cls))


@pytest.mark.parametrize("event_type", TYPES)
def test_members_required_lists_and_choices_are_those_of_the_classes(event_type: str) -> None:
    schema, cls = load_schema(event_type), EVENT_TYPES[event_type]
    data = data_class(cls)
    for part, owner, tag in ((schema, cls, ["type"]), (schema["properties"]["data"], data, [])):
        infos = fields(owner)
        assert part["type"] == "object"
        assert list(part["properties"]) == tag + [info.name for info in infos]
        assert part["required"] == tag + [i.name for i in infos if i.default is NODEFAULT]
        assert "additionalProperties" not in part
        for info in infos:
            spec = part["properties"][info.name]
            if info.default is not NODEFAULT:
                assert spec["default"] == json.loads(json.dumps(info.default))
            listed = {spec["const"]} if "const" in spec else set(spec["enum"]) if "enum" in spec else None
            assert listed == choices(owner, info.name), info.name


@pytest.mark.parametrize("event_type", TYPES)
def test_every_field_has_a_meaning_and_a_privacy(event_type: str) -> None:
    schema = load_schema(event_type)
    properties = {**schema["properties"], **schema["properties"]["data"]["properties"]}
    assert properties
    for name, spec in properties.items():
        assert spec["x-privacy"] in {"none", "pseudonym"}, name
        assert len(spec["description"]) > 5, name


def test_data_is_as_private_as_its_most_private_field() -> None:
    for event_type in TYPES:
        data = load_schema(event_type)["properties"]["data"]
        assert data["x-privacy"] == max(spec["x-privacy"] for spec in data["properties"].values()), "n < p"


def test_the_table_of_fields_has_no_orphans() -> None:
    used = set()
    for cls in EVENT_TYPES.values():
        for owner in (cls, data_class(cls)):
            for name in [info.name for info in fields(owner)] + ["type"]:
                used |= {f"{owner.__name__}.{name}"} if f"{owner.__name__}.{name}" in FIELDS else {name}
    assert used == set(FIELDS)


@pytest.mark.parametrize("path", ACCEPTED_FILES, ids=name_of)
def test_an_older_tool_reads_the_schemas_alike(path: Any) -> None:
    """AsyncAPI refers to the schemas as they are, and knows draft-07."""
    document = json.loads(path.read_bytes())
    schema = load_schema(document["type"])
    for case in (document, {**document, "data": {}}, {**document, "time": 1}):
        assert Draft7Validator(schema).is_valid(case) == Draft202012Validator(schema).is_valid(case)
