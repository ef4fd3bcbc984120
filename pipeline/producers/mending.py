"""Why a line is refused, member by member, in words that say how to mend it.

The kinds of members come from the event classes, so that what is said here cannot be another rule than the contract's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_type_hints

from msgspec import NODEFAULT
from msgspec.structs import fields

from pipeline.contract.cards import holds_card, without_cards
from pipeline.contract.events import EVENT_TYPES, CloudEvent
from pipeline.contract.rejects import Rejection
from pipeline.producers.mending_values import near, wrong

_WIDEST_OFFSET_HOURS = 14


@dataclass(frozen=True, slots=True)
class Problem:
    """Something at a JSON path, and what to do about it."""

    path: str
    what: str
    mend: str


def undecodable_problem(value: bytes) -> Problem:
    """Why a line is not JSON in UTF-8."""
    if not value.strip():
        return Problem("$", "the line is empty", "remove it: each line is one event")
    if value.startswith(b"\xef\xbb\xbf"):
        return Problem("$", "the line begins with a byte order mark", "write UTF-8 without one")
    if value[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in value:
        return Problem("$", "the line is not UTF-8 but probably UTF-16", "write UTF-8")
    try:
        return _not_json(value.decode())
    except UnicodeDecodeError as error:
        return Problem("$", f"byte {error.start + 1} is not UTF-8", "write UTF-8, not Latin-1 or Windows-1252")


def _not_json(text: str) -> Problem:
    try:
        json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        if text.strip() in {"{", "}", "[", "]"} or text[0].isspace():
            return Problem("$", "the line is a part of a document", "write each event on one line, without indentation")
        if re.match(r"\{\s*'", text):
            return Problem("$", "names and texts are in single quotes", 'JSON has double quotes: {"type": ...}')
        return Problem(
            "$", f"not JSON at character {error.pos + 1} ({error.msg})", "write one JSON object on each line"
        )
    except RecursionError:
        return Problem("$", "nested too deeply", "an event is at most a few levels deep")
    except ValueError:
        return Problem("$", "NaN or Infinity, which JSON does not have", "leave the member out")
    return Problem("$", "half of a surrogate pair, or nested too deeply", "write text as UTF-8 has it")


def type_problems(document: Mapping[str, Any]) -> list[Problem]:
    """A type that the contract does not have."""
    meant = near(str(document["type"]), EVENT_TYPES)
    mend = f"did you mean {meant}?" if meant else "docs/reference/events.md lists the types"
    return [Problem("$.type", "there is no such type of event", mend)]


def schema_problems(document: Any) -> list[Problem]:
    """Every member that is missing or of the wrong kind; empty where none is found."""
    if not isinstance(document, dict):
        kind = "an array" if isinstance(document, list) else "not an object"
        return [Problem("$", f"the line is {kind}", "write each event as one JSON object on a line of its own")]
    cls = EVENT_TYPES.get(document.get("type", ""))
    found = []
    if cls is None:
        found.append(Problem("$.type", "type is missing or no text", "name the type of event: interaction.queued.v1"))
    found += _members("$", document, cls or CloudEvent)
    data = document.get("data")
    if isinstance(data, dict):
        return found + (_members("$.data", data, get_type_hints(cls)["data"]) if cls else [])
    what = "data is missing" if "data" not in document else "data is no object"
    as_text = "data_base64" in document or isinstance(data, str)
    return [*found, Problem("$.data", what, "write it as an object, not as text" if as_text else "add an object")]


def time_problems(document: Mapping[str, Any], refused: Rejection, now: datetime) -> list[Problem]:
    """A moment that cannot be."""
    if not refused.detail.startswith("time is"):
        name = refused.detail.split()[0]
        return [Problem(f"$.data.{name}", refused.detail, 'leave it out rather than write a year that means "never"')]
    mend = "is the clock of its system right?"
    if "future" in refused.detail:
        hours = (datetime.fromisoformat(str(document["time"]).upper()) - now).total_seconds() / 3600
        mend = "is it local time that was written with a Z? Write its offset" if hours <= _WIDEST_OFFSET_HOURS else mend
    return [Problem("$.time", refused.detail, mend)]


def card_problems(document: Any) -> list[Problem]:
    """Where the number of a payment card stands. A name that holds one is masked."""
    what, mend = "the number of a payment card", "leave it out: no event may hold one"
    return [Problem(path, what, mend) for path in _card_paths(document, "$")]


def _card_paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            shown = f"{path}.{without_cards(name.encode()).decode()}"
            if holds_card(name.encode()):
                yield shown
            yield from _card_paths(part, shown)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _card_paths(part, f"{path}[{number}]")
    elif holds_card(json.dumps(value, ensure_ascii=False).encode()):
        yield path


def _members(path: str, said: Mapping[str, Any], cls: type[Any]) -> list[Problem]:
    hints = get_type_hints(cls, include_extras=True)
    known = {field.name: field for field in fields(cls) if field.name != "data"}
    unknown = [name for name in said if name not in known and name not in {"data", "type"}]
    found = []
    for name, member in known.items():
        if name not in said:
            if member.default is NODEFAULT:
                meant = near(name, unknown)
                mend = f"is {meant} meant? Write {name}" if meant else "add it"
                found.append(Problem(f"{path}.{name}", f"{name} is missing", mend))
        elif (what := wrong(said[name], hints[name])) is not None:
            found.append(Problem(f"{path}.{name}", *what))
    return found


def _no_constant(_name: str) -> None:
    raise ValueError
