"""Names of things that nobody understood, fit to be shown: what a notice may say of a source's own words."""

from __future__ import annotations

from pipeline.producers.adapters.words import word

_HIDDEN = "hidden"


def notice_name(text: object) -> str:
    """A verb, a field or a code as a word; 'hidden' where it leads to somebody, 'empty' where it is none."""
    if text is None or not str(text).strip():
        return "empty"
    return word(text) or _HIDDEN
