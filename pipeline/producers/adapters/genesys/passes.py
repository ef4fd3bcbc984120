"""Which way a conversation went: its passes through queues, and who took it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from pipeline.producers.adapters.genesys.model import Conversation, Leg, Piece

LeftReason = Literal["timeout", "key", "closed", "callback"]
_AGENTS = frozenset({"agent", "user"})
_TALK = frozenset({"interact", "hold", "parked", "contacting", "dialing"})
#: What an acd session does before its contact is in the queue: the delay of a callback.
_BEFORE_QUEUE = frozenset({"scheduled", "delay"})
#: Sessions that follow each other may overlap by so much.
SLACK = timedelta(seconds=1)
_ENDED_BY: dict[str, Literal["customer", "agent"]] = {"peer": "customer", "client": "agent", "endpoint": "agent"}
_TRANSFERS: dict[str, Literal["cold", "warm", "conference"]] = {
    "transfer": "cold",
    "forwardtransfer": "cold",
    "noanswertransfer": "cold",
    "notavailabletransfer": "cold",
    "transferdnd": "cold",
    "consulttransfer": "warm",
    "conferencetransfer": "conference",
}
_PUT_OUT = frozenset({"system", "error", "timeout", "other", "transportfailure", "uncallable", "spam"})


class Offer(msgspec.Struct, frozen=True):
    """An alert at an agent's desk, and when it was declined if it was."""

    agent: str
    at: datetime
    declined: datetime | None = None
    reason: str = "no_answer"


class Pass(msgspec.Struct, kw_only=True):
    """One segment in the contract's sense."""

    segment: str
    queue: str | None = None
    queued: datetime | None = None
    offers: list[Offer] = msgspec.field(default_factory=list)
    agent: str | None = None
    answered: datetime | None = None
    holds: list[tuple[datetime, datetime | None]] = msgspec.field(default_factory=list)
    transferred: datetime | None = None
    transfer_kind: Literal["cold", "warm", "conference"] = "cold"
    to_queue: str | None = None
    to_agent: str | None = None
    abandoned: datetime | None = None
    left: datetime | None = None
    left_reason: LeftReason = "timeout"
    ended: datetime | None = None
    ended_by: Literal["customer", "agent", "system"] | None = None
    wrapped: datetime | None = None
    code: str | None = None
    metrics: dict[str, float] = msgspec.field(default_factory=dict)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's share of a conversation. A callback has two sessions of the agent: the task, and the call."""

    agent: str
    legs: tuple[Leg, ...]

    @property
    def pieces(self) -> list[Piece]:
        """What the agent did, in order."""
        return sorted((piece for leg in self.legs for piece in leg.pieces), key=lambda piece: piece.start)

    @property
    def start(self) -> datetime:
        """When it began."""
        return min(piece.start for leg in self.legs for piece in leg.pieces)

    @property
    def queue(self) -> str | None:
        """The queue on whose behalf."""
        return next((leg.queue for leg in self.legs if leg.queue), None)

    @property
    def answered(self) -> datetime | None:
        """When the agent took it."""
        return next((piece.start for piece in self.pieces if piece.kind == "interact"), None)


def parts_of(conversation: Conversation) -> list[Part]:
    """The agents' shares, in order. Sessions of one agent that overlap or touch belong together."""
    found: list[Part] = []
    for leg in conversation.legs:
        if leg.purpose not in _AGENTS or leg.user is None or leg.role is not None or not leg.pieces:
            continue
        mine = next((part for part in reversed(found) if part.agent == leg.user), None)
        if mine is not None and any(_touch(other, leg) for other in mine.legs):
            found[found.index(mine)] = Part(agent=leg.user, legs=(*mine.legs, leg))
        else:
            found.append(Part(agent=leg.user, legs=(leg,)))
    return found


def _touch(one: Leg, other: Leg) -> bool:
    if one.media == other.media or one.start is None or other.start is None:
        return False
    return one.end is None or other.start <= one.end


def passes_of(conversation: Conversation) -> list[Pass]:
    """The passes, each queue's first and then what agents did without one."""
    parts = parts_of(conversation)
    waiting = [leg for leg in conversation.legs if leg.purpose == "acd" and leg.pieces]
    taken: dict[str, list[Part]] = {leg.session: [] for leg in waiting}
    alone = []
    for part in parts:
        leg = _queue_of(part, waiting)
        others = taken[leg.session] if leg is not None else []
        if leg is None or (part.answered is not None and any(other.answered for other in others)):
            alone.append(part)
        else:
            others.append(part)
    passes = [_queued(conversation, leg, taken[leg.session]) for leg in waiting]
    for part in alone:
        found = Pass(segment=part.legs[0].session, queue=part.queue)
        _handled(found, part)
        passes.append(found)
    for number, found in enumerate(passes):
        _onward(found, conversation, parts, passes[:number] + passes[number + 1 :])
    return passes


