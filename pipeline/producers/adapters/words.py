"""Names as sources write them, brought into the forms that the contract takes, and none that leads to somebody."""

from __future__ import annotations

import re

from pipeline.contract.values import MAX_IDENTIFIER_CHARS

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NOT_OF_A_WORD = re.compile(r"[^a-z0-9]+")
_WORD_CHARS = 60
#: Seven digits and more, however they are grouped, may be a telephone number or that of a card; fewer are an extension,
#: an error code or a year.
LONG_NUMBER = re.compile(r"\d(?:[\s_./+()-]*\d){6,}")
_UUID_OR_DATE = re.compile(r"\b(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\d{4}-\d\d-\d\d)\b")


def identifier(text: object) -> str | None:
    """A name without control characters, at most as long as the contract allows; None if nothing is left."""
    if text is None:
        return None
    return _CONTROL.sub(" ", str(text)).strip()[:MAX_IDENTIFIER_CHARS] or None


def leads_to_somebody(text: str) -> bool:
    """Whether an address or a long number stands in it. A UUID or a date has many digits and is no number."""
    return "@" in text or LONG_NUMBER.search(_UUID_OR_DATE.sub("", text)) is not None


def typed(text: object) -> str | None:
    """An identifier that a person may have typed, such as an outcome; None for what leads to somebody."""
    found = identifier(text)
    return None if found is None or leads_to_somebody(found) else found


def word(text: object) -> str | None:
    """'After-Call Work' as after_call_work; None where nothing is left, and for what leads to somebody."""
    if text is not None and leads_to_somebody(str(text)):
        return None
    found = _NOT_OF_A_WORD.sub("_", str(text).lower()).strip("_")[:_WORD_CHARS].rstrip("_") if text is not None else ""
    if found[:1].isdigit():
        found = f"n{found}"[:_WORD_CHARS]
    return found or None
