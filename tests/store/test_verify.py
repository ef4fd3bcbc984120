"""Verification finds nothing in a true store, and finds whatever is changed in one: each check can fail."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import msgspec
import pytest
from hypothesis import given, settings

from pipeline.clock import ManualClock
from pipeline.errors import CallboardError
from pipeline.kpis.catalogue import catalogue
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.disturb import Disturbance, disturb, to_record
from pipeline.simulate.simulation import simulate
from pipeline.store.batch_rows import Record
from pipeline.store.details import DETAIL_KINDS, DETAILS
from pipeline.store.every_table import TABLES
from pipeline.store.layout import StoreLayout
from pipeline.store.live import publish_live
from pipeline.store.owner import PartitionOwner
from pipeline.store.process import FileProcessor
from pipeline.store.verify import Check, Report, verify
from tests import strategies
from tests.support.details import detail_events

START = datetime(2026, 3, 2, tzinfo=UTC)
NOW = datetime(2026, 4, 1, tzinfo=UTC)
KPIS = {
    "kpi_minute": ("minute",),
    "kpi_15min": ("quarter",),
    "kpi_hour": ("hour",),
    "kpi_day": ("day",),
    "kpi_local_hour": ("time_zone", "local_day", "local_hour_start", "utc_offset"),
    "kpi_local_day": ("time_zone", "local_day"),
}
PLACE = ("client", "queue", "channel", "direction")
KEYS = {
    "segments": ("client", "interaction", "segment"),
    "interactions": ("client", "interaction"),
    "agent_spans": ("client", "agent", "started_at"),
    **{view: (*PLACE, *period) for view, period in KPIS.items()},
    **{table.name: ("source", "id") for table in DETAIL_KINDS.values()},
}
CHECKS = {
    *("identities", "events", *KEYS, "wait_histogram"),
    *("duplicates", "positions", "offsets", "rejects", "corrections", "meta"),
}


def build(folder: Path, batches: Iterable[Iterable[bytes]], now: datetime = NOW, hot_days: int = 3) -> Path:
    for lines in batches:
        with FileProcessor(folder, ManualClock(now), reject_limit=0, hot_days=hot_days) as processor:
            processor.process(lines)
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some days of a small centre, disturbed in every way, taken in two parts, the first days sealed."""
    events = map(to_record, simulate(default_centre(0.01), 7, START, 144.0))
    disturbance = Disturbance(duplicates=0.05, shuffle_seconds=60, late=0.05, late_seconds=7200, bad=0.01)
    lines = [record.value for record in disturb(events, 7, disturbance)]
    # Among them details of every type, some of which come late and to sealed days.
    details = [strategies.line(event) for event in detail_events(60, START, timedelta(hours=2))]
    lines[len(lines) // 3 : len(lines) // 3] = details[:450]
    lines += details[300:]
    half = len(lines) // 2
    return build(tmp_path_factory.mktemp("store"), [lines[:half], lines[half:]])


#: A query for the rows of a view with their numbers in a fixed order.
NUMBERED = "SELECT *, row_number() OVER () AS nth FROM (FROM {rows} ORDER BY ALL)"


class Tampered:
    """A copy of a store's ``live.duckdb`` that can be changed; it reads the same Parquet files."""

    def __init__(self, store: Path, folder: Path) -> None:
        self.folder = folder
        shutil.copyfile(StoreLayout(store).live, StoreLayout(folder).live)

    def run(self, *statements: str) -> Tampered:
        con = duckdb.connect(str(StoreLayout(self.folder).live))
        con.execute("SET TimeZone = 'UTC'")
        for statement in statements:
            con.execute(statement)
        con.close()
        return self

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        con = duckdb.connect(str(StoreLayout(self.folder).live), read_only=True)
        con.execute("SET TimeZone = 'UTC'")
        found = con.execute(sql).fetchall()
        con.close()
        return found

    def alter(self, view: str, select: str) -> Tampered:
        """Replace a view by a query over its rows, which ``{rows}`` stands for."""
        ((sql,),) = self.rows(f"SELECT sql FROM duckdb_views() WHERE view_name = '{view}'")
        original = sql.partition(" AS ")[2].rstrip().rstrip(";")
        return self.run(f"CREATE OR REPLACE VIEW {view} AS {select.format(rows=f'({original})')}")

    def columns(self, view: str) -> dict[str, str]:
        return {name: kind for name, kind, *_ in self.rows(f"DESCRIBE {view}")}

    def verified(self) -> dict[str, Check]:
        return {check.name: check for check in verify(self.folder).checks}

    def found(self) -> set[str]:
        return {name for name, check in self.verified().items() if not check.ok}


@pytest.fixture
def tampered(store: Path, tmp_path: Path) -> Tampered:
    return Tampered(store, tmp_path)


def differences(report: Report) -> list[Check]:
    return [check for check in report.checks if not check.ok]


# --- Nothing to find --------------------------------------------------------------------------------------------------


def test_a_true_store_has_no_differences(store: Path) -> None:
    assert list((store / "sealed").rglob("*.parquet")), "nothing was sealed"
    steps: list[str] = []
    report = verify(store, steps.append)
    assert differences(report) == []
    assert report.ok
    assert {check.name for check in report.checks} == CHECKS
    assert [check.name for check in report.checks if not check.rows_compared] == []
    assert not any(check.notes for check in report.checks)
    assert len(set(steps)) == len(steps) > 10


def test_a_report_is_plain_json(store: Path, tampered: Tampered) -> None:
    tampered.run("UPDATE meta SET stored = stored + 1")
    document = json.loads(msgspec.json.encode(verify(tampered.folder)))
    assert document["ok"] is False
    (wrong,) = [check for check in document["checks"] if not check["ok"]]
    assert wrong["name"] == "meta"
    assert (wrong["rows_compared"], wrong["differences"], len(wrong["examples"])) == (1, 1, 1)


def test_little_memory_is_enough(store: Path) -> None:
    assert verify(store, memory_limit="60MB").ok


def test_a_store_without_events(tmp_path: Path) -> None:
    assert verify(build(tmp_path, [[]])).ok


@settings(max_examples=4, deadline=None)
@given(strategies.logs().flatmap(strategies.deliveries))
def test_any_log_in_any_delivery(batches: list[list[bytes]]) -> None:
    with TemporaryDirectory() as folder:
        with FileProcessor(Path(folder), ManualClock(strategies.NOW), reject_limit=0) as processor:
            for lines in batches:
                processor.process(lines)
        assert differences(verify(Path(folder))) == []


#: Moments that are written in unusual ways, and what they mean.
TIMES = {
    "2026-03-03t01:00:00.9999995z": "2026-03-03 01:00:01+00",
    "2026-03-03 01:00:00.12345649999-00:00": "2026-03-03 01:00:00.123456+00",
    "2026-03-03T06:45:00.1234565+0545": "2026-03-03 01:00:00.123457+00",
    "2026-03-02T23:00:00.1-02:00": "2026-03-03 01:00:00.1+00",
    "2024-02-29T23:59:59.99999951Z": "2024-03-01 00:00:00+00",
}


def queued(interaction: str, time: str = "2026-03-03T01:00:00Z", **more: Any) -> dict[str, Any]:
    changes = {"id": interaction, "time": time, "data_interaction": interaction}
    return strategies.example(**changes, **more)


def test_times_in_any_spelling(tmp_path: Path) -> None:
    build(tmp_path, [[strategies.line(queued(time, time)) for time in TIMES]])
    assert differences(verify(tmp_path)) == []
    con = duckdb.connect(str(StoreLayout(tmp_path).live), read_only=True)
    stored = con.execute(
        "SELECT interaction, epoch_us(time), epoch_us(queued_at) FROM events JOIN segments USING (interaction)"
    )
    for written, time_us, queued_us in stored.fetchall():
        (meant,) = con.execute("SELECT epoch_us(?::TIMESTAMPTZ)", [TIMES[written]]).fetchone() or (None,)
        assert time_us == queued_us == meant, written
    con.close()


def test_several_logs_of_which_one_has_holes(tmp_path: Path) -> None:
    """A broker's log is remade: offsets begin anew, repeated events are known from the first log."""
    layout = StoreLayout(tmp_path)
    lines = [strategies.line(queued(f"i-{number}")) for number in range(30)]
    with ThreadPoolExecutor(max_workers=1) as background:
        owner = PartitionOwner(layout, "calls", 0, background)
        for log_id, first, step, part in (("a", 0, 1, lines[:20]), ("b", 50, 2, lines[10:]), ("c", 0, 1, lines[:5])):
            owner.store.begin_epoch(log_id, first)
            owner.apply([Record(first + nth * step, None, line) for nth, line in enumerate(part)], NOW)
        owner.publish(NOW)
        owner.close()
    publish_live(layout, NOW)
    report = verify(tmp_path)
    assert differences(report) == []
    notes = [note for check in report.checks for note in check.notes]
    assert notes == ["calls-0 epoch 2: 19 of the offsets 50 to 88 hold no record"]
    assert {check.name: check.rows_compared for check in report.checks}["duplicates"] == 15


def test_members_that_a_type_does_not_have_mean_nothing(tmp_path: Path) -> None:
    odd = {"data_segment": {"a": 1}, "data_queue": ["x"], "data_agent": 5, "data_flags": "sale", "data_amount": 5}
    events = [
        strategies.example("interaction.started.v1", id="1", data_flags="x", data_kind=1, data_segment="9"),
        strategies.example("interaction.started.v1", id="2", **odd),
        strategies.example("agent.signed_in.v1", id="3", **{**odd, "data_agent": "anna"}),
        queued("4", data_flags="sale", data_amount=5, data_state=[], data_reason=None),
    ]
    build(tmp_path, [[strategies.line(event) for event in events]])
    report = verify(tmp_path)
    assert differences(report) == []
    assert {check.name: check.rows_compared for check in report.checks}["segments"] == 1


def test_details_of_contacts_that_nobody_knows_otherwise(tmp_path: Path) -> None:
    """They are rows of their own, and of them no segment, no interaction and no span is made."""
    build(tmp_path, [map(strategies.line, detail_events(3, START, timedelta(hours=1)))])
    report = verify(tmp_path)
    assert differences(report) == []
    compared = {check.name: check.rows_compared for check in report.checks}
    assert {compared[name] for name in ("segments", "interactions", "agent_spans", "kpi_day")} == {0}
    assert {compared[table.name] for table in DETAIL_KINDS.values()} == {3}


def test_every_table_of_a_partition_is_verified() -> None:
    """A new table needs a check of its own: this list and ``verify_rows`` say which."""
    shown_as = {"cells": "kpi_minute", "spans": "agent_spans"}
    shown = {shown_as.get(table.name, table.name) for table in TABLES} - {DETAILS.name}
    assert shown | {kind.name for kind in DETAIL_KINDS.values()} <= CHECKS


# --- Each view: every column, every row -------------------------------------------------------------------------------


def changed(column: str, kind: str) -> str:
    """An expression for a value that differs a little from the column's."""
    if kind == "VARCHAR":
        return f"concat({column}, 'x')"
    if kind == "VARCHAR[]":
        return f"list_append(coalesce({column}, []), 'x')"
    if kind.startswith("TIMESTAMP"):
        return f"coalesce({column}, TIMESTAMPTZ '2026-01-01 00:00:00+00') + INTERVAL 1 MICROSECOND"
    if kind == "BOOLEAN":
        return f"NOT coalesce({column}, false)"
    if kind == "DATE":
        return f"coalesce({column}, DATE '2026-01-01') + 1"
    least = {"DECIMAL(18,6)": "0.000001", "DECIMAL(18,4)": "0.0001"}.get(kind, "1")
    return f"coalesce({column}, 0) + {least}"


def compared_columns(view: str, columns: dict[str, str]) -> dict[str, str]:
    """Everything that the view publishes; of the KPIs, what is not computed from the measures when read."""
    if view not in KPIS:
        return columns
    measures = {measure.name for measure in catalogue().measures}
    return {name: kind for name, kind in columns.items() if name in {*KEYS[view], *measures, "currency"}}


def with_each_column_changed(view: str, columns: dict[str, str]) -> str:
    """A query that changes the first column in the first row, the second in the second, and so on."""
    quoted = {f'"{name}"': kind for name, kind in columns.items()}
    cases = ", ".join(
        f"CASE WHEN nth = {nth} THEN {changed(name, kind)} ELSE {name} END AS {name}"
        for nth, (name, kind) in enumerate(quoted.items(), start=1)
    )
    return f"SELECT * EXCLUDE (nth) REPLACE ({cases}) FROM ({NUMBERED})"


def test_every_column_of_every_view_is_compared(tampered: Tampered) -> None:
    expected = {}
    for view, key in KEYS.items():
        columns = compared_columns(view, tampered.columns(view))
        ((rows,),) = tampered.rows(f"SELECT count(*) FROM {view}")
        assert rows >= len(columns) > len(key)
        tampered.alter(view, with_each_column_changed(view, columns))
        # A row with another key is one row missing and one too many.
        expected[view] = len(columns) + len(key)
    checks = tampered.verified()
    assert {view: checks[view].differences for view in KEYS} == expected
    assert {name for name, check in checks.items() if not check.ok} == set(KEYS)
    assert all(len(checks[view].examples) == 5 for view in KEYS)


def test_rows_that_are_missing_too_many_or_doubled_are_found(tampered: Tampered) -> None:
    for view in KEYS:
        first, second, third = (f"(FROM {{rows}} ORDER BY ALL LIMIT 1 OFFSET {nth})" for nth in range(3))
        tampered.alter(
            view,
            f"FROM (FROM {{rows}} EXCEPT ALL FROM {first}) UNION ALL FROM {second} "
            f"UNION ALL SELECT * REPLACE ('nobody' AS {KEYS[view][0]}) FROM {third}",
        )
    checks = tampered.verified()
    assert {view: checks[view].differences for view in KEYS} == dict.fromkeys(KEYS, 3)


def test_an_example_names_key_column_expected_and_got(tampered: Tampered) -> None:
    ((interaction, segment, alerts),) = tampered.rows(
        "SELECT interaction, segment, alerts FROM segments ORDER BY ALL LIMIT 1"
    )
    tampered.alter(
        "segments",
        f"SELECT * REPLACE (CASE WHEN interaction = '{interaction}' THEN 99 ELSE alerts END AS alerts) FROM {{rows}}",
    )
    (example, *_) = tampered.verified()["segments"].examples
    assert f"interaction {interaction}, segment {segment}: alerts expected {alerts}, got 99" in example


def test_a_view_that_lacks_a_column_or_fails_is_a_difference(tampered: Tampered) -> None:
    tampered.alter("segments", "SELECT * EXCLUDE (queue) FROM {rows}")
    tampered.alter("kpi_day", "SELECT * REPLACE (error('acme') AS offered) FROM {rows}")
    checks = tampered.verified()
    assert {name for name, check in checks.items() if not check.ok} == {"segments", "kpi_day"}
    assert "queue" in checks["segments"].examples[0]
    assert "acme" not in checks["kpi_day"].examples[0]


# --- Events -----------------------------------------------------------------------------------------------------------


def test_every_column_of_an_event_is_compared_with_its_raw_text(tampered: Tampered) -> None:
    kinds = tampered.columns("events")
    names = ("source", "id", "type", "time", "client", "interaction", "segment", "queue", "agent")
    tampered.alter("events", with_each_column_changed("events", {name: kinds[name] for name in names}))
    checks = tampered.verified()
    assert checks["events"].differences == len(names)
    # The facts are recomputed from the raw text, so they still agree.
    assert not {name for name in KEYS if not checks[name].ok}


def test_an_event_in_the_wrong_topic_is_found(tampered: Tampered) -> None:
    tampered.alter(
        "events",
        "SELECT * REPLACE (CASE WHEN type = 'interaction.queued.v1' AND topic = 'calls' THEN 'agents' ELSE topic END "
        "AS topic) FROM {rows}",
    )
    assert "topic expected calls, got agents" in tampered.verified()["events"].examples[0]


def test_a_changed_raw_text_is_found(tampered: Tampered) -> None:
    raw = """CASE (hash(id) % 3)::INTEGER WHEN 0 THEN 'hello' WHEN 1 THEN replace(raw, '"time":"2', '"time":"1')
        ELSE replace(raw, '.queued.v1', '.teleported.v1') END"""
    tampered.alter(
        "events",
        f"SELECT * REPLACE (CASE type WHEN 'interaction.queued.v1' THEN {raw} ELSE raw END AS raw) FROM {{rows}}",
    )
    ((changed_rows,),) = tampered.rows("SELECT count(*) FROM events WHERE type = 'interaction.queued.v1'")
    checks = tampered.verified()
    assert checks["events"].differences == changed_rows
    assert {"segments", "interactions", "kpi_minute", "wait_histogram"} <= set(wrong(checks))


def test_what_only_the_raw_text_says_is_recomputed(tampered: Tampered) -> None:
    tampered.alter("events", "SELECT * REPLACE (replace(raw, 'inbound', 'outbound') AS raw) FROM {rows}")
    told = {
        table.name
        for table in DETAIL_KINDS.values()
        if "direction" in table.published_columns
        and tampered.rows(f"FROM {table.name} WHERE direction = 'inbound' LIMIT 1")
    }
    assert len(told) > 5
    merged = {"segments", "interactions", *KPIS, "wait_histogram", "corrections"}
    assert set(wrong(tampered.verified())) == merged | told


def test_what_only_the_raw_text_of_a_detail_says_is_recomputed(tampered: Tampered) -> None:
    lower = """regexp_replace(raw, '"score": ?5\\b', '"score":4')"""
    tampered.alter("events", f"SELECT * REPLACE ({lower} AS raw) FROM {{rows}}")
    ((changed_rows,),) = tampered.rows("SELECT count(*) FROM survey_answers WHERE score = 5")
    assert changed_rows > 5
    assert wrong(tampered.verified()) == {"survey_answers": changed_rows}


def test_an_event_stored_twice_is_found_and_counted_once(tampered: Tampered) -> None:
    once_more = "FROM {rows} WHERE type = 'interaction.answered.v1' ORDER BY ALL LIMIT 1"
    tampered.alter("events", f'FROM {{rows}} UNION ALL SELECT * REPLACE (1000000 AS "offset") FROM ({once_more})')
    assert tampered.found() == {"identities", "positions", "offsets"}


# --- Histogram --------------------------------------------------------------------------------------------------------


def test_a_changed_histogram_is_found(tampered: Tampered) -> None:
    """A wait too many, another bucket, another outcome, another minute, a row less: in rows far apart."""
    tampered.alter(
        "wait_histogram",
        "SELECT * EXCLUDE (nth) REPLACE (CASE WHEN nth = 10 THEN n + 1 ELSE n END AS n, "
        "CASE WHEN nth = 20 THEN bucket + 1 ELSE bucket END AS bucket, "
        "CASE WHEN nth = 30 THEN 'lost' ELSE outcome END AS outcome, "
        "CASE WHEN nth = 40 THEN minute + INTERVAL 1 YEAR ELSE minute END AS minute) "
        f"FROM ({NUMBERED}) WHERE nth <> 50",
    )
    checks = tampered.verified()
    # Buckets and the number of ended waits are compared: 1 + 1, 2 + 0, 2 + 2, 2 + 2, 1 + 1.
    assert checks["wait_histogram"].differences == 14
    assert {name for name, check in checks.items() if not check.ok} == {"wait_histogram"}


def test_a_wait_on_the_border_of_two_buckets_may_lie_in_either(tmp_path: Path) -> None:
    answered = strategies.example(
        "interaction.answered.v1", id="2", time="2026-03-03T01:00:01Z", data_interaction="1", data_agent="anna"
    )
    build(tmp_path / "store", [[strategies.line(queued("1")), strategies.line(answered)]])
    for bucket, found in ((-1, {"wait_histogram"}), (0, set()), (1, set()), (2, {"wait_histogram"})):
        tampered = Tampered(tmp_path / "store", tmp_path)
        tampered.alter("wait_histogram", f"SELECT * REPLACE ({bucket} AS bucket) FROM {{rows}}")
        assert tampered.found() == found, bucket


# --- Accounts ---------------------------------------------------------------------------------------------------------


def change_rows(tampered: Tampered, view: str, *changes: dict[str, str]) -> dict[str, Check]:
    """Verify after making the first change in the first row of a view, the second in the second, and so on."""
    cases: dict[str, str] = {}
    for nth, change in enumerate(changes, start=1):
        for name, value in change.items():
            cases[name] = cases.get(name, "CASE") + f" WHEN nth = {nth} THEN {value}"
    replaced = ", ".join(f'{case} ELSE "{name}" END AS "{name}"' for name, case in cases.items())
    return tampered.alter(view, f"SELECT * EXCLUDE (nth) REPLACE ({replaced}) FROM ({NUMBERED})").verified()


def wrong(checks: dict[str, Check]) -> dict[str, int]:
    return {name: check.differences for name, check in checks.items() if not check.ok}


def test_duplicates_that_point_wrongly_are_found(tampered: Tampered) -> None:
    checks = change_rows(
        tampered,
        "duplicates",
        {"first_offset": "1000000"},
        {"id": "'other'"},
        {"source": "'other'"},
        {"first_offset": '"offset"', "first_epoch": "epoch"},
        {"partition": '"partition" + 100'},
    )
    # The last one is also in a log without offsets, which differs twice, and missing where it was.
    assert wrong(checks) == {"duplicates": 5, "positions": 1, "offsets": 3}


def test_a_duplicate_of_a_later_event_is_found(store: Path, tampered: Tampered) -> None:
    # One of the calls: an event there is in no other table under its own place.
    first = 'ORDER BY topic = \'calls\' DESC, "partition", "offset"'
    turned = 'd.* REPLACE (d.first_offset AS "offset", d."offset" AS first_offset)'
    swapped = f"SELECT {turned} FROM {{rows}} d {first} LIMIT 1"
    ((topic, partition, earlier, later),) = tampered.rows(
        f'SELECT topic, "partition", first_offset, "offset" FROM duplicates {first} LIMIT 1'
    )
    tampered.alter("duplicates", f"FROM ({swapped}) UNION ALL FROM (FROM {{rows}} {first} OFFSET 1)")
    here = f'topic = \'{topic}\' AND "partition" = {partition} AND "offset"'
    tampered.alter(
        "events",
        f'SELECT * REPLACE (CASE WHEN {here} = {earlier} THEN {later} ELSE "offset" END AS "offset") FROM {{rows}}',
    )
    assert wrong(tampered.verified()).get("duplicates") == 1


def test_rejects_with_a_wrong_reason_are_found(tampered: Tampered) -> None:
    checks = change_rows(
        tampered,
        "rejects",
        {"reason": "'bored'"},
        {"reason": "'too_large'", "size_bytes": "262144"},
        {"reason": "'schema'", "size_bytes": "262145"},
        {"reason": "NULL"},
    )
    assert wrong(checks) == {"rejects": 4}


def test_corrections_that_cannot_be_are_found(tampered: Tampered) -> None:
    checks = change_rows(
        tampered,
        "corrections",
        {"minute": "minute - INTERVAL 1 YEAR"},
        {"queue": "'nowhere'"},
        {"channel": "'pigeon'"},
        {"offset": "1000000"},
        {"measure": "'mood'"},
        {"after": "before"},
        {"late_by_seconds": "0"},
    )
    assert wrong(checks) == {"corrections": 7}


def test_positions_that_cannot_be_are_found(tampered: Tampered) -> None:
    first = '(SELECT min("offset") FROM events WHERE topic = \'calls\' AND "partition" = 0)'
    checks = change_rows(
        tampered,
        "rejects",
        {"topic": "'calls'", "partition": "0", "offset": first},
        {"offset": "1000000"},
        {"epoch": "7"},
    )
    # A log that is stored without offsets differs from them twice, and the one that it was taken from once.
    assert wrong(checks) == {"positions": 3, "offsets": 3}


@pytest.mark.parametrize("view", ["duplicates", "rejects"])
def test_a_record_that_is_missing_is_found(tampered: Tampered, view: str) -> None:
    tampered.alter(view, "FROM {rows} ORDER BY ALL OFFSET 1")
    assert wrong(tampered.verified()) == {"offsets": 1}


def change_offsets(tampered: Tampered, *assignments: str) -> dict[str, Check]:
    """Verify after changing one log each; ``meta`` is made to agree."""
    logs = tampered.rows('SELECT topic, "partition", epoch FROM offsets ORDER BY ALL')
    updates = [
        f"UPDATE offsets SET {assignment} WHERE (topic, \"partition\", epoch) = ('{topic}', {partition}, {epoch})"
        for assignment, (topic, partition, epoch) in zip(assignments, logs, strict=False)
    ]
    sums = ", ".join(
        f"{name} = (SELECT sum({name}) FROM offsets)" for name in ("stored", "duplicates", "rejected", "lag")
    )
    meta = f"UPDATE meta SET {sums}, watermark = (SELECT min(watermark) FROM offsets)"
    assert len(updates) == len(assignments)
    return tampered.run(*updates, meta).verified()


def test_offsets_that_do_not_add_up_are_found(tampered: Tampered) -> None:
    checks = change_offsets(
        tampered,
        "stored = stored + 1",
        "duplicates = duplicates + 1",
        "rejected = rejected + 1",
        "watermark = watermark + INTERVAL 1 MICROSECOND",
        "lag = lag + 1",
        "next_offset = next_offset - 1, log_end_offset = log_end_offset - 1",
    )
    # A counter that is too high is wrong, and more than was read.
    assert wrong(checks) == {"offsets": 2 + 2 + 2 + 1 + 1 + 1, "positions": 1}


def test_a_log_with_two_rows_of_offsets_is_found(tampered: Tampered) -> None:
    tampered.run("INSERT INTO offsets FROM offsets ORDER BY ALL LIMIT 1")
    checks = wrong(change_offsets(tampered))
    assert checks == {"offsets": 1}


def test_meta_that_does_not_add_up_is_found(tampered: Tampered) -> None:
    names = ("stored", "duplicates", "rejected", "corrections", "lag")
    more = ", ".join(f"{name} = {name} + 1" for name in names)
    tampered.run(f"UPDATE meta SET {more}, watermark = watermark - INTERVAL 1 MICROSECOND")
    assert wrong(tampered.verified()) == {"meta": len(names) + 1}
    tampered.run("DELETE FROM meta")
    assert wrong(tampered.verified()) == {"meta": 1}


def test_holes_of_a_log_are_reported_and_no_difference(tampered: Tampered) -> None:
    checks = change_offsets(tampered, "next_offset = next_offset + 3, log_end_offset = log_end_offset + 3")
    assert wrong(checks) == {}
    assert len(checks["offsets"].notes) == 1
    assert checks["offsets"].notes[0].startswith("agents-0 epoch 1: 3 of the offsets 0 to ")


# --- Files ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path: Path) -> StoreLayout:
    """A small store of real files that may be spoilt."""
    stories = [strategies.line(queued(f"i-{number}", data_queue=f"q-{number % 3}")) for number in range(40)]
    return StoreLayout(build(tmp_path, [stories]))


def published_file(layout: StoreLayout, table: str) -> Path:
    return max(layout.published("calls", 0).glob(f"{table}-*.parquet"))


def test_a_changed_parquet_file_is_found(copied: StoreLayout) -> None:
    file = published_file(copied, "segments")
    con = duckdb.connect()
    con.execute("CREATE TABLE rows AS SELECT * REPLACE ('q-9' AS queue) FROM read_parquet($file)", {"file": str(file)})
    con.execute(f"COPY rows TO '{file}' (FORMAT parquet)")
    con.close()
    assert {check.name for check in differences(verify(copied.folder))} == {"segments", "interactions"}


def test_a_manifest_that_lacks_a_file_is_found(copied: StoreLayout) -> None:
    path = copied.manifest("calls", 0)
    manifest = json.loads(path.read_text())
    manifest["tables"]["cells"] = {"sealed": [], "base": [], "recent": []}
    path.write_text(json.dumps(manifest))
    publish_live(copied, NOW)
    assert {check.name for check in differences(verify(copied.folder))} == set(KPIS)


@pytest.mark.parametrize("table", ["events", "segments"])
def test_a_missing_file_is_an_error_with_advice(copied: StoreLayout, table: str) -> None:
    file = published_file(copied, table)
    file.unlink()
    with pytest.raises(CallboardError, match="missing or damaged") as raised:
        verify(copied.folder)
    assert file.name in str(raised.value)


def test_no_store_is_an_error_with_advice(tmp_path: Path) -> None:
    with pytest.raises(CallboardError, match="no published store"):
        verify(tmp_path / "nowhere")


def test_a_damaged_live_file_is_an_error(tmp_path: Path) -> None:
    StoreLayout(tmp_path).live.write_bytes(b"not a database" * 1000)
    with pytest.raises(CallboardError, match=r"live\.duckdb cannot be opened"):
        verify(tmp_path)


def test_a_store_of_another_kind_is_an_error(tampered: Tampered) -> None:
    tampered.run("DROP VIEW duplicates")
    with pytest.raises(CallboardError, match="another version"):
        verify(tampered.folder)


# --- Independence -----------------------------------------------------------------------------------------------------


def test_the_verification_shares_no_code_with_what_it_verifies() -> None:
    folder = Path(verify.__code__.co_filename).parent
    files = sorted(folder.glob("verify*.py"))
    assert len(files) >= 4
    ours = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom):
                ours.add(str(node.module))
            elif isinstance(node, ast.Import):
                ours |= {alias.name for alias in node.names}
    allowed = {"pipeline.errors", "pipeline.store.layout", *(f"pipeline.store.{file.stem}" for file in files)}
    assert {name for name in ours if name.startswith("pipeline")} <= allowed
