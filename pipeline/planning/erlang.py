"""Erlang C and Erlang A: what a queue with so many agents would do, and how many agents its target needs.

Both take arrivals that come at random at a steady rate, one contact at a time per agent, and handle times that scatter
exponentially. Erlang C lets everybody wait for ever; Erlang A gives everybody a patience, which scatters exponentially.

Nothing here overflows, whatever the size: Erlang B is a recursion over its inverse, weights of states are logarithms.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

#: States that weigh less than this part of the heaviest one are left out.
_NEGLIGIBLE = math.log(1e-17)
#: More agents than this are no answer: the load was measured wrongly, or no number of agents meets the target.
MOST_AGENTS = 100_000


@dataclass(frozen=True, slots=True)
class Demand:
    """What comes in. ``patience_seconds`` None: nobody gives up (Erlang C).

    Raises:
        ValueError: a rate or a time that cannot be.
    """

    arrivals_per_second: float
    handle_seconds: float
    patience_seconds: float | None = None

    def __post_init__(self) -> None:
        """Refuse what would give a number without meaning."""
        times = (self.handle_seconds, 1.0 if self.patience_seconds is None else self.patience_seconds)
        if not (math.isfinite(self.arrivals_per_second) and self.arrivals_per_second >= 0):
            raise ValueError(f"arrivals_per_second is a number from 0, not {self.arrivals_per_second}")
        if not all(math.isfinite(time) and time > 0 for time in times):
            raise ValueError(f"handle_seconds and patience_seconds are more than 0, not {times}")

    @property
    def load(self) -> float:
        """Offered load in erlangs: how many agents would be busy if nobody ever waited or gave up."""
        return self.arrivals_per_second * self.handle_seconds


def erlang_b(load: float, agents: int) -> float:
    """Share of arrivals that find all agents busy if nobody can wait."""
    if load <= 0:
        return 0.0 if agents else 1.0
    return 1.0 / (1.0 + _free_weight(load, agents))


def _free_weight(load: float, agents: int) -> float:
    """Weight of all states with a free agent, when that of "all busy, nobody waits" is 1; infinite if it is too large.

    One more than this is the inverse of Erlang B; apart from it, what is tiny is not lost beside the 1.
    """
    weight = 0.0
    for n in range(1, agents + 1):
        weight = (1.0 + weight) * n / load
        if math.isinf(weight):
            break
    return weight


def wait_probability(demand: Demand, agents: int) -> float:
    """Share of arrivals that find no free agent. Without patience a queue with too few agents never empties: 1."""
    blocked = erlang_b(demand.load, agents)
    if demand.patience_seconds is None:
        if agents <= demand.load:
            return 1.0 if demand.load > 0 or not agents else 0.0
        return blocked / (1 - demand.load / agents * (1 - blocked))
    return sum(_queued_shares(demand, agents))


def answered_within(demand: Demand, agents: int, seconds: float) -> float:
    """Share of all arrivals that are answered within so many seconds, those who give up counting as not answered."""
    if agents < 1:
        return 0.0
    if demand.patience_seconds is None:
        if agents <= demand.load:
            return 0.0
        drain = (agents - demand.load) / demand.handle_seconds
        return 1 - wait_probability(demand, agents) * math.exp(-drain * seconds)
    queued = _queued_shares(demand, agents)
    return (1 - sum(queued)) + _answered_of_queued(demand, agents, seconds, queued)


def abandoned(demand: Demand, agents: int) -> float:
    """Share of all arrivals that give up; 0 without patience."""
    if demand.patience_seconds is None or demand.arrivals_per_second == 0:
        return 0.0
    # Who arrives as the (k+1)th waiting one leaves one more waiting; each waiting one gives up at its own rate.
    rate = agents * demand.patience_seconds / demand.handle_seconds
    return sum(share * (k + 1) / (rate + k + 1) for k, share in enumerate(_queued_shares(demand, agents)))


def occupancy(demand: Demand, agents: int) -> float:
    """Share of their time in which agents are busy, 0 to 1."""
    return 0.0 if agents < 1 else min(1.0, demand.load * (1 - abandoned(demand, agents)) / agents)


@functools.lru_cache(maxsize=4_096)
def agents_needed(demand: Demand, target: float, threshold_seconds: float) -> int | None:
    """The fewest agents with whom ``target`` (0 to 1) of all arrivals are answered within the threshold.

    None: no number of agents does. No arrivals need nobody.
    """
    if not 0 < target < 1 or threshold_seconds < 0:
        raise ValueError(f"a target between 0 and 1 and a threshold from 0 s, not {target} and {threshold_seconds}")
    if demand.arrivals_per_second == 0:
        return 0

    def is_enough(agents: int) -> bool:
        return answered_within(demand, agents, threshold_seconds) >= target

    # More agents never make it worse, so the answer can be halved in.
    too_few, enough = 0, max(1, math.ceil(demand.load))
    while not is_enough(enough):
        too_few, enough = enough, 2 * enough
        if enough > MOST_AGENTS:
            return None
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if is_enough(middle) else (middle, enough)
    return enough


def _queued_shares(demand: Demand, agents: int) -> list[float]:
    """Share of arrivals that find all agents busy and k others waiting, for k from 0 on (Erlang A)."""
    if demand.arrivals_per_second == 0:
        return [0.0 if agents else 1.0]
    assert demand.patience_seconds is not None  # noqa: S101 - Erlang C does not come here
    busy, gives_up = agents / demand.handle_seconds, 1 / demand.patience_seconds
    # Logarithms of the weights of the states from "all busy, nobody waits" on, which itself weighs 1.
    logs, heaviest = [0.0], 0.0
    while logs[-1] - heaviest > _NEGLIGIBLE:
        logs.append(logs[-1] + math.log(demand.arrivals_per_second / (busy + len(logs) * gives_up)))
        heaviest = max(heaviest, logs[-1])
    weight = _free_weight(demand.load, agents)
    if math.isinf(weight):
        return [0.0]
    free = math.exp(math.log(weight) - heaviest) if weight > 0 else 0.0
    weights = [math.exp(log - heaviest) for log in logs]
    total = free + math.fsum(weights)
    return [weight / total for weight in weights]


def _answered_of_queued(demand: Demand, agents: int, seconds: float, queued: list[float]) -> float:
    """Share of all arrivals that wait and are answered within so many seconds.

    Who finds k others waiting is answered after k + 1 departures, whose rates fall by the same step each time. Such a
    sum T makes 1 - exp(-T / patience) a beta variable of k + 1 and r (r: how many patiences an agent's queue is served
    in). To be still there then as well weighs it by exp(-T / patience), which gives r / (r + k + 1) of a beta variable
    of k + 1 and r + 1.
    """
    assert demand.patience_seconds is not None  # noqa: S101 - Erlang C does not come here
    x = -math.expm1(-seconds / demand.patience_seconds)
    if x <= 0:
        return 0.0
    r = agents * demand.patience_seconds / demand.handle_seconds
    # How surely the first so many departures are over in time: a regularised incomplete beta function, which falls by
    # a term with each k that is known from the last one.
    log_x = math.log(x)
    log_rest = -seconds / demand.patience_seconds * (r + 1)
    in_time = -math.expm1(log_rest)
    log_term = log_rest + log_x + math.log(r + 1)
    found = 0.0
    for k, share in enumerate(queued):
        found += share * r / (r + k + 1) * in_time
        in_time = max(0.0, in_time - math.exp(log_term))
        log_term += log_x + math.log((r + k + 2) / (k + 2))
    return found
