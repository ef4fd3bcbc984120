"""What the details of a conversation tell besides its way through queues: flows, dials, callbacks, supervisors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from pipeline.contract import events as ev
from pipeline.producers.adapters.genesys.model import Conversation, Leg
from pipeline.producers.adapters.genesys.passes import Pass, parts_of
from pipeline.producers.adapters.speaker import Speaker

_FLOWS = {"ivr": "menu", "botflow": "bot", "bot": "bot"}
#: Where somebody waits for the customer, or will hear what was said.
_DESKS = frozenset({"acd", "agent", "user", "group", "voicemail"})
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?")
Result = Literal["human", "machine", "busy", "no_answer", "invalid", "blocked", "failed"]
#: By a word at the end of a dialler's disposition, such as disposition.classification.callable.person.
_RESULTS: dict[str, Result] = {
    "person": "human",
    "lineconnected": "human",
    "machine": "machine",
    "fax": "machine",
    "busy": "busy",
    "noanswer": "no_answer",
    "notfound": "invalid",
    "sit": "invalid",
    "dnc": "blocked",
    "skipped": "blocked",
}
_DIALLING = frozenset({"dialing", "contacting"})


def beside(
    speaker: Speaker, base: dict[str, Any], conversation: Conversation, passes: list[Pass]
) -> Iterator[ev.Event]:
    """The details; none of them has a revision, and each is the same event when the conversation is fetched again."""
    yield from _described(speaker, base, conversation)
    for leg in conversation.legs:
        if leg.purpose in _FLOWS and leg.end is not None:
            yield from _menu_step(speaker, base, conversation, leg, leg.end)
        if leg.role is not None and leg.user is not None and leg.start is not None:
            members = {**base, "agent": leg.user, "role": leg.role}
            yield speaker.say(ev.InteractionParticipated, leg.start, leg.session, change="joined", **members)
            if leg.end is not None:
                yield speaker.say(ev.InteractionParticipated, leg.end, leg.session, change="left", **members)
    yield from _dial(speaker, base, conversation)
    callbacks = {leg.session: leg for leg in conversation.legs if leg.purpose == "acd" and leg.media == "callback"}
    for found in passes:
        if found.segment in callbacks:
            yield from _callback(speaker, base, conversation, found, callbacks[found.segment])


def _described(speaker: Speaker, base: dict[str, Any], conversation: Conversation) -> Iterator[ev.Event]:
    legs = conversation.legs
    known = {
        "customer": next((leg.customer for leg in legs if leg.customer), None),
        "language": next((language for leg in legs if (language := _language(leg.language))), None),
        "skill": next((piece.skill for leg in legs for piece in leg.pieces if piece.skill), None),
        "campaign": next((leg.campaign for leg in legs if leg.campaign), None),
    }
    if any(known.values()):
        yield speaker.say(ev.InteractionDescribed, conversation.start, **base, **known)


def _menu_step(
    speaker: Speaker, base: dict[str, Any], conversation: Conversation, leg: Leg, at: datetime
) -> Iterator[ev.Event]:
    """A step is said when it is known how it went on: by what came next, or by the end of the conversation."""
    later = [
        other.purpose
        for other in conversation.legs
        if other is not leg and other.start is not None and leg.start is not None and other.start > leg.start
    ]
    onward = next((purpose for purpose in later if purpose in _FLOWS or purpose in _DESKS), None)
    if onward is None and conversation.end is None:
        return
    disconnect = next((piece.disconnect for piece in reversed(leg.pieces) if piece.disconnect), None)
    if onward in _DESKS:
        result = "handed_over"
    elif onward is not None:
        result = "continued"
    elif conversation.self_served or (conversation.self_served is None and disconnect not in {"peer", "client"}):
        result = "contained"
    else:
        result = "abandoned"
    yield speaker.say(
        ev.InteractionMenuStepped,
        at,
        leg.session,
        **base,
        bot=leg.bot or leg.purpose,
        kind=_FLOWS[leg.purpose],
        step=leg.step or "flow",
        result=result,
    )


def _dial(speaker: Speaker, base: dict[str, Any], conversation: Conversation) -> Iterator[ev.Event]:
    """The dialler makes a conversation for each attempt; when it is over it is known whether it was dropped."""
    leg = next((leg for leg in conversation.legs if leg.campaign is not None and leg.result is not None), None)
    if leg is None or conversation.end is None:
        return
    rings = [
        piece
        for other in conversation.legs
        for piece in other.pieces
        if piece.kind in _DIALLING and piece.end is not None and other.user is None
    ]
    first = rings[0] if rings else None
    time = first.end if first is not None and first.end is not None else conversation.start
    words = re.split(r"[^a-z]+", (leg.result or "").lower())
    dropped = any(m.name == "nOutboundAbandoned" and m.value > 0 for each in conversation.legs for m in each.metrics)
    yield speaker.say(
        ev.InteractionDialled,
        time,
        **base,
        attempt=conversation.identity,
        campaign=leg.campaign,
        list=leg.campaign_list,
        lead=leg.lead,
        result=next((_RESULTS[word] for word in reversed(words) if word in _RESULTS), "failed"),
        rung_seconds=None if first is None else int((time - first.start).total_seconds()),
        dropped=dropped,
    )


def _callback(
    speaker: Speaker, base: dict[str, Any], conversation: Conversation, found: Pass, leg: Leg
) -> Iterator[ev.Event]:
    """From the moment the customer asked for it to the one in which the customer picked up."""
    members = {**base, "segment": found.segment, "queue": found.queue, "callback": found.segment}
    if leg.start is not None:
        due = next((other.due for other in conversation.legs if other.due is not None), None)
        yield speaker.say(ev.InteractionCallbackChanged, leg.start, status="requested", due_at=due, **members)
    part = next(
        (part for part in parts_of(conversation) if part.agent == found.agent and part.answered == found.answered), None
    )
    if part is None or found.answered is None:
        return
    members["agent"] = found.agent
    calls = [piece for leg in part.legs if leg.media == "voice" for piece in leg.pieces]
    reached = next((piece.start for piece in calls if piece.kind == "interact"), None)
    attempted = min((piece.start for piece in calls), default=None)
    if attempted is not None:
        yield speaker.say(ev.InteractionCallbackChanged, attempted, status="attempted", **members)
    if reached is not None:
        yield speaker.say(ev.InteractionCallbackChanged, reached, status="reached", **members)
    elif attempted is not None and found.ended is not None:
        yield speaker.say(ev.InteractionCallbackChanged, found.ended, status="not_reached", **members)


def _language(said: str | None) -> str | None:
    found = _LANGUAGE.fullmatch(said or "")
    return None if found is None else found[1].lower() + (f"-{found[2].upper()}" if found[2] else "")
