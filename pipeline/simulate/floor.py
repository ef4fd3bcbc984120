"""The floor: contacts on their way through menu, queue, agent and wrap-up, as simpy processes.

Simulated time is a whole number of microseconds after the start, so every sum is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Literal
from zoneinfo import ZoneInfo

import simpy

from pipeline.contract.events import (
    AgentSegmentData,
    DeclinedData,
    EndedData,
    InteractionAbandoned,
    InteractionAnswered,
    InteractionData,
    InteractionDeclined,
    InteractionEnded,
    InteractionLeftQueue,
    InteractionOffered,
    InteractionQueued,
    InteractionStarted,
    LeftQueueData,
    QueuedData,
)
from pipeline.simulate.agents import Agent, Process, microseconds
from pipeline.simulate.centre import Queue
from pipeline.simulate.contact import Contact, Segment, draw
from pipeline.simulate.conversation import Conversation
from pipeline.simulate.journal import Journal
from pipeline.simulate.manifest import Manifest
from pipeline.simulate.routing import Router

EndedBy = Literal["customer", "agent", "system"]
#: A desk rings this long before the contact goes back to the queue.
RING_LIMIT_SECONDS = 15.0
#: How long an agent who did not answer is kept off the routing.
NO_ANSWER_PAUSE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Services:
    """What every process of the floor needs."""

    env: simpy.Environment
    journal: Journal
    manifest: Manifest
    router: Router
    rng: Random
    zone: ZoneInfo


class Floor:
    """Runs contacts. ``run`` is the prefix of their names, different for each run."""

    def __init__(self, services: Services, queues: tuple[Queue, ...], run: str) -> None:
        """An empty floor."""
        self._is = services
        self._queues = {queue.name: queue for queue in queues}
        self._run = run
        self._contacts = 0

    def arrivals(self, queue: Queue, times_us: Iterator[int]) -> Process:
        """Start a contact at each of the times."""
        env = self._is.env
        for at_us in times_us:
            yield env.timeout(at_us - int(env.now))
            env.process(self._contact(queue))

    def _contact(self, queue: Queue) -> Process:
        """From the first ring: the menu (inbound) or ringing at the customer (outbound), then the queue."""
        env, journal, rng = self._is.env, self._is.journal, self._is.rng
        self._contacts += 1
        contact = Contact(f"{self._run}-{self._contacts:08d}", queue, self._is.manifest.interaction())
        journal.say(InteractionStarted, InteractionData(**contact.members), _reached(contact, "in_menu"))
        lost = rng.random() < queue.menu_hang_up_probability
        yield env.timeout(draw(rng, queue.menu_seconds))
        if lost:
            self._interaction_ended(contact, "customer" if queue.direction == "inbound" else "system", menu=True)
            return
        yield from self._segment(contact, queue)

    def _segment(self, contact: Contact, queue: Queue) -> Process:
        """One pass through one queue, to its end and the agent's wrap-up."""
        env, journal = self._is.env, self._is.journal
        place = (queue.client, queue.name, contact.members["channel"], contact.members["direction"])
        truth = self._is.manifest.segment(place, contact.truth)
        segment = Segment(contact, queue, truth, int(env.now))
        segment.set_deadline(self._is.rng, journal.moment(segment.queued_us), self._is.zone)
        journal.say(InteractionQueued, segment.data(QueuedData), truth.queued)
        agent = yield from self._wait(segment)
        if agent is None:
            self._leave(segment)
            return
        journal.say(InteractionAnswered, segment.data(AgentSegmentData, agent.name), truth.answered)
        agent.become("on_contact")
        talk = Conversation(env, journal, self._is.rng, segment, agent)
        onward = yield from talk.speak()
        if onward is None:
            self._interaction_ended(contact, talk.ended_by)
        else:
            env.process(self._segment(contact, self._queues[onward]))
            yield from talk.hand_over()
        yield from talk.wrap_up()

    def _wait(self, segment: Segment) -> Generator[simpy.Event, Any, Agent | None]:
        """Wait until an agent takes the contact: returns the agent, or None at the segment's deadline."""
        env, journal, router = self._is.env, self._is.journal, self._is.router
        declined = False
        while True:
            segment.decision = env.event()
            if not segment.closed:
                router.add(segment, first=declined)
            if not segment.decision.triggered:
                self._decide_at_deadline(segment)
            agent: Agent | None = yield segment.decision
            if agent is None:
                return None
            journal.say(InteractionOffered, segment.data(AgentSegmentData, agent.name), segment.truth.alerted)
            taken = yield from self._alert(segment, agent)
            if taken is not None:
                return agent if taken else None
            declined = True

    def _decide_at_deadline(self, segment: Segment) -> None:
        decision = segment.decision

        def expire(_timeout: simpy.Event) -> None:
            # The same moment may have brought an agent; what was decided first holds.
            if not decision.triggered:
                self._is.router.remove(segment)
                decision.succeed(None)

        timeout = self._is.env.timeout(segment.deadline_us - int(self._is.env.now))
        timeout.callbacks.append(expire)

    def _alert(self, segment: Segment, agent: Agent) -> Generator[simpy.Event, Any, bool | None]:
        """The desk rings: returns True if taken, False if the deadline passed meanwhile, None if not taken."""
        env, rng, group = self._is.env, self._is.rng, agent.group
        chance = rng.random()
        reason: str | None = None
        if chance < group.no_answer_probability:
            reason, ring_us = "no_answer", microseconds(RING_LIMIT_SECONDS)
        elif chance < group.no_answer_probability + group.decline_probability:
            reason, ring_us = "declined", draw(rng, group.answer_seconds)
        else:
            ring_us = min(draw(rng, group.answer_seconds), microseconds(RING_LIMIT_SECONDS))
        left_us = segment.deadline_us - int(env.now)
        if left_us <= ring_us:
            yield env.timeout(left_us)
            agent.release()
            return False
        yield env.timeout(ring_us)
        if reason is None:
            return True
        data = segment.data(DeclinedData, agent.name, reason=reason)
        self._is.journal.say(InteractionDeclined, data, segment.truth.declined)
        env.process(self._pause(agent, reason))
        return None

    def _pause(self, agent: Agent, reason: str) -> Process:
        agent.become("unavailable", reason)
        yield self._is.env.timeout(microseconds(NO_ANSWER_PAUSE_SECONDS * (0.5 + self._is.rng.random())))
        agent.release()

    def _leave(self, segment: Segment) -> None:
        """The segment left the queue unanswered; the contact may go on elsewhere."""
        env, journal, exits = self._is.env, self._is.journal, segment.queue.exits
        reason = segment.leave_reason
        if reason == "abandoned":
            journal.say(InteractionAbandoned, segment.data(), segment.truth.abandoned)
            self._interaction_ended(segment.contact, "customer")
            return
        journal.say(InteractionLeftQueue, segment.data(LeftQueueData, reason=reason), segment.truth.left, reason)
        if reason == "timeout" and exits.overflow_to is not None:
            env.process(self._segment(segment.contact, self._queues[exits.overflow_to]))
            return
        self._interaction_ended(segment.contact, "system" if reason in ("timeout", "closed") else "customer")
        if reason == "callback" and exits.callback_queue is not None:
            env.process(self._call_back(self._queues[exits.callback_queue], exits.callback_delay_seconds))

    def _call_back(self, queue: Queue, delay_seconds: float) -> Process:
        yield self._is.env.timeout(microseconds(self._is.rng.expovariate(1 / delay_seconds)))
        yield from self._contact(queue)

    def _interaction_ended(self, contact: Contact, ended_by: EndedBy, *, menu: bool = False) -> None:
        data = EndedData(**contact.members, ended_by=ended_by)
        self._is.journal.say(InteractionEnded, data, _reached(contact, "left_in_menu") if menu else None)


def _reached(contact: Contact, outcome: str) -> Callable[[int], None]:
    def note(_at_us: int) -> None:
        contact.truth.reached(outcome)

    return note
