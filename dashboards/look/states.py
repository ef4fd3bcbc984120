"""Number, target, state in words: what is an exception, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from dashboards.look.formats import Number, decimal, duration, percent
from dashboards.look.words import say


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
            return say("target {goal}", goal=self.goal)
        shortfall = (self.target - float(value)) * (1 if self.higher_is_better else -1)
        return self._reached(level) if shortfall <= 0 else self._missed(shortfall)

    def _reached(self, level: Level) -> str:
        back = level is not Level.QUIET
        if self.higher_is_better:
            return say("just back on target {goal}" if back else "on target {goal}", goal=self.goal)
        return say("just back within {goal}" if back else "within {goal}", goal=self.goal)

    def _missed(self, shortfall: float) -> str:
        points = self.unit == "ratio"
        amount, nothing = (decimal(shortfall * 100), decimal(0)) if points else (duration(shortfall), duration(0))
        if amount == nothing:
            return say("just under {goal}" if self.higher_is_better else "just over {goal}", goal=self.goal)
        if points:
            amount = say("{number} points", number=amount)
        under = self.higher_is_better
        return say("{amount} under {goal}" if under else "{amount} over {goal}", amount=amount, goal=self.goal)

    @property
    def goal(self) -> str:
        """The target as text."""
        return percent(self.target, 0) if self.unit == "ratio" else duration(self.target)
