"""What a verification reports: one check per published view or rule, with counts and a few examples."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Examples per check: enough to see the pattern.
MAX_EXAMPLES = 5
#: How much of a value is shown, and of a whole line.
_VALUE_CHARS, _LINE_CHARS = 80, 400


@dataclass(slots=True)
class Check:
    """One check: how many rows were compared, how many differ, and at most five of those in words.

    Examples name keys, columns and values, never a raw event. ``notes`` say what is no difference but should be known.
    """

    name: str
    rows_compared: int
    differences: int
    examples: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ok: bool = field(init=False)

    def __post_init__(self) -> None:
        """Ok is a field, not a property, so that it is part of the JSON."""
        self.ok = not self.differences


@dataclass(slots=True)
class Report:
    """All checks of one verification. Plain data: any JSON encoder for dataclasses can write it."""

    checks: list[Check]
    ok: bool = field(init=False)

    def __post_init__(self) -> None:
        """Ok if every check is."""
        self.ok = all(check.ok for check in self.checks)


def shown_value(text: str) -> str:
    """At most 80 characters of a value, those that cannot be seen escaped."""
    return _clipped(text, _VALUE_CHARS)


def shown_line(text: str) -> str:
    """At most 400 characters of a line."""
    return _clipped(text, _LINE_CHARS)


def _clipped(text: str, limit: int) -> str:
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return visible if len(visible) <= limit else f"{visible[: limit - 1]}…"