def _queue_of(part: Part, waiting: list[Leg]) -> Leg | None:
    """The acd session that offered it to the agent: the latest that had begun and was not over."""
    fitting = [
        leg
        for leg in waiting
        if leg.start is not None
        and leg.start <= part.start
        and (leg.end is None or part.start <= leg.end + SLACK)
        and part.queue in {None, leg.queue}
    ]
    return fitting[-1] if fitting else None


def _queued(conversation: Conversation, leg: Leg, parts: list[Part]) -> Pass:
    queued = next((piece.start for piece in leg.pieces if piece.kind not in _BEFORE_QUEUE), None)
    found = Pass(segment=leg.session, queue=leg.queue, queued=queued)
    _measure(found, leg)
    taker = next((part for part in parts if part.answered is not None), None)
    for part in parts:
        if part is not taker:
            _offered(found, part, accepted=False)
    if taker is not None:
        _handled(found, taker)
    elif leg.end is not None and queued is not None:
        _unanswered(found, conversation, leg, leg.end)
    if found.abandoned is not None:
        # Who hung up while the agent's desk was alerting was not declined.
        found.offers = [
            msgspec.structs.replace(offer, declined=None)
            if offer.declined is not None and offer.declined >= found.abandoned - SLACK
            else offer
            for offer in found.offers
        ]
    found.offers.sort(key=lambda offer: offer.at)
    return found


def _offered(found: Pass, part: Part, accepted: bool) -> None:
    alerts = [piece for piece in part.pieces if piece.kind == "alert"]
    for number, alert in enumerate(alerts, start=1):
        declined = None if accepted and number == len(alerts) else alert.end
        reason = "rejected" if alert.disconnect == "client" else "no_answer"
        found.offers.append(Offer(part.agent, alert.start, declined, reason))
    for leg in part.legs:
        _measure(found, leg)


def _handled(found: Pass, part: Part) -> None:
    _offered(found, part, accepted=part.answered is not None)
    found.agent, found.answered = part.agent, part.answered
    if part.answered is None:
        return
    talk = [piece for piece in part.pieces if piece.kind in _TALK]
    found.holds = [(piece.start, piece.end) for piece in talk if piece.kind == "hold"]
    ends = [piece.end for piece in talk]
    if None not in ends:
        last = max(talk, key=lambda piece: piece.end or piece.start)
        found.ended = last.end
        kind = _TRANSFERS.get(last.disconnect or "")
        if kind is not None:
            found.transferred, found.transfer_kind = last.end, kind
        elif last.disconnect is not None:
            found.ended_by = _ENDED_BY.get(last.disconnect, "system")
    wraps = [piece for piece in part.pieces if piece.kind == "wrapup"]
    found.code = next((piece.code for piece in reversed(wraps) if piece.code), None)
    if wraps and all(piece.end is not None for piece in wraps):
        found.wrapped = max(piece.end for piece in wraps if piece.end is not None)


def _unanswered(found: Pass, conversation: Conversation, leg: Leg, at: datetime) -> None:
    """Given up, or left otherwise: by Genesys' own measurements, and without them by how the session ended."""
    disconnect = next((piece.disconnect for piece in reversed(leg.pieces) if piece.disconnect), None)
    called_back = leg.media != "callback" and any(
        other.purpose == "acd"
        and other.media == "callback"
        and other.start is not None
        and other.start >= found_start(leg)
        for other in conversation.legs
    )
    if "tAbandon" in found.metrics or "tShortAbandon" in found.metrics:
        found.abandoned = at
    elif called_back or leg.flow_out == "callback":
        found.left, found.left_reason = at, "callback"
    elif "tFlowOut" in found.metrics or leg.flow_out is not None or disconnect in _TRANSFERS:
        found.left, found.left_reason = at, "timeout"
    elif disconnect in _PUT_OUT:
        found.left, found.left_reason = at, "closed"
    else:
        found.abandoned = at
    found.ended = at
    found.ended_by = "customer" if found.abandoned is not None else None


def found_start(leg: Leg) -> datetime:
    """When a session that has pieces began."""
    return leg.pieces[0].start


def _onward(found: Pass, conversation: Conversation, parts: list[Part], others: list[Pass]) -> None:
    """Where a transfer went: the next queue, or the next agent, that began before this agent was gone."""
    if found.transferred is None or found.answered is None:
        return
    begun: list[tuple[datetime, str | None, str | None]] = [
        (leg.start, leg.queue, None)
        for leg in conversation.legs
        if leg.purpose == "acd" and leg.start is not None and leg.session != found.segment
    ]
    begun += [(part.start, None, part.agent) for part in parts if part.agent != found.agent]
    later = [each for each in begun if found.answered < each[0] <= found.transferred + 2 * SLACK]
    if later:
        _, found.to_queue, found.to_agent = min(later, key=lambda each: (each[0], each[1] is None))


def _measure(found: Pass, leg: Leg) -> None:
    for metric in leg.metrics:
        found.metrics[metric.name] = found.metrics.get(metric.name, 0.0) + metric.value
