"""Puts a person into recorded documents: into every member in which the source could say something of one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.canary.table import CARD, CARD_DIGITS, EMAIL, NAME, PHONE, TEXT

#: What a member is replaced by: a value, or what is made of the one that stands there.
Person = Mapping[str, Any]
#: A member that nobody knows, and one whose very name leads to a person.
UNKNOWN: Mapping[str, Any] = {"sparkle_note": f"{NAME}, {PHONE}, {CARD}: {TEXT}", EMAIL: CARD_DIGITS, PHONE: NAME}
#: A line that is no record: what is said of it must not repeat it.
BROKEN = f'{{"{NAME}": "{PHONE}", "card": "{CARD}", {EMAIL} {TEXT}'


def with_person(document: Any, person: Person, place: tuple[str, ...] = ()) -> Any:
    """The document with the members that ``person`` names by the end of their path, such as ``sender.name``."""
    if isinstance(document, list):
        return [with_person(each, person, place) for each in document]
    if not isinstance(document, dict):
        return document
    found = {}
    for name, value in document.items():
        here = (*place, name)
        tails = (".".join(here[-length:]) for length in range(len(here), 0, -1))
        tail = next((tail for tail in tails if tail in person), None)
        if tail is None:
            found[name] = with_person(value, person, here)
        else:
            said = person[tail]
            found[name] = said(value) if callable(said) else said
    return found


def in_text(person: Person) -> Callable[[str], str]:
    """For a member that is the text of a JSON object: the same with these members, whether it had them or not."""
    return lambda text: json.dumps({**json.loads(text), **person})


def write_lines(file: Path, records: Iterable[Any]) -> None:
    """One record a line, and lines that are no records among them."""
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    file.write_text("\n".join([*lines[:2], BROKEN, *lines[2:], json.dumps([NAME, PHONE, CARD_DIGITS])]) + "\n")
