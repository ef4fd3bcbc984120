"""Contacts that an agent passes on to the supervisor: a segment without a queue, answered at once."""

from __future__ import annotations

from random import Random

import simpy

from pipeline.contract.events import (
    AgentSegmentData,
    EndedData,
    InteractionAnswered,
    InteractionEnded,
    InteractionWrappedUp,
    WrappedUpData,
)
from pipeline.simulate.afterwards import Afterwards
from pipeline.simulate.agents import Process
from pipeline.simulate.contact import Contact, Segment, draw
from pipeline.simulate.journal import Journal
from pipeline.simulate.manifest import Manifest

#: What a supervisor notes: nothing that would count for a queue in which the segment never was.
DISPOSITION = "taken_over"


class Supervisors:
    """Who of them is busy, and what they do with what they are given: one contact at a time."""

    def __init__(
        self, env: simpy.Environment, journal: Journal, manifest: Manifest, rng: Random, after: Afterwards
    ) -> None:
        """All are free. ``rng`` is the floor's."""
        self._env = env
        self._journal = journal
        self._manifest = manifest
        self._rng = rng
        self._after = after
        self._busy: set[str] = set()

    def reserve(self, supervisor: str) -> bool:
        """Ask for a supervisor: true if free, and then kept until ``take_over`` is done."""
        if supervisor in self._busy:
            return False
        self._busy.add(supervisor)
        return True

    def take_over(self, contact: Contact, supervisor: str) -> Process:
        """The supervisor's part, to the wrap-up. The contact is over with it, and settled if its line settles any."""
        env, journal, queue = self._env, self._journal, contact.queue
        truth = self._manifest.unqueued(contact.truth)
        segment = Segment(contact, queue, truth, int(env.now), queued=False)
        journal.say(InteractionAnswered, segment.data(AgentSegmentData, supervisor), truth.taken)
        yield env.timeout(draw(self._rng, queue.talk_seconds))
        ended = EndedData(**segment.members, agent=supervisor, ended_by="customer")
        journal.say(InteractionEnded, ended, truth.ended)
        journal.say(InteractionEnded, EndedData(**contact.members, ended_by="customer"))
        if queue.business.solving is not None:
            self._after.resolution(contact, "resolved", agent=supervisor)
        yield env.timeout(draw(self._rng, queue.wrap_up_seconds))
        journal.say(
            InteractionWrappedUp,
            segment.data(WrappedUpData, supervisor, disposition=DISPOSITION),
            truth.wrapped_up,
            None,
        )
        self._busy.discard(supervisor)
