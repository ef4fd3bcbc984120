"""A simulated M/M/c queue, without and with patience, agrees with Erlang C and Erlang A through the whole pipeline.

Events of most of a day go into a store, and ``kpi_between`` and ``service_level`` give each measure hour by hour. The
hours between the first two and the last are batches; their mean must lie within its confidence interval of what theory
says, and the interval must be narrow enough for a queue with one agent less to lie outside.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipeline.clock import ManualClock
from pipeline.contract.events import encode
from pipeline.simulate import centre as simulated
from pipeline.simulate.simulation import simulate
from pipeline.simulate.spread import Exponential, Fixed
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live
from tests.simulate.erlang import Queue, erlang_c

START = datetime(2026, 3, 2, tzinfo=UTC)
HOURS, WARM_UP, COOL_DOWN = 20, 2, 1
#: Student's t for 99.9 % (two-sided) at 16 degrees of freedom: 17 batches.
STUDENT_T = 4.015
#: What counts as no wait: the simulation's clock moves by microseconds.
AT_ONCE_SECONDS = 0.001

PATIENT = Queue(arrivals_per_second=540 / 3600, service_seconds=20.0, agents=5)
IMPATIENT = Queue(arrivals_per_second=680 / 3600, service_seconds=40.0, agents=8, patience_seconds=60.0)


def theory(queue: Queue) -> dict[str, float]:
    """What theory says, by measure."""
    return {
        "p_wait": queue.p_wait(),
        "mean_wait_seconds": queue.mean_wait_seconds(),
        "asa_seconds": queue.mean_wait_answered_seconds(),
        "service_level_20": queue.p_answered_within(20.0),
        "abandonment": queue.p_abandon(),
    }


def centre_of(queue: Queue) -> simulated.Centre:
    """The queue as a simulated centre: no menu, no alert, no wrap-up, no break, and nobody declines."""
    line = simulated.Queue(
        "line",
        "theory",
        (queue.arrivals_per_second * 3600,) * 24,
        menu_seconds=Fixed(0),
        menu_hang_up_probability=0.0,
        patience_seconds=queue.patience_seconds,
        talk_seconds=Exponential(queue.service_seconds),
        wrap_up_seconds=Fixed(0),
        hold_probability=0.0,
    )
    group = simulated.AgentGroup(
        "server", "theory", ("line",), queue.agents, 0.0, 24.0, (), Fixed(0), no_answer_probability=0.0,
        decline_probability=0.0,
    )  # fmt: skip
    return simulated.Centre("erlang", (line,), (group,))


@pytest.fixture(params=[PATIENT, IMPATIENT], ids=["erlang-c", "erlang-a"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Queue, duckdb.DuckDBPyConnection]]:
    """A day of the queue in a store."""
    queue: Queue = request.param
    lines = (encode(event) for event in simulate(centre_of(queue), 20, START, HOURS))
    with FileProcessor(tmp_path, ManualClock(START + timedelta(days=2))) as processor:
        assert not processor.process(lines).rejected
    con = open_live(tmp_path)
    yield queue, con
    con.close()


def measured(con: duckdb.DuckDBPyConnection, hour: int) -> dict[str, float]:
    """The measures of one hour, as the store's macros give them."""
    between = {"start": START + timedelta(hours=hour), "stop": START + timedelta(hours=hour + 1)}
    rows = con.execute(
        "SELECT answered, abandoned, wait_seconds_answered, wait_seconds_abandoned, offered "
        "FROM kpi_between($start, $stop)",
        between,
    ).fetchall()
    ((answered, abandoned, waited_answered, waited_abandoned, offered),) = rows
    assert answered + abandoned == offered > 400

    def level(seconds: float) -> float:
        (share,) = con.execute(
            f"SELECT service_level FROM service_level($start, $stop, threshold_seconds := {seconds}) "
            "WHERE definition = 'abandons_negative' AND queue = 'line'",
            between,
        ).fetchone() or (math.nan,)
        return float(share)

    return {
        "p_wait": 1 - level(AT_ONCE_SECONDS),
        "mean_wait_seconds": float(waited_answered + waited_abandoned) / offered,
        "asa_seconds": float(waited_answered) / answered,
        "service_level_20": level(20),
        "abandonment": abandoned / offered,
    }


@pytest.mark.timeout(60)
def test_the_store_agrees_with_theory(run: tuple[Queue, duckdb.DuckDBPyConnection]) -> None:
    queue, con = run
    batches = [measured(con, hour) for hour in range(WARM_UP, HOURS - COOL_DOWN)]
    expected, fewer = theory(queue), theory(replace(queue, agents=queue.agents - 1))
    for name, value in expected.items():
        found = [batch[name] for batch in batches]
        mean = statistics.fmean(found)
        half = STUDENT_T * statistics.stdev(found) / math.sqrt(len(found))
        assert abs(mean - value) <= half, f"{name}: {mean:.4f} +- {half:.4f}, theory {value:.4f}"
        if name == "abandonment" and queue.patience_seconds is None:
            assert mean == value == 0
            continue
        assert abs(mean - fewer[name]) > half, f"{name}: {mean:.4f} +- {half:.4f} says nothing"


def test_the_formulas_give_published_values() -> None:
    # The usual worked example of Erlang C: 200 calls an hour of three minutes, 14 agents.
    usual = Queue(200 / 3600, 180.0, 14)
    assert usual.p_wait() == pytest.approx(0.174, abs=0.0005)
    assert usual.p_answered_within(20) == pytest.approx(0.888, abs=0.0005)
    assert usual.mean_wait_seconds() == pytest.approx(7.8, abs=0.05)
    # Mandelbaum and Zeltyn, "The Palm/Erlang-A queue": 48 calls a minute of a minute, 50 agents, patience two minutes.
    assert Queue(0.8, 60.0, 50).mean_wait_seconds() == pytest.approx(20.8, abs=0.05)
    impatient = Queue(0.8, 60.0, 50, 120.0)
    assert impatient.p_abandon() == pytest.approx(0.031, abs=0.0005)
    assert impatient.mean_wait_seconds() == pytest.approx(3.7, abs=0.05)


@pytest.mark.parametrize("queue", [PATIENT, IMPATIENT, Queue(0.8, 60.0, 50, 120.0)])
def test_the_integrals_give_what_the_steady_state_gives(queue: Queue) -> None:
    """The other way to the same numbers: the birth-and-death process of those who are in the system."""
    arrivals, served = queue.arrivals_per_second, 1 / queue.service_seconds
    given_up = 0.0 if queue.patience_seconds is None else 1 / queue.patience_seconds
    weights = [1.0]
    for n in range(1, 2000):
        leaving = min(n, queue.agents) * served + max(0, n - queue.agents) * given_up
        weights.append(weights[-1] * arrivals / leaving)
    share = [weight / sum(weights) for weight in weights]
    waiting = sum((n - queue.agents) * p for n, p in enumerate(share) if n > queue.agents)
    assert queue.p_wait() == pytest.approx(sum(share[queue.agents :]), rel=1e-6)
    assert queue.mean_wait_seconds() == pytest.approx(waiting / arrivals, rel=1e-6)
    assert queue.p_abandon() == pytest.approx(waiting * given_up / arrivals, rel=1e-6)
    if queue.patience_seconds is None:
        assert queue.p_wait() == pytest.approx(erlang_c(arrivals / served, queue.agents), rel=1e-6)
