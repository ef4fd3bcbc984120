"""Before the queue: what is known of a contact, the steps of a menu or a bot, and the dial of an outbound one."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from random import Random
from typing import Any, Literal

import simpy

from pipeline.contract.events import (
    DescribedData,
    DialledData,
    InteractionDescribed,
    InteractionDialled,
    InteractionMenuStepped,
    InteractionMessageSent,
    MenuSteppedData,
    MessageSentData,
)
from pipeline.simulate.agents import microseconds
from pipeline.simulate.arrivals import MICROSECONDS
from pipeline.simulate.business import Dialling, Menu, Weighted
from pipeline.simulate.contact import Contact, draw
from pipeline.simulate.journal import Journal
from pipeline.simulate.manifest import Manifest

#: How a contact comes through.
Passage = Literal["on", "lost", "contained"]
#: How a step in a menu or with a bot goes on.
Result = Literal["continued", "contained", "handed_over", "abandoned"]
#: A called person says who they are.
GREETING_SECONDS = 1.5


def choose(rng: Random, weighted: Weighted) -> str:
    """One of the choices by their shares."""
    return rng.choices([name for name, _ in weighted], [share for _, share in weighted])[0]


class Entrance:
    """Tells what comes before the queue."""

    def __init__(self, env: simpy.Environment, journal: Journal, manifest: Manifest, rng: Random) -> None:
        """``rng`` is the floor's."""
        self._env = env
        self._journal = journal
        self._manifest = manifest
        self._rng = rng

    def describe(self, contact: Contact) -> None:
        """Say what is known of a contact that begins now."""
        case, rng = contact.queue.business.case, self._rng
        if case is None:
            return
        audio = None if case.audio_seconds is None else round(case.audio_seconds.draw(rng)) + 1
        items = None if case.items is None else round(case.items.draw(rng)) + 1
        contact.customer = f"c-{rng.randrange(case.customers):06d}"
        contact.product = rng.choice(case.products) if case.products else None
        solving = contact.queue.business.solving
        promised = case.promised_hours and self._now() + timedelta(hours=case.promised_hours)
        data = DescribedData(
            **contact.detail,
            customer=contact.customer,
            language=choose(rng, case.languages),
            product=contact.product,
            reason=rng.choice(case.reasons) if case.reasons else None,
            ticket=f"t-{contact.name}" if case.tickets else None,
            campaign=case.campaign,
            tier=solving.tier if solving else None,
            promised_at=promised or None,
            audio_seconds=audio,
            items=items,
        )
        line = self._manifest.line(contact.queue.business.line)
        self._journal.say(InteractionDescribed, data, line.described, contact.customer, audio, items)

    def message(self, contact: Contact, sender: Literal["customer", "bot"]) -> None:
        """Say that somebody wrote, before any agent."""
        if contact.queue.business.messages is not None:
            data = MessageSentData(**contact.detail, sender=sender)
            self._journal.say(InteractionMessageSent, data, contact.details.wrote, sender)

    def menu(self, contact: Contact, lost: bool) -> Generator[simpy.Event, Any, Passage]:
        """Through the queue's menu or bot, if it has one; ``lost``: the customer hangs up there."""
        menu, took_us = contact.queue.business.menu, draw(self._rng, contact.queue.menu_seconds)
        if menu is None:
            yield self._env.timeout(took_us)
            return "lost" if lost else "on"
        contained = not lost and self._rng.random() < menu.contained_probability
        intent = self._rng.choice(menu.intents)
        last = self._rng.randint(1, menu.steps) if lost else menu.steps
        for step in range(1, last + 1):
            yield self._env.timeout(max(1, took_us // menu.steps))
            if menu.kind == "bot" and not (lost and step == last):
                self.message(contact, "bot")
            if step < last:
                self._step(contact, menu, step, intent if step > 1 else None, "continued")
        result: Result = "abandoned" if lost else "contained" if contained else "handed_over"
        reason = self._rng.choice(menu.hand_over_reasons) if result == "handed_over" else None
        self._step(contact, menu, last, None if lost and last == 1 else intent, result, reason)
        return "lost" if lost else "contained" if contained else "on"

    def _step(
        self, contact: Contact, menu: Menu, step: int, intent: str | None, result: Result, reason: str | None = None
    ) -> None:
        line = self._manifest.line(contact.queue.business.line)
        data = MenuSteppedData(
            **contact.detail,
            bot=menu.name,
            kind=menu.kind,
            step=f"step-{step}",
            intent=intent,
            result=result,
            reason=reason,
        )
        self._journal.say(InteractionMenuStepped, data, line.stepped, menu.kind, step, result, reason)

    def dial(self, contact: Contact, dialling: Dialling) -> Generator[simpy.Event, Any, bool]:
        """Ring at the next lead: returns True if a person answered, and has finished the greeting."""
        rng = self._rng
        contact.dial = {
            "attempt": f"d-{contact.name}",
            "campaign": dialling.campaign,
            "list": rng.choice(dialling.lists),
            "lead": f"{dialling.campaign}-{rng.randrange(dialling.leads):05d}",
            "result": choose(rng, dialling.results),
        }
        ring_us = draw(rng, contact.queue.menu_seconds)
        contact.dial["rung_seconds"] = ring_us // MICROSECONDS
        yield self._env.timeout(ring_us)
        if contact.dial["result"] != "human":
            self.dialled(contact)
            return False
        yield self._env.timeout(microseconds(GREETING_SECONDS * (0.5 + rng.random())))
        contact.greeted_us = int(self._env.now)
        return True

    def dialled(self, contact: Contact, *, connected: bool = False, dropped: bool = False) -> None:
        """Say how the dial ended, once; a contact that was not dialled has nothing to say."""
        dial, contact.dial = contact.dial, None
        if dial is None:
            return
        greeted_us, connected_us = contact.greeted_us, int(self._env.now) if connected else None
        data = DialledData(
            **contact.detail,
            **dial,
            greeting_ended_at=None if greeted_us is None else self._journal.moment(greeted_us),
            connected_at=None if connected_us is None else self._journal.moment(connected_us),
            dropped=dropped,
        )
        line = self._manifest.line(contact.queue.business.line)
        self._journal.say(
            InteractionDialled, data, line.dialled, dial["result"], dial["lead"], greeted_us, connected_us, dropped
        )

    def _now(self) -> Any:
        return self._journal.moment(int(self._env.now))
