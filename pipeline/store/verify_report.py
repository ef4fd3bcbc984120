"""What a verification reports: one check per published view or rule, with counts and a few examples."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

#: Examples per check: enough to see the pattern.
MAX_EXAMPLES = 5
_MAX_CHARS = 80


@dataclass(frozen=True, slots=True)
class Check:
    """One check: how many rows were compared, how many differ, and at most five of those in words.

    Examples name keys, columns and values, never a raw event. ``notes`` say what is no difference but should be known.
    """

    name: str
    rows_compared: int
    differences: int
    examples: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing differs."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one verification."""

    checks: list[Check]

    @property
    def ok(self) -> bool:
        """Every check holds."""
        return all(check.ok for check in self.checks)

    def document(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {"ok": self.ok, "checks": [{**asdict(check), "ok": check.ok} for check in self.checks]}


def clipped(text: str) -> str:
    """One line of at most 80 characters."""
    line = " ".join(text.split())
    return line if len(line) <= _MAX_CHARS else f"{line[: _MAX_CHARS - 1]}…"
