"""The story of a conversation or ticket at a desk, as Chatwoot, Zendesk and Intercom tell it: pure.

Their facts are of two kinds. A *snapshot* is what a conversation is at a moment: its status, its agent, its queue; what
changed follows from the one before, so a lost or overtaken call does not break the story. The other kind is a public
message of an agent.

Resolutions are rows that nothing takes back. So where a source tells its changes (``tells_changes``), with the status
before as ``was``, they are said of these, and not of the difference to a snapshot that may yet be overtaken.

* A conversation waits from its creation, from its hand-over by a bot, and again from each reopening: each is a segment.
* It is answered by the first public message of an agent. An agent who is given it is offered it.
* The queue is the team it is given to while nobody has answered, from the beginning of the waiting; else its inbox.
* Given to another agent after an answer it is passed on, and that agent's part is the next segment: in the other team's
  queue if the team changed as well, else in no queue.
* Resolved while nobody has answered it leaves the queue as closed. The customer cannot be seen to give up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.contract import events as ev
from pipeline.producers.adapters.pushed.story import Fact, Line, Story, Value, line

SNAPSHOT, AGENT_MESSAGE = "snapshot", "agent_message"
#: A status in the words of this module. ``bot`` is open, and no agent is asked for yet.
OPEN, BOT, PENDING, RESOLVED = "open", "bot", "pending", "resolved"
#: Members of a description that a snapshot may hold.
DESCRIBED = ("customer", "language", "reason", "priority", "ticket", "tier")
BOT_NAME = "bot"


@dataclass(slots=True)
class _Part:
    """One segment."""

    name: str
    began: datetime
    queue: str | None
    answered_by: str | None = None
    is_over: bool = False


@dataclass(slots=True)
class _Telling:
    common: tuple[tuple[str, Any], ...]
    segments_before: int
    lines: list[Line] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)
    status: str | None = None
    assignee: str = ""
    team: str = ""
    inbox: str = ""
    over_at: datetime | None = None

    @property
    def current(self) -> _Part | None:
        part = self.parts[-1] if self.parts else None
        return None if part is None or part.is_over else part

    def say(self, event: type[Any], time: datetime, segment: str, /, **more: Any) -> None:
        self.lines.append(line(event, time, segment, self.common, **more))

    def begin(self, time: datetime, queue: str | None) -> None:
        self.parts.append(_Part(str(self.segments_before + len(self.parts) + 1), time, queue))
        self.over_at = None

    def snapshot(self, fact: Fact) -> None:
        status = fact.get("status") or self.status or OPEN
        self.inbox = fact.get("inbox") or self.inbox
        if self.status is None:
            self.say(ev.InteractionStarted, fact.time, "")
        self._change_team(fact)
        if "was" in fact.values:
            self._say_change(str(fact.values["was"]), status, fact)
        self._change_status(status, fact)
        self._change_assignee(fact)

    def _change_team(self, fact: Fact) -> None:
        team = str(fact.values.get("team") or "") if "team" in fact.values else self.team
        current = self.current
        if team != self.team:
            self.team = team
            if current is not None and current.answered_by is None and current.queue is not None and team:
                current.queue = team

    def _change_status(self, status: str, fact: Fact) -> None:
        before, self.status = self.status, status
        if status == before:
            return
        if status == RESOLVED:
            self._resolve(before, fact)
        elif self.current is None:
            if before == RESOLVED:
                self._resolution("reopened", fact, fact.get("actor") or "system")
            if before == BOT:
                self._bot(fact, "handed_over")
            if status == PENDING:
                self._resolution("pending", fact, "agent")
            if status != BOT:
                self.begin(fact.time, self._queue)
                self.assignee = ""  # who still has it is given it anew
        elif status in {PENDING, BOT}:
            self._resolution("pending", fact, "agent")

    def _resolve(self, before: str | None, fact: Fact) -> None:
        current = self.current
        by_bot = before == BOT and current is None
        if by_bot:
            self._bot(fact, "contained")
        if current is not None:
            if current.answered_by is None:
                self.say(ev.InteractionLeftQueue, fact.time, current.name, reason="closed")
            self.say(ev.InteractionEnded, fact.time, current.name, agent=current.answered_by)
            current.is_over = True
        self._resolution("resolved", fact, "bot" if by_bot else fact.get("actor") or "agent")
        self.over_at = fact.time

    def _change_assignee(self, fact: Fact) -> None:
        if "assignee" not in fact.values:
            return
        before, self.assignee = self.assignee, str(fact.values["assignee"] or "")
        current = self.current
        if not self.assignee or self.assignee == before or current is None:
            return
        if current.answered_by not in {None, self.assignee}:
            other_team = self.team and self.team != current.queue
            self.say(
                ev.InteractionTransferred,
                fact.time,
                current.name,
                agent=current.answered_by,
                to_agent=self.assignee,
                to_queue=self.team if other_team else None,
            )
            self.say(ev.InteractionEnded, fact.time, current.name, agent=current.answered_by)
            current.is_over = True
            self.begin(fact.time, self.team if other_team else None)
            current = self.parts[-1]
        if current.answered_by is None:
            self.say(ev.InteractionOffered, fact.time, current.name, agent=self.assignee)

    def agent_message(self, fact: Fact) -> None:
        agent = fact.get("agent")
        if self.status == BOT and self.current is None:
            # An agent steps in before the bot has let go.
            self._bot(fact, "handed_over")
            self.status = OPEN
            self.begin(fact.time, self._queue)
        current = self.current
        if current is not None and current.answered_by is None and agent is not None:
            current.answered_by = agent
            self.say(ev.InteractionAnswered, fact.time, current.name, agent=agent)

    @property
    def _queue(self) -> str:
        return self.team or self.inbox or "inbox"

    def _say_change(self, was: str, status: str, fact: Fact) -> None:
        """A change of the status that the source itself tells, whatever is known of what was before."""
        if status == RESOLVED != was:
            self._say_resolution("resolved", fact, "bot" if was == BOT else fact.get("actor") or "agent")
        elif was == RESOLVED != status:
            self._say_resolution("reopened", fact, fact.get("actor") or "system")
        if status != was and (status == PENDING or (status == BOT and was in {OPEN, PENDING})):
            self._say_resolution("pending", fact, "agent")

    def _resolution(self, status: str, fact: Fact, actor: str) -> None:
        """What follows from two snapshots, where the source does not tell its changes."""
        if not fact.values.get("tells_changes"):
            self._say_resolution(status, fact, actor)

    def _say_resolution(self, status: str, fact: Fact, actor: str) -> None:
        self.say(ev.InteractionResolutionChanged, fact.time, "", status=status, actor=actor)

    def _bot(self, fact: Fact, result: str) -> None:
        self.say(ev.InteractionMenuStepped, fact.time, "", bot=BOT_NAME, kind="bot", step="conversation", result=result)

    def queued(self) -> list[Line]:
        """Said last: the queue of a part is known when somebody has answered it."""
        return [
            line(ev.InteractionQueued, part.began, part.name, self.common, queue=part.queue)
            for part in self.parts
            if part.queue is not None
        ]


_STEPS: Mapping[str, Callable[[_Telling, Fact], None]] = {
    SNAPSHOT: _Telling.snapshot,
    AGENT_MESSAGE: _Telling.agent_message,
}


def tell(client: str, interaction: str, story: Story) -> tuple[list[Line], datetime | None]:
    """The lines of a conversation's story, and when it was over: resolved, and not reopened since."""
    channel = next((found for fact in story.facts if (found := fact.get("channel"))), "chat")
    direction = next((found for fact in story.facts if (found := fact.get("direction"))), "inbound")
    common = (("client", client), ("interaction", interaction), ("channel", channel), ("direction", direction))
    telling = _Telling(common, story.segments_before)
    if story.segments_before:
        telling.status = RESOLVED  # forgotten because it was over: what comes now reopens it
    described: dict[str, Value] = {}
    for fact in story.facts:
        known = {name: fact.values[name] for name in DESCRIBED if fact.values.get(name) is not None}
        if any(described.get(name) != value for name, value in known.items()):
            described |= known
            telling.say(ev.InteractionDescribed, fact.time, "", **described)
        _STEPS[fact.verb](telling, fact)
    story.segments = story.segments_before + len(telling.parts)
    return telling.queued() + telling.lines, telling.over_at
