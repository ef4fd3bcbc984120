"""Compares a published view with the same rows recomputed: by key, both ways, column by column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from pipeline.store.verify_report import MAX_EXAMPLES, Check, shown_line, shown_value

PLACE = ("client", "queue", "channel", "direction")


@dataclass(frozen=True)
class View:
    """A published view and what to compare it with.

    ``expected`` is what stands after FROM for the recomputed rows; their columns are the ones that are compared.
    ``published`` gives the expression of a column that is not simply the published column of that name.
    ``repeats``: several rows may have one key; then rows are matched in the order of all their columns.
    """

    name: str
    expected: str
    key: tuple[str, ...]
    published: Mapping[str, str] = field(default_factory=dict)
    repeats: bool = False


def _struct(*columns: str) -> str:
    """One value of several columns, for a period that has several."""
    return "{" + ", ".join(f"'{name}': {name}" for name in columns) + "}"


#: Where the definitions leave open whether nothing is NULL or empty (0), both are read as empty (0).
VIEWS = (
    View(
        "segments",
        "expected_segments",
        ("client", "interaction", "segment"),
        {"flags": "coalesce(flags, [])"},
    ),
    View(
        "interactions",
        "expected_interactions",
        ("client", "interaction"),
        {
            "queues": "coalesce(list_sort(queues), [])",
            "wait_seconds": "coalesce(wait_seconds, 0)",
            "talk_seconds": "coalesce(talk_seconds, 0)",
        },
    ),
    View("agent_spans", "expected_agent_spans", ("client", "agent", "started_at"), repeats=True),
    View("kpi_minute", "expected_kpis(period_start(queued_us, 60000000))", (*PLACE, "period"), {"period": "minute"}),
    View("kpi_15min", "expected_kpis(period_start(queued_us, 900000000))", (*PLACE, "period"), {"period": "quarter"}),
    View("kpi_hour", "expected_kpis(period_start(queued_us, 3600000000))", (*PLACE, "period"), {"period": "hour"}),
    View("kpi_day", "expected_kpis(period_start(queued_us, 86400000000))", (*PLACE, "period"), {"period": "day"}),
    View(
        "kpi_local_hour",
        "expected_kpis(local_hour)",
        (*PLACE, "period"),
        {"period": _struct("time_zone", "local_day", "local_hour_start", "utc_offset")},
    ),
    View(
        "kpi_local_day", "expected_kpis(local_day)", (*PLACE, "period"), {"period": _struct("time_zone", "local_day")}
    ),
    *(
        View(name, f"expected_{name}", ("source", "id"), repeats=True)
        for name in (
            "descriptions",
            "menu_steps",
            "messages",
            "callback_changes",
            "survey_answers",
            "outcome_changes",
            "resolution_changes",
            "dials",
            "participations",
            "reports",
            "schedules",
            "source_notices",
        )
    ),
)


def compare(con: duckdb.DuckDBPyConnection, view: View) -> Check:
    """Compare all rows of a view. A row that is missing, too many or unlike in any column is one difference."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE expected_rows AS FROM {view.expected}")
    columns = [name for name, *_ in con.execute("DESCRIBE expected_rows").fetchall()]
    con.execute(f"CREATE OR REPLACE TEMP TABLE differing AS {_differing(view, columns)}")
    (expected,) = con.execute("SELECT count(*) FROM expected_rows").fetchone() or (0,)
    (differing, extra) = con.execute("SELECT count(*), count(*) - count(e) FROM differing").fetchone() or (0, 0)
    order = ", ".join(f'coalesce(e."{name}", p."{name}")' for name in view.key)
    rows = con.execute(f"SELECT e, p FROM differing ORDER BY {order} LIMIT {MAX_EXAMPLES}").fetchall()  # noqa: S608
    return Check(view.name, expected + extra, differing, [shown_line(_in_words(view, *row)) for row in rows])


def _differing(view: View, columns: list[str]) -> str:
    """A query for the pairs (e, p) of an expected and a published row that differ; one of the two may be NULL."""
    values = ", ".join(f'"{name}"' for name in columns)
    published = ", ".join(f'{view.published.get(name, _quoted(name))} AS "{name}"' for name in columns)
    key = ", ".join(f'"{name}"' for name in view.key)
    nth = f"row_number() OVER (PARTITION BY {key} ORDER BY {values if view.repeats else key}) AS nth"
    same_key = " AND ".join(f'e."{name}" = p."{name}"' for name in view.key)
    unlike = " OR ".join(f'e."{name}" IS DISTINCT FROM p."{name}"' for name in columns)
    return f"""
        WITH published_rows AS (SELECT {published} FROM live."{view.name}"),
        e AS (SELECT *, {nth} FROM expected_rows),
        p AS (SELECT *, {nth} FROM published_rows)
        SELECT CASE WHEN e.nth IS NOT NULL THEN e END AS e, CASE WHEN p.nth IS NOT NULL THEN p END AS p
        FROM e FULL JOIN p ON {same_key} AND e.nth = p.nth
        WHERE e.nth IS NULL OR p.nth IS NULL OR {unlike}"""  # noqa: S608


def _quoted(name: str) -> str:
    return f'"{name}"'


def _in_words(view: View, expected: dict[str, Any] | None, published: dict[str, Any] | None) -> str:
    known = expected or published or {}
    key = ", ".join(f"{name} {_shown(known[name])}" for name in view.key)
    if expected is None:
        return f"{key}: the published row should not exist"
    if published is None:
        return f"{key}: no row was published"
    unlike = [name for name in expected if name != "nth" and expected[name] != published[name]]
    parts = [f"{name} expected {_shown(expected[name])}, got {_shown(published[name])}" for name in unlike]
    return f"{key}: {'; '.join(parts)}"


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(UTC).isoformat()
    return "NULL" if value is None else shown_value(str(value))
