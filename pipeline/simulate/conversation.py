"""One agent's part in a contact: talk, holds, a transfer or the end, and the wrap-up."""

from __future__ import annotations

from collections.abc import Generator
from decimal import Decimal
from random import Random
from typing import Any, Literal

import simpy

from pipeline.contract.events import (
    EndedData,
    InteractionEnded,
    InteractionHeld,
    InteractionMessageSent,
    InteractionParticipated,
    InteractionResumed,
    InteractionTransferred,
    InteractionWrappedUp,
    MessageSentData,
    ParticipatedData,
    TransferredData,
    WrappedUpData,
)
from pipeline.simulate.afterwards import CENT, Afterwards
from pipeline.simulate.agents import Agent, Process, microseconds
from pipeline.simulate.centre import Transfer
from pipeline.simulate.contact import Segment, draw
from pipeline.simulate.journal import Journal, Note

#: Mean time an agent who passes a contact on warmly stays on the line to introduce it.
INTRODUCTION_SECONDS = 8.0
#: Share of transfers whose customer is still on hold when it happens.
TRANSFER_FROM_HOLD_PROBABILITY = 0.5
SECOND_HOLD_PROBABILITY = 0.2
AGENT_HANGS_UP_PROBABILITY = 0.35


def supervisor_of(group: str) -> str:
    """The work identifier of a group's supervisor."""
    return f"{group}-lead"


def _both(at_us: int, *notes: tuple[Note, Any]) -> None:
    """One event that changes two truths."""
    for note, argument in notes:
        note(at_us, argument)


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
    ) -> None:
        """An answered segment and the agent who answered it."""
        self._after = after
        self._line = after.line(segment)
        self._env = env
        self._journal = journal
        self._rng = rng
        self._segment = segment
        self._agent = agent
        self._transfer: Transfer | None = None
        self._role: Literal["monitor", "coach", "barge"] = "monitor"
        #: The contact will come back into its queue, known after ``wrap_up``.
        self.reopens = False
        #: Who hung up, known after ``speak`` returned None.
        self.ended_by: Literal["customer", "agent"] = "customer"

    def speak(self) -> Generator[simpy.Event, Any, str | None]:
        """Talk and holds: returns the queue it is passed on to, or None when the segment ended."""
        rng, queue = self._rng, self._segment.queue
        self._transfer = self._choose_transfer()
        holds = 0
        if rng.random() < queue.hold_probability:
            holds = 2 if rng.random() < SECOND_HOLD_PROBABILITY else 1
        part_us = max(1, draw(rng, queue.talk_seconds) // (holds + 1))
        joined_us = self._supervisor_joins()
        for _ in range(holds):
            yield from self._talk(part_us)
            self._hold()
            hung_up = rng.random() < queue.hang_up_on_hold_probability
            yield self._env.timeout(draw(rng, queue.hold_seconds))
            if hung_up:
                self._supervisor_leaves(joined_us)
                self._end("customer")
                return None
            self._resume()
        yield from self._talk(part_us)
        self._supervisor_leaves(joined_us)
        if self._transfer is None:
            self._end("agent" if rng.random() < AGENT_HANGS_UP_PROBABILITY else "customer")
            return None
        if rng.random() < TRANSFER_FROM_HOLD_PROBABILITY:
            self._hold()
            yield self._env.timeout(microseconds(rng.expovariate(1 / INTRODUCTION_SECONDS)))
        target = self._transfer.to_queue
        data = self._segment.data(TransferredData, self._agent.name, kind=self._transfer.kind, to_queue=target)
        self._journal.say(InteractionTransferred, data, self._segment.truth.transferred)
        return target

    def hand_over(self) -> Process:
        """After a warm transfer the agent stays on for the introduction; after a cold one the part is over."""
        if self._transfer is not None and self._transfer.kind == "warm":
            yield self._env.timeout(microseconds(self._rng.expovariate(1 / INTRODUCTION_SECONDS)))
            self._end("agent")

    def wrap_up(self) -> Process:
        """After-contact work, and what the contact brought; then the agent is free again."""
        self._agent.wrap()
        yield self._env.timeout(draw(self._rng, self._segment.queue.wrap_up_seconds))
        segment, agent = self._segment, self._agent.name
        disposition, sold = ("transferred", None) if self._transfer else self._brought()
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
        self.reopens = self._transfer is None and self._after.settle(segment, agent)
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

    def _supervisor_joins(self) -> int | None:
        """When a supervisor joined; None if nobody did."""
        if self._rng.random() >= self._segment.queue.business.joined_probability:
            return None
        self._role = self._rng.choice(("monitor", "coach", "barge"))
        self._participate("joined", self._line.joined, self._role)
        return int(self._env.now)

    def _supervisor_leaves(self, joined_us: int | None) -> None:
        if joined_us is not None:
            self._participate("left", self._line.parted, joined_us)

    def _participate(self, change: Literal["joined", "left"], note: Note, *arguments: Any) -> None:
        supervisor = supervisor_of(self._agent.group.name)
        data = ParticipatedData(**self._segment.detail(supervisor), role=self._role, change=change)
        self._journal.say(InteractionParticipated, data, note, *arguments)

    def _choose_transfer(self) -> Transfer | None:
        chance = self._rng.random()
        # Passed on once is enough: a contact that went round and round would say nothing about a centre.
        if self._segment.contact.segments > 1:
            return None
        for transfer in self._segment.queue.transfers:
            if chance < transfer.probability:
                return transfer
            chance -= transfer.probability
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
