"""Names of things that nobody understood, fit to be shown: what a notice may say of a source's own words."""

from __future__ import annotations

import re

from pipeline.producers.adapters.words import word

#: So many digits may be a telephone number; a shorter run is an extension, an error code or a year.
_MAY_BE_A_NUMBER = re.compile(r"(?:\d[\s_./+()-]*){7,}")
_HIDDEN = "hidden"


def notice_name(text: object) -> str:
    """A verb, a field or a code as a word; 'hidden' where it may hold a telephone number, 'empty' where it is none."""
    if text is None or not str(text).strip():
        return "empty"
    if _MAY_BE_A_NUMBER.search(str(text)) or "@" in str(text):
        return _HIDDEN
    return word(text) or _HIDDEN
