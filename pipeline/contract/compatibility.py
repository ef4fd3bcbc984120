"""The compatibility gate: whatever a producer may send under a released schema stays valid and keeps its meaning.

Producers are many and elsewhere, and old events are replayed for years; so the new schema has to accept everything the
old one accepted. Additions pass: a new optional field, a new choice, a looser limit. An addition constrains a name that
unknown members could have used before; that is the one deliberate exception. What cannot be classified is breaking.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

WHAT_TO_DO = (
    "a released event type may only grow: make the new field optional, keep the old one, widen instead of narrow, "
    "or add a new type (for instance interaction.queued.v2) beside the old one"
)

_ANNOTATIONS = {"title", "description", "examples", "$comment", "deprecated"}
_LOWER = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_UPPER = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_EVERY_TYPE = {"array", "boolean", "integer", "null", "number", "object", "string"}
_MISSING = object()


def breaking_changes(old: Schema, new: Schema, path: str = "$") -> list[str]:
    """Why ``new`` could refuse or read differently what ``old`` accepted; empty if it cannot.

    Each entry is one line: the place (``$.data.queue``) and what changed there.
    """
    problems = _type_changes(old, new, path) + _choice_changes(old, new, path)
    for keyword in sorted({*old, *new} - _ANNOTATIONS - {"type", "const", "enum"}):
        if old.get(keyword, _MISSING) != new.get(keyword, _MISSING):
            rule = _RULES.get(keyword, _unclassified)
            problems += rule(keyword, old, new, path)
    return problems


def check_released(current: Mapping[str, Schema], released: Path) -> list[str]:
    """Compare the schemas of today (by file name) with every released file; one line per breaking change."""
    problems = []
    for file in sorted(released.glob("*/*.schema.json")):
        name = f"{file.parent.name}/{file.name}"
        if file.name not in current:
            problems.append(f"{name}: the event type was removed")
            continue
        changes = breaking_changes(json.loads(file.read_bytes()), current[file.name])
        problems += [f"{name}: {change}" for change in changes]
    return problems


def _types(schema: Schema) -> set[str]:
    types = schema.get("type", sorted(_EVERY_TYPE))
    types = {types} if isinstance(types, str) else set(types)
    return types | {"integer"} if "number" in types else types


def _type_changes(old: Schema, new: Schema, path: str) -> list[str]:
    gone = _types(old) - _types(new)
    if not gone:
        return []
    return [f"{path}: the type was narrowed, no longer accepted: {', '.join(sorted(gone))}"]


def _choices(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return schema.get("enum")


def _choice_changes(old: Schema, new: Schema, path: str) -> list[str]:
    before, after = _choices(old), _choices(new)
    if after is None:
        return []
    if before is None:
        return [f"{path}: only certain values are accepted now"]
    # As JSON: in Python 1 equals True and 1.0.
    accepted = {json.dumps(value, sort_keys=True) for value in after}
    gone = sorted({json.dumps(value, sort_keys=True) for value in before} - accepted)
    return [f"{path}: no longer accepted: {', '.join(gone)}"] if gone else []


def _properties(keyword: str, old: Schema, new: Schema, path: str) -> list[str]:
    before, after = old.get(keyword, {}), new.get(keyword, {})
    problems = []
    for name, spec in before.items():
        where = f"{path}.{name}"
        if name not in after:
            problems.append(f"{where}: the field was removed or renamed")
            continue
        problems += breaking_changes(spec, after[name], where)
        if "default" not in spec and "default" in after[name] and name not in old.get("required", ()):
            problems.append(f"{where}: a default was added, so events without the field mean something else now")
    return problems


def _required(keyword: str, old: Schema, new: Schema, path: str) -> list[str]:
    added = sorted(set(new.get(keyword, ())) - set(old.get(keyword, ())))
    return [f"{path}.{name}: the field is required now" for name in added]


def _limit(keyword: str, old: Schema, new: Schema, path: str) -> list[str]:
    if keyword not in new:
        return []
    if keyword in old:
        tighter = new[keyword] > old[keyword] if keyword in _LOWER else new[keyword] < old[keyword]
        if not tighter:
            return []
    return [f"{path}: {keyword} was tightened to {new[keyword]}"]


def _form(keyword: str, old: Schema, new: Schema, path: str) -> list[str]:
    # Whether one regular expression accepts all that another does cannot be told from their text.
    return [f"{path}: {keyword} was {'changed' if keyword in old else 'added'}"] if keyword in new else []


def _items(keyword: str, old: Schema, new: Schema, path: str) -> list[str]:
    before, after = old.get(keyword, {}), new.get(keyword, {})
    if not isinstance(before, dict) or not isinstance(after, dict):
        return _unclassified(keyword, old, new, path)
    return breaking_changes(before, after, f"{path}[]")


def _unique(keyword: str, old: Schema, new: Schema, path: str) -> list[str]:
    return [f"{path}: repeated items are refused now"] if new.get(keyword) else []


def _additional(keyword: str, old: Schema, new: Schema, path: str) -> list[str]:
    after = new.get(keyword, True)
    return [] if after is True else [f"{path}: unknown members are refused or restricted now"]


def _default(keyword: str, old: Schema, new: Schema, path: str) -> list[str]:
    if keyword not in old:
        return []  # judged by _properties, which knows whether the field was required
    return [f"{path}: the default was changed, so events without the field mean something else now"]


def _privacy(keyword: str, old: Schema, new: Schema, path: str) -> list[str]:
    if new.get(keyword) == "pseudonym":
        return []
    return [f"{path}: {keyword} was weakened; values that were protected would be shown"]


def _identity(keyword: str, old: Schema, new: Schema, path: str) -> list[str]:
    return [f"{path}: {keyword} was changed, and schemas are known by it"]


def _unclassified(keyword: str, old: Schema, new: Schema, path: str) -> list[str]:
    return [f"{path}: {keyword} was changed, and whether that is compatible cannot be told"]


_RULES: dict[str, Callable[[str, Schema, Schema, str], list[str]]] = {
    **dict.fromkeys(_LOWER | _UPPER, _limit),
    "properties": _properties,
    "required": _required,
    "pattern": _form,
    "format": _form,
    "items": _items,
    "uniqueItems": _unique,
    "additionalProperties": _additional,
    "default": _default,
    "x-privacy": _privacy,
    "$schema": _identity,
    "$id": _identity,
}
