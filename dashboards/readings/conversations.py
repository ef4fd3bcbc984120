"""What the section of chat and messaging reads. Pure."""

from __future__ import annotations

from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.states import Level, Limits
from dashboards.look.tiles import Reading, Tile
from dashboards.look.words import say
from dashboards.readings.picked import Picked, Row, pair, row_at

#: Of the slots of those at work: from nine tenths on a new contact may find nobody.
NEARLY_FULL = Limits(0.9, 1.0, "ratio")


def conversation_readings(view: View, picked: Picked) -> list[tuple[Tile, Reading]]:
    """Eight tiles: who waits, how many at once, how quickly."""
    where, words = picked.total, picked.words
    now, said = row_at(view, "digital_waiting", where), row_at(view, "responses", where)
    held = row_at(view, "concurrency", where)
    return [
        pair(Reading(formats.count(now.get("waiting")), _in_progress(now)), "waiting_by_rule", "digital_waiting",
             ["waiting"], where, label=say("Waiting now"), hero=True),
        pair(_longest(now), "longest_wait_now_seconds", "digital_waiting", ["longest_wait_seconds"], where,
             label=say("Longest wait now"), hero=True),
        pair(_first(said), "first_response_average_seconds", "responses",
             ["first_response_average_seconds", "first_response_p50_seconds", "first_response_p90_seconds"], where,
             label=say("First response"), period=words),
        pair(_response(said), "agent_response_average_seconds", "responses", ["agent_response_average_seconds"], where,
             label=say("Response"), period=words),
        pair(_conversations(said), "conversations", "responses", ["conversations"], where, period=words),
        pair(_at_once(held), "average_concurrency", "concurrency", ["average_concurrency", "peak_concurrency"], where,
             label=say("Contacts at once"), period=words),
        pair(_slots(held), "slot_occupancy", "concurrency", ["slot_occupancy"], where, label=say("Slots in use"),
             period=words),
    ]  # fmt: skip


def _in_progress(row: Row) -> str:
    return say("{number} in progress", number=formats.count(row["in_progress"])) if row.get("in_progress") else ""


def _longest(row: Row) -> Reading:
    if row.get("waiting") is None:
        return Reading(formats.nothing())
    seconds = row["longest_wait_seconds"]
    return Reading(say("none"), say("nobody waits")) if seconds is None else Reading(formats.duration(seconds))


def _first(row: Row) -> Reading:
    if not row.get("first_responses"):
        return Reading(formats.nothing())
    parts = [
        (say("mean"), formats.duration(row["first_response_average_seconds"])),
        (say("half within"), formats.duration(row["first_response_p50_seconds"])),
        (say("9 of 10 within"), formats.duration(row["first_response_p90_seconds"])),
    ]
    return Reading("", parts=parts)


def _response(row: Row) -> Reading:
    if not row.get("agent_responses"):
        return Reading(formats.nothing())
    words = say("mean of {number} answers", number=formats.count(row["agent_responses"]))
    return Reading(formats.duration(row["agent_response_average_seconds"]), words)


def _conversations(row: Row) -> Reading:
    if not row.get("conversations") and not row.get("conversations_reopened"):
        return Reading(formats.nothing())
    words = say("{number} reopened", number=formats.count(row["conversations_reopened"]))
    return Reading(formats.count(row["conversations"]), words)


def _at_once(row: Row) -> Reading:
    if row.get("average_concurrency") is None:
        return Reading(formats.nothing())
    words = say("at most {number}", number=formats.count(row["peak_concurrency"]))
    return Reading(formats.decimal(row["average_concurrency"], 2), words)


def _slots(row: Row) -> Reading:
    if row.get("average_concurrency") is not None and row.get("slot_occupancy") is None:
        return Reading(say("not known"), say("no capacity is described"))
    return Reading(formats.percent(row.get("slot_occupancy")))


def slots_level(row: Row) -> Level:
    """Whether a channel is about to have nobody free."""
    return NEARLY_FULL.level(row["slots_used"] / row["slots"]) if row.get("slots") else Level.QUIET
