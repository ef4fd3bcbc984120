"""What the events of one segment, and of one interaction, amount to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from .model import Event, Interaction, Segment, SegmentKey, grouped, seconds_between

ZERO = Decimal(0)


def counted(events: list[Event]) -> list[Event]:
    """Without what a later revision has replaced.

    Of a segment, and of what is said about an interaction as a whole, only the events of the highest revision count.
    Events that have no revision (agents' events, and that a contact started) always do.
    """
    parts = grouped([e for e in events if _is_revised(e)], _part)
    highest = {part: max(e.data["revision"] for e in own) for part, own in parts.items()}
    return [e for e in events if not _is_revised(e) or e.data["revision"] == highest[_part(e)]]


def _is_revised(event: Event) -> bool:
    return event.is_about_contact and "revision" in event.data


def _part(event: Event) -> SegmentKey:
    return (event.data["client"], event.data["interaction"], event.data.get("segment") or "")


def build_segments(events: list[Event]) -> dict[SegmentKey, Segment]:
    """Every segment that an interaction event names. ``events`` is in the order (time, source, id)."""
    about_segments = [e for e in events if not e.is_about_agent and e.data.get("segment") is not None]
    by_segment = grouped(about_segments, lambda e: (e.data["client"], e.data["interaction"], e.data["segment"]))
    return {key: _segment(key, own) for key, own in by_segment.items()}


def _segment(key: SegmentKey, events: list[Event]) -> Segment:
    def times(kind: str) -> list[datetime]:
        return [e.time for e in events if e.kind == kind]

    def first(kind: str) -> datetime | None:
        return min(times(kind), default=None)

    def last(kind: str) -> datetime | None:
        return max(times(kind), default=None)

    def latest(kind: str) -> Event | None:
        of_kind = [e for e in events if e.kind == kind]
        return of_kind[-1] if of_kind else None

    queued_at, answered_at, abandoned_at, left_at = (
        first("queued"),
        first("answered"),
        first("abandoned"),
        first("left_queue"),
    )
    transferred_at, ended_at, wrapped_up_at = first("transferred"), last("ended"), last("wrapped_up")

    # How the waiting ended. An answered segment is answered, whatever else is said of it.
    if answered_at is not None:
        outcome, wait_ended_at = "answered", answered_at
    elif abandoned_at is not None:
        outcome, wait_ended_at = "abandoned", abandoned_at
    elif left_at is not None:
        outcome, wait_ended_at = "left", left_at
    else:
        outcome, wait_ended_at = ("waiting" if queued_at is not None else "not_queued"), None
    wait_seconds = None
    if queued_at is not None and wait_ended_at is not None:
        wait_seconds = max(ZERO, seconds_between(queued_at, wait_ended_at))

    # How the handling went. A transfer ends it, unless the segment itself says when it ended.
    handle_ended_at = None
    if answered_at is not None:
        handle_ended_at = ended_at if ended_at is not None else transferred_at
    talk_seconds = hold_seconds = wrap_seconds = None
    if answered_at is not None and handle_ended_at is not None:
        handled_seconds = max(ZERO, seconds_between(answered_at, handle_ended_at))
        hold_seconds = min(_hold_seconds(times("held"), times("resumed"), handle_ended_at), handled_seconds)
        talk_seconds = handled_seconds - hold_seconds
        if wrapped_up_at is not None:
            wrap_seconds = max(ZERO, seconds_between(handle_ended_at, wrapped_up_at))

    named_queues = [e.data["queue"] for e in events if e.data.get("queue") is not None]
    answer, leaving, transfer = latest("answered"), latest("left_queue"), latest("transferred")
    wrap_up = latest("wrapped_up")
    result = wrap_up.data if wrap_up else {}
    amount = result.get("amount")
    client, interaction, segment = key
    return Segment(
        client=client,
        interaction=interaction,
        segment=segment,
        channel=events[0].data["channel"],
        direction=events[0].data["direction"],
        queue=named_queues[0] if named_queues else None,
        agent=answer.data["agent"] if answer else None,
        outcome=outcome,
        queued_at=queued_at,
        offered_at=first("offered"),
        answered_at=answered_at,
        abandoned_at=abandoned_at,
        left_at=left_at,
        left_reason=leaving.data["reason"] if leaving else None,
        transferred_at=transferred_at,
        transfer_kind=transfer.data["kind"] if transfer else None,
        ended_at=ended_at,
        wrapped_up_at=wrapped_up_at,
        wait_ended_at=wait_ended_at,
        handle_ended_at=handle_ended_at,
        wait_seconds=wait_seconds,
        talk_seconds=talk_seconds,
        hold_seconds=hold_seconds,
        wrap_seconds=wrap_seconds,
        alerts=len(times("offered")),
        declines=len(times("declined")),
        holds=len(times("held")),
        resumes=len(times("resumed")),
        disposition=result.get("disposition"),
        flags=tuple(result.get("flags", ())),
        amount=Decimal(amount) if amount is not None else None,
        currency=result.get("currency"),
        revision=events[0].data["revision"],
        first_event_at=events[0].time,
        last_event_at=events[-1].time,
    )


def _hold_seconds(held: list[datetime], resumed: list[datetime], handle_ended_at: datetime) -> Decimal:
    """Time on hold, never negative: each hold lasts to the end of the handling, less what follows each resume.

    A hold that nobody resumed therefore lasts to the end. With more resumes than holds there is no telling: 0.
    """
    if len(resumed) > len(held):
        return ZERO
    from_holds = sum((seconds_between(time, handle_ended_at) for time in held), ZERO)
    after_resumes = sum((seconds_between(time, handle_ended_at) for time in resumed), ZERO)
    return max(ZERO, from_holds - after_resumes)


def build_interactions(events: list[Event], segments: dict[SegmentKey, Segment]) -> dict[tuple[str, str], Interaction]:
    """Every interaction that an event names, with or without a segment. ``events`` is in order."""
    about_interactions = [e for e in events if not e.is_about_agent]
    by_interaction = grouped(about_interactions, lambda e: (str(e.data["client"]), str(e.data["interaction"])))
    segments_of = grouped(segments.values(), lambda s: (s.client, s.interaction))
    return {key: _interaction(key, own, segments_of.get(key, [])) for key, own in by_interaction.items()}


def _interaction(key: tuple[str, str], events: list[Event], segments: list[Segment]) -> Interaction:
    ended_at = max((e.time for e in events if e.kind == "ended"), default=None)
    outcomes = [s.outcome for s in segments]
    for outcome in ("answered", "abandoned", "left", "waiting"):
        if outcome in outcomes:
            break
    else:
        outcome = "left_in_menu" if ended_at is not None else "in_menu"
    revenue, currency = money(segments)
    client, interaction = key
    earliest = _earliest_part(events)
    return Interaction(
        client=client,
        interaction=interaction,
        channel=earliest.data["channel"],
        direction=earliest.data["direction"],
        outcome=outcome,
        started_at=events[0].time,
        ended_at=ended_at,
        segments=len(segments),
        offered=sum(1 for s in segments if s.queued_at is not None),
        answered=outcomes.count("answered"),
        abandoned=outcomes.count("abandoned"),
        queues=tuple(sorted({s.queue for s in segments if s.queue is not None})),
        wait_seconds=sum((s.wait_seconds or ZERO for s in segments), ZERO),
        talk_seconds=sum((s.talk_seconds or ZERO for s in segments), ZERO),
        sales=sum(1 for s in segments if "sale" in s.flags),
        revenue=revenue,
        currency=currency,
    )


def _earliest_part(events: list[Event]) -> Event:
    """The first event of the part that began first; of parts that began at one moment, that of the first name.

    The parts are the segments, and under the name '' what was said about the interaction as a whole.
    """
    first_events = [own[0] for own in grouped(events, lambda e: str(e.data.get("segment") or "")).values()]
    return min(first_events, key=lambda e: (e.time, str(e.data.get("segment") or "")))


def money(segments: Iterable[Segment]) -> tuple[Decimal | None, str | None]:
    """Revenue and its currency.

    No amounts: (0, None). Amounts that all name one currency: their sum and that currency. Amounts that all name none:
    their sum, and no currency. Anything else would be a sum over currencies, a wrong number: (None, None).
    """
    amounts = [(s.amount, s.currency) for s in segments if s.amount is not None]
    if not amounts:
        return ZERO, None
    currencies = {currency for _, currency in amounts}
    if len(currencies) > 1:
        return None, None
    return sum((amount for amount, _ in amounts), ZERO), currencies.pop()
