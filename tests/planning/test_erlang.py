"""Erlang C and A for planning: published values, another derivation of them, and sizes that overflow.

The other (tests/simulate/erlang.py) shares no code: it integrates the density of the wait, this adds up states.
"""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.planning.erlang import (
    Demand,
    abandoned,
    agents_needed,
    answered_within,
    erlang_b,
    occupancy,
    wait_probability,
)
from tests.simulate.erlang import Queue


@pytest.mark.parametrize(
    ("load", "agents", "blocked"),
    # Published tables of Erlang B: the load at which so many lines lose 1 % (and 0.1 %, and 5 %).
    [(4.4612, 10, 0.01), (12.031, 20, 0.01), (84.064, 100, 0.01), (3.0920, 10, 0.001), (15.249, 20, 0.05)],
)
def test_erlang_b_is_that_of_the_tables(load: float, agents: int, blocked: float) -> None:
    assert erlang_b(load, agents) == pytest.approx(blocked, rel=2e-3)


def test_erlang_c_gives_the_usual_example() -> None:
    """200 calls an hour of three minutes, 80 % in 20 s: 14 agents, of whom 17.4 % of callers find none free."""
    demand = Demand(200 / 3600, 180)
    assert agents_needed(demand, 0.8, 20) == 14
    assert wait_probability(demand, 14) == pytest.approx(0.174, abs=0.0005)
    assert answered_within(demand, 14, 20) == pytest.approx(0.888, abs=0.0005)
    assert occupancy(demand, 14) == pytest.approx(10 / 14)


def test_erlang_a_gives_the_example_of_mandelbaum_and_zeltyn() -> None:
    """48 calls a minute of a minute, 50 agents, a patience of two minutes: 3.1 % give up."""
    demand = Demand(0.8, 60, 120)
    assert abandoned(demand, 50) == pytest.approx(0.031, abs=0.0005)
    assert abandoned(Demand(0.8, 60), 50) == 0


@pytest.mark.parametrize(
    ("per_hour", "handle_seconds", "agents", "p_wait", "within_20"),
    [
        (200, 180, 14, 0.1741319335950498, 0.8883500191794669),
        (540, 20, 5, 0.2361516034985423, 0.9680403558537445),
        (600, 40, 8, 0.5326865772524279, 0.7265095921597262),
        (900, 75, 20, 0.7005191746557692, 0.49805607770183247),
    ],
)
def test_erlang_c_gives_what_a_library_gives(
    per_hour: float, handle_seconds: float, agents: int, p_wait: float, within_20: float
) -> None:
    """Of pyworkforce 0.5.1, called once and written down (docs/adr/0012-erlang.md)."""
    demand = Demand(per_hour / 3600, handle_seconds)
    assert wait_probability(demand, agents) == pytest.approx(p_wait, rel=1e-9)
    assert answered_within(demand, agents, 20) == pytest.approx(within_20, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    agents=st.integers(1, 60),
    load=st.floats(0.2, 1.4),
    handle=st.floats(20, 900),
    patience=st.floats(20, 900),
    seconds=st.floats(1, 200),
)
def test_states_and_integrals_agree(agents: int, load: float, handle: float, patience: float, seconds: float) -> None:
    # What the integrals leave open is their own error: Simpson's rule with 4000 steps, however short the patience.
    rate = load * agents / handle
    demand, other = Demand(rate, handle, patience), Queue(rate, handle, agents, patience)
    assert wait_probability(demand, agents) == pytest.approx(other.p_wait(), abs=2e-5)
    assert answered_within(demand, agents, seconds) == pytest.approx(other.p_answered_within(seconds), abs=2e-5)
    assert abandoned(demand, agents) == pytest.approx(other.p_abandon(), abs=2e-5)


@settings(max_examples=40, deadline=None)
@given(agents=st.integers(1, 60), load=st.floats(0.2, 0.97), handle=st.floats(20, 900), seconds=st.floats(1, 200))
def test_states_and_integrals_agree_without_patience(agents: int, load: float, handle: float, seconds: float) -> None:
    rate = load * agents / handle
    demand, other = Demand(rate, handle), Queue(rate, handle, agents)
    assert answered_within(demand, agents, seconds) == pytest.approx(other.p_answered_within(seconds), abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(
    load=st.floats(0.01, 3_000),
    handle=st.floats(5, 3_600),
    patience=st.none() | st.floats(5, 3_600),
    target=st.floats(0.05, 0.99),
    threshold=st.floats(0, 600),
)
def test_the_fewest_agents_are_enough_and_one_less_is_not(
    load: float, handle: float, patience: float | None, target: float, threshold: float
) -> None:
    demand = Demand(load / handle, handle, patience)
    agents = agents_needed(demand, target, threshold)
    assert agents is not None
    assert answered_within(demand, agents, threshold) >= target
    assert answered_within(demand, agents - 1, threshold) < target
    assert 0 <= occupancy(demand, agents) <= 1


def test_impatience_needs_no_more_agents_and_endless_patience_is_erlang_c() -> None:
    for load in (0.5, 7.0, 40.0, 900.0):
        patient = agents_needed(Demand(load / 240, 240), 0.8, 20)
        impatient = agents_needed(Demand(load / 240, 240, 90), 0.8, 20)
        assert patient is not None
        assert impatient is not None
        assert impatient <= patient
        assert answered_within(Demand(load / 240, 240, 1e7), patient, 20) == pytest.approx(
            answered_within(Demand(load / 240, 240), patient, 20), abs=1e-4
        )


@pytest.mark.parametrize("patience", [None, 60.0, 3_600.0])
def test_thousands_of_agents_do_not_overflow(patience: float | None) -> None:
    demand = Demand(5_000 / 300, 300, patience)
    for agents in (1, 100, 4_000, 5_000, 6_000, 20_000):
        shares = wait_probability(demand, agents), answered_within(demand, agents, 120), abandoned(demand, agents)
        assert all(math.isfinite(share) and -1e-12 <= share <= 1 + 1e-12 for share in shares)
    assert wait_probability(demand, 20_000) < 1e-9


def test_an_agent_who_is_hardly_ever_free_is_no_error() -> None:
    """The weight of the free state is lost beside 1, which once was the logarithm of nothing."""
    demand = Demand(1e17, 1.0, 1e-16)
    assert wait_probability(demand, 1) == pytest.approx(1)
    assert answered_within(demand, 1, 20) == pytest.approx(0, abs=1e-12)


def test_a_threshold_of_next_to_nothing_is_that_of_nothing() -> None:
    demand = Demand(0.2, 5, 5)
    assert answered_within(demand, 1, 5e-324) == answered_within(demand, 1, 0) == 1 - wait_probability(demand, 1)


def test_nothing_comes_of_nothing_and_nonsense_is_refused() -> None:
    assert agents_needed(Demand(0, 180), 0.8, 20) == 0
    assert answered_within(Demand(1, 180), 100, 20) == 0  # a queue that grows for ever answers nobody in time
    assert occupancy(Demand(1, 180), 0) == 0
    for arguments in ((-1.0, 10.0), (1.0, 0.0), (1.0, 10.0, 0.0), (math.nan, 1.0), (1.0, math.inf)):
        with pytest.raises(ValueError, match="not"):
            Demand(*arguments)
    for target in (0.0, 1.0, 80.0):
        with pytest.raises(ValueError, match="target"):
            agents_needed(Demand(1, 1), target, 20)
