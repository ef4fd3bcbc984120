"""From a centre and a seed to the stream of its events."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import simpy

from pipeline.contract.events import Event, type_name
from pipeline.errors import CallboardError
from pipeline.simulate.agents import Agent, shifts
from pipeline.simulate.arrivals import MICROSECONDS, arrival_times
from pipeline.simulate.centre import Centre
from pipeline.simulate.floor import Floor, Services
from pipeline.simulate.journal import Entry, Journal
from pipeline.simulate.manifest import Manifest
from pipeline.simulate.plans import Plans
from pipeline.simulate.routing import Router


def simulate(
    centre: Centre,
    seed: int,
    start: datetime,
    hours: float,
    manifest: Manifest | None = None,
    aftermath: bool = False,
) -> Iterator[Event]:
    """The events of ``hours`` simulated hours from ``start``, in time order; the same for the same arguments.

    A shorter run is the beginning of a longer one, and ``hours`` may be ``math.inf``. ``manifest`` is filled on the way
    and describes exactly the events taken so far, wherever the reader stops. ``aftermath``: after the last hour comes
    what becomes of its contacts in the days that follow (``Centre.aftermath_days``), while nobody is on the floor.

    Raises:
        CallboardError: ``start`` is naive, or ``hours`` is not positive.
    """
    if start.tzinfo is None:
        raise CallboardError("the simulated start has no time zone: give one, such as 2026-03-02T08:00:00Z")
    if not hours > 0:
        raise CallboardError(f"{hours} hours cannot be simulated: give more than 0")
    truth = manifest if manifest is not None else Manifest()
    lines = {(queue.client, queue.name): queue.business.line for queue in centre.queues}
    truth.opened(centre.name, seed, start.astimezone(UTC), lines)
    return _run(centre, seed, hours, truth, aftermath)


def _run(centre: Centre, seed: int, hours: float, manifest: Manifest, aftermath: bool) -> Iterator[Event]:
    env = simpy.Environment(initial_time=0)
    # The name of a run is in every id, so that other centres, seeds and starts never collide in one topic.
    run = f"{centre.name}-{manifest.start:%Y%m%dT%H%M%S}-{seed}"
    journal = Journal(env, manifest, source=f"simulated/{centre.name}", run=run)
    _people(env, centre, journal, manifest, seed, run)
    end_us = hours * 3600 * MICROSECONDS
    while min(env.peek(), journal.next_us) < end_us:
        if journal.next_us <= env.peek():
            yield from _told(journal.take_next(), manifest)
            continue
        env.step()
        if journal:
            yield from _told(journal.take(), manifest)
    while aftermath and journal.next_us < math.inf:
        yield from _told(journal.take_next(), manifest)


def _told(entries: list[Entry], manifest: Manifest) -> Iterator[Event]:
    for entry in entries:
        if entry.note is not None:
            entry.note(entry.at_us, *entry.arguments)
        manifest.happened(type_name(type(entry.event)), entry.at_us)
        yield entry.event


def _people(env: simpy.Environment, centre: Centre, journal: Journal, manifest: Manifest, seed: int, run: str) -> None:
    """Put the callers and the agents of the centre on the floor. Each has a random stream of its own."""
    router = Router({queue.name: queue.channel for queue in centre.queues})
    services = Services(env, journal, manifest, router, _random(seed, "floor"), centre.zone, centre.flags)
    floor = Floor(services, centre.queues, run)
    for queue in centre.queues:
        if max(queue.calls_per_hour) > 0:
            rng = _random(seed, f"arrivals/{queue.name}")
            env.process(floor.arrivals(queue, arrival_times(queue.calls_per_hour, centre.zone, manifest.start, rng)))
    plans = Plans(journal, manifest) if centre.scheduled else None
    for group in centre.groups:
        for name in group.names():
            agent = Agent(name, group, router, journal, manifest.agent(group.client, name))
            env.process(shifts(agent, env, manifest.start, centre.zone, _random(seed, f"agents/{name}"), plans))


def _random(seed: int, stream: str) -> Random:
    return Random(f"{seed}/{stream}")
