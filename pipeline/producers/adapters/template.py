"""Text with columns in braces, such as ``{line}-{call_id}``: how a mapping says what a value is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: In a template: the date of the row as YYYY-MM-DD. No column can have this name by accident.
ROW_DATE = "@date"

_PART = re.compile(r"\{([^{}]+)\}|([^{}]+)")


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: pieces of (column or None, literal text)."""

    pieces: tuple[tuple[str | None, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What stands in braces, in order."""
        return tuple(column for column, _ in self.pieces if column is not None)

    @property
    def label(self) -> str:
        """The columns, for a report."""
        return ", ".join(name for name in self.names if name != ROW_DATE)

    def fill(self, row: Mapping[str, str]) -> str:
        """The text for one row, without blanks around it."""
        return "".join(text if column is None else row[column] for column, text in self.pieces).strip()

    def empty_columns(self, row: Mapping[str, str]) -> list[str]:
        """The columns named whose cell is empty in this row."""
        return [name for name in self.names if not row[name]]


def parse_template(text: str) -> Template:
    """Parse ``text``; raises ValueError when a brace has no partner."""
    pieces: list[tuple[str | None, str]] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            raise ValueError("a brace without its partner: a column is written {column}")
        pieces.append((match[1], "") if match[1] is not None else (None, match[2]))
        position = match.end()
    return Template(tuple(pieces))
