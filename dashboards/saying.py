"""A text of the board that is written where nobody looks (in the feed's thread) and said where somebody does."""

from __future__ import annotations

from typing import Any


class Saying(str):
    """English as it stands; ``words.said`` says its ``text`` with its ``values`` in the viewer's language."""

    __slots__ = ("text", "values")
    text: str
    values: dict[str, Any]

    def __new__(cls, text: str, /, **values: Any) -> Saying:
        """``text`` is a literal, so that it gets a message; what it names in braces comes as ``values``."""
        self = super().__new__(cls, text.format(**values) if values else text)
        self.text, self.values = text, values
        return self
