"""An agent's states as spans: the one fact that needs the order of events, rebuilt where an event arrives."""

from __future__ import annotations

from bisect import bisect_left

from msgspec import Struct

from pipeline.contract import events as ev
from pipeline.domain.segment import Rank

AgentKey = tuple[str, str]


class Span(Struct, kw_only=True, array_like=True, gc=False):
    """A state from one agent event to the next. ``state`` is ``None`` after a sign-out: no span is shown for it."""

    client: str
    agent: str
    rank: Rank
    state: str | None
    reason: str | None
    presence: str | None = None
    ended_us: int | None = None
    entity_no: int = 0


class Timeline:
    """The spans of one agent, ordered by the event that starts them: all of them, or the latest after ``forget``."""

    def __init__(self, spans: list[Span] | None = None) -> None:
        """Start from all stored spans, in any order."""
        self._spans = sorted(spans or [], key=lambda span: span.rank)
        self._ranks = [span.rank for span in self._spans]
        self._whole = True

    def __len__(self) -> int:
        """Number of spans, sign-outs included."""
        return len(self._spans)

    @property
    def spans(self) -> list[Span]:
        """The spans in order."""
        return self._spans

    def reaches(self, time_us: int) -> bool:
        """Whether an event of that time can be placed without the spans that were forgotten."""
        return self._whole or self._ranks[0][0] < time_us

    def forget(self, keep: int) -> None:
        """Keep only the latest spans: an agent of many months must not lie in memory whole."""
        if len(self._spans) > keep:
            del self._spans[:-keep], self._ranks[:-keep]
            self._whole = False

    def insert(self, event: ev.StateEvent, time_us: int, entity_no: int) -> list[Span]:
        """Place one distinct event; return the spans that are new or have changed: itself and its predecessor."""
        rank = (time_us, event.source, event.id)
        data = event.data
        at = bisect_left(self._ranks, rank)
        following = self._ranks[at][0] if at < len(self._ranks) else None
        entered = None if isinstance(event, ev.AgentSignedOut) else event.data
        span = Span(
            client=data.client,
            agent=data.agent,
            rank=rank,
            state=entered.state if entered else None,
            reason=entered.reason if entered else None,
            presence=entered.presence if entered else None,
            ended_us=following,
            entity_no=entity_no,
        )
        self._spans.insert(at, span)
        self._ranks.insert(at, rank)
        if at == 0:
            return [span]
        before = self._spans[at - 1]
        before.ended_us = time_us
        return [before, span]
