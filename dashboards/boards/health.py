"""The data-health page: can the numbers be trusted, and what was refused, repeated or changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards import frame
from dashboards.access import session
from dashboards.frame import LIVE_SECONDS, panel
from dashboards.look import formats, grid, tables
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.queries import common, health
from dashboards.readings.health import (
    KINDS,
    LAG_LIMIT,
    health_readings,
    lost_for,
    more_than_shown,
    partition_name,
)

_OF_THE_STORE = (health.PARTITIONS, health.DUPLICATES, health.REJECT_REASONS)


@panel(LIVE_SECONDS)
def _top() -> None:
    view = frame.look(common.NEWEST)
    frame.status(view)
    frame.banners(view)


@panel(LIVE_SECONDS)
def _tiles() -> None:
    whole = session.person().scope.is_everything
    view = frame.look(health.CORRECTION_COUNT, *(_OF_THE_STORE if whole else ()))
    grid.show(([1] * 3, [1] * 3), health_readings(view, frame.viewer_zone()), view, name="health")


@panel(LIVE_SECONDS)
def _partitions() -> None:
    view = frame.look(health.PARTITIONS)
    zone = frame.viewer_zone()
    columns = [
        Column(say("Partition"), "left strong"),
        Column(say("Log"), "left"),
        Column(say("Next offset")),
        Column(say("Lag")),
        Column(say("Consumed")),
        Column(say("= stored")),
        Column(say("+ duplicates")),
        Column(say("+ rejected")),
        Column(say("Conservation"), "left"),
        Column(say("Newest event")),
    ]
    rows = [
        [
            Cell(partition_name(row)),
            Cell(say("epoch {number}", number=row["epoch"]), "muted"),
            Cell(formats.count(row["next_offset"])),
            Cell(formats.count(row["lag"]), "warning" if row["lag"] > LAG_LIMIT else ""),
            *(Cell(formats.count(row[name])) for name in ("consumed", "stored", "duplicates", "rejected")),
            Cell(say("✓ holds")) if row["holds"] else Cell(say("◆ does not hold"), "serious"),
            Cell(formats.stamp(row["newest_event_at"], zone), "muted"),
        ]
        for row in view.rows("partitions")
    ]
    tables.show(say("Partitions"), columns, rows, say("No partition was read yet."))


@panel(LIVE_SECONDS)
def _workers() -> None:
    view = frame.look()
    columns = [
        Column(say("Worker"), "left strong"),
        Column(say("Loop"), "left"),
        Column(say("Last turn")),
        Column(say("Says"), "left wrap muted"),
    ]
    rows = []
    for beat in view.heartbeats:
        silent = max(0.0, (view.now - beat.turned_at).total_seconds())
        late = silent > view.stale_after_seconds
        rows.append(
            [
                Cell(beat.worker),
                Cell(say("◆ silent"), "serious") if late else Cell(say("✓ turns")),
                Cell(say("{age} ago", age=formats.age(silent))),
                Cell(" · ".join(f"{name} {value}" for name, value in beat.says)),
            ]
        )
    tables.show(say("Workers"), columns, rows, say("No worker has left a heartbeat in this store."))


def _where(row: Mapping[str, Any]) -> str:
    return say(
        "{partition} @ {offset} (epoch {epoch})",
        partition=partition_name(row),
        offset=row["offset"],
        epoch=row["epoch"],
    )


@panel(LIVE_SECONDS)
def _refused() -> None:
    view = frame.look(health.REJECT_REASONS, health.REJECTS)
    zone = frame.viewer_zone()
    reasons = [
        [
            Cell(row["reason"]),
            Cell(formats.count(row["rejected"])),
            Cell(formats.stamp(row["latest_at"], zone), "muted"),
        ]
        for row in view.rows("reject_reasons")
    ]
    tables.show(
        say("Dead letters by reason"),
        [Column(say("Reason"), "left strong"), Column(say("Records")), Column(say("Latest"))],
        reasons,
        say("Nothing was refused."),
    )
    columns = [
        Column(say("Received"), "left muted"),
        Column(say("Reason"), "left"),
        Column(say("What is wrong"), "left wrap"),
        Column(say("Where"), "left"),
        Column(say("Bytes")),
    ]
    rows = [
        [
            Cell(formats.stamp(row["received_at"], zone)),
            Cell(row["reason"]),
            Cell(row["detail"] or ""),
            Cell(_where(row)),
            Cell(formats.count(row["size_bytes"])),
        ]
        for row in view.rows("rejects")
    ]
    if rows:
        tables.show(say("Latest dead letters"), columns, rows, "")


@panel(LIVE_SECONDS)
def _sources() -> None:
    view = frame.look(health.SOURCES)
    zone = frame.viewer_zone()
    columns = [
        Column(say("Source"), "left strong"),
        Column(say("Noticed"), "left"),
        Column(say("What"), "left wrap"),
        Column(say("Records")),
        Column(say("Lost for")),
        Column(say("Latest")),
    ]
    found = view.rows("sources")
    rows = [
        [
            Cell(f"{row['source']} · {row['client']}", below=row["adapter"]),
            Cell(say("▲ gap"), "warning") if row["kind"] == "gap" else Cell(say(KINDS.get(row["kind"]) or row["kind"])),
            Cell(row["name"]),
            Cell(formats.count(row["records"])),
            Cell(lost_for(row)),
            Cell(formats.stamp(row["latest_at"], zone), "muted"),
        ]
        for row in found
    ]
    nothing = say("No source had a gap, and none said anything unknown.")
    title = say("Noticed of the sources") + more_than_shown(found)
    tables.show(title, columns, rows, nothing)


@panel(LIVE_SECONDS)
def _corrected() -> None:
    view = frame.look(health.CORRECTIONS)
    zone = frame.viewer_zone()
    columns = [
        Column(say("Noted"), "left muted"),
        Column(say("Queue"), "left strong"),
        Column(say("Minute"), "left"),
        Column(say("Measure"), "left"),
        Column(say("Was")),
        Column(say("Is")),
        Column(say("Late by")),
    ]
    rows = [
        [
            Cell(formats.stamp(row["noted_at"], zone)),
            Cell(row["queue"], below=row["client"]),
            Cell(formats.minute(row["minute"], zone)),
            Cell(row["measure"]),
            Cell(formats.exact(row["before"])),
            Cell(formats.exact(row["after"])),
            Cell(formats.duration(row["late_by_seconds"])),
        ]
        for row in view.rows("corrections")
    ]
    tables.show(say("Latest corrections"), columns, rows, say("No event came late: no published minute was changed."))


def page() -> None:
    """The whole page."""
    if frame.opened() is None:
        return
    _top()
    _tiles()
    if session.person().scope.is_everything:
        _partitions()
        _workers()
        _refused()
    _sources()
    _corrected()


page()
