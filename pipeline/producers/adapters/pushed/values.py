"""Single values as these systems write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from pipeline.producers.adapters.words import typed

_MILLISECONDS_FROM = 10**11
_MOST_CODE_CHARS = 60
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def moment(value: Any) -> datetime | None:
    """A time as seconds or milliseconds since 1970 (a number, or its text) or in ISO 8601; None for anything else.

    A text without an offset is UTC: these systems write UTC.
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        if isinstance(value, int | float):
            return _of_number(value)
        text = str(value).strip()
        if text.removeprefix("-").replace(".", "", 1).isdecimal():
            return _of_number(float(text) if "." in text else int(text))
        if text.endswith(" UTC"):
            text = text.removesuffix(" UTC")
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _of_number(number: float) -> datetime:
    return datetime.fromtimestamp(number / 1000 if abs(number) >= _MILLISECONDS_FROM else number, UTC)


def code(value: Any) -> str | None:
    """A short name that a person chose from a list; None for what may be free text, an address or a number."""
    text = typed(value)
    return None if text is None or len(text) > _MOST_CODE_CHARS else text


def language(value: Any) -> str | None:
    """A BCP 47 tag such as pt-BR, also written pt_BR; None for anything else."""
    if not isinstance(value, str):
        return None
    first, *rest = value.replace("_", "-").split("-")
    text = "-".join([first.lower(), *rest])
    return text if _LANGUAGE.fullmatch(text) else None
