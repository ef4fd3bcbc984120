"""The words of the board in the viewer's language."""

from __future__ import annotations

from typing import Any


def say(text: str, **values: Any) -> str:
    """A text of the board, with ``{names}`` in it replaced by ``values``. English is the text itself."""
    return text.format(**values) if values else text
