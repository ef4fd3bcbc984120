"""The story of a task, from all its facts in the order of time: pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.contract import events as ev
from pipeline.producers.adapters.pushed.story import Fact, Line, Story, line

_DESCRIBED = ("customer", "language", "skill", "ticket")
#: (client, disposition) to its flags.
Flags = Callable[[str, str | None], tuple[str, ...]]


@dataclass(slots=True)
class _Pass:
    """One pass of the task through a queue: a segment."""

    name: str
    answered: bool = False
    ended: bool = False
    left: bool = False
    wrapped_up: bool = False
    agent: str | None = None
    wait_ms: int | None = None

    @property
    def is_waiting(self) -> bool:
        return not (self.answered or self.left)


@dataclass(slots=True)
class _Telling:
    common: tuple[tuple[str, Any], ...]
    client: str
    flags: Flags
    segments_before: int
    lines: list[Line] = field(default_factory=list)
    passes: list[_Pass] = field(default_factory=list)
    by_reservation: dict[str, _Pass] = field(default_factory=dict)
    #: A transfer after which the task has entered nothing yet.
    transfer: Fact | None = None
    disposition: str | None = None

    @property
    def current(self) -> _Pass | None:
        return self.passes[-1] if self.passes else None

    def say(self, event: type[Any], time: datetime, segment: str, /, **more: Any) -> None:
        self.lines.append(line(event, time, segment, self.common, **more))

    def begin(self) -> _Pass:
        self.passes.append(_Pass(str(self.segments_before + len(self.passes) + 1)))
        return self.passes[-1]

    def of_reservation(self, fact: Fact) -> _Pass:
        """The pass that a reservation is of: known by its beginning, else the one under way."""
        name = fact.get("reservation") or ""
        found = self.by_reservation.get(name)
        if found is None:
            found = self.by_reservation[name] = self._reserved(fact)
        return found

    def _reserved(self, fact: Fact) -> _Pass:
        current, transfer = self.current, self.transfer
        if current is not None and not (current.answered and transfer is not None):
            return current
        begun = self.begin()
        if transfer is not None and transfer.get("transfer_type") == "queue":
            self.say(ev.InteractionQueued, transfer.time, begun.name, queue=fact.get("queue") or "unknown")
        self.transfer = None
        return begun

    def entered(self, fact: Fact) -> None:
        current = self.current
        if current is not None and current.is_waiting:
            # The workflow's step ran out, and the next one has another queue.
            self.say(ev.InteractionLeftQueue, fact.time, current.name, reason="timeout")
            current.left = True
        elif current is not None and current.answered and not current.ended and self.transfer is None:
            self.say(
                ev.InteractionTransferred, fact.time, current.name, agent=current.agent, to_queue=fact.get("queue")
            )
        self.transfer = None
        self.say(ev.InteractionQueued, fact.time, self.begin().name, queue=fact.get("queue") or "unknown")

    def timeout(self, fact: Fact) -> None:
        current = self.current
        if current is not None and current.is_waiting:
            self.say(ev.InteractionLeftQueue, fact.time, current.name, reason="timeout")
            current.left = True

    def offered(self, fact: Fact) -> None:
        self.say(ev.InteractionOffered, fact.time, self.of_reservation(fact).name, agent=fact.get("agent"))

    def declined(self, fact: Fact) -> None:
        at = self.of_reservation(fact)
        self.say(ev.InteractionDeclined, fact.time, at.name, agent=fact.get("agent"), reason=fact.get("reason"))

    def accepted(self, fact: Fact) -> None:
        at = self.of_reservation(fact)
        at.answered = True
        at.agent = fact.get("agent")
        at.wait_ms = int(fact.values["wait_ms"] or 0) if "wait_ms" in fact.values else None
        self.say(ev.InteractionAnswered, fact.time, at.name, agent=at.agent)

    def transferred(self, fact: Fact) -> None:
        at = self.by_reservation.get(fact.get("transfer_from") or "") or self.current
        if at is not None and at.answered:
            # A queue is named by its SID here and by its name everywhere else; the next segment says which it was.
            to_agent = fact.get("transfer_to") if fact.get("transfer_type") == "worker" else None
            kind = "warm" if fact.get("transfer_mode") == "warm" else "cold"
            self.say(ev.InteractionTransferred, fact.time, at.name, agent=at.agent, kind=kind, to_agent=to_agent)
            self.transfer = fact

    def transfer_failed(self, fact: Fact) -> None:
        """The contact stays with whom it was: it was not passed on."""
        if self.transfer is not None:
            since = self.transfer.time
            self.lines = [
                each for each in self.lines if each.kind is not ev.InteractionTransferred or each.time != since
            ]
            self.transfer = None

    def wrapup(self, fact: Fact) -> None:
        at = self.of_reservation(fact)
        if at.answered and not at.ended:
            self._end(at, fact.time)
            at.wrapped_up = True

    def completed(self, fact: Fact) -> None:
        at = self.of_reservation(fact)
        if not at.answered:
            return
        if not at.ended:
            self._end(at, fact.time)
        if at.wrapped_up or self.disposition:
            self._wrap_up(at, fact.time)

    def task_wrapup(self, fact: Fact) -> None:
        self._end_all(fact.time)

    def task_completed(self, fact: Fact) -> None:
        self._end_all(fact.time)
        self._over(fact.time, "completed")

    def task_canceled(self, fact: Fact) -> None:
        self._end_all(fact.time)
        current = self.current
        timed_out = fact.get("reason") == "timeout"
        if current is not None and current.is_waiting:
            if timed_out:
                self.say(ev.InteractionLeftQueue, fact.time, current.name, reason="timeout")
            else:
                self.say(ev.InteractionAbandoned, fact.time, current.name)
            current.left = True
        self._over(fact.time, "timeout" if timed_out else "canceled")

    def _end_all(self, time: datetime) -> None:
        for each in self.passes:
            if each.answered and not each.ended:
                self._end(each, time)

    def _end(self, at: _Pass, time: datetime) -> None:
        at.ended = True
        self.say(ev.InteractionEnded, time, at.name, agent=at.agent)

    def _wrap_up(self, at: _Pass, time: datetime) -> None:
        # The outcome is the task's: it stands with the agent who had the task last.
        disposition = self.disposition if at is self.current else None
        flags = self.flags(self.client, disposition) or None
        self.say(ev.InteractionWrappedUp, time, at.name, agent=at.agent, disposition=disposition, flags=flags)

    def _over(self, time: datetime, outcome: str) -> None:
        # Not before the task is over: a report is not taken back, and which pass it is of may yet change.
        for each in self.passes:
            said = outcome if each is self.current else None
            if each.wait_ms is not None or said is not None:
                self.say(ev.InteractionReported, time, each.name, wait_ms=each.wait_ms, outcome=said)
        self.say(ev.InteractionEnded, time, "")


_STEPS: dict[str, Callable[[_Telling, Fact], None]] = {
    "entered": _Telling.entered,
    "timeout": _Telling.timeout,
    "offered": _Telling.offered,
    "declined": _Telling.declined,
    "accepted": _Telling.accepted,
    "transfer": _Telling.transferred,
    "transfer_failed": _Telling.transfer_failed,
    "wrapup": _Telling.wrapup,
    "completed": _Telling.completed,
    "task_wrapup": _Telling.task_wrapup,
    "task_completed": _Telling.task_completed,
    "task_canceled": _Telling.task_canceled,
}


def tell(client: str, interaction: str, flags: Flags, story: Story) -> tuple[list[Line], datetime | None]:
    """The lines of a task's story, and when it was over."""
    facts = story.facts
    common = (
        ("client", client),
        ("interaction", interaction),
        ("channel", _first(facts, "channel") or "work_item"),
        ("direction", _first(facts, "direction") or "inbound"),
    )
    telling = _Telling(common, client, flags, story.segments_before)
    telling.disposition = _first(facts[::-1], "disposition")
    over_at = None
    described: dict[str, Any] = {}
    for fact in facts:
        if fact.verb == "created":
            telling.say(ev.InteractionStarted, fact.time, "")
        known = {name: fact.values[name] for name in (*_DESCRIBED, "priority") if fact.values.get(name) is not None}
        if any(described.get(name) != value for name, value in known.items()):
            described |= known
            telling.say(ev.InteractionDescribed, fact.time, "", **described)
        if fact.verb in _STEPS:
            _STEPS[fact.verb](telling, fact)
        if fact.verb in {"task_completed", "task_canceled"}:
            over_at = fact.time
    story.segments = story.segments_before + len(telling.passes)
    return telling.lines, over_at


def _first(facts: list[Fact], name: str) -> str | None:
    return next((found for fact in facts if (found := fact.get(name)) is not None), None)
