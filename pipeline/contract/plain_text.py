"""Identifiers are plain text: no control characters. Asked of the bytes first, and of each identifier only then.

A control character can stand in JSON as an escape, as DEL, or as one of a few sequences of UTF-8: msgspec refuses the
others by itself. Almost no event has any of these, and to see that takes no look at its single members.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, get_args, get_type_hints

from msgspec import Meta, Struct, ValidationError
from msgspec.structs import fields

from pipeline.contract.values import PLAIN_PATTERN

_PLAIN = re.compile(PLAIN_PATTERN)


def may_hold_control(document: bytes) -> bool:
    """Whether a control character might stand in the texts of a JSON document. False: surely none."""
    if b"\\" in document or b"\x7f" in document:
        return True
    # U+0080 to U+009F begin with the first, the separators of lines and paragraphs with the others.
    return not document.isascii() and (b"\xc2" in document or b"\xe2\x80" in document)


def is_plain(text: str) -> bool:
    """Whether an identifier may be this text, whatever its length."""
    return _PLAIN.search(text) is not None


def check_plain(said: Struct, path: str = "$") -> None:
    """Hold each identifier of an event, or of its data, to the pattern.

    Raises:
        ValidationError: as msgspec would say it, without the value.
    """
    for name in _identifiers(type(said)):
        value = getattr(said, name)
        if isinstance(value, str) and not is_plain(value):
            raise ValidationError(f"Expected `str` matching regex {PLAIN_PATTERN!r} - at `{path}.{name}`")
    data = getattr(said, "data", None)
    if isinstance(data, Struct):
        check_plain(data, f"{path}.data")


def wants_plain(hint: Any) -> bool:
    """Whether a type is that of an identifier, or of one that may be left out."""
    metas = [part for part in getattr(hint, "__metadata__", ()) if isinstance(part, Meta)]
    if any((meta.extra_json_schema or {}).get("pattern") == PLAIN_PATTERN for meta in metas):
        return True
    return any(wants_plain(part) for part in get_args(hint))


@cache
def _identifiers(cls: type[Struct]) -> tuple[str, ...]:
    hints = get_type_hints(cls, include_extras=True)
    return tuple(field.name for field in fields(cls) if wants_plain(hints[field.name]))
