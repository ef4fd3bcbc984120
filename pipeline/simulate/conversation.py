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
    InteractionResumed,
    InteractionTransferred,
    InteractionWrappedUp,
    TransferredData,
    WrappedUpData,
)
from pipeline.simulate.agents import Agent, Process, microseconds
from pipeline.simulate.centre import Transfer
from pipeline.simulate.contact import Segment, draw
from pipeline.simulate.journal import Journal

#: Mean time an agent who passes a contact on warmly stays on the line to introduce it.
INTRODUCTION_SECONDS = 8.0
#: Share of transfers whose customer is still on hold when it happens.
TRANSFER_FROM_HOLD_PROBABILITY = 0.5
SECOND_HOLD_PROBABILITY = 0.2
AGENT_HANGS_UP_PROBABILITY = 0.35
CENT = Decimal("0.01")


class Conversation:
    """Use in order: ``speak``, then ``hand_over`` if it was passed on, then ``wrap_up``."""

    def __init__(self, env: simpy.Environment, journal: Journal, rng: Random, segment: Segment, agent: Agent) -> None:
        """An answered segment and the agent who answered it."""
        self._env = env
        self._journal = journal
        self._rng = rng
        self._segment = segment
        self._agent = agent
        self._transfer: Transfer | None = None
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
        for _ in range(holds):
            yield self._env.timeout(part_us)
            self._hold()
            hung_up = rng.random() < queue.hang_up_on_hold_probability
            yield self._env.timeout(draw(rng, queue.hold_seconds))
            if hung_up:
                self._end("customer")
                return None
            self._resume()
        yield self._env.timeout(part_us)
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
        """After-contact work; then the agent is free again."""
        rng, queue, segment = self._rng, self._segment.queue, self._segment
        self._agent.become("wrap_up")
        yield self._env.timeout(draw(rng, queue.wrap_up_seconds))
        sold: tuple[Decimal, str] | None = None
        if queue.sales is not None and self._transfer is None and rng.random() < queue.sales.probability:
            amount = Decimal(rng.lognormvariate(*queue.sales.amount.parameters())).quantize(CENT)
            sold = (amount, queue.sales.currency)
        outcome: dict[str, Any] = {"disposition": rng.choice(queue.dispositions)}
        if self._transfer is not None:
            outcome = {"disposition": "transferred"}
        elif sold:
            outcome = {"disposition": "sold", "flags": ("sale",), "amount": str(sold[0]), "currency": sold[1]}
        data = segment.data(WrappedUpData, self._agent.name, **outcome)
        self._journal.say(InteractionWrappedUp, data, segment.truth.wrapped_up, sold)
        self._agent.release()

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
