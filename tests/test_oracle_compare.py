"""The comparison finds what is wrong: DuckDB tables as published, right ones and spoiled ones.

Beside the oracle and not inside it: here DuckDB is imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests import oracle
from tests.oracle.dimensions import kpi_local
from tests.oracle.kpis import kpi_by
from tests.oracle.test_oracle import SHIFT, TEN_CALLS, at, call, lines_of, shift, source
from tests.oracle.views import KPI_VIEWS, LOCAL_VIEWS, TIME_COLUMNS, cell_rows, event_rows, histogram_rows, rows
from tests.strategies import BAD_LINES

Row = dict[str, Any]
WINDOW = (at("10:00:00"), at("11:00:00"))


DETAILS = [
    call("described", "11:00:00", None, language="pt-BR", tier=2, promised_at="2026-03-05T12:00:00Z"),
    call("menu_stepped", "11:00:01", bot="b", step="1", result="contained"),
    call("message_sent", "11:00:02", sender="bot", channel="chat", interaction="c1"),
    call("callback_changed", "11:00:03", callback="cb", status="requested"),
    call("surveyed", "11:00:04", survey="s", status="answered", question="nps", score=9),
    call("outcome_changed", "11:00:05", outcome="o", kind="promise", amount="12.5", due_on="2026-03-31"),
    call("resolution_changed", "11:00:06", status="reopened"),
    call("dialled", "11:00:07", attempt="d", campaign="c", result="human", dropped=True),
    call("participated", "11:00:08", agent="bob", role="coach", change="joined"),
    shift(
        "scheduled", "11:00:09", schedule="w", activity="work",
        starts_at="2026-03-03T08:00:00Z", ends_at="2026-03-03T16:00:00Z",
    ),
    call("reported", "11:00:10", wait_ms=21_500, outcome="completecaller"),
    source("noticed", "11:00:11", adapter="queue_log", kind="gap", name="QUEUESTART"),
]  # fmt: skip


def log() -> list[bytes]:
    good = lines_of(
        *TEN_CALLS,
        *SHIFT,
        call("wrapped_up", "10:03:00", flags=["sale", "resolved"], amount="19.90", currency="EUR", interaction="i1"),
        call("held", "10:00:30.000001", interaction="i1"),
        shift("state_changed", "11:00:00", "break", presence="meal", agent="bob"),
        *DETAILS,
    )
    return [*good, good[3], good[3], BAD_LINES["NaN"][0], BAD_LINES["1970"][0]]


@pytest.fixture
def facts() -> oracle.Facts:
    return oracle.facts(log(), datetime(2026, 3, 30, tzinfo=UTC))


@pytest.fixture
def store(facts: oracle.Facts) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database as it must be published for these facts, in a session far from UTC."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Pacific/Auckland'")
        write(connection, "events", event_rows(facts))
        write(connection, "segments", rows(facts.segments.values()))
        write(connection, "interactions", rows(facts.interactions.values()))
        write(connection, "agent_spans", rows(facts.agent_spans))
        for view, detail_rows in facts.details.items():
            write(connection, view, detail_rows)
        for view, period in KPI_VIEWS.items():
            write(connection, view, cell_rows(kpi_by(facts.segments.values(), period), period))
        for view in LOCAL_VIEWS:
            write(connection, view, kpi_local(facts, oracle.Rules(), days=view == "kpi_local_day"))
        write(connection, "wait_histogram", [{**row, "bucket": b} for row in histogram_rows(facts) for b in (1,)])
        write(connection, "rejects", [{"reason": reason} for reason, n in facts.rejected.items() for _ in range(n)])
        write(connection, "duplicates", [{"source": source, "id": id_} for source, id_ in facts.duplicates])
        totals = {"stored": len(facts.events), "duplicates": len(facts.duplicates), "rejected": 2}
        write(connection, "meta", [totals])
        log_of = {"topic": "calls", "partition": 0, "epoch": 0, "next_offset": facts.lines}
        write(connection, "offsets", [{**log_of, **totals}])
        yield connection


def write(connection: duckdb.DuckDBPyConnection, table: str, table_rows: list[Row]) -> None:
    """A table of rows; each column's type follows from its values."""

    def type_of(name: str) -> str:
        if name in TIME_COLUMNS:
            return "TIMESTAMPTZ"
        value = next((row[name] for row in table_rows if row[name] is not None), None)
        kinds = {bool: "BOOLEAN", int: "BIGINT", date: "DATE", Decimal: "DECIMAL(24, 6)", tuple: "VARCHAR[]"}
        return kinds.get(type(value), "VARCHAR")

    names = list(table_rows[0])
    columns = ", ".join(f'"{name}" {type_of(name)}' for name in names)
    connection.execute(f"CREATE TABLE {table} ({columns})")
    for row in table_rows:
        values = [list(v) if isinstance(v, tuple) else v for v in row.values()]
        connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})", values)


