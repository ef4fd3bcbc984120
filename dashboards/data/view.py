"""What a panel is given by the feed: answers, of which version of the store, of which moment, and how old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dashboards.data.asking import Answer, Ask
from dashboards.data.connection import Rows
from dashboards.data.heartbeats import Heartbeat


@dataclass(frozen=True, slots=True)
class Publication:
    """The version of the store that is read."""

    published_at: datetime
    generation: int
    version: str


@dataclass(frozen=True, slots=True)
class View:
    """What a panel is given: the answers to what it asked, of which version of the store, and how old that is."""

    now: datetime
    stale_after_seconds: float
    #: None: nothing was published yet.
    publication: Publication | None
    #: The moment that the numbers are of.
    at: datetime
    answers: Mapping[str, Answer] = field(default_factory=dict)
    #: Why the store cannot be read, in one line; ``words.said`` says it.
    problem: str | None = None
    #: The past moment that was asked for, if one was.
    as_of: datetime | None = None
    heartbeats: tuple[Heartbeat, ...] = ()
    asks: Mapping[str, Ask] = field(default_factory=dict)

    def rows(self, name: str) -> Rows:
        """The rows of the question of that name."""
        return self.answers[name].rows

    @property
    def is_answered(self) -> bool:
        """All that was asked has an answer."""
        return self.publication is not None and len(self.answers) == len(self.asks)

    @property
    def age_seconds(self) -> float:
        """The age of the data now."""
        return max(0.0, (self.now - self.publication.published_at).total_seconds()) if self.publication else 0.0

    @property
    def is_stale(self) -> bool:
        """The data is older than its limit. A past moment that the data covers does not get older."""
        if self.publication is None or (self.as_of is not None and self.as_of <= self.publication.published_at):
            return False
        return self.age_seconds > self.stale_after_seconds
