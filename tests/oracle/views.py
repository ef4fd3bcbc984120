"""A published ``live.duckdb`` compared with the facts, view by view, row by row.

Left open by the definitions, and so not compared: the order of ``queues``, and whether ``flags``, and the seconds of an
interaction, are NULL or empty (0) where there is nothing to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields

from .contract import MOMENTS
from .details import topic_of
from .differences import Connection, Difference, Row, compare_rows, in_words, read_rows
from .dimensions import kpi_local
from .judgement import Rules
from .kpis import BY_DEFAULT, PERIOD_START, kpi_by
from .model import AgentSpan, Cell, CellKey, Facts, Interaction, Segment

#: Columns that hold a moment (or, ``day``, possibly a date).
TIME_COLUMNS = {
    *(f.name for shape in (Segment, Interaction, AgentSpan) for f in fields(shape) if f.name.endswith("_at")),
    *PERIOD_START,
    "local_hour_start",
    "time",
    "since",
    *MOMENTS,
}
GROUP = ("client", "queue", "channel", "direction")
#: What stands for NULL where the definitions leave open whether there is nothing or none.
NOTHING = {"flags": (), "queues": (), ("interactions", "wait_seconds"): 0, ("interactions", "talk_seconds"): 0}
KPI_VIEWS = {"kpi_minute": "minute", "kpi_15min": "quarter", "kpi_hour": "hour", "kpi_day": "day"}

LOCAL_VIEWS = {
    "kpi_local_hour": ("time_zone", "local_day", "local_hour_start", "utc_offset"),
    "kpi_local_day": ("time_zone", "local_day"),
}


def compare(connection: Connection, facts: Facts, rules: Rules = BY_DEFAULT) -> list[str]:
    """Every difference between the published views and the facts, as readable lines; an empty list means equal.

    ``rules`` hold the settings that the store publishes. ``connection`` is open on a ``live.duckdb`` whose logs were
    each read from offset 0. At most the first 20 differences are listed, each with view, key, column, expected and got.
    """
    differences = [
        *_compare_view(connection, "events", ("source", "id"), event_rows(facts)),
        *_compare_view(connection, "segments", ("client", "interaction", "segment"), rows(facts.segments.values())),
        *_compare_view(connection, "interactions", ("client", "interaction"), rows(facts.interactions.values())),
        *_compare_view(connection, "agent_spans", ("client", "agent", "started_at"), rows(facts.agent_spans)),
    ]
    for view, expected in facts.details.items():
        differences += _compare_view(connection, view, ("source", "id"), expected)
    for view, period in KPI_VIEWS.items():
        cells = kpi_by(facts.segments.values(), period, rules)
        differences += _compare_view(connection, view, (*GROUP, period), cell_rows(cells, period))
    for view, key in LOCAL_VIEWS.items():
        expected = kpi_local(facts, rules, days=view == "kpi_local_day")
        differences += _compare_view(connection, view, (*GROUP, *key), expected)
    differences += _compare_histogram(connection, facts)
    differences += _compare_accounts(connection, facts)
    return in_words(differences)


def rows(items: Iterable[Segment | Interaction | AgentSpan | Cell]) -> list[Row]:
    """Facts as rows, a column per field."""
    return [dict(vars(item)) for item in items]


def event_rows(facts: Facts) -> list[Row]:
    """The accepted events as rows of the ``events`` view, without what only the broker and the raw line know."""
    named = ("client", "interaction", "segment", "queue", "agent", "revision")
    return [
        {
            "topic": topic_of(event),
            "source": event.source,
            "id": event.id,
            "type": event.type,
            "time": event.time,
            **{name: event.data.get(name) for name in named},
        }
        for event in facts.events
    ]


def cell_rows(cells: dict[CellKey, Cell], period: str) -> list[Row]:
    """KPI cells as rows, their time column named ``period``."""
    return [{**dict(zip((*GROUP, period), key, strict=True)), **vars(cell)} for key, cell in cells.items()]


def histogram_rows(facts: Facts) -> list[Row]:
    """How many ended waits of each outcome each cell's histogram must hold."""
    counts = [
        {**dict(zip((*GROUP, "minute"), key, strict=True)), "outcome": outcome, "n": n}
        for key, cell in facts.kpi_minute.items()
        for outcome, n in (("answered", cell.answered), ("abandoned", cell.abandoned + cell.short_not_offered))
    ]
    return [row for row in counts if row["n"]]


def _compare_view(connection: Connection, view: str, key: tuple[str, ...], expected: list[Row]) -> list[Difference]:
    present = {column[0] for column in connection.execute(f"SELECT * FROM {view} LIMIT 0").description}
    wanted = list(expected[0]) if expected else list(key)
    missing = [name for name in wanted if name not in present]
    if missing:
        return [Difference(view, (), name, "a column", "no such column") for name in missing]
    columns = ", ".join(f"epoch_us({name}) AS {name}" if name in TIME_COLUMNS else f'"{name}"' for name in wanted)
    got = read_rows(connection, f"SELECT {columns} FROM {view}", [n for n in wanted if n in TIME_COLUMNS])
    for row in got:
        for name in wanted:
            if row[name] is None:
                row[name] = NOTHING.get(name, NOTHING.get((view, name)))
        if row.get("queues"):
            row["queues"] = tuple(sorted(row["queues"]))
    return compare_rows(view, key, expected, got)


def _compare_histogram(connection: Connection, facts: Facts) -> list[Difference]:
    """Every ended wait is in some bucket; the buckets' bound is checked with ``percentile``."""
    got = read_rows(
        connection,
        "SELECT client, queue, channel, direction, epoch_us(minute) AS minute, outcome, sum(n) AS n"
        " FROM wait_histogram WHERE outcome IN ('answered', 'abandoned') GROUP BY ALL HAVING sum(n) <> 0",
        ["minute"],
    )
    return compare_rows("wait_histogram", (*GROUP, "minute", "outcome"), histogram_rows(facts), got)


def _compare_accounts(connection: Connection, facts: Facts) -> list[Difference]:
    """Nothing is dropped silently: sent = stored + duplicates + rejected, in all and for every partition's log."""
    differences = compare_rows(
        "rejects",
        ("reason",),
        [{"reason": reason, "rows": n} for reason, n in facts.rejected.items()],
        read_rows(connection, 'SELECT reason, count(*) AS "rows" FROM rejects GROUP BY reason'),
    )
    differences += compare_rows(
        "duplicates",
        ("source", "id"),
        [{"source": source, "id": id_, "rows": n} for (source, id_), n in Counter(facts.duplicates).items()],
        read_rows(connection, 'SELECT source, id, count(*) AS "rows" FROM duplicates GROUP BY source, id'),
    )
    totals = {
        "stored": len(facts.events),
        "duplicates": len(facts.duplicates),
        "rejected": sum(facts.rejected.values()),
    }
    differences += compare_rows(
        "meta", (), [totals], read_rows(connection, "SELECT stored, duplicates, rejected FROM meta")
    )
    offsets = read_rows(
        connection, 'SELECT topic, "partition", epoch, next_offset, stored, duplicates, rejected FROM offsets'
    )
    for name, total in totals.items():
        found = sum(row[name] for row in offsets)
        if found != total:
            differences.append(Difference("offsets", ("all partitions",), name, total, found))
    for row in offsets:
        accounted = row["stored"] + row["duplicates"] + row["rejected"]
        if accounted != row["next_offset"]:
            key = (row["topic"], row["partition"], row["epoch"])
            differences.append(
                Difference("offsets", key, "stored + duplicates + rejected", row["next_offset"], accounted)
            )
    return differences
