"""Confidence intervals of a ratio over independent replications, by Student's t: the standard library has no t.

A replication gives a sum and what it is divided by (seconds waited, contacts). Their ratio over all replications is the
estimate; its error comes from how the replications scatter around it, which is right whatever happens within one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

_STEPS = 2000


class Interval(NamedTuple):
    """An estimate and half the width of its confidence interval."""

    estimate: float
    half_width: float

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies in the interval."""
        return abs(self.estimate - value) <= self.half_width


def ratio_interval(replications: Sequence[tuple[float, float]], confidence: float) -> Interval:
    """Of (sum, divided by) of each replication: the ratio and its two-sided interval."""
    number = len(replications)
    over = sum(below for _, below in replications)
    estimate = sum(above for above, _ in replications) / over
    squares = sum((above - estimate * below) ** 2 for above, below in replications)
    error = math.sqrt(squares / (number - 1) * number) / over
    return Interval(estimate, t_quantile(number - 1, confidence) * error)


def t_quantile(freedom: int, confidence: float) -> float:
    """The t that a share ``confidence`` of the distribution does not exceed on either side, by bisection."""
    low, high = 0.0, 1000.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < confidence else (low, middle)
    return high


def _within(t: float, freedom: int) -> float:
    """P(|T| <= t): with t = sqrt(n) tan(a) the density becomes a power of the cosine. Simpson's rule."""
    log_scale = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - math.log(math.pi) / 2
    until = math.atan(t / math.sqrt(freedom))
    step = until / _STEPS
    inner = sum((4 if n % 2 else 2) * math.cos(n * step) ** (freedom - 1) for n in range(1, _STEPS))
    return 2 * math.exp(log_scale) * (1 + inner + math.cos(until) ** (freedom - 1)) * step / 3
