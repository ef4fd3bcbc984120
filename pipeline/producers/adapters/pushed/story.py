"""Contacts told from facts that come repeatedly and in any order.

A system that pushes sends each fact at least once, and a later one may overtake an earlier one. So the facts of a
contact are kept in their own order, and the contact's story is told anew from all of them whenever one is added. What
the story then says for the first time becomes events. Where it no longer says what it said before, all it says of that
segment is said anew under the next revision, and the earlier revision counts no more.

A fact that is repeated says the whole story again, and so does the first one after a restart: the same events, which a
worker counts once. Thus it does not matter which of them had reached Kafka when something broke.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple, get_type_hints

import msgspec

from pipeline.contract.events import Event
from pipeline.producers.adapters.speaker import Speaker

#: Contacts that are remembered at most, and for how long one that is over is still told from all its facts.
MOST_STORIES = 20_000
MOST_ENDED = 100_000
STILL_TOLD = timedelta(hours=1)
#: A contact with more facts is told from those that matter. The latest stay as they are: others may yet come between.
MOST_FACTS = 300
LATEST_FACTS = 100

Value = str | int | bool | None


class Fact(msgspec.Struct, frozen=True, array_like=True):
    """One thing that a source said of a contact. ``place`` orders facts of one moment, ``identity`` tells two apart."""

    time: datetime
    place: int
    identity: str
    verb: str
    values: dict[str, Value] = {}

    def get(self, name: str) -> str | None:
        """A value as text; None if it is not there, or empty."""
        value = self.values.get(name)
        return None if value is None or value == "" else str(value)


class Line(NamedTuple):
    """An event of a story, not yet said. ``members`` are those of its data besides ``segment`` and ``revision``."""

    kind: type[Event]
    time: datetime
    #: '' for the contact as a whole.
    segment: str
    members: tuple[tuple[str, Any], ...]


class Story(msgspec.Struct, array_like=True):
    """What is known of a contact, the earliest first."""

    facts: list[Fact] = []
    #: By segment, where not 0.
    revisions: dict[str, int] = {}
    #: Segments of earlier facts, which are forgotten; those of these facts count from here.
    segments_before: int = 0
    segments: int = 0
    #: Until when earlier facts were told to the end; a fact from before is told no more.
    after: datetime | None = None


class Ended(msgspec.Struct, array_like=True, frozen=True):
    """What remains of a contact that is over: where its facts ended, and how many segments it had."""

    until: datetime
    segments: int


class _Memory(msgspec.Struct):
    stories: dict[str, Story] = {}
    ended: dict[str, Ended] = {}
    newest: datetime | None = None


#: (contact, its story) to the lines of the story and the moment when it was over, None while it is not.
Tell = Callable[[str, Story], tuple[list[Line], datetime | None]]


class Stories:
    """The contacts of one source."""

    def __init__(self, speaker: Speaker, tell: Tell) -> None:
        """``tell`` has no memory of its own. It sets ``story.segments``."""
        self._speaker = speaker
        self._tell = tell
        self._memory = _Memory()
        self._over_at: dict[str, datetime] = {}
        #: Contacts whose story was said since the start.
        self._said: set[str] = set()

    def add(self, contact: str, fact: Fact) -> list[Event]:
        """The events that a fact adds."""
        memory = self._memory
        gone = memory.ended.get(contact)
        story = memory.stories.pop(contact, None)
        if story is None:
            if self.is_past(contact, fact.time):
                return []
            story = Story(segments_before=gone.segments, after=gone.until) if gone else Story()
            memory.ended.pop(contact, None)
        memory.stories[contact] = story
        if self.is_past(contact, fact.time):
            return []
        before, _ = self._tell(contact, story) if story.facts else ([], None)
        repeated = any(known.identity == fact.identity for known in story.facts)
        if not repeated:
            story.facts.append(fact)
            story.facts.sort(key=_order)
        after, over_at = self._tell(contact, story)
        lines = set(after)
        revised = {line.segment for line in before if line not in lines and _has_revision(line.kind)}
        for segment in revised:
            story.revisions[segment] = story.revisions.get(segment, 0) + 1
        known = set() if repeated or contact not in self._said else set(before)
        self._said.add(contact)
        self._note_end(contact, over_at)
        if len(story.facts) > MOST_FACTS:
            self._thin(contact, story)
        self._forget(fact.time)
        said = (line for line in after if line not in known or line.segment in revised)
        return [event for line in said for event in self._events(line, story)]

    def facts_of(self, contact: str) -> list[Fact]:
        """What is known of a contact, the earliest first."""
        story = self._memory.stories.get(contact)
        return [] if story is None else story.facts

    def is_past(self, contact: str, time: datetime) -> bool:
        """Whether everything up to that time was told to the end, and forgotten."""
        story, gone = self._memory.stories.get(contact), self._memory.ended.get(contact)
        until = story.after if story else gone.until if gone else None
        return until is not None and time <= until

    def has_said(self, contact: str, identity: str) -> bool:
        """Whether a fact has been told since the start, so that it need not be told again in passing."""
        return contact in self._said and any(fact.identity == identity for fact in self.facts_of(contact))

    def state(self) -> bytes:
        """What is remembered."""
        return msgspec.json.encode(self._memory)

    def restore(self, state: bytes) -> None:
        """Remember what ``state`` said. Raises ValueError for anything else."""
        self._memory = msgspec.json.decode(state, type=_Memory)
        self._said = set()
        self._over_at = {}
        for contact, story in self._memory.stories.items():
            self._note_end(contact, self._tell(contact, story)[1])

    def unsay(self, contacts: Iterable[str]) -> None:
        """What was told of these did not go out: with their next fact they are told whole."""
        self._said.difference_update(contacts)

    def _events(self, line: Line, story: Story) -> list[Event]:
        """The event of a line, or what is noticed where the contract refuses it: the others are said nevertheless."""
        members = dict(line.members)
        if line.segment:
            members["segment"] = line.segment
        revision = story.revisions.get(line.segment, 0)
        if revision and _has_revision(line.kind):
            members["revision"] = revision
        try:
            return [self._speaker.say(line.kind, line.time, **members)]
        except msgspec.ValidationError:
            name = line.kind.__name__
            return [*self._speaker.notice(members["client"], line.time, "unreadable", name, line.segment)]

    def _thin(self, contact: str, story: Story) -> None:
        """Leave out, of all but the latest facts, those without which the story is the same."""
        told = set(self._tell(contact, story)[0])
        place = 0
        while place < len(story.facts) - LATEST_FACTS:
            fact = story.facts.pop(place)
            if set(self._tell(contact, story)[0]) != told:
                story.facts.insert(place, fact)
                place += 1
        self._tell(contact, story)

    def _note_end(self, contact: str, over_at: datetime | None) -> None:
        if over_at is None:
            self._over_at.pop(contact, None)
        else:
            self._over_at[contact] = over_at

    def _forget(self, now: datetime) -> None:
        memory = self._memory
        memory.newest = now if memory.newest is None else max(memory.newest, now)
        for contact in [each for each, over in self._over_at.items() if over + STILL_TOLD < memory.newest]:
            self._end(contact)
        while len(memory.stories) > MOST_STORIES:
            self._end(next(iter(memory.stories)))
        while len(memory.ended) > MOST_ENDED:
            del memory.ended[next(iter(memory.ended))]

    def _end(self, contact: str) -> None:
        story = self._memory.stories.pop(contact)
        self._over_at.pop(contact, None)
        self._said.discard(contact)
        self._memory.ended[contact] = Ended(story.facts[-1].time, story.segments)


def line(
    event: type[Any], time: datetime, segment: str, members: Iterable[tuple[str, Any]] = (), /, **more: Any
) -> Line:
    """A line; members that are None are left out."""
    told = {**dict(members), **more}
    return Line(event, time, segment, tuple((name, value) for name, value in told.items() if value is not None))


def _order(fact: Fact) -> tuple[datetime, int, str]:
    return fact.time, fact.place, fact.identity


_REVISED: dict[type, bool] = {}


def _has_revision(kind: type) -> bool:
    found = _REVISED.get(kind)
    if found is None:
        found = _REVISED[kind] = "revision" in get_type_hints(get_type_hints(kind)["data"])
    return found
