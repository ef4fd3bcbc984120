"""One agent's part in a contact: talk, holds, a transfer or the end, and the wrap-up."""

from __future__ import annotations

from collections.abc import Generator
from decimal import Decimal
from random import Random
from typing import Any, Literal, NamedTuple

import simpy

from pipeline.contract.events import (
    EndedData,
    InteractionEnded,
    InteractionHeld,
    InteractionMessageSent,
    InteractionResumed,
    InteractionTransferred,
    InteractionWrappedUp,
    MessageSentData,
    TransferredData,
    WrappedUpData,
)
from pipeline.simulate.afterwards import CENT, Afterwards
from pipeline.simulate.agents import Agent, Process, microseconds
from pipeline.simulate.company import Company, specialist_of, supervisor_of
from pipeline.simulate.contact import Segment, draw
from pipeline.simulate.escalation import Supervisors
from pipeline.simulate.journal import Journal, Note

#: Mean time an agent who passes a contact on warmly stays on the line to introduce it.
INTRODUCTION_SECONDS = 8.0
#: Share of transfers whose customer is still on hold when it happens.
TRANSFER_FROM_HOLD_PROBABILITY = 0.5
SECOND_HOLD_PROBABILITY = 0.2
AGENT_HANGS_UP_PROBABILITY = 0.35
#: An agent who stays for a conference waits so long for the next one to answer, and then stays so long on average.
CONFERENCE_AWAITED_SECONDS = 60.0
CONFERENCE_SECONDS = 30.0


class Passed(NamedTuple):
    """How and where a contact is passed on: to a queue, or to an agent (a supervisor)."""

    kind: Literal["cold", "warm", "conference"]
    to_queue: str | None = None
    to_agent: str | None = None


def _both(at_us: int, *notes: tuple[Note, *tuple[Any, ...]]) -> None:
    """One event that changes two truths."""
    for note, *arguments in notes:
        note(at_us, *arguments)


def _disposition(passed: Passed) -> str:
    return "transferred" if passed.to_agent is None else "escalated"


