"""What the page of interactions reads out of its answers: keys of pages, words, how an interaction's time was spent.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboards.look.words import mark, say
from dashboards.queries.interactions import UNQUEUED

Row = Mapping[str, Any]
_MAX = 400
#: Between the parts of a key in the address; an identifier may have anything else in it.
_BETWEEN = "\N{SYMBOL FOR UNIT SEPARATOR}"

OUTCOMES = {
    "any": mark("All outcomes"),
    "answered": mark("Answered"),
    "abandoned": mark("Abandoned"),
    "left": mark("Left the queue otherwise"),
    "waiting": mark("Waiting"),
    "not_queued": mark("Without a queue"),
    UNQUEUED: mark("Never reached a queue"),
}
EVENTS = {
    "started": mark("Began"),
    "queued": mark("Entered the queue"),
    "offered": mark("Offered to an agent"),
    "declined": mark("Not taken by the agent"),
    "answered": mark("Answered"),
    "held": mark("Put on hold"),
    "resumed": mark("Taken off hold"),
    "transferred": mark("Transferred"),
    "abandoned": mark("Abandoned"),
    "left_queue": mark("Left the queue"),
    "ended": mark("Ended"),
    "wrapped_up": mark("Wrapped up"),
    "described": mark("Described"),
    "menu_stepped": mark("Step in a menu or with a bot"),
    "message_sent": mark("Message"),
    "callback_changed": mark("Callback"),
    "surveyed": mark("Survey"),
    "outcome_changed": mark("Outcome"),
    "resolution_changed": mark("Resolution"),
    "dialled": mark("Dialled"),
    "participated": mark("Somebody joined or left"),
    "reported": mark("Measured by the source"),
}
#: How time is spent, in the order of a contact.
BEFORE, WAIT, TALK, HOLD, WRAP = "before", "wait", "talk", "hold", "wrap"
PHASES = {
    BEFORE: mark("Before the queue"),
    WAIT: mark("Waiting"),
    TALK: mark("Talking"),
    HOLD: mark("On hold"),
    WRAP: mark("Wrap-up"),
}


def event_words(kind: str) -> str:
    """A type of event in words; one that this board does not know yet as it is."""
    name = kind.removeprefix("interaction.").rpartition(".")[0]
    return say(EVENTS[name]) if name in EVENTS else kind


def outcome_words(outcome: str | None) -> str:
    """An outcome in words."""
    return say(OUTCOMES[outcome]) if outcome in OUTCOMES else outcome or ""


def before(text: str | None) -> dict[str, Any]:
    """The arguments of a query for the page after a key (``key_of``); of none, or of one that is no key, the first."""
    parts = (text or "")[:_MAX].split(_BETWEEN)
    names = ("before_at", "before_client", "before_key", "before_part")
    try:
        at = datetime.fromisoformat(parts[0]) if len(parts) == len(names) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        return dict.fromkeys(names)
    return dict(zip(names, (at, *parts[1:]), strict=True))


def key_of(row: Row, key: str = "interaction", part: str = "segment") -> str:
    """What ``before`` takes: where a row stands in the order of its query."""
    return _BETWEEN.join((row["began_at"].isoformat(), row["client"], row[key] or "", row[part] or ""))


@dataclass(frozen=True, slots=True)
class Span:
    """A part of an interaction's time. ``is_open``: it still goes on at the moment that is shown."""

    lane: str
    phase: str
    start: datetime
    stop: datetime
    is_open: bool = False


def spans(passes: Sequence[Row], events: Sequence[Row], at: datetime) -> list[Span]:
    """How an interaction's time was spent until ``at``: a lane for each pass through a queue, in its order.

    ``passes`` and ``events``: rows of ``PASSES`` and ``TIMELINE``. Holds are those that events tell of.
    """
    found: list[Span] = []
    queued = [row["queued_at"] for row in passes if row["queued_at"] is not None]
    first = min((row["time"] for row in events), default=None)
    if first is not None and queued and first < min(queued):
        found.append(Span(say("Before"), BEFORE, first, min(queued)))
    for row in passes:
        lane = lane_of(row)
        found += _span(lane, WAIT, row["queued_at"], row["wait_ended_at"], at)
        for phase, start, stop in _handling(row, events, at):
            found += _span(lane, phase, start, stop, at)
        if row["handle_ended_at"] is not None and row["wrapped_up_at"] is not None:
            found += _span(lane, WRAP, row["handle_ended_at"], row["wrapped_up_at"], at)
    return found


def lane_of(row: Row) -> str:
    """``1 · service``: a pass in words."""
    return " · ".join(part for part in (row["segment"], row["queue"] or row["agent"]) if part)


def _span(lane: str, phase: str, start: datetime | None, stop: datetime | None, at: datetime) -> list[Span]:
    """The span, as far as it lies before ``at``; none if it never began."""
    if start is None or start >= at or (stop is not None and stop <= start):
        return []
    is_open = stop is None or stop > at
    return [Span(lane, phase, start, at if stop is None else min(stop, at), is_open)]


def _handling(row: Row, events: Iterable[Row], at: datetime) -> Iterable[tuple[str, datetime, datetime | None]]:
    """Talk and holds in turn, from the answer to the end of handling."""
    if row["answered_at"] is None:
        return
    end: datetime | None = row["handle_ended_at"]
    mine = [each for each in events if each["segment"] == row["segment"]]
    latest = max((each["revision"] or 0 for each in mine), default=0)
    phase, since = TALK, row["answered_at"]
    for each in mine:
        turned = {"interaction.held.v1": HOLD, "interaction.resumed.v1": TALK}.get(each["type"])
        # What an earlier revision said does not hold any more.
        if turned is None or turned == phase or (each["revision"] or 0) != latest:
            continue
        if each["time"] < since or each["time"] > (end or at):
            continue
        yield phase, since, each["time"]
        phase, since = turned, each["time"]
    yield phase, since, end


def facts(passes: Sequence[Row], events: Sequence[Row]) -> dict[str, str]:
    """What is known of the interaction as a whole: the latest that was said of each."""
    found: dict[str, str] = {}
    for row in events:
        if row["type"] == "interaction.described.v1":
            found |= {each["name"]: each["value"] for each in row["said"]}
    rows = [*passes, *events]
    channels = dict.fromkeys(row["channel"] for row in rows if row["channel"])
    return {"channel": ", ".join(channels), **found}


def said(row: Row) -> str:
    """Members of an event in one line: ``reason: timeout, kind: warm``."""
    return ", ".join(f"{each['name']}: {each['value']}" for each in row["said"])
