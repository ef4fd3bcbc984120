"""Two centres: the demo's, and a small busy one in which everything that can happen happens often."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.contract.events import Event
from pipeline.simulate.business import Solving
from pipeline.simulate.centre import AgentGroup, Break, Centre, Exits, Queue, Sales, Transfer
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.line_business import FLAGS_OF, business_of
from pipeline.simulate.lines import DIALLED
from pipeline.simulate.manifest import Manifest
from pipeline.simulate.simulation import simulate
from pipeline.simulate.spread import Lognormal

START = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def start() -> datetime:
    """A Monday morning."""
    return START


@pytest.fixture(scope="session")
def busy_centre() -> Centre:
    """Too many callers, impatient and often passed on, for agents who often do not answer."""
    flat = (60.0,) * 24
    front = Queue(
        "front",
        "acme",
        flat,
        menu_seconds=Lognormal(5),
        menu_hang_up_probability=0.2,
        patience_seconds=60,
        talk_seconds=Lognormal(60),
        wrap_up_seconds=Lognormal(15),
        hold_probability=0.6,
        hold_seconds=Lognormal(15),
        hang_up_on_hold_probability=0.2,
        exits=Exits(
            timeout_seconds=90,
            overflow_to="back",
            key_probability=0.2,
            key_after_seconds=20,
            callback_probability=0.3,
            callback_after_seconds=20,
            callback_queue="calls-back",
            callback_delay_seconds=120,
        ),
        transfers=(
            Transfer("back", 0.15, "warm"),
            Transfer("back", 0.1, "conference"),
            Transfer("calls-back", 0.1),
            Transfer("front", 0.1),
        ),
        sales=Sales(0.5, Lognormal(30), "EUR"),
    )
    front = replace(
        front,
        business=replace(
            business_of("customer-service"),
            solving=Solving(0.8, 0.3, 0.2, True, 1),
            joined_probability=0.3,
            consulted_probability=0.5,
            conference_probability=0.2,
            escalated_probability=0.2,
        ),
    )
    back = Queue("back", "acme", (90.0,) * 24, patience_seconds=400, talk_seconds=Lognormal(150), opening=(8, 9))
    calls_back = Queue("calls-back", "acme", (0.0,) * 24, direction="outbound", menu_hang_up_probability=0.3)
    dialler = Queue(
        "dialler", "zenith", flat, business=business_of("collections"), dispositions=("call_again",), **DIALLED
    )
    chat = Queue("chat", "zenith", flat, "chat", business=business_of("chat"), menu_hang_up_probability=0.2)
    other = Queue(
        "front-2",
        "zenith",
        flat,
        talk_seconds=Lognormal(60),
        sales=Sales(0.3, Lognormal(9), "JPY"),
        transfers=(Transfer("front-2", 0.3, "conference"),),
    )
    breaks = (Break(0.3, 5, "break"), Break(0.6, 5, "coaching", "unavailable"))
    groups = (
        AgentGroup("a", "acme", ("front", "back"), 2, 0, 24, breaks, decline_probability=0.2),
        AgentGroup("b", "acme", ("back", "calls-back"), 1, 8.2, 0.9, breaks, no_answer_probability=0.3),
        AgentGroup("z", "zenith", ("front-2",), 4, 7.0, 1.5, breaks, decline_probability=0.1),
        AgentGroup("y", "zenith", ("dialler", "chat"), 3, 7.0, 6.0, breaks, capacity=(("chat", 3),)),
    )
    return Centre("busy", (front, back, calls_back, other, dialler, chat), groups, scheduled=True, flags=FLAGS_OF)


@pytest.fixture(scope="session")
def busy_run(busy_centre: Centre) -> tuple[list[Event], Manifest]:
    """Six hours of the busy centre."""
    manifest = Manifest()
    return list(simulate(busy_centre, 5, START, 6, manifest)), manifest


@pytest.fixture(scope="session")
def demo_run() -> tuple[list[Event], Manifest]:
    """A quarter of an hour more than one night and morning of the demo's centre, at a quarter of its size."""
    manifest = Manifest()
    return list(simulate(default_centre(0.25), 3, datetime(2026, 3, 2, 2, tzinfo=UTC), 6.25, manifest)), manifest