def test_a_right_store_has_no_differences(store: duckdb.DuckDBPyConnection, facts: oracle.Facts) -> None:
    assert oracle.compare(store, facts) == []


@pytest.mark.parametrize(
    ("spoil", "difference"),
    [
        (
            "UPDATE segments SET wait_seconds = wait_seconds + 0.000001 WHERE interaction = 'i2'",
            "segments ['acme', 'i2', '1'] wait_seconds: expected 21, got 21.000001",
        ),
        (
            "UPDATE segments SET ended_at = ended_at + INTERVAL 1 microsecond WHERE interaction = 'i1'",
            "segments ['acme', 'i1', '1'] ended_at: "
            "expected 2026-03-02T10:00:50+00:00, got 2026-03-02T10:00:50.000001+00:00",
        ),
        (
            "UPDATE segments SET flags = ['sale'] WHERE interaction = 'i1'",
            "segments ['acme', 'i1', '1'] flags: expected ('sale', 'resolved'), got ['sale']",
        ),
        ("DELETE FROM events WHERE id = '05'", "events ['pbx', '05'] (number of rows): expected 1, got 0"),
        (
            "INSERT INTO interactions SELECT * FROM interactions WHERE interaction = 'i4'",
            "interactions ['acme', 'i4'] (number of rows): expected 1, got 2",
        ),
        (
            "UPDATE agent_spans SET seconds = NULL WHERE state = 'wrap_up'",
            "agent_spans ['acme', 'anna', 2026-03-02T08:20:00+00:00] seconds: expected 60, got NULL",
        ),
        (
            "UPDATE agent_spans SET presence = NULL",
            "agent_spans ['acme', 'bob', 2026-03-02T11:00:00+00:00] presence: expected 'meal', got NULL",
        ),
        (
            "UPDATE descriptions SET promised_at = promised_at + INTERVAL 1 microsecond",
            "descriptions ['pbx', '30'] promised_at: "
            "expected 2026-03-05T12:00:00+00:00, got 2026-03-05T12:00:00.000001+00:00",
        ),
        (
            "UPDATE outcome_changes SET due_on = due_on + 1",
            "outcome_changes ['pbx', '35'] due_on: expected 2026-03-31, got 2026-04-01",
        ),
        (
            "UPDATE outcome_changes SET amount = amount + 0.0001",
            "outcome_changes ['pbx', '35'] amount: expected 12.5, got 12.5001",
        ),
        ("UPDATE dials SET dropped = false", "dials ['pbx', '37'] dropped: expected True, got False"),
        ("UPDATE survey_answers SET score = 10", "survey_answers ['pbx', '34'] score: expected 9, got 10"),
        ("UPDATE reports SET wait_ms = 21", "reports ['pbx', '40'] wait_ms: expected 21500, got 21"),
        ("UPDATE source_notices SET count = 2", "source_notices ['pbx', '41'] count: expected 1, got 2"),
        ("DELETE FROM schedules", "schedules ['pbx', '39'] (number of rows): expected 1, got 0"),
        (
            "INSERT INTO messages SELECT * FROM messages",
            "messages ['pbx', '32'] (number of rows): expected 1, got 2",
        ),
        ("UPDATE messages SET topic = 'calls'", "messages ['pbx', '32'] topic: expected 'chats', got 'calls'"),
        (
            "UPDATE kpi_hour SET revenue = 0 WHERE sales = 1",
            "kpi_hour ['acme', 'PS', 'voice', 'inbound', 2026-03-02T10:00:00+00:00] revenue: expected 19.9, got 0",
        ),
        ("ALTER TABLE kpi_day DROP COLUMN held", "kpi_day [] held: expected 'a column', got 'no such column'"),
        (
            "UPDATE wait_histogram SET n = n + 1 WHERE outcome = 'abandoned'",
            "wait_histogram ['acme', 'PS', 'voice', 'inbound', 2026-03-02T10:00:00+00:00, 'abandoned'] n: "
            "expected 3, got 4",
        ),
        (
            "UPDATE rejects SET reason = 'schema' WHERE reason = 'undecodable'",
            "rejects ['undecodable'] (number of rows): expected 1, got 0",
        ),
        ("DELETE FROM duplicates", "duplicates ['pbx', '03'] (number of rows): expected 1, got 0"),
        ("UPDATE meta SET stored = 0", "meta [] stored: expected 42, got 0"),
        (
            "UPDATE offsets SET next_offset = next_offset + 1",
            "offsets ['calls', 0, 0] stored + duplicates + rejected: expected 47, got 46",
        ),
        ("UPDATE offsets SET rejected = 1", "offsets ['all partitions'] rejected: expected 2, got 1"),
    ],
)
def test_a_spoiled_store_is_reported(
    store: duckdb.DuckDBPyConnection, facts: oracle.Facts, spoil: str, difference: str
) -> None:
    store.execute(spoil)
    assert difference in oracle.compare(store, facts)


