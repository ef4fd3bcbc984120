"""The contract's examples, and judging a document by its JSON Schema alone."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from msgspec import Struct
from msgspec.structs import FieldInfo, fields

from pipeline.contract.events import EVENT_TYPES

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "schemas"
EXAMPLES = SCHEMAS / "examples"
REJECTED = EXAMPLES / "rejected"
#: The moment at which the examples are judged: shortly after they happened.
NOW = datetime(2025, 3, 15, tzinfo=UTC)

ACCEPTED_FILES = sorted(path for name in EVENT_TYPES for path in (EXAMPLES / name).glob("*.json"))
REJECTED_INDEX: list[dict[str, str]] = yaml.safe_load((REJECTED / "index.yaml").read_text())["rejected"]


def name_of(path: Path) -> str:
    """A short test id: ``interaction.queued.v1/full``."""
    return f"{path.parent.name}/{path.stem}"


def load_schema(event_type: str) -> dict[str, Any]:
    return json.loads((SCHEMAS / "events" / f"{event_type}.schema.json").read_bytes())


# jsonschema checks date-time only with another library, which takes a final line feed; RFC 3339, section 5.6, is short.
FORMATS = FormatChecker(formats=())
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII | re.IGNORECASE,
)


@FORMATS.checks("date", raises=ValueError)
def is_date(value: object) -> bool:
    """An RFC 3339 full-date of a day that exists."""
    if not isinstance(value, str):
        return True
    return re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) is not None and bool(date.fromisoformat(value))


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    """An RFC 3339 date-time of a day that exists, without leap seconds."""
    if not isinstance(value, str):
        return True
    found = _RFC3339.fullmatch(value)
    return found is not None and bool(date.fromisoformat(found[1]))


@cache
def validator(event_type: str) -> Draft202012Validator:
    """The published schema, formats checked."""
    return Draft202012Validator(load_schema(event_type), format_checker=FORMATS)


def valid_by_schema(document: Any) -> bool:
    """Whether the document's own type is in the contract and its schema accepts it."""
    name = document.get("type")
    return isinstance(name, str) and name in EVENT_TYPES and bool(validator(name).is_valid(document))


def data_class(event: type[Struct]) -> type[Struct]:
    """The class of an event's ``data``."""
    found = get_type_hints(event)["data"]
    assert not get_args(found)
    return found


def members(event: type[Struct]) -> dict[tuple[str, ...], FieldInfo]:
    """Every member of an event and of its data, by path."""
    top = {(field.name,): field for field in fields(event)}
    return top | {("data", field.name): field for field in fields(data_class(event))}