class Conversation:
    """Use in order: ``speak``, then ``hand_over`` if it was passed on, then ``wrap_up``."""

    def __init__(
        self,
        env: simpy.Environment,
        journal: Journal,
        rng: Random,
        segment: Segment,
        agent: Agent,
        after: Afterwards,
        supervisors: Supervisors,
    ) -> None:
        """An answered segment and the agent who answered it."""
        self._after = after
        self._line = after.line(segment)
        self._env = env
        self._journal = journal
        self._rng = rng
        self._segment = segment
        self._agent = agent
        self._supervisors = supervisors
        self._supervisor = supervisor_of(agent.group.name)
        self._specialist = specialist_of(agent.group.name)
        self._company = Company(env, journal, after, segment)
        self._passed: Passed | None = None
        #: The contact will come back into its queue, known after ``wrap_up``.
        self.reopens = False
        #: Who hung up, known after ``speak`` returned None.
        self.ended_by: Literal["customer", "agent"] = "customer"

    def speak(self) -> Generator[simpy.Event, Any, Passed | None]:
        """Talk and holds: returns where it is passed on to, or None when the segment ended."""
        rng, queue = self._rng, self._segment.queue
        self._passed = self._choose_transfer()
        holds = 0
        if rng.random() < queue.hold_probability:
            holds = 2 if rng.random() < SECOND_HOLD_PROBABILITY else 1
        part_us = max(1, draw(rng, queue.talk_seconds) // (holds + 1))
        if rng.random() < queue.business.joined_probability:
            self._company.join(rng.choice(("monitor", "coach", "barge")), self._supervisor)
        for _ in range(holds):
            yield from self._talk(part_us)
            self._hold()
            hung_up = rng.random() < queue.hang_up_on_hold_probability
            if self._chance(queue.business.consulted_probability):
                self._company.join("consult", self._specialist)
            yield self._env.timeout(draw(rng, queue.hold_seconds))
            self._company.leave("consult", self._specialist)
            if hung_up:
                self._company.go()
                self._passed = None
                self._end("customer")
                return None
            self._resume()
        if self._chance(queue.business.conference_probability):
            self._company.join("conference", self._specialist)
        yield from self._talk(part_us)
        self._company.go()
        if self._passed is not None and self._passed.to_agent and not self._supervisors.reserve(self._passed.to_agent):
            self._passed = None
        if self._passed is None:
            self._end("agent" if rng.random() < AGENT_HANGS_UP_PROBABILITY else "customer")
            return None
        if rng.random() < TRANSFER_FROM_HOLD_PROBABILITY:
            self._hold()
            yield self._env.timeout(microseconds(rng.expovariate(1 / INTRODUCTION_SECONDS)))
        self._pass_on(self._passed)
        return self._passed

    def _pass_on(self, passed: Passed) -> None:
        segment, target = self._segment, "queue" if passed.to_agent is None else "agent"
        data = segment.data(TransferredData, self._agent.name, **passed._asdict())
        notes = (segment.truth.transferred,), (self._line.passed_on, passed.kind, target)
        self._journal.say(InteractionTransferred, data, _both, *notes)

    def hand_over(self, onward: Segment | None) -> Process:
        """After a cold transfer the part is over; after a warm one the agent stays on to introduce the contact.

        After one by conference the agent waits until the next one (of ``onward``) has answered and is with both for a
        while, or gives up waiting.
        """
        passed, env = self._passed, self._env
        if passed is None or passed.kind == "cold":
            return
        if passed.kind == "warm" or onward is None:
            yield env.timeout(microseconds(self._rng.expovariate(1 / INTRODUCTION_SECONDS)))
        else:
            stays_us = microseconds(self._rng.expovariate(1 / CONFERENCE_SECONDS))
            yield onward.answered | env.timeout(microseconds(CONFERENCE_AWAITED_SECONDS))
            if onward.answered.triggered and not onward.over.triggered:
                company = Company(env, self._journal, self._after, onward)
                company.join("conference", self._agent.name)
                yield onward.over | env.timeout(stays_us)
                company.go()
        self._end("agent")

    def wrap_up(self) -> Process:
        """After-contact work, and what the contact brought; then the agent is free again."""
        self._agent.wrap()
        yield self._env.timeout(draw(self._rng, self._segment.queue.wrap_up_seconds))
        segment, agent = self._segment, self._agent.name
        disposition, sold = self._brought() if self._passed is None else (_disposition(self._passed), None)
        flags = self._after.flags.get(disposition, ())
        if sold is None:
            data = segment.data(WrappedUpData, agent, disposition=disposition, flags=flags)
        else:
            flags = flags if "sale" in flags else (*flags, "sale")
            data = segment.data(
                WrappedUpData, agent, disposition=disposition, flags=flags, amount=str(sold[0]), currency=sold[1]
            )
        self._journal.say(
            InteractionWrappedUp, data, _both, (segment.truth.wrapped_up, sold), (self._line.flagged, flags)
        )
        self.reopens = self._passed is None and self._after.settle(segment, agent)
        self._agent.done()

    def _brought(self) -> tuple[str, tuple[Decimal, str] | None]:
        """The disposition of a contact that was not passed on, and the sale if it was one."""
        rng, segment, agent = self._rng, self._segment, self._agent.name
        sales = segment.queue.sales
        if sales is not None and rng.random() < sales.probability:
            return "sold", (Decimal(sales.amount.draw(rng)).quantize(CENT), sales.currency)
        outcome, amount = self._after.outcomes(segment, agent)
        of_survey = self._after.ask(segment, agent)
        if outcome is None or outcome.disposition is None:
            return of_survey or rng.choice(segment.queue.dispositions), None
        is_sale = "sale" in self._after.flags.get(outcome.disposition, ())
        if not is_sale or amount is None or outcome.currency is None:
            return outcome.disposition, None
        return outcome.disposition, (amount, outcome.currency)

    def _talk(self, part_us: int) -> Process:
        """One part of the conversation; in writing, messages go to and fro meanwhile."""
        mean = self._segment.queue.business.messages
        if mean is None:
            yield self._env.timeout(part_us)
            return
        exchanges = 1 + int(self._rng.random() * 2 * (mean - 1) + 0.5)
        step_us = max(1, part_us // (2 * exchanges))
        for exchange in range(exchanges):
            if exchange:
                yield self._env.timeout(max(1, round(step_us * 2 * self._rng.random())))
                self._write("customer")
            yield self._env.timeout(max(1, round(step_us * (0.5 + self._rng.random()))))
            self._write("agent")

    def _write(self, sender: Literal["customer", "agent"]) -> None:
        contact = self._segment.contact
        data = MessageSentData(**self._segment.detail(self._agent.name if sender == "agent" else None), sender=sender)
        self._journal.say(InteractionMessageSent, data, contact.details.wrote, sender)

    def _chance(self, probability: float) -> bool:
        """What never happens takes nothing from the random stream."""
        return probability > 0 and self._rng.random() < probability

    def _choose_transfer(self) -> Passed | None:
        chance, segment = self._rng.random(), self._segment
        # Passed on once is enough: a contact that went round and round would say nothing about a centre.
        if segment.contact.segments > 1:
            return None
        for transfer in segment.queue.transfers:
            if chance < transfer.probability:
                return Passed(transfer.kind, to_queue=transfer.to_queue)
            chance -= transfer.probability
        if self._chance(segment.queue.business.escalated_probability):
            return Passed("warm", to_agent=self._supervisor)
        return None

    def _hold(self) -> None:
        self._journal.say(InteractionHeld, self._segment.data(agent=self._agent.name), self._segment.truth.held)

    def _resume(self) -> None:
        self._journal.say(InteractionResumed, self._segment.data(agent=self._agent.name), self._segment.truth.resumed)

    def _end(self, ended_by: Literal["customer", "agent"]) -> None:
        self.ended_by = ended_by
        segment = self._segment
        data = EndedData(**segment.members, agent=self._agent.name, ended_by=ended_by)
        self._journal.say(InteractionEnded, data, segment.truth.ended)
