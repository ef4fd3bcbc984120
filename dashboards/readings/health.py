"""What the data-health page reads out of a view: can the numbers be trusted. Pure: nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.states import Level
from dashboards.look.tiles import Reading, Tile
from dashboards.look.words import mark, plural, say

Row = Mapping[str, Any]
#: Records behind from which lag is an exception; a worker reads so many in well under a second.
LAG_LIMIT = 10_000
#: What can be noticed of a source besides a gap.
KINDS = {
    "unknown_verb": mark("unknown verb"),
    "unknown_field": mark("unknown field"),
    "unknown_version": mark("unknown version"),
    "unreadable": mark("unreadable"),
    "contradiction": mark("contradiction"),
}

_AGE = Tile("data_age", "catalogue", hero=True)
_CORRECTIONS = Tile("corrections", "correction_count", ("corrections",))
#: What says something of the store as a whole.
_OF_THE_STORE = (
    Tile("lag", "partitions", ("sum(lag)",), hero=True),
    Tile("conservation", "partitions", ("bool_and(holds)",), hero=True),
    Tile("dead_letters", "reject_reasons", ("coalesce(sum(rejected), 0)",)),
    Tile("duplicates", "duplicates", ("duplicates",)),
)


def health_readings(view: View, zone: tzinfo) -> list[tuple[Tile, Reading]]:
    """The tiles of the page in their order, each with what it reads; times in the viewer's ``zone``.

    Who may see a part of the store only has no answers of the store as a whole, and so none of its tiles.
    """
    if "partitions" not in view.answers:
        return [(_AGE, _age(view)), (_CORRECTIONS, _corrections(view))]
    partitions = view.rows("partitions")
    readings = (_lag(partitions), _conservation(partitions), _dead_letters(view, zone), _duplicates(view))
    return [
        (_AGE, _age(view)),
        *zip(_OF_THE_STORE, readings, strict=True),
        (_CORRECTIONS, _corrections(view)),
    ]


def _age(view: View) -> Reading:
    limit = formats.age(view.stale_after_seconds)
    if view.is_stale:
        words = say("older than {limit}: the worker may be down", limit=limit)
        return Reading(formats.age(view.age_seconds), words, Level.SERIOUS)
    return Reading(formats.age(view.age_seconds), say("within {limit}", limit=limit))


def _lag(partitions: Sequence[Row]) -> Reading:
    if not partitions:
        return Reading(formats.nothing())
    lag = sum(row["lag"] for row in partitions)
    worst = max(partitions, key=lambda row: row["lag"])
    if not lag:
        return Reading(formats.count(0), say("all that was sent is in the store"))
    level = Level.WARNING if lag > LAG_LIMIT else Level.QUIET
    words = say("most in {partition}: {lag}", partition=partition_name(worst), lag=formats.count(worst["lag"]))
    return Reading(formats.count(lag), words, level)


def _conservation(partitions: Sequence[Row]) -> Reading:
    if not partitions:
        return Reading(formats.nothing())
    broken = [row for row in partitions if not row["holds"]]
    if broken:
        words = plural(len(broken), "in {number} partition", "in {number} partitions")
        return Reading(say("does not hold"), words, Level.SERIOUS)
    consumed = sum(row["consumed"] for row in partitions)
    return Reading(say("holds"), say("all {consumed} records accounted for", consumed=formats.count(consumed)))


def _dead_letters(view: View, zone: tzinfo) -> Reading:
    reasons = view.rows("reject_reasons")
    total = sum(row["rejected"] for row in reasons)
    if not total:
        return Reading(formats.count(0), say("nothing was refused"))
    latest = formats.stamp(max(row["latest_at"] for row in reasons), zone)
    words = plural(len(reasons), "{number} reason, latest {latest}", "{number} reasons, latest {latest}", latest=latest)
    return Reading(formats.count(total), words)


def _duplicates(view: View) -> Reading:
    (row,) = view.rows("duplicates")
    if row["conflicting"]:
        words = say("{number} conflicting", number=formats.count(row["conflicting"]))
        return Reading(formats.count(row["duplicates"]), words, Level.WARNING)
    return Reading(formats.count(row["duplicates"]), say("none conflicting; each event counted once"))


def _corrections(view: View) -> Reading:
    ((number,),) = (row.values() for row in view.rows("correction_count"))
    return Reading(formats.count(number), say("made by late events") if number else say("no event came late"))


def partition_name(row: Row) -> str:
    """``calls-0``."""
    return f"{row['topic']}-{row['partition']}"


def lost_for(row: Row) -> str:
    """How long a source was lost for: ``1:31``; a gap of which that is not known, and what is no gap, say so."""
    if row["gap_seconds"] is not None:
        return formats.duration(row["gap_seconds"])
    return say("not known") if row["kind"] == "gap" else ""


def more_than_shown(rows: Sequence[Row]) -> str:
    """What a heading adds where the list is cut: `` (15 of 40, gaps first)``."""
    things = rows[0]["things"] if rows else 0
    if things <= len(rows):
        return ""
    return say(" ({shown} of {all}, gaps first)", shown=formats.count(len(rows)), all=formats.count(things))
