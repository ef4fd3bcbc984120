"""How a duration or an amount is spread: what is drawn, and its mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Protocol


class Spread(Protocol):
    """Something to draw from."""

    @property
    def mean(self) -> float:
        """The mean of what is drawn."""

    def draw(self, rng: Random) -> float:
        """One value, never negative."""


@dataclass(frozen=True, slots=True)
class Lognormal:
    """As most durations and amounts are: many small ones, a few large. ``variation``: deviation over mean."""

    mean: float
    variation: float = 0.6

    def draw(self, rng: Random) -> float:
        """One value."""
        variance = math.log1p(self.variation**2)
        return rng.lognormvariate(math.log(self.mean) - variance / 2, math.sqrt(variance))


@dataclass(frozen=True, slots=True)
class Exponential:
    """Without memory, as queueing theory likes it."""

    mean: float

    def draw(self, rng: Random) -> float:
        """One value."""
        return rng.expovariate(1 / self.mean)


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same."""

    mean: float

    def draw(self, rng: Random) -> float:
        """The value; takes nothing from ``rng``."""
        return self.mean
