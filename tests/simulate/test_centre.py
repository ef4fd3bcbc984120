"""A centre that could not work is refused with what is wrong with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import CallboardError
from pipeline.simulate.centre import AgentGroup, Centre, Exits, Queue, Transfer
from pipeline.simulate.default_centre import default_centre

FLAT = (1.0,) * 24
QUEUE = Queue("q", "acme", FLAT)
GROUP = AgentGroup("g", "acme", ("q",), 1, 8)


@pytest.mark.parametrize(
    ("queue", "what"),
    [
        (replace(QUEUE, transfers=(Transfer("nowhere", 0.1),)), "hands over to 'nowhere'"),
        (replace(QUEUE, exits=Exits(overflow_to="zenith-q")), "hands over to 'zenith-q'"),
        (replace(QUEUE, exits=Exits(callback_probability=0.1)), "names no callback_queue"),
        (replace(QUEUE, exits=Exits(key_probability=0.6, callback_probability=0.6, callback_queue="q")), "add up"),
        (replace(QUEUE, calls_per_hour=FLAT[1:]), "24 rates"),
        (replace(QUEUE, calls_per_hour=(-1.0, *FLAT[1:])), "not negative"),
        (replace(QUEUE, patience_seconds=0), "patience"),
        (replace(QUEUE, opening=(9, 9)), "opens at 9"),
        (replace(QUEUE, name="zenith-q"), "same name"),
    ],
)
def test_a_queue_that_cannot_work_is_refused(queue: Queue, what: str) -> None:
    with pytest.raises(CallboardError, match=what):
        Centre("c", (queue, Queue("zenith-q", "zenith", FLAT)), ())


@pytest.mark.parametrize(
    ("group", "what"),
    [
        (replace(GROUP, skills=()), "needs skills"),
        (replace(GROUP, client="zenith"), "needs skills that are queues of client 'zenith'"),
        (replace(GROUP, shift_hours=25), "shift of 25"),
        (replace(GROUP, no_answer_probability=0.5, decline_probability=0.5), "never answers"),
    ],
)
def test_a_group_that_cannot_work_is_refused(group: AgentGroup, what: str) -> None:
    with pytest.raises(CallboardError, match=what):
        Centre("c", (QUEUE,), (group,))


def test_scaling_multiplies_arrivals_and_agents() -> None:
    one, three = default_centre(), default_centre(3)
    assert sum(g.agents for g in three.groups) == 3 * sum(g.agents for g in one.groups)
    assert three.queues[0].calls_per_hour == tuple(3 * rate for rate in one.queues[0].calls_per_hour)
