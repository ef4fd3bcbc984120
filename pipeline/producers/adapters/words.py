"""Names as sources write them, brought into the forms that the contract takes."""

from __future__ import annotations

import re

from pipeline.contract.values import MAX_IDENTIFIER_CHARS

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NOT_OF_A_WORD = re.compile(r"[^a-z0-9]+")
_WORD_CHARS = 60


def identifier(text: object) -> str | None:
    """A name without control characters, at most as long as the contract allows; None if nothing is left."""
    if text is None:
        return None
    return _CONTROL.sub(" ", str(text)).strip()[:MAX_IDENTIFIER_CHARS] or None


def word(text: object) -> str | None:
    """'After-Call Work' as after_call_work; None if no letter begins it."""
    found = _NOT_OF_A_WORD.sub("_", str(text).lower()).strip("_")[:_WORD_CHARS].rstrip("_") if text is not None else ""
    if found[:1].isdigit():
        found = f"n{found}"[:_WORD_CHARS]
    return found or None