def test_a_long_report_is_cut(store: duckdb.DuckDBPyConnection, facts: oracle.Facts) -> None:
    store.execute("UPDATE events SET queue = 'elsewhere', client = 'another'")
    report = oracle.compare(store, facts)
    assert len(report) == 21
    assert report[-1].startswith("... and ")


def test_every_count_of_the_cells_is_compared(store: duckdb.DuckDBPyConnection, facts: oracle.Facts) -> None:
    for column in (f.name for f in fields(oracle.Cell)):
        store.execute("BEGIN")
        wrong = "'wrong'" if column == "currency" else f'coalesce("{column}", 0) + 1'
        store.execute(f'UPDATE kpi_minute SET "{column}" = {wrong}')
        assert any(f" {column}: " in line for line in oracle.compare(store, facts)), column
        store.execute("ROLLBACK")


# --- Macros: written here once more, over the views, the plain way ----------------------------------------------------

MACROS = """
CREATE MACRO seconds(earlier, later) AS (epoch_us(later - earlier) / 1000000)::DECIMAL(18, 6);
CREATE MACRO kpi_between(start, stop) AS TABLE
    SELECT * EXCLUDE (hour) FROM kpi_hour WHERE hour >= start AND hour < stop;
CREATE MACRO service_level(start, stop, threshold_seconds := 20) AS TABLE
    WITH s AS (SELECT * FROM segments WHERE queued_at >= start AND queued_at < stop),
    n AS (SELECT queue, count(*) FILTER (outcome = 'answered') AS a, count(*) FILTER (outcome = 'abandoned') AS b,
          count(*) FILTER (outcome = 'answered' AND wait_seconds <= threshold_seconds) AS a_t,
          count(*) FILTER (outcome = 'abandoned' AND wait_seconds <= threshold_seconds) AS b_t
          FROM s GROUP BY GROUPING SETS ((), (queue)))
    SELECT queue, 'abandons_negative' AS definition, a_t / nullif(a + b, 0) AS service_level FROM n
    UNION ALL SELECT queue, 'abandons_ignored', a_t / nullif(a + b - b_t, 0) FROM n
    UNION ALL SELECT queue, 'abandons_positive', (a_t + b_t) / nullif(a + b, 0) FROM n
    UNION ALL SELECT queue, 'answered_only', a_t / nullif(a, 0) FROM n;
CREATE MACRO queue_now(as_of := now()) AS TABLE
    SELECT queue, count(*) FILTER (waits) AS waiting,
           max(seconds(queued_at, as_of)) FILTER (waits) AS longest_wait_seconds,
           count(*) FILTER (talks) AS in_progress
    FROM (SELECT *, queued_at <= as_of AND NOT coalesce(wait_ended_at <= as_of, false) AS waits,
          answered_at <= as_of AND NOT coalesce(handle_ended_at <= as_of, false) AS talks FROM segments)
    GROUP BY queue;
CREATE MACRO agent_now(as_of := now()) AS TABLE
    SELECT client, agent, state, reason, started_at AS since,
           seconds(started_at, as_of) AS seconds_in_state
    FROM agent_spans WHERE started_at <= as_of AND (ended_at IS NULL OR ended_at > as_of);
CREATE MACRO occupancy(start, stop) AS TABLE
    WITH s AS (SELECT client, agent, state, greatest(0,
               seconds(greatest(started_at, start), least(coalesce(ended_at, stop), stop))) AS inside FROM agent_spans),
    n AS (SELECT client, agent, sum(inside) FILTER (state = 'on_contact') AS on_contact_seconds,
          sum(inside) FILTER (state = 'wrap_up') AS wrap_up_seconds,
          sum(inside) FILTER (state = 'available') AS available_seconds FROM s GROUP BY ALL)
    SELECT client, agent, coalesce(on_contact_seconds, 0) AS on_contact_seconds,
           coalesce(wrap_up_seconds, 0) AS wrap_up_seconds, coalesce(available_seconds, 0) AS available_seconds,
           (coalesce(on_contact_seconds, 0) + coalesce(wrap_up_seconds, 0)) / nullif(coalesce(on_contact_seconds, 0)
           + coalesce(wrap_up_seconds, 0) + coalesce(available_seconds, 0), 0) AS occupancy FROM n;
"""


