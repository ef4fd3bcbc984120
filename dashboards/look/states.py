"""Number, target, state in words: what is an exception, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from dashboards.look.formats import Number, duration

_NOTHING = ("0.0 points", duration(0))


class Level(Enum):
    """How much attention a number asks for."""

    QUIET = "quiet"
    WARNING = "warning"
    SERIOUS = "serious"

    @property
    def icon(self) -> str:
        """Never colour alone: each level has a sign of its own."""
        return {"quiet": "", "warning": "▲ ", "serious": "◆ "}[self.value]


@dataclass(frozen=True, slots=True)
class Limits:
    """``target`` is where the warning begins, ``serious`` where it becomes serious; both in the number's own unit.

    To leave a level a number must come back a tenth of the way between them, so that a number at its target does
    not blink.
    """

    target: float
    serious: float
    unit: str

    @property
    def higher_is_better(self) -> bool:
        """Whether falling is what is bad."""
        return self.serious < self.target

    def level(self, value: Number | None, before: Level = Level.QUIET) -> Level:
        """The level of a value, given the one it had before."""
        if value is None:
            return Level.QUIET
        sign = 1 if self.higher_is_better else -1
        shortfall = sign * (self.target - float(value))
        span = abs(self.serious - self.target)
        margin = span / 10
        if shortfall > span or (before is Level.SERIOUS and shortfall > span - margin):
            return Level.SERIOUS
        if shortfall > 0 or (before is not Level.QUIET and shortfall > -margin):
            return Level.WARNING
        return Level.QUIET

    def words(self, value: Number | None, level: Level = Level.QUIET) -> str:
        """``on target 80 %``, ``6.2 points under 80 %``, ``within 2:00``, ``1:03 over 2:00``.

        ``level``: the level it has, for a number that is back and still too near to its limit to be called well.
        """
        if value is None:
            return f"target {self.goal}"
        shortfall = (self.target - float(value)) * (1 if self.higher_is_better else -1)
        if shortfall <= 0:
            reached = f"on target {self.goal}" if self.higher_is_better else f"within {self.goal}"
            return reached if level is Level.QUIET else f"just back {reached}"
        amount = f"{shortfall * 100:.1f} points" if self.unit == "ratio" else duration(shortfall)
        amount = "just" if amount in _NOTHING else amount
        return f"{amount} {'under' if self.higher_is_better else 'over'} {self.goal}"

    @property
    def goal(self) -> str:
        """The target as text."""
        return f"{self.target * 100:.0f}\N{NO-BREAK SPACE}%" if self.unit == "ratio" else duration(self.target)
