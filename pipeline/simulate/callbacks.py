"""Callbacks: asked for in a queue, planned, tried as outbound contacts, and reached or given up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, Literal

import simpy

from pipeline.contract.events import CallbackChangedData, InteractionCallbackChanged
from pipeline.simulate.agents import Process, microseconds
from pipeline.simulate.centre import Queue
from pipeline.simulate.contact import Callback, Contact, Segment
from pipeline.simulate.journal import Journal
from pipeline.simulate.manifest import Manifest

#: Where a callback stands.
Status = Literal["requested", "scheduled", "attempted", "reached", "not_reached", "expired"]
#: Tried so often, then given up.
MOST_ATTEMPTS = 2
#: Attempts are made so late on average, seen from when they were planned.
LATENESS_SECONDS = 120.0


class Callbacks:
    """Makes callbacks and tells where they stand. A contact without one has nothing to tell."""

    def __init__(
        self,
        env: simpy.Environment,
        journal: Journal,
        manifest: Manifest,
        rng: Random,
        call: Callable[[Queue, Callback], Process],
    ) -> None:
        """``call`` runs the outbound contact of an attempt in a queue; ``rng`` is the floor's."""
        self._env = env
        self._journal = journal
        self._manifest = manifest
        self._rng = rng
        self._call = call

    def requested(self, segment: Segment, queue: Queue) -> None:
        """A waiting customer asked for a callback, which ``queue`` will make."""
        callback = Callback(f"cb-{segment.contact.name}", int(self._env.now), segment.queue)
        self._say(segment.detail(), callback, "requested")
        self._plan(segment.detail(), callback, queue)

    def attempted(self, contact: Contact) -> None:
        """An attempt begins."""
        if contact.callback is not None:
            self._say(contact.detail, contact.callback, "attempted")

    def reached(self, contact: Contact) -> None:
        """The customer speaks with an agent."""
        callback, contact.callback = contact.callback, None
        if callback is not None:
            self._say(contact.detail, callback, "reached")

    def failed(self, contact: Contact) -> None:
        """The customer was not reached: once more, or given up."""
        callback, contact.callback = contact.callback, None
        if callback is None:
            return
        self._say(contact.detail, callback, "not_reached")
        if callback.attempt == MOST_ATTEMPTS:
            self._say(contact.detail, callback, "expired")
        else:
            self._plan(contact.detail, replace(callback, attempt=callback.attempt + 1), contact.queue)

    def _plan(self, where: dict[str, Any], callback: Callback, queue: Queue) -> None:
        delay_us = microseconds(callback.queue.exits.callback_delay_seconds * (0.5 + self._rng.random()))
        due_at = self._journal.moment(int(self._env.now)) + timedelta(microseconds=delay_us)
        self._say(where, callback, "scheduled", due_at=due_at)
        self._env.process(self._later(delay_us, queue, callback))

    def _later(self, delay_us: int, queue: Queue, callback: Callback) -> Process:
        yield self._env.timeout(delay_us + microseconds(self._rng.expovariate(1 / LATENESS_SECONDS)))
        yield from self._call(queue, callback)

    def _say(self, where: dict[str, Any], callback: Callback, status: Status, **more: Any) -> None:
        line = self._manifest.line(callback.queue.business.line)
        data = CallbackChangedData(**where, callback=callback.name, status=status, **more)
        self._journal.say(InteractionCallbackChanged, data, line.called_back, status, callback.requested_us)
