"""The rows behind the numbers: as many as each tile counts, and what the catalogue's numbers are of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards import frame
from dashboards.access.scope import Scope
from dashboards.data.asking import Answer, Filters, Period, ask, last
from dashboards.data.connection import StoreConnection
from dashboards.data.single import rows_of
from dashboards.data.view import Publication, View
from dashboards.look.tiles import Tile
from dashboards.queries import common, floor, history
from dashboards.queries.behind.queues import SIDES
from dashboards.queries.runnable import runnable_sql
from dashboards.readings.behind import Asked, address, asked, behind_of, with_numbers
from dashboards.readings.history import available
from dashboards.readings.live import INTERVAL, TODAY, Choice, live_readings
from dashboards.readings.wall import subjects, wall_readings
from pipeline.kpis.catalogue import Measure, Ratio, catalogue
from tests.dashboards.behind_rows import all_rows, assert_rows_make, question
from tests.dashboards.conftest import EVERYTHING, NOW
from tests.dashboards.reading import reading
from tests.dashboards.rows_store import publish_rows

#: Not on a whole minute, and with contacts after it in the same one.
MOMENTS = (NOW, NOW - timedelta(minutes=41, seconds=7.5))
ZONE = "Europe/Berlin"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_rows(tmp_path_factory.mktemp("rows"))


@pytest.fixture(scope="module")
def connection(store: Path) -> Iterator[StoreConnection]:
    with reading(store) as connection:
        yield connection


def view_of_tiles(connection: StoreConnection, filters: Filters, definition: str, at: datetime) -> tuple[View, Choice]:
    """What the live page and the wall are given: now, or of a past moment."""
    as_of = None if at == NOW else at
    choice = Choice(filters, definition=definition, as_of=as_of)
    asks = frame.asks_for(
        floor.WAITING, floor.ROLLING, floor.HOUR_BEFORE, floor.PERIOD, floor.STAFF, floor.OCCUPANCY, floor.CONTRACTS,
        as_of=as_of, period=choice.period, filters=filters,
    )  # fmt: skip
    for name in (INTERVAL, TODAY):
        asks[name] = frame.asks_for(
            floor.LEVELS, as_of=as_of, period=Period(name, zone=ZONE), filters=filters,
            arguments={"definition": definition},
        )["floor_levels"]  # fmt: skip
    asks |= frame.asks_for(common.CATALOGUE)
    answers = {name: Answer(at, rows_of(connection, each, at)) for name, each in asks.items()}
    return View(at, 10.0, Publication(at, 1, ""), at, answers, asks=asks), choice


@pytest.mark.parametrize(
    ("filters", "definition", "at"),
    [
        (Filters(), "contract", MOMENTS[0]),
        (Filters(), "abandons_ignored", MOMENTS[1]),
        (Filters(channel="voice", client="aurora"), "answered_only", MOMENTS[0]),
        (Filters(queue="service"), "abandons_positive", MOMENTS[1]),
    ],
)
def test_every_tile_of_the_live_page_has_the_rows_that_it_counts(
    feed_of: Any, store: Path, connection: StoreConnection, filters: Filters, definition: str, at: datetime
) -> None:
    feed_of(store)
    view, choice = view_of_tiles(connection, filters, definition, at)
    tiles = [tile for tile, _ in live_readings(view, choice, {})]
    assert len(tiles) == 9
    assert sum(assert_rows_make(connection, tile, view) for tile in tiles) > 20


@pytest.mark.parametrize("rotation", ["none", "queue", "site"])
def test_every_tile_of_the_wall_has_the_rows_that_it_counts(
    feed_of: Any, store: Path, connection: StoreConnection, rotation: str
) -> None:
    feed_of(store)
    view, _ = view_of_tiles(connection, Filters(), "contract", NOW)
    parts = subjects(view.rows("floor_waiting"), rotation, "live")[:2]
    for subject in parts:
        for tile, _ in wall_readings(view, Filters(), subject, {}):
            assert_rows_make(connection, tile, view)


MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


def as_cells(part: str, at: datetime = NOW) -> Asked:
    found = behind_of("cells", part)
    assert found is not None
    return Asked(found, Filters(), None, MIDNIGHT, at, part)


@pytest.mark.parametrize("measure", catalogue().measures, ids=lambda measure: measure.name)
def test_each_measure_of_the_catalogue_is_what_its_rows_add_up_to(
    connection: StoreConnection, store: Path, measure: Measure
) -> None:
    at = MOMENTS[1]
    found = as_cells(measure.name, at)
    row = rows_of(connection, question(found, measure.name, at), at)[0]
    total = "max" if measure.how == "max" else "sum"
    ((expected,),) = plain(store, f"SELECT {total}({measure.name}) FROM kpi_as_of($start, $stop, $stop)", found)
    got = row["largest"] if measure.how == "max" else row["total"]
    assert (got or 0) == (expected or 0)


def plain(store: Path, sql: str, found: Asked) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(store / "live.duckdb"), read_only=True) as con:
        return con.execute(sql, {"start": found.start, "stop": found.stop}).fetchall()


def test_the_store_has_something_of_most_measures(connection: StoreConnection) -> None:
    """Guards the test above against comparing nothing with nothing."""
    empty = [
        measure.name
        for measure in catalogue().measures
        if not rows_of(connection, question(as_cells(measure.name), measure.name, NOW), NOW)[0]["things"]
    ]
    assert set(empty) <= {"left_key", "left_closed", "left_timeout", "left_callback"}, empty
    assert len(empty) < 4


@pytest.mark.parametrize("definition", [*(each.name for each in catalogue().definitions), "contract"])
def test_each_definition_of_service_level_is_the_rows_of_both_its_sides(
    connection: StoreConnection, store: Path, definition: str
) -> None:
    found = behind_of("levels", "contract", definition)
    assert found is not None
    at = MOMENTS[1]
    one = Asked(found, Filters(), None, (at - timedelta(hours=3)).replace(second=0, microsecond=0), at, "numerator")
    macro = "service_levels_as_of($start, $stop, $stop)"
    where = f"client IS NULL AND definition = '{definition}'"
    sides = plain(store, f"SELECT numerator, denominator FROM {macro} WHERE {where}", one)
    got = tuple(rows_of(connection, question(one, side, at), at)[0]["things"] for side in SIDES)
    assert [got] == sides
    assert got[1] > 0


def test_what_never_ended_is_not_among_who_waits(connection: StoreConnection) -> None:
    for kpi, kind, part in (
        ("waiting_by_rule", "open", "waiting"),
        ("service_level_with_expired", "rolling", "waiting_past_threshold"),
    ):
        found = behind_of(kind, kpi)
        assert found is not None
        one = Asked(found, Filters(), None, None, None, part)
        assert "call-1" not in {row["interaction"] for row in all_rows(connection, one, part, NOW)}
    ((left_out,),) = [
        tuple(row.values())
        for row in connection.rows("SELECT count(*) FROM unfinished(as_of := $at) WHERE kind = 'contact'", {"at": NOW})
    ]
    assert left_out >= 1


def test_a_team_sees_its_own_rows_and_how_many_there_are_besides(connection: StoreConnection) -> None:
    (team,) = connection.rows("SELECT min(team) AS team FROM centre_agents WHERE client = 'aurora'", {})
    scope = Scope.of(["aurora"], teams=[team["team"]])
    found = replace(as_cells("answered"), filters=Filters(client="aurora"))
    rows = rows_of(connection, question(found, "answered", NOW, scope), NOW)
    everybody = rows_of(connection, question(found, "answered", NOW), NOW)
    assert rows[0]["things"] == everybody[0]["things"] > rows[0]["seen_things"] > 0
    people = connection.rows("SELECT agent FROM centre_agents WHERE team = $team", {"team": team["team"]})
    assert {row["agent"] for row in rows} <= {row["agent"] for row in people}


def test_the_sql_that_is_shown_gives_the_rows(connection: StoreConnection, store: Path) -> None:
    for kind, kpi, part in (
        ("cells", "abandonment_rate", "abandoned"),
        ("open", "waiting_by_rule", "waiting"),
        ("staff", "agents_by_state", "on_contact"),
    ):
        found = behind_of(kind, kpi)
        assert found is not None
        start = (NOW - timedelta(hours=2)).replace(second=0, microsecond=0)
        one = Asked(found, Filters(client="aurora"), None, start, NOW, part)
        shown = rows_of(connection, question(one, part, NOW), NOW)
        with duckdb.connect(str(store / "live.duckdb"), read_only=True) as con:
            con.execute("SET TimeZone = 'UTC'")
            assert con.execute(runnable_sql(question(one, part, NOW), NOW)).fetchall() == [
                tuple(row.values()) for row in shown
            ]


def test_ratios_are_the_numbers_of_their_parts_in_the_formula(connection: StoreConnection, store: Path) -> None:
    totals: dict[str, str] = {}
    for ratio in catalogue().ratios:
        found = behind_of("cells", ratio.name)
        assert found is not None
        if ratio.percentile is not None:
            assert found.parts == ("waits",)
            continue
        assert isinstance(ratio, Ratio)
        one = replace(as_cells("offered"), behind=found)
        for part in {*found.parts} - totals.keys():
            totals[part] = str(rows_of(connection, question(one, part, NOW), NOW)[0]["total"] or 0)
        with duckdb.connect() as con:
            sql = with_numbers(found.formula, totals).replace(" / ", "::DOUBLE / ")
            ((value,),) = con.execute(f"SELECT {sql}").fetchall()
        sums = ", ".join(f"sum({name}) AS {name}" for name in found.parts)
        top, _, bottom = ratio.formula.rpartition(" / ")
        ((expected,),) = plain(
            store, f"SELECT ({top})::DOUBLE / ({bottom}) FROM (SELECT {sums} FROM kpi_as_of($start, $stop, $stop))", one
        )
        assert value == pytest.approx(expected)


def test_a_link_is_made_only_where_the_rows_can_be_said() -> None:
    def link(query: Any, kpi: str, row: tuple[tuple[str, str | None], ...] = (), **filters: str) -> str | None:
        arguments = {"definition": "contract"}
        one = ask(query, EVERYTHING, period=last(30), filters=Filters(**filters), arguments=arguments)
        return address(kpi, one, NOW, row)

    assert link(floor.PERIOD, "abandonment_rate", queue="sales") is not None
    assert link(floor.PERIOD, "data_age") is None, "no number of contacts"
    assert link(floor.COURSE, "abandonment_rate") is None, "a query whose numbers may be made otherwise"
    assert link(floor.PERIOD, "abandonment_rate", (("team", "a"),)) is None
    undescribed = (("dimension", "site"), ("place", None), ("of_client", None), ("pace", "live"))
    assert link(floor.PERIOD, "abandonment_rate", undescribed) is None
    of_queue = (("dimension", "queue"), ("place", "sales"), ("of_client", "acme"), ("pace", "live"))
    assert "queue=sales&client=acme&pace=live" in str(link(floor.PERIOD, "abandonment_rate", of_queue)) or (
        "client=acme&queue=sales&pace=live" in str(link(floor.PERIOD, "abandonment_rate", of_queue))
    )


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"behind": "offered", "of": "nonsense"},
        {"behind": "nonsense", "of": "cells"},
        {"behind": "offered", "of": "cells"},
        {"behind": "offered", "of": "cells", "start": "2026-03-02T09:00:00", "stop": "now"},
        {
            "behind": "contract",
            "of": "levels",
            "definition": "x'; --",
            "start": NOW.isoformat(),
            "stop": NOW.isoformat(),
        },
    ],
)
def test_an_address_that_asks_for_nothing_is_refused(values: dict[str, str]) -> None:
    assert asked(values) is None


@pytest.mark.parametrize("as_of", [None, pytest.param(MOMENTS[1], marks=pytest.mark.thorough)], ids=["now", "past"])
@pytest.mark.parametrize(
    "chosen",
    [
        {"queue": "service"},
        pytest.param({}, marks=pytest.mark.thorough),
        pytest.param({"client": "aurora", "channel": "voice"}, marks=pytest.mark.thorough),
    ],
)
def test_every_number_of_a_period_of_history_has_the_rows_that_it_counts(
    connection: StoreConnection, as_of: datetime | None, chosen: dict[str, str]
) -> None:
    at = as_of or NOW
    start, stop = MIDNIGHT, at.replace(second=0, microsecond=0)
    arguments = {"grain": "whole", "grouping": "all", "zone": ZONE, "definitions_at": None}
    one = ask(
        history.CELLS.at(as_of), EVERYTHING, as_of=as_of, period=Period("between", start=start, stop=stop),
        filters=Filters(**chosen), arguments=arguments,
    )  # fmt: skip
    ((row),) = rows_of(connection, one, at)
    view = View(at, 10.0, Publication(at, 1, ""), at, {"history": Answer(at, (row,))}, asks={"history": one})
    names = [name for name in available("all") if name != "revenue" and catalogue()[name].unit != "money"]
    tiles = [Tile(name, "history", (name,)) for name in names if not getattr(catalogue()[name], "percentile", None)]
    assert sum(assert_rows_make(connection, tile, view) for tile in tiles) > 20
    changed = replace(one, values=tuple({**dict(one.values), "definitions_at": NOW}.items()))
    assert address("offered", changed, at) is None, "under the settings of another moment"
