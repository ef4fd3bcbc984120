"""Erlang C (M/M/c) and Erlang A (M/M/c with exponential patience): what queueing theory says of a simple queue.

Written from the theory and sharing no code with the pipeline or the simulation. With arrivals at rate ``a`` (lambda),
``c`` agents who each serve at rate ``m`` (mu) and patience of rate ``t`` (theta), the wait that a customer of endless
patience would have, V, is nothing with probability E / (E + a J), and else has the density a / (E + a J) x
exp(a H(v) - c m v), where H(v) = (1 - exp(-t v)) / t, or v without abandonment (Zeltyn and Mandelbaum, 2005, from
Baccelli and Hebuterne, 1981). Everything else is an integral over it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

#: Steps of Simpson's rule; the integrands are smooth.
_STEPS = 4000


@dataclass(frozen=True)
class Queue:
    """Rates are per second; ``patience_seconds`` None: nobody gives up, and there have to be agents enough."""

    arrivals_per_second: float
    service_seconds: float
    agents: int
    patience_seconds: float | None = None

    def p_wait(self) -> float:
        """Share of customers who find no free agent."""
        return self._over(lambda _: 1.0)

    def mean_wait_seconds(self) -> float:
        """Mean wait of all customers, those who give up included."""
        return self._over(self._waited)

    def mean_wait_answered_seconds(self) -> float:
        """Mean wait of those who are answered."""
        return self._over(lambda v: v * self._still_there(v)) / (1 - self.p_abandon())

    def p_abandon(self) -> float:
        """Share of customers who give up."""
        return self._over(lambda v: 1 - self._still_there(v))

    def p_answered_within(self, seconds: float) -> float:
        """Share of customers who are answered within so many seconds."""
        return 1 - self.p_wait() + self._over(self._still_there, seconds)

    def _still_there(self, v: float) -> float:
        return 1.0 if self.patience_seconds is None else math.exp(-v / self.patience_seconds)

    def _waited(self, v: float) -> float:
        return v if self.patience_seconds is None else self.patience_seconds * (1 - self._still_there(v))

    def _over(self, of: Callable[[float], float], until: float | None = None) -> float:
        """The integral of ``of`` over the density of a wait that is not nothing."""

        def weight(v: float) -> float:
            return self.arrivals_per_second * math.exp(
                self.arrivals_per_second * self._waited(v) - self.agents * v / self.service_seconds
            )

        load = self.arrivals_per_second * self.service_seconds
        terms = [load**j / math.factorial(j) for j in range(self.agents)]
        scale = sum(terms) / terms[-1] + _simpson(weight, self._far())
        return _simpson(lambda v: of(v) * weight(v), self._far() if until is None else until) / scale

    def _far(self) -> float:
        """Nobody waits longer: the density has fallen to nothing there."""
        v = self.service_seconds
        while self.arrivals_per_second * self._waited(v) - self.agents * v / self.service_seconds > -45:
            v *= 1.5
        return v


def erlang_c(load: float, agents: int) -> float:
    """Share of customers who wait, in Erlang's own form: ``load`` in erlangs."""
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked / (1 - (load / agents) * (1 - blocked))


def _simpson(f: Callable[[float], float], until: float) -> float:
    step = until / _STEPS
    inner = sum((4 if n % 2 else 2) * f(n * step) for n in range(1, _STEPS))
    return (f(0.0) + inner + f(until)) * step / 3
