"""Calls on their way through queues: one pass through one queue to at most one agent is one segment.

A segment is named by the second in which the call entered the queue, so the same records give the same names wherever
one begins to read. A pass that is over is remembered for half an hour, for its outcome may be told after it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct

from pipeline.contract import events as ev
from pipeline.producers.adapters.asterisk.rosters import Rosters, Said
from pipeline.producers.adapters.speaker import E, Speaker

REMEMBERED = timedelta(minutes=30)
#: No call lasts longer; without an end so long it is not spoken of any more.
LONGEST = timedelta(hours=24)

Phase = Literal["waiting", "dialling", "talking", "over"]


class Pass(Struct, array_like=True):
    """One pass of a call; ``agent`` is who answered it."""

    interaction: str
    client: str
    queue: str
    segment: str
    began: datetime
    last: datetime
    phase: Phase = "waiting"
    direction: str = "inbound"
    agent: str | None = None
    answered: datetime | None = None
    ring_ms: int | None = None
    held: bool = False
    disposition: str | None = None
    wrap_until: datetime | None = None
    #: At whom it rings now, and how an agent is passing it on: where the source says so.
    ringing: list[str] = []
    transfer: str | None = None


class Passes:
    """Says what becomes of passes; ``open`` (by call) and ``wrapping`` are all that it remembers.

    ``apart`` tells two records apart that say the same. Durations that the source reports are in milliseconds.
    """

    def __init__(self, speaker: Speaker, rosters: Rosters) -> None:
        """``rosters`` is told who takes a call and who is free again."""
        self.open: dict[str, Pass] = {}
        #: Calls whose after-call work has an end that was told beforehand.
        self.wrapping: list[str] = []
        self._speaker = speaker
        self._rosters = rosters

    def enter(
        self,
        call: str,
        when: datetime,
        client: str,
        queue: str,
        said: Said,
        *,
        named: tuple[str, str] | None = None,
        dialling: bool = False,
    ) -> Pass:
        """A call enters a queue or, dialling, is made for it; what there is to say is added to ``said``.

        ``named``: how interaction and segment are named, where not by the call and the second.
        """
        interaction, segment = named or (call, self._by_second(call, when))
        entered = Pass(interaction, client, queue, segment, when, when)
        # Said before it is remembered: what the contract refuses, such as the number of a card, is not kept either.
        queued = self.say(ev.InteractionQueued, when, entered)
        if dialling:
            entered.phase, entered.direction = "dialling", "outbound"
        else:
            said.append(queued)
        self.open[call] = entered
        return entered

    def _by_second(self, call: str, when: datetime) -> str:
        before, segment = self.open.get(call), f"q{int(when.timestamp())}"
        if before is not None and before.segment.partition("-")[0] == segment:
            segment = f"{segment}-{int(before.segment.partition('-')[2] or 1) + 1}"
        return segment

    def offered(self, when: datetime, one: Pass, agent: str, apart: object = None) -> ev.Event:
        """Rings at an agent; never before the call entered the queue."""
        return self.say(ev.InteractionOffered, max(when, one.began), one, apart, agent=agent)

    def declined(self, when: datetime, one: Pass, agent: str, apart: object = None, reason: str | None = None) -> Said:
        """Rang at an agent who did not take it."""
        one.last = when
        return [self.say(ev.InteractionDeclined, when, one, apart, agent=agent, reason=reason)]

    def answered(self, when: datetime, one: Pass, agent: str) -> Said:
        """An agent answers."""
        one.phase, one.agent, one.answered, one.last = "talking", agent, when, when
        said: Said = [self.say(ev.InteractionAnswered, when, one, agent=agent)]
        return said + self._rosters.busy(when, one.client, agent)

    def connected(self, when: datetime, one: Pass, agent: str, rung: int | None) -> Said:
        """Somebody who was dialled answers, and talks with the agent at once."""
        said: Said = [self._dialled(one, "human", agent, rung, connected_at=when)]
        said.append(self.say(ev.InteractionQueued, when, one))
        return said + self.answered(when, one, agent)

    def not_reached(self, when: datetime, one: Pass, agent: str | None, result: str, rung: int | None) -> Said:
        """Nobody who was dialled answers."""
        one.phase, one.last = "over", when
        return [self._dialled(one, result, agent, rung)]

    def ended(self, when: datetime, one: Pass, by: str | None) -> Said:
        """The talk is over."""
        said: Said = [self.say(ev.InteractionEnded, when, one, agent=one.agent, ended_by=by)]
        return said + self.over(when, one)

    def transferred(self, when: datetime, one: Pass, kind: str, to_queue: str | None = None) -> Said:
        """The agent passed the call on and is out of it."""
        said: Said = [
            self.say(ev.InteractionTransferred, when, one, agent=one.agent, kind=kind, to_queue=to_queue),
        ]
        return said + self.over(when, one)

    def abandoned(self, when: datetime, one: Pass, agent: str | None = None) -> Said:
        """The caller gave up; an agent may have been about to answer."""
        return [self.say(ev.InteractionAbandoned, when, one, agent=agent), *self.over(when, one)]

    def left(self, when: datetime, one: Pass, reason: str) -> Said:
        """Left the queue otherwise."""
        return [self.say(ev.InteractionLeftQueue, when, one, reason=reason), *self.over(when, one)]

    def hold(self, when: datetime, one: Pass, held: bool, apart: object = None) -> Said:
        """Put on hold or taken off it; nothing if it is so already."""
        if one.held == held or one.phase != "talking":
            return []
        one.held, one.last = held, when
        if held:
            return [self.say(ev.InteractionHeld, when, one, apart, agent=one.agent)]
        return [self.say(ev.InteractionResumed, when, one, apart, agent=one.agent)]

    def wrapped(self, when: datetime, one: Pass, flags: tuple[str, ...]) -> Said:
        """After-call work is over, or the outcome was told: the pass knows which."""
        one.last = max(one.last, when)
        return [
            self.say(
                ev.InteractionWrappedUp, when, one, agent=one.agent, disposition=one.disposition, flags=flags or None
            )
        ]

    def reported(self, when: datetime, one: Pass, **told: Any) -> Said:
        """What the source itself measured; nothing if it told nothing."""
        if all(value is None for value in told.values()):
            return []
        return [self.say(ev.InteractionReported, when, one, agent=one.agent, **told)]

    def over(self, when: datetime, one: Pass) -> Said:
        """Nothing more happens in this pass; its agent is free."""
        was_talking, one.phase, one.last = one.phase == "talking", "over", max(one.last, when)
        return self._rosters.free(when, one.client, one.agent) if was_talking and one.agent else []

    def last_of(self, agent: str) -> str | None:
        """The call that the agent finished last, as far as it is remembered."""
        mine = [(one.last, call) for call, one in self.open.items() if one.agent == agent and one.phase == "over"]
        return max(mine)[1] if mine else None

    def forget(self, now: datetime, remembered: timedelta = REMEMBERED) -> Said:
        """Forget what was over that long ago, and calls that cannot be going on any more."""
        said: Said = []
        for call, one in list(self.open.items()):
            if now - one.last > (remembered if one.phase == "over" else LONGEST):
                said += self.over(now, one)
                del self.open[call]
        return said

    def lost(self) -> int:
        """Asterisk began anew: forget every call, and how many of them were not over."""
        count = sum(one.phase != "over" for one in self.open.values())
        self.open.clear()
        return count

    def say(self, cls: type[E], when: datetime, one: Pass, apart: object = None, **members: Any) -> E:
        """An event of this pass."""
        return self._speaker.say(
            cls,
            when,
            apart,
            client=one.client,
            interaction=one.interaction,
            channel="voice",
            direction=one.direction,
            segment=one.segment,
            queue=one.queue,
            **members,
        )

    def _dialled(self, one: Pass, result: str, agent: str | None, rung: int | None, **more: Any) -> ev.Event:
        return self.say(
            ev.InteractionDialled,
            one.began,
            one,
            attempt=f"{one.interaction}-{one.segment}",
            campaign=one.queue,
            result=result,
            agent=agent,
            rung_seconds=rung,
            **more,
        )
