"""What truly came of the contacts of one line of business: counted by the simulation as it tells its details.

Nothing here reads an event. Times are microseconds after the simulated start. A detail counts for the line of the
queue that it names; what is said of a whole contact (its first response, its resolution) for the line of its first
queue.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

#: Outcomes and resolutions are counted where they stand: a later status takes the place of the one before.
Amount = tuple[Decimal, str] | None


class LineTruth:
    """Counts, exact durations and amounts of one line, each by name; a dot parts a name from its kind."""

    def __init__(self) -> None:
        """Nothing happened yet."""
        self.counts: Counter[str] = Counter()
        self.microseconds: Counter[str] = Counter()
        self.amounts: dict[str, Decimal] = defaultdict(Decimal)
        self._seen: dict[str, set[str]] = defaultdict(set)

    def distinct(self, name: str, value: str) -> bool:
        """Count ``value`` under ``name`` if it is new; says whether it is."""
        if value in self._seen[name]:
            return False
        self._seen[name].add(value)
        self.counts[name] += 1
        return True

    def described(self, _at_us: int, customer: str, audio_seconds: int | None, items: int | None) -> None:
        """A contact began. A customer's second and later contacts are repeated ones."""
        self.counts["contacts"] += 1
        if not self.distinct("customers", customer):
            self.counts["repeated_contacts"] += 1
        self.counts["audio_seconds"] += audio_seconds or 0
        self.counts["items"] += items or 0

    def stepped(self, _at_us: int, kind: str, step: int, result: str, reason: str | None) -> None:
        """A step with a menu or a bot; the first enters it, every result but 'continued' is the end of it."""
        self.counts[f"{kind}_steps"] += 1
        self.counts[f"{kind}_entered"] += step == 1
        if result != "continued":
            self.counts[f"{kind}_sessions"] += 1
            self.counts[f"{kind}.{result}"] += 1
        if result == "abandoned":
            self.counts[f"{kind}_abandoned_at.step-{step}"] += 1
        if reason is not None:
            self.counts[f"{kind}_reason.{reason}"] += 1

    def dialled(
        self, at_us: int, result: str, lead: str, greeted_us: int | None, connected_us: int | None, dropped: bool
    ) -> None:
        """A dial ended."""
        self.counts["dials"] += 1
        self.counts[f"dials.{result}"] += 1
        self.counts["drops"] += dropped
        self.distinct("leads_dialled", lead)
        if greeted_us is not None and connected_us is not None:
            self.counts["connected"] += 1
            self.microseconds["connect_seconds"] += connected_us - greeted_us

    def called_back(self, at_us: int, status: str, requested_us: int) -> None:
        """A callback came to this status."""
        self.counts[f"callbacks.{status}"] += 1
        if status == "reached":
            self.microseconds["callback_seconds"] += at_us - requested_us

    def surveyed(self, _at_us: int, status: str, question: str | None, score: int | None) -> None:
        """A survey was sent, answered or refused."""
        self.counts[f"surveys.{status}"] += 1
        if question is not None and score is not None:
            self.counts[f"answers.{question}"] += 1
            self.counts[f"score.{question}"] += score

    def flagged(self, _at_us: int, flags: tuple[str, ...]) -> None:
        """A handled segment counts as these."""
        for flag in flags:
            self.counts[f"flags.{flag}"] += 1

    def joined(self, _at_us: int, role: str) -> None:
        """Somebody joined a conversation."""
        self.counts[f"joined.{role}"] += 1

    def parted(self, at_us: int, role: str, joined_us: int) -> None:
        """Whoever had joined in this role left."""
        self.counts["parted"] += 1
        self.microseconds["joined_seconds"] += at_us - joined_us
        self.microseconds[f"joined_seconds.{role}"] += at_us - joined_us

    def entered(self, _at_us: int, again: bool) -> None:
        """A contact entered a queue, for the first time or ``again``."""
        self.counts["entries"] += 1
        self.counts["reentries"] += again

    def passed_on(self, _at_us: int, kind: str, target: str) -> None:
        """An agent passed a contact on, to a 'queue' or an 'agent'."""
        self.counts[f"transfers.{kind}.to_{target}"] += 1

    def document(self) -> dict[str, Any]:
        """Plain JSON values; seconds and amounts are exact decimal strings."""
        return {
            "counts": {name: n for name, n in sorted(self.counts.items()) if n},
            "seconds": {name: str(Decimal(us).scaleb(-6)) for name, us in sorted(self.microseconds.items()) if us},
            "amounts": {name: str(amount) for name, amount in sorted(self.amounts.items()) if amount},
        }


class OutcomeTruth:
    """One outcome: how many stand at which status, and how much money that is."""

    def __init__(self, line: LineTruth, kind: str) -> None:
        """Not yet made."""
        self._line = line
        self._kind = kind
        self._standing: tuple[str, Amount] | None = None

    def became(self, _at_us: int, status: str, amount: Amount) -> None:
        """The outcome stands at ``status`` now; it has ``amount``."""
        for sign, standing in ((-1, self._standing), (1, (status, amount))):
            if standing is None:
                continue
            name, held = f"{self._kind}.{standing[0]}", standing[1]
            self._line.counts[f"outcomes.{name}"] += sign
            if held is not None:
                self._line.amounts[f"{name}.{held[1]}"] += sign * held[0]
        self._standing = status, amount


class ContactTruth:
    """One contact from its beginning: who wrote when, and whether it is settled."""

    def __init__(self, line: LineTruth) -> None:
        """Nothing was said yet."""
        self._line = line
        self._began_us = 0
        self._first_us: int | None = None
        self._unanswered_us: int | None = None
        self._responded = False
        self._status: str | None = None
        self._took_us = 0

    def began(self, at_us: int) -> None:
        """The contact reached the centre."""
        self._began_us = at_us

    def wrote(self, at_us: int, sender: str) -> None:
        """A message.

        First response: from the customer's first message to the first agent's. Response: from the first message of the
        customer that no agent has answered to the agent's next; what a bot writes answers neither.
        """
        line = self._line
        line.counts[f"messages.{sender}"] += 1
        if sender == "customer":
            self._first_us = at_us if self._first_us is None else self._first_us
            self._unanswered_us = at_us if self._unanswered_us is None else self._unanswered_us
        if sender != "agent" or self._unanswered_us is None or self._first_us is None:
            return
        line.counts["responses"] += 1
        line.microseconds["response_seconds"] += at_us - self._unanswered_us
        if not self._responded:
            line.counts["first_responses"] += 1
            line.microseconds["first_response_seconds"] += at_us - self._first_us
        self._responded, self._unanswered_us = True, None

    def settled(self, at_us: int, status: str, actor: str) -> None:
        """The contact stands at ``status`` now. Time to resolve: from its beginning, if it is resolved."""
        line = self._line
        line.counts[f"changes.{status}"] += 1
        if self._status is not None:
            line.counts[f"resolution.{self._status}"] -= 1
        line.microseconds["resolution_seconds"] -= self._took_us
        self._took_us = at_us - self._began_us if status == "resolved" else 0
        line.microseconds["resolution_seconds"] += self._took_us
        line.counts[f"resolution.{status}"] += 1
        line.counts["resolved_by_bot"] += status == "resolved" and actor == "bot"
        self._status = status
