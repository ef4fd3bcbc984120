"""A segment: one pass of an interaction through one queue to at most one agent, built by merging events.

Every operation is a minimum, a maximum, a sum over distinct events, or the value of the latest event by
(time, source, id). So any order of the same events gives the same segment; repetition is removed before.
A row with an empty ``segment`` holds what is said about the interaction as a whole.

Of a row only the events of its highest revision count: a later one begins the row anew, an earlier one changes nothing.
Compared by revision first, the state still only grows, so the order cannot matter here either. What carries no
revision, that a contact began, holds whatever the revision.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from pipeline.contract import events as ev
from pipeline.domain.definitions import AMOUNT_SCALE

#: Orders events: time in microseconds, then source, then id. Ties in time are common in real logs.
Rank = tuple[int, str, str]

#: The key of a segment: client, interaction, segment ('' for the interaction itself).
SegmentKey = tuple[str, str, str]

#: What was said without a revision: the first event's rank, the latest one's time, the first one's channel, direction.
Began = tuple[Rank, int, str, str]


class Segment(Struct, kw_only=True, array_like=True, gc=False):
    """The merged state. Times are microseconds since 1970, UTC; amounts are ten-thousandths."""

    client: str
    interaction: str
    segment: str
    channel: str
    direction: str
    first_rank: Rank
    last_event_us: int
    queue: str | None = None
    queue_rank: Rank | None = None
    queued_us: int | None = None
    offered_us: int | None = None
    answered_us: int | None = None
    agent: str | None = None
    agent_rank: Rank | None = None
    abandoned_us: int | None = None
    left_us: int | None = None
    left_reason: str | None = None
    left_rank: Rank | None = None
    transferred_us: int | None = None
    transfer_kind: str | None = None
    transfer_rank: Rank | None = None
    ended_us: int | None = None
    wrapped_up_us: int | None = None
    alerts: int = 0
    declines: int = 0
    holds: int = 0
    resumes: int = 0
    held_sum_us: int = 0
    resumed_sum_us: int = 0
    disposition: str | None = None
    flags: tuple[str, ...] = ()
    amount: int | None = None
    currency: str | None = None
    wrapped_up_rank: Rank | None = None
    #: Of the source's record. All else here comes from events of this revision, but for ``began``.
    revision: int = 0
    began: Began | None = None
    #: Ordinal in its partition, given when first seen: the join key between versions of the row.
    entity_no: int = 0


def segment_key(event: ev.InteractionEvent) -> SegmentKey:
    """The row that an interaction event belongs to."""
    data = event.data
    return data.client, data.interaction, getattr(data, "segment", None) or ""


def new_segment(event: ev.InteractionEvent, time_us: int, entity_no: int) -> Segment:
    """The row before its first event is merged."""
    client, interaction, segment = segment_key(event)
    return Segment(
        client=client,
        interaction=interaction,
        segment=segment,
        channel=event.data.channel,
        direction=event.data.direction,
        first_rank=(time_us, event.source, event.id),
        last_event_us=time_us,
        revision=getattr(event.data, "revision", 0),
        entity_no=entity_no,
    )


def supersedes(event: ev.InteractionEvent, row: Segment) -> bool:
    """Whether the event is of a later revision than all that is known of its row."""
    return getattr(event.data, "revision", 0) > row.revision


def merge(row: Segment, event: ev.InteractionEvent, time_us: int) -> None:
    """Merge one distinct event into its row."""
    data = event.data
    revision = getattr(data, "revision", row.revision)
    if revision != row.revision:
        if revision < row.revision:
            return
        _begin_anew(row, event, time_us)
    rank = (time_us, event.source, event.id)
    if rank < row.first_rank:
        row.first_rank = rank
        row.channel = data.channel
        row.direction = data.direction
    row.last_event_us = max(row.last_event_us, time_us)
    queue = getattr(data, "queue", None)
    if queue is not None and (row.queue_rank is None or rank < row.queue_rank):
        row.queue = queue
        row.queue_rank = rank
    apply = _MERGE.get(type(event))
    if apply is not None:
        apply(row, event, time_us, rank)


def _begin_anew(row: Segment, event: ev.InteractionEvent, time_us: int) -> None:
    """Forget what earlier revisions said of the row."""
    began = row.began
    anew = new_segment(event, time_us, row.entity_no)
    for name in Segment.__struct_fields__:
        setattr(row, name, getattr(anew, name))
    if began is not None:
        row.began = began
        row.first_rank, row.last_event_us, row.channel, row.direction = began


def _earliest(known: int | None, time_us: int) -> int:
    return time_us if known is None or time_us < known else known


def _latest(known: int | None, time_us: int) -> int:
    return time_us if known is None or time_us > known else known


def _started(row: Segment, event: ev.InteractionStarted, time_us: int, rank: Rank) -> None:
    began = row.began
    if began is None or rank < began[0]:
        row.began = (rank, _latest(began and began[1], time_us), event.data.channel, event.data.direction)
    elif time_us > began[1]:
        row.began = (began[0], time_us, *began[2:])


def _queued(row: Segment, event: ev.InteractionQueued, time_us: int, rank: Rank) -> None:
    row.queued_us = _earliest(row.queued_us, time_us)


def _offered(row: Segment, event: ev.InteractionOffered, time_us: int, rank: Rank) -> None:
    row.offered_us = _earliest(row.offered_us, time_us)
    row.alerts += 1


def _declined(row: Segment, event: ev.InteractionDeclined, time_us: int, rank: Rank) -> None:
    row.declines += 1


def _answered(row: Segment, event: ev.InteractionAnswered, time_us: int, rank: Rank) -> None:
    row.answered_us = _earliest(row.answered_us, time_us)
    if row.agent_rank is None or rank > row.agent_rank:
        row.agent = event.data.agent
        row.agent_rank = rank


def _held(row: Segment, event: ev.InteractionHeld, time_us: int, rank: Rank) -> None:
    row.holds += 1
    row.held_sum_us += time_us


def _resumed(row: Segment, event: ev.InteractionResumed, time_us: int, rank: Rank) -> None:
    row.resumes += 1
    row.resumed_sum_us += time_us


def _transferred(row: Segment, event: ev.InteractionTransferred, time_us: int, rank: Rank) -> None:
    row.transferred_us = _earliest(row.transferred_us, time_us)
    if row.transfer_rank is None or rank > row.transfer_rank:
        row.transfer_kind = event.data.kind
        row.transfer_rank = rank


def _abandoned(row: Segment, event: ev.InteractionAbandoned, time_us: int, rank: Rank) -> None:
    row.abandoned_us = _earliest(row.abandoned_us, time_us)


def _left_queue(row: Segment, event: ev.InteractionLeftQueue, time_us: int, rank: Rank) -> None:
    row.left_us = _earliest(row.left_us, time_us)
    if row.left_rank is None or rank > row.left_rank:
        row.left_reason = event.data.reason
        row.left_rank = rank


def _ended(row: Segment, event: ev.InteractionEnded, time_us: int, rank: Rank) -> None:
    row.ended_us = _latest(row.ended_us, time_us)


def _wrapped_up(row: Segment, event: ev.InteractionWrappedUp, time_us: int, rank: Rank) -> None:
    row.wrapped_up_us = _latest(row.wrapped_up_us, time_us)
    if row.wrapped_up_rank is None or rank > row.wrapped_up_rank:
        data = event.data
        row.wrapped_up_rank = rank
        row.disposition = data.disposition
        row.flags = data.flags
        row.amount = None if data.amount is None else amount_units(data.amount)
        row.currency = data.currency


_MERGE: dict[type, Callable[..., None]] = {
    ev.InteractionStarted: _started,
    ev.InteractionQueued: _queued,
    ev.InteractionOffered: _offered,
    ev.InteractionDeclined: _declined,
    ev.InteractionAnswered: _answered,
    ev.InteractionHeld: _held,
    ev.InteractionResumed: _resumed,
    ev.InteractionTransferred: _transferred,
    ev.InteractionAbandoned: _abandoned,
    ev.InteractionLeftQueue: _left_queue,
    ev.InteractionEnded: _ended,
    ev.InteractionWrappedUp: _wrapped_up,
}


def amount_units(amount: str) -> int:
    """Ten-thousandths of a decimal string that the contract has validated: '19.90' is 199000."""
    whole, _, fraction = amount.partition(".")
    units = int(whole) * AMOUNT_SCALE
    part = int(fraction.ljust(4, "0")) if fraction else 0
    return units - part if whole.startswith("-") else units + part
