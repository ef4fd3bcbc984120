"""``kpi_as_of`` is what a store shows that has read the events up to that moment, and no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.clock import ManualClock
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.disturb import Disturbance, disturb, to_record
from pipeline.simulate.lines import line_centre
from pipeline.simulate.simulation import simulate
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live
from tests import oracle
from tests.oracle import QueueSettings, Rules
from tests.oracle.differences import compare_rows, in_words, read_rows
from tests.strategies import CLIENTS, NOW, QUEUES, logs
from tests.support.calls import call, line
from tests.support.settings import settle

OPENED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
GROUP = ("client", "queue", "channel", "direction")


def stored(folder: Path, lines: list[bytes]) -> Path:
    with FileProcessor(folder, ManualClock(NOW), reject_limit=0) as processor:
        processor.process(lines)
    return folder


def said_by(lines: list[bytes], as_of: datetime) -> list[bytes]:
    """The lines that are events of that moment or before."""
    read = [(one, oracle.classify(one, NOW)) for one in lines]
    return [one for one, event in read if not isinstance(event, oracle.Rejected) and event.time <= as_of]


def sql_time(moment: datetime) -> str:
    return f"TIMESTAMPTZ '{moment.isoformat()}'"


def rows_of(folder: Path, macro: str, *moments: datetime) -> list[dict[str, Any]]:
    con = open_live(folder)
    try:
        query = f"FROM {macro}({', '.join(map(sql_time, moments))}) ORDER BY ALL"
        return con.execute(query).to_arrow_table().to_pylist()
    finally:
        con.close()


# --- Simulated centres: the second store is the first one's past ------------------------------------------------------


def _disturbed() -> list[bytes]:
    events = simulate(default_centre(0.2), 6, OPENED, 3)
    messy = disturb(map(to_record, events), 2, Disturbance(duplicates=0.02, late=0.05, late_seconds=900, bad=0.004))
    return [record.value.replace(b"\n", b" ") for record in messy]


def _line(name: str) -> list[bytes]:
    return [to_record(event).value for event in simulate(line_centre(name), 3, OPENED, 2)]


CENTRES: dict[str, Callable[[], list[bytes]]] = {
    "disturbed": _disturbed,
    **{name: partial(_line, name) for name in ("collections", "chat")},
}


@pytest.mark.parametrize("centre", CENTRES)
def test_the_past_of_a_store_is_the_store_of_that_past(centre: str, tmp_path: Path) -> None:
    lines = CENTRES[centre]()
    full = stored(tmp_path / "full", lines)
    went_on = levels_went_on = 0
    for number, minutes in enumerate((31, 77.7)):
        as_of = OPENED + timedelta(minutes=minutes)
        past = stored(tmp_path / f"past-{number}", said_by(lines, as_of))
        for start in (OPENED, as_of.replace(second=0, microsecond=0) - timedelta(minutes=30)):
            shown_then = rows_of(past, "kpi_between", start, as_of)
            assert shown_then
            assert rows_of(full, "kpi_as_of", start, as_of, as_of) == shown_then
            levels_then = rows_of(past, "service_levels", start, as_of)
            assert rows_of(full, "service_levels_as_of", start, as_of, as_of) == levels_then
            went_on += rows_of(full, "kpi_between", start, as_of) != shown_then
            levels_went_on += rows_of(full, "service_levels", start, as_of) != levels_then
    # Those of the other two have too few contacts at a time for a ratio to be another one.
    is_seen = went_on and (levels_went_on or centre != "disturbed")
    assert is_seen, "nothing went on after these moments: the test says nothing"


# --- By hand ----------------------------------------------------------------------------------------------------------

ENTERED = OPENED + timedelta(minutes=5)


def later(seconds: float) -> datetime:
    return ENTERED + timedelta(seconds=seconds)


def told(kind: str, seconds: float, **more: Any) -> bytes:
    data = {"client": "acme", "interaction": "call-9", "channel": "voice", "direction": "inbound", "segment": "1"}
    return line(f"interaction.{kind}", f"9-{more.get('revision', 0)}", later(seconds), {**data, **more})


def test_a_call_through_its_life(tmp_path: Path) -> None:
    sold = call(1, ENTERED, answered_after_seconds=30, ended_after_seconds=90, flags=["sale"], amount="19.90")
    held = [told("queued", 0, queue="sales"), told("offered", 10, agent="ann"), told("answered", 30, agent="ann")]
    held += [told("held", 40), told("resumed", 60), told("held", 70), told("ended", 100)]
    folder = stored(tmp_path, [*sold, *held])

    def at(seconds: float) -> dict[str, Any]:
        (row,) = rows_of(folder, "kpi_as_of", OPENED, OPENED + timedelta(hours=1), later(seconds)) or [{}]
        return row

    assert at(-0.001) == {}
    names = ("offered", "alerts", "answered", "handled", "held", "hold_seconds", "talk_seconds", "sales", "revenue")
    assert [at(0)[name] for name in names] == [2, 0, 0, 0, 0, 0, 0, 0, 0]
    assert at(0)["asa_seconds"] is None
    assert [at(30)[name] for name in names] == [2, 1, 2, 0, 0, 0, 0, 0, 0]
    assert at(30)["asa_seconds"] == 30
    assert [at(90)[name] for name in names] == [2, 1, 2, 1, 1, 0, 60, 0, 0]
    assert [float(at(95)[name]) for name in names] == [2, 1, 2, 1, 1, 0, 60, 1, 19.9]
    # On hold from 40 to 60 and from 70 to the end.
    assert [float(at(100)[name]) for name in names] == [2, 1, 2, 2, 1, 50, 80, 1, 19.9]


def test_handling_lasts_to_the_end_that_is_known_by_then(tmp_path: Path) -> None:
    lines = call(1, ENTERED, answered_after_seconds=30, transferred_after_seconds=50, ended_after_seconds=60)
    folder = stored(tmp_path, lines)
    for seconds, talk_seconds in ((50, 20), (59, 20), (60, 30), (70, 30)):
        (row,) = rows_of(folder, "kpi_as_of", OPENED, OPENED + timedelta(hours=1), later(seconds))
        assert (row["transferred"], row["talk_seconds"]) == (1, talk_seconds)


def test_a_record_that_came_anew_is_as_it_was_before(tmp_path: Path) -> None:
    lines = [told("queued", 0, queue="sales"), told("abandoned", 8)]
    lines += [told("queued", 600, queue="billing", revision=1), told("answered", 601, revision=1, agent="ann")]
    folder = stored(tmp_path, lines)
    before = rows_of(folder, "kpi_as_of", OPENED, OPENED + timedelta(hours=1), later(599))
    assert [(row["queue"], row["offered"], row["abandoned"]) for row in before] == [("sales", 1, 1)]
    after = rows_of(folder, "kpi_as_of", OPENED, OPENED + timedelta(hours=1), later(700))
    assert [(row["queue"], row["offered"], row["answered"]) for row in after] == [("billing", 1, 1)]


def test_settings_hold_in_the_past_as_well(tmp_path: Path) -> None:
    lines = [*call(1, ENTERED, answered_after_seconds=30), *call(2, ENTERED, abandoned_after_seconds=3)]
    folder = stored(tmp_path, lines)
    patient = QueueSettings(client="acme", queue="sales", threshold_us=40_000_000, short_abandons="not_offered")
    settle(folder, patient)
    (row,) = rows_of(folder, "kpi_as_of", OPENED, OPENED + timedelta(hours=1), later(60))
    assert (row["offered"], row["short_not_offered"], row["answered_in_target"]) == (1, 1, 1)


# --- Any log, against the oracle --------------------------------------------------------------------------------------


def differences(
    con: duckdb.DuckDBPyConnection, lines: list[bytes], start: datetime, stop: datetime, as_of: datetime, rules: Rules
) -> list[str]:
    known = oracle.facts(said_by(lines, as_of), NOW)
    expected: list[dict[str, Any]] = [
        {**dict(zip(GROUP, group, strict=True)), **vars(cell)}
        for group, cell in oracle.kpi_between(known, start, stop, rules).items()
    ]
    at = "" if rules.at is None else f", definitions_at := {sql_time(rules.at)}"
    got = read_rows(con, f"SELECT * FROM kpi_as_of({sql_time(start)}, {sql_time(stop)}, {sql_time(as_of)}{at})")
    if expected:
        got = [{name: row.get(name) for name in expected[0]} for row in got]
    return in_words(compare_rows("kpi_as_of", GROUP, expected, got))


@pytest.mark.thorough
@settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
@given(logs(), st.data())
def test_any_log_at_any_moment(lines: list[bytes], data: st.DataObject) -> None:
    moments = [event.time for event in oracle.facts(lines, NOW).events] or [NOW]
    strict = [
        QueueSettings(client=client, queue=queue, threshold_us=5_000_000, short_abandons="excluded")
        for client in CLIENTS
        for queue in QUEUES
        if data.draw(st.booleans())
    ]
    with TemporaryDirectory() as name:
        con = open_live(settle(stored(Path(name), lines), *strict))
        try:
            for _ in range(4):
                start = data.draw(st.sampled_from(moments)).replace(second=0, microsecond=0)
                stop = start + data.draw(st.sampled_from((timedelta(minutes=1), timedelta(days=40))))
                step = data.draw(st.sampled_from((timedelta(0), timedelta(microseconds=-1), timedelta(seconds=20))))
                as_of = data.draw(st.sampled_from(moments)) + step
                assert differences(con, lines, start, stop, as_of, Rules(tuple(strict))) == []
        finally:
            con.close()
