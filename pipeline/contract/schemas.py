"""One JSON Schema (draft 2020-12) per event type, generated from the classes.

The schemas are closed in what they require and open in what they allow: unknown members pass. They use only keywords
that draft-07 knows too, so older tools and AsyncAPI read them as they are.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from pipeline.contract.events import EVENT_TYPES, CloudEvent, type_name
from pipeline.contract.fields import field_note

DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: The schemas' identifiers begin so. They are names: nothing is fetched from there.
SCHEMA_ID_BASE = "https://callboard.dev/schemas/"

JsonSchema = dict[str, Any]


def file_name(event_type: str) -> str:
    """The name of the schema's file, for instance ``interaction.queued.v1.schema.json``."""
    return f"{event_type}.schema.json"


def event_schema(cls: type[CloudEvent]) -> JsonSchema:
    """The self-contained schema of one event class; its fields carry ``description`` and ``x-privacy``."""
    _, components = msgspec.json.schema_components([cls], ref_template="{name}")
    event = _with_notes(cls.__name__, components[cls.__name__])
    data = event["properties"]["data"]
    owner = data.pop("$ref")
    event["properties"]["data"] = {**_with_notes(owner, components[owner]), **data}
    schema = {"$schema": DIALECT, "$id": SCHEMA_ID_BASE + file_name(type_name(cls)), **event}
    return dict(json.loads(json.dumps(schema)))  # as a reader of the file sees it: a tuple's default is a list


def event_schemas() -> dict[str, JsonSchema]:
    """Every event type's schema, by type."""
    return {name: event_schema(cls) for name, cls in EVENT_TYPES.items()}


def schema_text(schema: JsonSchema) -> str:
    """A schema as its file has it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _with_notes(owner: str, component: JsonSchema) -> JsonSchema:
    properties = {name: _field(owner, name, spec) for name, spec in component["properties"].items()}
    return {**component, "properties": properties}


def _field(owner: str, name: str, spec: JsonSchema) -> JsonSchema:
    note = field_note(owner, name)
    spec = _flat(spec)
    description = note.meaning or spec.pop("description", None)
    spec.pop("description", None)
    about = {"description": description} if description else {}  # data's comes from its class
    # msgspec puts what it is told besides its own keywords first: here it stands behind the other limits.
    moved = ("pattern", "default") if "pattern" in spec else ()
    last: JsonSchema = {name: spec.pop(name) for name in moved if name in spec}
    return {**about, "x-privacy": note.privacy, **spec, **last}


def _flat(spec: JsonSchema) -> JsonSchema:
    """Write ``X or null`` as one level, and a single choice as ``const``: easier to read and to compare."""
    spec = dict(spec)
    if "anyOf" in spec:
        choice, null = spec.pop("anyOf")
        if null != {"type": "null"}:
            raise TypeError("a field is one type or null: schemas.py does not know how to write any other union")
        spec = {**choice, **spec}
        if "type" in spec:
            spec["type"] = [spec["type"], "null"]
        if "enum" in spec:
            spec["enum"] = [*spec["enum"], None]
    elif len(spec.get("enum", ())) == 1:
        spec["const"] = spec.pop("enum")[0]
    return spec
