"""What comes of a contact: its outcomes and what becomes of them, whether it is settled, and what the customer says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, Literal

from pipeline.contract.events import (
    InteractionOutcomeChanged,
    InteractionResolutionChanged,
    InteractionSurveyed,
    OutcomeChangedData,
    ResolutionChangedData,
    SurveyedData,
)
from pipeline.simulate.agents import microseconds
from pipeline.simulate.business import Change, Outcome, Survey
from pipeline.simulate.contact import Contact, Segment
from pipeline.simulate.journal import Journal
from pipeline.simulate.line_truth import LineTruth, OutcomeTruth
from pipeline.simulate.manifest import Manifest

#: Where an outcome stands.
Status = Literal["made", "part_kept", "kept", "broken", "fulfilled", "cancelled"]
DAY_SECONDS = 86_400
CENT = Decimal("0.01")
#: A survey comes this long after the contact, and its answers this long after that, on average.
SENT_AFTER_SECONDS = 300.0
ANSWERED_AFTER_SECONDS = 5400.0


class Afterwards:
    """Tells what comes of contacts, now and days later."""

    def __init__(self, journal: Journal, manifest: Manifest, rng: Random, flags: Mapping[str, tuple[str, ...]]) -> None:
        """``rng`` is the floor's; ``flags`` are what dispositions count as."""
        self.flags = flags
        self._journal = journal
        self._manifest = manifest
        self._rng = rng
        self._outcomes = 0

    def line(self, segment: Segment) -> LineTruth:
        """The truth of a segment's line of business."""
        return self._manifest.line(segment.queue.business.line)

    def outcomes(self, segment: Segment, agent: str) -> tuple[Outcome | None, Decimal | None]:
        """Decide and tell what a handled segment brought; returns the one with a disposition."""
        chosen: tuple[Outcome | None, Decimal | None] = None, None
        chance = self._rng.random()
        for outcome in segment.queue.business.outcomes:
            if outcome.disposition is None:
                if self._rng.random() < outcome.probability:
                    self._outcome(segment, agent, outcome)
            elif chance >= 0:
                chance -= outcome.probability
                if chance < 0:
                    chosen = outcome, self._outcome(segment, agent, outcome)
        return chosen

    def _outcome(self, segment: Segment, agent: str, outcome: Outcome) -> Decimal | None:
        rng = self._rng
        amount = None if outcome.amount is None else Decimal(outcome.amount.draw(rng)).quantize(CENT)
        due = None if outcome.due_days is None else self._journal.today() + timedelta(days=outcome.due_days)
        named = {
            "product": rng.choice(outcome.products) if outcome.products else segment.contact.product,
            "campaign": segment.campaign,
            "due_on": due,
        }
        told = _Told(self, segment, agent, outcome.kind, outcome.currency, named)
        told.say(0, "made", amount)
        chance = rng.random()
        for change in outcome.changes:
            chance -= change.probability
            if chance < 0:
                self._change(told, change, amount)
                break
        return amount

    def _change(self, told: _Told, change: Change, amount: Decimal | None) -> None:
        after_us = microseconds(change.after_days * DAY_SECONDS * (0.5 + self._rng.random()))
        part = None if amount is None else (amount * Decimal(str(change.share))).quantize(CENT)
        told.say(after_us, change.status, part)
        if change.pays:
            _Told(self, told.segment, told.agent, "payment", told.currency, {**told.named, "due_on": None}).say(
                after_us, "made", part
            )

    def settle(self, segment: Segment, agent: str) -> bool:
        """Tell whether a handled contact is settled; returns whether it will be reopened on the floor."""
        solving, rng = segment.queue.business.solving, self._rng
        if solving is None:
            return False
        if rng.random() >= solving.resolved_probability:
            self.resolution(segment.contact, "pending", agent=agent)
            return False
        self.resolution(segment.contact, "resolved", agent=agent)
        if rng.random() >= solving.reopened_probability:
            return False
        if not solving.requeued:
            after_us = microseconds(solving.reopened_after_hours * 3600 * (0.5 + rng.random()))
            self.resolution(segment.contact, "reopened", after_us=after_us, actor="customer")
        return solving.requeued

    def resolution(
        self,
        contact: Contact,
        status: Literal["resolved", "reopened", "pending", "escalated"],
        *,
        after_us: int = 0,
        actor: Literal["agent", "bot", "customer"] = "agent",
        agent: str | None = None,
    ) -> None:
        """The contact stands at ``status``, now or ``after_us`` from now."""
        solving = contact.queue.business.solving
        tier = solving.tier if solving else None
        data = ResolutionChangedData(
            **contact.detail, agent=agent, status=status, actor=actor, tier=tier, product=contact.product
        )
        say = self._journal.later if after_us else self._journal.say
        arguments: tuple[Any, ...] = (InteractionResolutionChanged, data, contact.details.settled, status, actor)
        say(*((after_us, *arguments) if after_us else arguments))

    def ask(self, segment: Segment, agent: str) -> str | None:
        """The survey of a handled contact; returns the disposition if the contact itself was the survey."""
        survey, rng = segment.queue.business.survey, self._rng
        if survey is None or rng.random() >= survey.asked_probability:
            return None
        chance = rng.random()
        answered = chance < survey.answered_probability
        refused = not answered and chance < survey.answered_probability + survey.refused_probability
        if survey.in_contact:
            if answered:
                self._answers(segment, agent, survey, 0)
            elif refused:
                self._survey(segment, agent, 0, "refused")
            return "completed" if answered else "refused" if refused else None
        sent_us = microseconds(rng.expovariate(1 / SENT_AFTER_SECONDS))
        self._survey(segment, agent, sent_us, "sent")
        replied_us = sent_us + microseconds(rng.expovariate(1 / ANSWERED_AFTER_SECONDS))
        if answered:
            self._answers(segment, agent, survey, replied_us)
        elif refused:
            self._survey(segment, agent, replied_us, "refused")
        return None

    def _answers(self, segment: Segment, agent: str, survey: Survey, after_us: int) -> None:
        for question, scores in survey.questions:
            (score,) = self._rng.choices([score for score, _ in scores], [share for _, share in scores])
            self._survey(segment, agent, after_us, "answered", question, score)
        self._survey(segment, agent, after_us, "completed")

    def _survey(
        self,
        segment: Segment,
        agent: str,
        after_us: int,
        status: Literal["sent", "answered", "completed", "refused"],
        question: str | None = None,
        score: int | None = None,
    ) -> None:
        line = self.line(segment)
        data = SurveyedData(
            **segment.detail(agent),
            survey=f"s-{segment.contact.name}-{segment.members['segment']}",
            status=status,
            question=question,
            score=score,
        )
        self._journal.later(after_us, InteractionSurveyed, data, line.surveyed, status, question, score)

    def say_outcome(
        self, after_us: int, data: OutcomeChangedData, truth: OutcomeTruth, amount: tuple[Decimal, str] | None
    ) -> None:
        """An outcome comes to a status, now or later."""
        self._journal.later(after_us, InteractionOutcomeChanged, data, truth.became, data.status, amount)

    def next_outcome(self, segment: Segment, kind: str) -> tuple[str, OutcomeTruth]:
        """The name and the truth of an outcome that is to be told."""
        self._outcomes += 1
        return f"o-{segment.contact.name}-{self._outcomes}", OutcomeTruth(self.line(segment), kind)


class _Told:
    """One outcome over all its changes."""

    def __init__(
        self, tells: Afterwards, segment: Segment, agent: str, kind: str, currency: str | None, named: dict[str, Any]
    ) -> None:
        self.segment = segment
        self.agent = agent
        self.currency = currency
        self.named = named
        self._tells = tells
        self._kind = kind
        self._name, self._truth = tells.next_outcome(segment, kind)

    def say(self, after_us: int, status: Status, amount: Decimal | None) -> None:
        data = OutcomeChangedData(
            **self.segment.detail(self.agent),
            **self.named,
            outcome=self._name,
            kind=self._kind,
            status=status,
            amount=None if amount is None else str(amount),
            currency=None if amount is None else self.currency,
        )
        held = None if amount is None or self.currency is None else (amount, self.currency)
        self._tells.say_outcome(after_us, data, self._truth, held)
