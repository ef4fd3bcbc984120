"""A conversation of Genesys Cloud as its details tell it: participants, their sessions, and what happened in each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from pipeline.producers.adapters.documents.clients import Clients
from pipeline.producers.adapters.documents.customers import customer_of
from pipeline.producers.adapters.documents.fields import Fields, UnreadableError
from pipeline.producers.adapters.words import word
from pipeline.producers.door import Door

_CHANNELS = {"voice": "voice", "callback": "voice", "message": "messaging", "chat": "chat", "webmessaging": "messaging"}
#: A session of these is beside the contact, not the contact itself.
_BESIDE = frozenset({"cobrowse", "screenshare", "screenmonitoring", "video"})
_CUSTOMERS = frozenset({"customer", "external"})
_EARLIEST = datetime.min.replace(tzinfo=UTC)
#: A conversation's revision is its latest time in milliseconds, and below that how much is told of it.
_TOLD_AT_MOST = 999


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """What one session did from when to when (Genesys calls it a segment)."""

    kind: str
    start: datetime
    end: datetime | None = None
    queue: str | None = None
    disconnect: str | None = None
    code: str | None = None
    skill: str | None = None


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement: milliseconds of a name with t, a count of one with n."""

    name: str
    value: float
    at: datetime | None = None


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """A session of a participant."""

    session: str
    purpose: str
    user: str | None
    media: str
    direction: str | None
    pieces: tuple[Piece, ...]
    metrics: tuple[Metric, ...]
    flow_out: str | None = None
    due: datetime | None = None
    campaign: str | None = None
    campaign_list: str | None = None
    lead: str | None = None
    result: str | None = None
    #: monitor, coach or barge, for somebody who is not the contact's own agent.
    role: str | None = None
    bot: str | None = None
    step: str | None = None
    language: str | None = None
    customer: str | None = None

    @property
    def start(self) -> datetime | None:
        """When its first piece began."""
        return self.pieces[0].start if self.pieces else None

    @property
    def end(self) -> datetime | None:
        """When its last piece ended; None while it lasts."""
        ends = [piece.end for piece in self.pieces if piece.end is not None]
        return max(ends, default=None) if len(ends) == len(self.pieces) else None

    @property
    def queue(self) -> str | None:
        """The queue it is in."""
        return next((piece.queue for piece in self.pieces if piece.queue), None)


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation, as far as it is known."""

    client: str
    identity: str
    channel: str
    direction: str
    start: datetime
    end: datetime | None
    legs: tuple[Leg, ...]
    self_served: bool | None
    latest: datetime
    revision: int
    #: In what it contradicts itself.
    contradictions: tuple[str, ...]


def conversation_of(record: Fields, clients: Clients, door: Door) -> Conversation:
    """The conversation of a record.

    Raises:
        UnreadableError: it has no identifier or no start, or a member is not what it must be.
    """
    identity, start = record.name("conversationid"), record.moment("conversationstart")
    if identity is None or start is None:
        raise UnreadableError("conversationid or conversationstart is missing")
    client = clients.of(record.names_in("divisionids"))
    wrong: list[str] = []
    legs = tuple(sorted(_legs(record, client, door, wrong), key=lambda leg: (leg.start or _EARLIEST, leg.session)))
    end = record.moment("conversationend")
    times = [start, *filter(None, [end])]
    told = 0
    for leg in legs:
        times += [moment for piece in leg.pieces for moment in (piece.start, piece.end) if moment is not None]
        times += [metric.at for metric in leg.metrics if metric.at is not None]
        told += len(leg.pieces) + len(leg.metrics)
    latest = max(times)
    return Conversation(
        client=client,
        identity=identity,
        channel=_channel(legs),
        direction=direction_of(record.text("originatingdirection") or next((leg.direction for leg in legs), None)),
        start=start,
        end=end,
        legs=legs,
        self_served=record.truth("selfserved"),
        latest=latest,
        revision=round(latest.timestamp() * 1000) * (_TOLD_AT_MOST + 1) + min(told, _TOLD_AT_MOST),
        contradictions=tuple(dict.fromkeys(wrong)),
    )


def direction_of(said: str | None) -> str:
    """Inbound or outbound."""
    return "outbound" if word(said) == "outbound" else "inbound"


def channel_of(media: str | None) -> str:
    """The channel in the contract's words. A callback is a call."""
    said = word(media) or "voice"
    return _CHANNELS.get(said, said)


def _channel(legs: tuple[Leg, ...]) -> str:
    """One for the whole conversation: that of its first session that is the contact itself."""
    return next((channel_of(leg.media) for leg in legs if leg.media not in _BESIDE), "voice")


def _legs(record: Fields, client: str, door: Door, wrong: list[str]) -> Iterator[Leg]:
    for participant in record.parts("participants"):
        for session in participant.parts("sessions"):
            identity = session.name("sessionid")
            if identity is not None:
                yield _leg(participant, session, identity, client, door, wrong)


def _leg(participant: Fields, session: Fields, identity: str, client: str, door: Door, wrong: list[str]) -> Leg:
    purpose = participant.word("purpose") or ""
    flow = session.part("flow")
    watched = {"monitoredparticipantid": "monitor", "coachedparticipantid": "coach", "bargedparticipantid": "barge"}
    return Leg(
        session=identity,
        purpose=purpose,
        user=participant.name("userid"),
        media=session.word("mediatype") or "",
        direction=session.text("direction"),
        pieces=tuple(sorted(_pieces(session, wrong), key=lambda piece: piece.start)),
        metrics=tuple(_metrics(session)),
        flow_out=session.word("flowouttype"),
        due=session.moment("callbackscheduledtime"),
        campaign=session.name("outboundcampaignid"),
        campaign_list=session.name("outboundcontactlistid"),
        lead=session.name("outboundcontactid"),
        result=session.text("dispositionname"),
        role=next((role for name, role in watched.items() if session.text(name)), None),
        bot=flow.name("flowname") or flow.name("flowid"),
        step=flow.word("exitreason") or flow.word("flowtype"),
        language=flow.text("startinglanguage"),
        customer=customer_of(door, client, session.text("ani")) if purpose in _CUSTOMERS else None,
    )


def _pieces(session: Fields, wrong: list[str]) -> Iterator[Piece]:
    for segment in session.parts("segments"):
        kind, start, end = (
            segment.word("segmenttype"),
            segment.moment("segmentstart"),
            segment.moment("segmentend"),
        )
        if kind is None or start is None:
            raise UnreadableError("segmenttype or segmentstart is missing")
        if end is not None and end < start:
            wrong.append("segment_end_before_start")
            continue
        yield Piece(
            kind=kind,
            start=start,
            end=end,
            queue=segment.name("queueid"),
            disconnect=segment.word("disconnecttype"),
            code=segment.name("wrapupcode"),
            skill=next((word(skill) for skill in segment.names_in("requestedroutingskillids")), None),
        )


def _metrics(session: Fields) -> Iterator[Metric]:
    for metric in session.parts("metrics"):
        name = metric.text("name")
        if name is not None:
            yield Metric(name=name, value=metric.number("value") or 0.0, at=metric.moment("emitdate"))