@pytest.mark.parametrize("moment", ["10:00:20", "10:00:30.000001", "08:50:59.5", "08:55:00", "23:00:00"])
def test_right_macros_have_no_differences(store: duckdb.DuckDBPyConnection, facts: oracle.Facts, moment: str) -> None:
    store.execute(MACROS)
    assert oracle.compare_macros(store, facts, *WINDOW, at(moment)) == []
    assert oracle.compare_macros(store, facts, at("08:00:00"), at("11:00:00"), at(moment), 5) == []


@pytest.mark.parametrize(
    ("right", "wrong", "difference"),
    [
        ("hour < stop", "hour <= stop - INTERVAL 1 hour - INTERVAL 1 second", "kpi_between ['acme', 'PS'"),
        ("nullif(a + b - b_t, 0)", "nullif(a + b, 0)", "service_level ['PS', 'abandons_ignored'] service_level: "),
        ("GROUPING SETS ((), (queue))", "queue", "service_level [NULL, 'answered_only'] (number of rows): "),
        ("queued_at <= as_of", "queued_at < as_of", "queue_now ['PS'] waiting: expected 3, got 2"),
        ("answered_at <= as_of", "true", "queue_now ['PS'] in_progress: "),
        ("coalesce(ended_at, stop)", "coalesce(ended_at, start)", "occupancy ['acme', 'anna'] "),
        ("ended_at IS NULL OR", "", "agent_now ['acme', 'anna'] (number of rows): expected 1, got 0"),
    ],
)
def test_a_wrong_macro_is_reported(
    store: duckdb.DuckDBPyConnection, facts: oracle.Facts, right: str, wrong: str, difference: str
) -> None:
    assert right in MACROS
    store.execute(MACROS.replace(right, wrong))
    report = oracle.compare_macros(store, facts, *WINDOW, at("10:00:30"))
    assert any(line.startswith(difference) for line in report), report
