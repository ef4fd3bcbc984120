"""What pydantic found, in words for the person who wrote the file: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from pipeline.centre.problems import Path
from pipeline.centre.vocabulary import hint

#: pydantic's mark of an error in the key of a mapping, not in its value.
_KEY = "[key]"


def path_of(error: ErrorDetails) -> Path:
    """Where the error is, as a path into the file."""
    return tuple(step for step in error["loc"] if step != _KEY)


def message_of(error: ErrorDetails, root: type[BaseModel]) -> str:
    """One line: what is wrong; what to do. ``root``: the model of the whole file."""
    kind, value = error["type"], error["input"]
    if kind == "missing":
        return "is missing; add it"
    if kind == "extra_forbidden":
        path = path_of(error)
        return f"is not known here; {hint(str(path[-1]), members_at(root, path[:-1]))}"
    if kind == "centre":
        return error["msg"]
    if value is None:
        return "is empty; give it a value or leave it out"
    for part, explain in _EXPLAIN.items():
        if kind.startswith(part):
            return explain(value, error.get("ctx", {}))
    return f"{error['msg']}; see 'callboard centre example'"


_EXPLAIN: Mapping[str, Callable[[Any, Mapping[str, Any]], str]] = {
    "string": lambda value, _: f"is {_kind(value)} and must be text; write one value after the colon",
    "int": lambda value, _: f"{_shown(value)} is no whole number; write it like 1 or 30",
    "float": lambda value, _: f"{_shown(value)} is no number; write it like 20 or 0.8",
    "finite_number": lambda value, _: f"{_shown(value)} is no number; write it like 20 or 0.8",
    "tuple": lambda value, _: f"is {_kind(value)} and must be a list; write it like [one, two], or each after '- '",
    "dict": lambda value, _: f"is {_kind(value)} and must have members; write them indented below, as 'name: value'",
    "model": lambda value, _: f"is {_kind(value)} and must have members; write them indented below, as 'name: value'",
    "greater_than_equal": lambda value, ctx: f"{_shown(value)} is too little; give {ctx['ge']:g} or more",
    "greater_than": lambda value, ctx: f"{_shown(value)} is too little; give more than {ctx['gt']:g}",
    "less_than_equal": lambda value, ctx: f"{_shown(value)} is too much; give {_number(ctx['le'])} or less",
}


def _shown(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else f"{_kind(value)}"


def _kind(value: Any) -> str:
    return "a list" if isinstance(value, list) else "a mapping" if isinstance(value, dict) else f"'{value}'"


def _number(limit: float) -> str:
    return "1 (a share, 0.8 is 80 %)" if limit == 1 else f"{limit:,.0f}".replace(",", " ")


def members_at(root: type[BaseModel], path: Path) -> list[str]:
    """The names of the members that the model at a path may have; none if there is no model."""
    here: Any = root
    for step in path:
        here = _plain(here)
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = next((f for name, f in here.model_fields.items() if (f.alias or name) == step), None)
            here = field.annotation if field else None
        elif get_args(here):
            # dict[key, value] or tuple[value, ...]
            here = get_args(here)[1 if get_origin(here) is dict else 0]
    here = _plain(here)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return [field.alias or name for name, field in here.model_fields.items()]
    return []


def _plain(kind: Any) -> Any:
    """A type without its annotations and without None."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        arguments = [argument for argument in get_args(kind) if argument is not type(None)]
        kind = arguments[0]
    return kind
