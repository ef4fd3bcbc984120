"""What is said of a pass, whether the details of a conversation or its metrics told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pipeline.contract import events as ev
from pipeline.producers.adapters.genesys.passes import Pass
from pipeline.producers.adapters.speaker import Speaker

Flags = Callable[[str, str | None], tuple[str, ...]]


def said_of(speaker: Speaker, base: Mapping[str, Any], found: Pass, revision: int, flags: Flags) -> Iterator[ev.Event]:
    """The events of a pass. ``base``: client, interaction, channel and direction."""
    members: dict[str, Any] = {**base, "segment": found.segment, "queue": found.queue, "revision": revision}
    if found.queued is not None and found.queue is not None:
        yield speaker.say(ev.InteractionQueued, found.queued, **members)
    for number, offer in enumerate(found.offers):
        yield speaker.say(ev.InteractionOffered, offer.at, number, agent=offer.agent, **members)
        if offer.declined is not None:
            yield speaker.say(
                ev.InteractionDeclined, offer.declined, number, agent=offer.agent, reason=offer.reason, **members
            )
    if found.answered is not None and found.agent is not None:
        yield from _handled(speaker, {**members, "agent": found.agent}, found, flags)
    elif found.abandoned is not None:
        yield speaker.say(ev.InteractionAbandoned, found.abandoned, **members)
    elif found.left is not None:
        yield speaker.say(ev.InteractionLeftQueue, found.left, reason=found.left_reason, **members)
    if found.ended is not None and found.answered is None:
        yield speaker.say(ev.InteractionEnded, found.ended, ended_by=found.ended_by, **members)


def _handled(speaker: Speaker, members: dict[str, Any], found: Pass, flags: Flags) -> Iterator[ev.Event]:
    if found.answered is None:
        return
    yield speaker.say(ev.InteractionAnswered, found.answered, **members)
    for number, (start, end) in enumerate(found.holds):
        yield speaker.say(ev.InteractionHeld, start, number, **members)
        if end is not None:
            yield speaker.say(ev.InteractionResumed, end, number, **members)
    if found.transferred is not None:
        yield speaker.say(
            ev.InteractionTransferred,
            found.transferred,
            kind=found.transfer_kind,
            to_queue=found.to_queue,
            to_agent=found.to_agent,
            **members,
        )
    if found.ended is not None:
        yield speaker.say(ev.InteractionEnded, found.ended, ended_by=found.ended_by, **members)
    if found.wrapped is not None or (found.code is not None and found.ended is not None):
        yield speaker.say(
            ev.InteractionWrappedUp,
            found.wrapped or found.ended or found.answered,
            disposition=found.code,
            flags=flags(members["client"], found.code),
            **members,
        )


#: By the member of a report: the metrics that say it, the first that is there.
_REPORTED = {
    "wait_ms": ("tAnswered", "tAbandon", "tFlowOut", "tAcd"),
    "ring_ms": ("tAlert",),
    "talk_ms": ("tTalkComplete", "tTalk"),
    "hold_ms": ("tHeldComplete", "tHeld"),
    "wrap_ms": ("tAcw",),
}
_OUTCOMES = {"tAbandon": "abandoned", "tFlowOut": "flow_out", "tAnswered": "answered", "tAcd": "acd"}


def reported(speaker: Speaker, base: Mapping[str, Any], found: Pass, time: datetime) -> Iterator[ev.Event]:
    """Genesys' own durations of a pass, if it told any."""
    values = {
        member: round(found.metrics[name])
        for member, names in _REPORTED.items()
        if (name := next((name for name in names if name in found.metrics), None)) is not None
    }
    if values:
        outcome = next((word for name, word in _OUTCOMES.items() if name in found.metrics), None)
        yield speaker.say(
            ev.InteractionReported,
            time,
            **base,
            segment=found.segment,
            queue=found.queue,
            agent=found.agent,
            outcome=outcome,
            **values,
        )
