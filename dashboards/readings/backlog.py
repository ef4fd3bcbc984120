"""What the section of email and other work that waits reads: what is open by its promise, and what was closed. Pure."""

from __future__ import annotations

from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.states import Level
from dashboards.look.tiles import Reading, Tile
from dashboards.look.words import say
from dashboards.readings.picked import Picked, Row, counted, pair, row_at


def backlog_readings(view: View, picked: Picked) -> list[tuple[Tile, Reading]]:
    """Seven tiles of the client, or of all."""
    where, words = picked.total, picked.words
    now, moved = row_at(view, "backlog", where), row_at(view, "cleared", where)
    level = promise_level(now)
    known = any(row.get(name) is not None for row, name in ((now, "open_items"), (moved, "items_received")))
    return [
        pair(Reading(formats.count(now.get("open_items") or (0 if known else None)), _without(now)), "open_items",
             "backlog", ["open_items"], where, hero=True),
        pair(_oldest(now, known), "oldest_item_seconds", "backlog", ["oldest_item_seconds"], where, hero=True),
        pair(_promise(now, level, known), "open_at_risk", "backlog",
             ["open_past_promise", "open_due_next_hour", "open_at_risk"], where, label=say("Against the promise")),
        pair(_share(moved, "closed_within_promise_share", "items_closed_within_promise", "items_closed_with_promise"),
             "closed_within_promise_share", "cleared", ["closed_within_promise_share"], where, period=words),
        pair(_share(moved, "due_within_promise_share", "items_due_closed", "items_due"), "due_within_promise_share",
             "cleared", ["due_within_promise_share"], where, period=words),
        pair(counted(moved, "items_closed", of=("items_received",), words=_received(moved)), "items_closed", "cleared",
             ["items_closed"], where, period=words),
        pair(Reading(formats.duration(moved.get("turnaround_average_seconds"))), "turnaround_average_seconds",
             "cleared", ["turnaround_average_seconds"], where, period=words),
    ]  # fmt: skip


def promise_level(row: Row) -> Level:
    """Late is serious, about to be late is a warning."""
    if row.get("open_past_promise"):
        return Level.SERIOUS
    return Level.WARNING if row.get("open_at_risk") else Level.QUIET


def promise_words(row: Row) -> str:
    """What a level says."""
    if row.get("open_past_promise"):
        return say("{number} late", number=formats.count(row["open_past_promise"]))
    if row.get("open_at_risk"):
        return say("{number} at risk", number=formats.count(row["open_at_risk"]))
    return say("none late")


def _without(row: Row) -> str:
    if not row.get("open_without_promise"):
        return ""
    return say("{number} without a promise", number=formats.count(row["open_without_promise"]))


def _oldest(row: Row, known: bool) -> Reading:
    seconds = row.get("oldest_item_seconds")
    if seconds is None:
        return Reading(say("none", context="item"), say("nothing is open")) if known else Reading(formats.nothing())
    return Reading(formats.age(float(seconds)))


def _promise(row: Row, level: Level, known: bool) -> Reading:
    if not row.get("open_items"):
        return _oldest(row, known)
    parts = [
        (say("late"), formats.count(row["open_past_promise"])),
        (say("due in an hour"), formats.count(row["open_due_next_hour"])),
        (say("at risk"), formats.count(row["open_at_risk"])),
    ]
    return Reading("", promise_words(row), level, parts)


def _share(row: Row, column: str, top: str, bottom: str) -> Reading:
    if row.get(column) is None:
        return Reading(formats.nothing())
    words = say("{kept} of {due}", kept=formats.count(row[top]), due=formats.count(row[bottom]))
    return Reading(formats.percent(row[column]), words)


def _received(row: Row) -> str:
    return say("{number} received", number=formats.count(row["items_received"])) if row.get("items_received") else ""
