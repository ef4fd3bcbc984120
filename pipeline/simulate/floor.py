"""The floor: contacts on their way through menu, queue, agent and wrap-up, as simpy processes.

Simulated time is a whole number of microseconds after the start, so every sum is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
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
from pipeline.simulate.afterwards import Afterwards
from pipeline.simulate.agents import Agent, Process, microseconds
from pipeline.simulate.callbacks import Callbacks
from pipeline.simulate.centre import Queue
from pipeline.simulate.contact import Callback, Contact, Segment, draw
from pipeline.simulate.conversation import Conversation, Passed
from pipeline.simulate.entrance import Entrance
from pipeline.simulate.escalation import Supervisors
from pipeline.simulate.journal import Journal
from pipeline.simulate.line_truth import ContactTruth, LineTruth
from pipeline.simulate.manifest import Manifest
from pipeline.simulate.routing import Router
from pipeline.simulate.truth import SegmentTruth

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
    flags: Mapping[str, tuple[str, ...]]


class Floor:
    """Runs contacts. ``run`` is the prefix of their names, different for each run."""

    def __init__(self, services: Services, queues: tuple[Queue, ...], run: str) -> None:
        """An empty floor."""
        self._is = services
        self._queues = {queue.name: queue for queue in queues}
        self._run = run
        self._contacts = 0
        self._entrance = Entrance(services.env, services.journal, services.manifest, services.rng)
        self._after = Afterwards(services.journal, services.manifest, services.rng, services.flags)
        self._callbacks = Callbacks(services.env, services.journal, services.manifest, services.rng, self._contact)
        self._supervisors = Supervisors(services.env, services.journal, services.manifest, services.rng, self._after)

    def arrivals(self, queue: Queue, times_us: Iterator[int]) -> Process:
        """Start a contact at each of the times."""
        env = self._is.env
        for at_us in times_us:
            yield env.timeout(at_us - int(env.now))
            env.process(self._contact(queue))

    def _contact(self, queue: Queue, callback: Callback | None = None) -> Process:
        """From the first ring: the menu (inbound) or ringing at the customer (outbound), then the queue."""
        journal, rng = self._is.journal, self._is.rng
        self._contacts += 1
        manifest = self._is.manifest
        details = ContactTruth(manifest.line(queue.business.line))
        name = f"{self._run}-c{self._contacts:08d}"
        contact = Contact(name, queue, manifest.interaction(), details, callback=callback)
        journal.say(InteractionStarted, InteractionData(**contact.members), _began(contact))
        self._entrance.describe(contact)
        self._callbacks.attempted(contact)
        if queue.business.dialling is not None and callback is None:
            if not (yield from self._entrance.dial(contact, queue.business.dialling)):
                self._interaction_ended(contact, "system", menu=True)
                return
        else:
            if queue.direction == "inbound":
                self._entrance.message(contact, "customer")
            lost = rng.random() < queue.menu_hang_up_probability
            passage = yield from self._entrance.menu(contact, lost)
            if passage == "contained":
                self._after.resolution(contact, "resolved", actor="bot")
            if passage != "on":
                self._callbacks.failed(contact)
                by_customer = passage == "lost" and queue.direction == "inbound"
                self._interaction_ended(contact, "customer" if by_customer else "system", menu=True)
                return
        yield from self._segment(self._enter(contact, queue))

    def _enter(self, contact: Contact, queue: Queue) -> Segment:
        """The contact enters a queue, as its next segment."""
        env, journal = self._is.env, self._is.journal
        place = (queue.client, queue.name, contact.members["channel"], contact.members["direction"])
        truth = self._is.manifest.segment(place, contact.truth)
        segment = Segment(contact, queue, truth, int(env.now))
        segment.answered, segment.over = env.event(), env.event()
        segment.set_deadline(self._is.rng, journal.moment(segment.queued_us), self._is.zone)
        line = self._is.manifest.line(queue.business.line)
        entered = _entered(truth, line, again=queue.name in contact.queues)
        contact.queues.add(queue.name)
        journal.say(InteractionQueued, segment.data(QueuedData), entered)
        return segment

    def _segment(self, segment: Segment) -> Process:
        """One pass through one queue, from its entry to its end and the agent's wrap-up."""
        env, journal, contact = self._is.env, self._is.journal, segment.contact
        agent = yield from self._wait(segment)
        if agent is None:
            self._leave(segment)
            return
        journal.say(InteractionAnswered, segment.data(AgentSegmentData, agent.name), segment.truth.answered)
        agent.answer()
        segment.answered.succeed()
        self._entrance.dialled(contact, connected=True)
        self._callbacks.reached(contact)
        talk = Conversation(env, journal, self._is.rng, segment, agent, self._after, self._supervisors)
        passed = yield from talk.speak()
        segment.over.succeed()
        if passed is None:
            self._interaction_ended(contact, talk.ended_by)
        else:
            yield from talk.hand_over(self._onward(segment, passed))
        yield from talk.wrap_up()
        if talk.reopens:
            env.process(self._reopen(contact, segment.queue))

    def _onward(self, segment: Segment, passed: Passed) -> Segment | None:
        """Where a contact goes that was passed on: another segment, in a queue unless it is a supervisor's."""
        contact = segment.contact
        if passed.to_agent is not None:
            if contact.queue.business.solving is not None:
                self._after.resolution(contact, "escalated")
            self._is.env.process(self._supervisors.take_over(contact, passed.to_agent))
            return None
        queue = self._queues[passed.to_queue or segment.queue.name]
        self._escalate(contact, segment.queue, queue)
        onward = self._enter(contact, queue)
        self._is.env.process(self._segment(onward))
        return onward

    def _escalate(self, contact: Contact, queue: Queue, onward: Queue) -> None:
        """Passed on to a higher tier is an escalation."""
        tiers = [q.business.solving.tier if q.business.solving else None for q in (queue, onward)]
        if tiers[0] is not None and tiers[1] is not None and tiers[1] > tiers[0]:
            self._after.resolution(contact, "escalated")

    def _reopen(self, contact: Contact, queue: Queue) -> Process:
        """The customer comes back to a contact that was settled; a new segment waits."""
        solving = queue.business.solving
        hours = solving.reopened_after_hours if solving else 1.0
        yield self._is.env.timeout(microseconds(self._is.rng.expovariate(1 / (hours * 3600))))
        self._after.resolution(contact, "reopened", actor="customer")
        self._entrance.message(contact, "customer")
        yield from self._segment(self._enter(contact, queue))

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

        if segment.deadline_us is None:
            return
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
        if segment.deadline_us is not None and segment.deadline_us - int(env.now) <= ring_us:
            yield env.timeout(segment.deadline_us - int(env.now))
            agent.give_back()
            return False
        yield env.timeout(ring_us)
        if reason is None:
            return True
        data = segment.data(DeclinedData, agent.name, reason=reason)
        self._is.journal.say(InteractionDeclined, data, segment.truth.declined)
        if agent.missed(reason):
            env.process(self._pause(agent))
        return None

    def _pause(self, agent: Agent) -> Process:
        yield self._is.env.timeout(microseconds(NO_ANSWER_PAUSE_SECONDS * (0.5 + self._is.rng.random())))
        agent.arrive()

    def _leave(self, segment: Segment) -> None:
        """The segment left the queue unanswered; the contact may go on elsewhere."""
        env, journal, exits = self._is.env, self._is.journal, segment.queue.exits
        reason = segment.leave_reason
        self._entrance.dialled(segment.contact, dropped=reason == "timeout")
        if reason != "timeout" or exits.overflow_to is None:
            self._callbacks.failed(segment.contact)
        if reason == "abandoned":
            journal.say(InteractionAbandoned, segment.data(), segment.truth.abandoned)
            self._interaction_ended(segment.contact, "customer")
            return
        journal.say(InteractionLeftQueue, segment.data(LeftQueueData, reason=reason), segment.truth.left, reason)
        if reason == "timeout" and exits.overflow_to is not None:
            env.process(self._segment(self._enter(segment.contact, self._queues[exits.overflow_to])))
            return
        self._interaction_ended(segment.contact, "system" if reason in ("timeout", "closed") else "customer")
        if reason == "callback" and exits.callback_queue is not None:
            self._callbacks.requested(segment, self._queues[exits.callback_queue])

    def _interaction_ended(self, contact: Contact, ended_by: EndedBy, *, menu: bool = False) -> None:
        data = EndedData(**contact.members, ended_by=ended_by)
        self._is.journal.say(InteractionEnded, data, _reached(contact, "left_in_menu") if menu else None)


def _began(contact: Contact) -> Callable[[int], None]:
    def note(at_us: int) -> None:
        contact.truth.reached("in_menu")
        contact.details.began(at_us)

    return note


def _entered(truth: SegmentTruth, line: LineTruth, *, again: bool) -> Callable[[int], None]:
    def note(at_us: int) -> None:
        truth.queued(at_us)
        line.entered(at_us, again)

    return note


def _reached(contact: Contact, outcome: str) -> Callable[[int], None]:
    def note(_at_us: int) -> None:
        contact.truth.reached(outcome)

    return note
