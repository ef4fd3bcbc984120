"""The registry is closed, and its numbers are those of the store's own views and macros."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from dashboards.data.asking import Period, last
from dashboards.data.asking import ask as question
from dashboards.data.connection import Rows
from dashboards.data.single import rows_of
from dashboards.queries import floor
from dashboards.queries.places import GROUPINGS
from dashboards.queries.registry import QUERIES
from tests.dashboards.conftest import EVERYTHING, NOW, publish
from tests.dashboards.reading import reading
from tests.support.calls import line

Plain = Callable[[Path], duckdb.DuckDBPyConnection]


Asking = Callable[..., Rows]


@pytest.fixture
def ask(centre_store: Path) -> Iterator[Asking]:
    def answer(name: str, minutes: int = 30, period: Period | None = None, **arguments: str) -> Rows:
        asked = question(QUERIES[name], EVERYTHING, period=period or last(minutes), arguments=arguments)
        return rows_of(connection, asked, NOW)

    with reading(centre_store) as connection:
        yield answer


def test_the_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        QUERIES["more"] = QUERIES["meta"]  # type: ignore[index]


def test_waiting_is_that_of_the_macro(ask: Asking, centre_store: Path, plain: Plain) -> None:
    expected = plain(centre_store).execute(
        "SELECT sum(waiting), max(longest_wait_seconds), sum(in_progress) FROM queue_now_by_rule(as_of := $at)",
        {"at": NOW},
    )
    rows = [row for row in ask("floor_waiting") if row["dimension"] == "all"]
    waiting, longest, in_progress = zip(
        *((row["waiting"], row["longest_wait_seconds"], row["in_progress"]) for row in rows), strict=True
    )
    longest_of_all = max(seconds for seconds in longest if seconds is not None)
    assert (sum(waiting), longest_of_all, sum(in_progress)) == expected.fetchone()
    assert sum(in_progress) > 0


@pytest.mark.parametrize("definition", floor.DEFINITIONS)
def test_service_levels_are_those_of_the_macro(ask: Asking, centre_store: Path, plain: Plain, definition: str) -> None:
    start = (NOW - timedelta(minutes=60)).replace(second=0, microsecond=0)
    macro = plain(centre_store).execute(
        "SELECT client, queue, numerator, denominator, service_level FROM service_levels($a, $b) "
        "WHERE definition = $c AND queue IS NOT NULL AND denominator > 0",
        {"a": start, "b": NOW, "c": definition},
    )
    rows = ask("floor_levels", 60, definition=definition)
    shown = {
        (row["of_client"], row["place"], row["numerator"], row["denominator"], row["service_level"])
        for row in rows
        if row["dimension"] == "queue" and row["denominator"]
    }
    assert shown == set(macro.fetchall())
    assert len(shown) > 8


def test_counts_of_every_grouping_add_up_to_those_of_the_view(ask: Asking, centre_store: Path, plain: Plain) -> None:
    start = (NOW - timedelta(minutes=60)).replace(second=0, microsecond=0)
    names = ("offered", "answered", "abandoned", "sales")
    sums = ", ".join(f"sum({name})::BIGINT" for name in names)
    sql = f"SELECT {sums} FROM kpi_minute WHERE minute >= $a AND minute < $b"
    expected = plain(centre_store).execute(sql, {"a": start, "b": NOW}).fetchone()
    rows = ask("floor_period", 60)
    for dimension in GROUPINGS:
        of_one = [row for row in rows if row["dimension"] == dimension]
        assert tuple(sum(row[name] or 0 for row in of_one) for name in names) == expected, dimension


def test_a_client_has_its_own_ratios(ask: Asking, centre_store: Path, plain: Plain) -> None:
    start = (NOW - timedelta(minutes=60)).replace(second=0, microsecond=0)
    sql = """SELECT count(*) FILTER (outcome = 'abandoned') / count(*),
      count(*) FILTER (list_contains(flags, 'sale')) / count(*) FILTER (outcome = 'answered')
      FROM segments WHERE client = $c AND queued_at >= $a AND queued_at < $b
        AND channel NOT IN ('email', 'work_item')"""
    for client in ("aurora", "borealis"):
        expected = plain(centre_store).execute(sql, {"c": client, "a": start, "b": NOW}).fetchone()
        (row,) = [
            row
            for row in ask("floor_period", 60)
            if (row["dimension"], row["place"], row["pace"]) == ("client", client, "live")
        ]
        assert (row["abandonment_rate"], row["sales_per_answered"]) == pytest.approx(expected, abs=1e-12)


def test_agents_and_occupancy_are_those_of_the_macros(ask: Asking, centre_store: Path, plain: Plain) -> None:
    con = plain(centre_store)
    by_state = "SELECT state, count(*) FROM agent_now(as_of := $at) GROUP BY state"
    expected = dict(con.execute(by_state, {"at": NOW}).fetchall())
    (staff,) = [row for row in ask("floor_staff") if row["dimension"] == "all"]
    assert {state: staff[state] for state in (*floor.STATES, "unavailable") if staff[state]} == expected
    start = (NOW - timedelta(minutes=30)).replace(second=0, microsecond=0)
    ready = "on_contact_seconds + wrap_up_seconds"
    sql = f"SELECT sum({ready}) / sum({ready} + available_seconds) FROM occupancy($a, $b)"
    (share,) = con.execute(sql, {"a": start, "b": NOW}).fetchone() or (None,)
    assert ask("floor_occupancy", 30)[0]["occupancy"] == pytest.approx(float(share))


def test_the_course_is_that_of_the_view(ask: Asking, centre_store: Path, plain: Plain) -> None:
    sql = (
        "SELECT quarter, sum(offered)::BIGINT, sum(abandoned)::BIGINT FROM kpi_15min "
        "WHERE channel NOT IN ('email', 'work_item') GROUP BY quarter ORDER BY quarter"
    )
    period = Period("quarters", floor.COURSE_HOURS * 60)
    rows = [row for row in ask("floor_course", period=period, definition="contract") if row["pace"] == "live"]
    expected = plain(centre_store).execute(sql).fetchall()
    assert [(row["quarter"], row["offered"], row["abandoned"]) for row in rows] == expected
    assert len(rows) == 9


def test_every_partition_accounts_for_what_it_read(ask: Asking) -> None:
    partitions = ask("partitions")
    assert all(row["holds"] for row in partitions)
    assert sum(row["rejected"] for row in partitions) == sum(row["rejected"] for row in ask("reject_reasons")) > 0
    assert sum(row["duplicates"] for row in partitions) == ask("duplicates")[0]["duplicates"] > 0
    assert ask("corrections")


def test_dead_letters_are_shown_without_their_content(ask: Asking) -> None:
    rows = ask("rejects")
    assert rows
    assert not {"value", "key"} & set(rows[0])


def test_moments_of_a_window_begin_on_the_minute() -> None:
    asked = question(QUERIES["floor_occupancy"], EVERYTHING, period=last(30))
    assert asked.moments(NOW) == {"at": NOW, "start": datetime(2026, 3, 2, 9, 37, tzinfo=NOW.tzinfo), "stop": NOW}


def test_the_sources_are_those_of_the_view(tmp_path: Path) -> None:
    said = {"client": "acme", "adapter": "queue_log", "name": "x"}
    kinds = ("unreadable", "gap", "unknown_verb")
    lines = [
        line("source.noticed", f"{kind}-{n}", NOW - timedelta(minutes=n), {**said, "kind": kind})
        for n, kind in enumerate((*kinds, *kinds))
    ]
    with reading(publish(tmp_path, lines)) as connection:
        rows = rows_of(connection, question(QUERIES["sources"], EVERYTHING), NOW)
    shown = [(row["kind"], row["records"], row["latest_at"], row["things"]) for row in rows]
    minutes = [NOW - timedelta(minutes=n) for n in (1, 0, 2)]
    assert shown == [("gap", 2, minutes[0], 3), ("unreadable", 2, minutes[1], 3), ("unknown_verb", 2, minutes[2], 3)]
