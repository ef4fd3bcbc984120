"""The rows behind the numbers of the agents' page: as many as each tile counts, now and at a past moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboards import frame
from dashboards.access.scope import Scope
from dashboards.data.asking import Filters, Period
from dashboards.data.connection import StoreConnection
from dashboards.data.single import rows_of
from dashboards.data.view import View
from dashboards.look.tiles import rows_address
from dashboards.queries import agents
from dashboards.readings.agents import agent_readings
from tests.dashboards.agents_store import publish_agents
from tests.dashboards.behind_rows import asked_of, assert_rows_make, question
from tests.dashboards.conftest import NOW
from tests.dashboards.reading import reading
from tests.dashboards.rows_store import publish_rows

PAST = NOW - timedelta(minutes=41, seconds=7.5)


@pytest.fixture(scope="module", params=["by hand", "simulated"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    publish = publish_agents if request.param == "by hand" else publish_rows
    return publish(tmp_path_factory.mktemp("agents-behind"))


@pytest.fixture(scope="module")
def connection(store: Path) -> Iterator[StoreConnection]:
    with reading(store) as connection:
        yield connection


def view_of(as_of: datetime | None, period: Period, filters: Filters) -> View:
    queries = (agents.NOW, agents.PERIOD, agents.LEFT_OUT)
    return frame.look(*queries, as_of=as_of, period=period, filters=filters)


@pytest.mark.parametrize("as_of", [None, PAST], ids=["now", "past"])
@pytest.mark.parametrize(
    ("period", "chosen"),
    [
        (Period("today"), {}),
        (Period("last", 60), {"client": "first"}),
        (Period("interval"), {"team": "first"}),
        (Period("last", 30), {"queue": "first"}),
    ],
    ids=["today", "client", "team", "queue"],
)
def test_every_tile_of_the_agents_page_has_the_rows_that_it_counts(
    feed_of: Any,
    store: Path,
    connection: StoreConnection,
    as_of: datetime | None,
    period: Period,
    chosen: dict[str, str],
) -> None:
    feed_of(store)
    relations = {"client": "centre_agents", "team": "centre_agents", "queue": "centre_queues"}
    values = {name: connection.rows(f"SELECT min({name}) AS v FROM {relations[name]}", {})[0]["v"] for name in chosen}
    view = view_of(as_of, period, Filters(**values))
    tiles = [tile for tile, _ in agent_readings(view, "", {}, ())]
    assert len(tiles) == 8
    seen = sum(assert_rows_make(connection, tile, view) for tile in tiles)
    assert seen > 5 or chosen


def test_every_number_of_the_agents_page_is_of_something(feed_of: Any, tmp_path: Path) -> None:
    """Guards the test above against comparing nothing with nothing."""
    folder = publish_agents(tmp_path)
    feed_of(folder)
    view = view_of(None, Period("today"), Filters())
    tiles = [tile for tile, _ in agent_readings(view, "", {}, ())]
    with reading(folder) as connection:
        found = {tile.definition: assert_rows_make(connection, tile, view) for tile in tiles}
    assert all(found.values()), found


def test_a_team_sees_rows_of_its_own_agents_only(feed_of: Any, store: Path, connection: StoreConnection) -> None:
    feed_of(store)
    (team,) = connection.rows("SELECT client, min(team) AS team FROM centre_agents GROUP BY client LIMIT 1", {})
    people = connection.rows("SELECT agent FROM centre_agents WHERE team = $team", {"team": team["team"]})
    scope = Scope.of([team["client"]], teams=[team["team"]])
    view = view_of(None, Period("today"), Filters(client=team["client"]))
    shown = set()
    for tile, _ in agent_readings(view, "", {}, ()):
        link = rows_address(tile, view)
        assert link is not None
        found, at = asked_of(link)
        for part in found.behind.parts:
            shown |= {row["agent"] for row in rows_of(connection, question(found, part, at, scope), at)}
    assert {name for name in shown if name} <= {row["agent"] for row in people}
    assert any(shown)
