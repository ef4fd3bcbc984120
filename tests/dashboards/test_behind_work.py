"""The rows behind the numbers of sales, outbound, surveys and digital work: as many as each tile counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from dashboards import frame
from dashboards.access.scope import Scope
from dashboards.data.asking import Period
from dashboards.data.connection import StoreConnection
from dashboards.data.single import rows_of
from dashboards.data.view import View
from dashboards.look.tiles import Reading, Tile, rows_address
from dashboards.queries import backlog, bots, collections, conversations, outbound, sales, surveys
from dashboards.queries.scoped import Query
from dashboards.readings.backlog import backlog_readings
from dashboards.readings.bots import bot_readings
from dashboards.readings.collections import collections_readings
from dashboards.readings.conversations import conversation_readings
from dashboards.readings.kinds_of_work import KINDS_OF_WORK
from dashboards.readings.outbound import outbound_readings
from dashboards.readings.picked import Picked
from dashboards.readings.sales import sales_readings
from dashboards.readings.surveys import survey_readings
from tests.dashboards.behind_rows import asked_of, assert_rows_make, question
from tests.dashboards.conftest import NOW
from tests.dashboards.outbound_store import AT, LATER, board, several_lines_store, text_of
from tests.dashboards.reading import reading
from tests.dashboards.two_clients import HIDDEN, SEEN, TwoStores, two_stores
from tests.dashboards.work_store import publish_work

__all__ = ["several_lines_store"]

Readings = Callable[[View, Picked], list[tuple[Tile, Reading]]]
#: What each section asks, and what it reads.
SECTIONS: dict[str, tuple[tuple[Query, ...], Readings]] = {
    "outbound": ((outbound.CAMPAIGNS, outbound.CAMPAIGN_REVENUE, outbound.DROPS, outbound.LISTS), outbound_readings),
    "sales": ((sales.SALES,), sales_readings),
    "collections": ((collections.PROMISES, collections.MONEY), collections_readings),
    "surveys": ((surveys.SATISFACTION, surveys.INTERVIEWS, surveys.PLEDGES), survey_readings),
    "chat": ((conversations.WAITING, conversations.RESPONSES, conversations.CONCURRENCY), conversation_readings),
    "bots": ((bots.BOTS, bots.MENUS), bot_readings),
    "backlog": ((backlog.BACKLOG, backlog.CLEARED), backlog_readings),
}
WEEK, MONTH, TODAY = Period("last", 7 * 24 * 60), Period("last", 28 * 24 * 60), Period("today")


@pytest.fixture
def connection(several_lines_store: Path) -> Iterator[StoreConnection]:
    with reading(several_lines_store) as connection:
        yield connection


def tiles_of(section: str, picked: Picked) -> tuple[View, list[Tile]]:
    queries, readings = SECTIONS[section]
    asks = frame.asks_for(*queries, as_of=picked.as_of, period=picked.period)
    if section == "outbound":
        asks |= frame.asks_for(outbound.ESTIMATED_DROPS, as_of=picked.as_of, period=Period("last", 24 * 60))
    view = frame.look_at(asks, picked.as_of)
    return view, [tile for tile, _ in readings(view, picked)]


@pytest.mark.thorough
@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize(
    ("client", "as_of", "period"),
    [(None, AT, TODAY), (None, None, MONTH), ("aurora", LATER, WEEK), ("borealis", AT - timedelta(minutes=40), TODAY)],
    ids=["floor", "now", "client", "earlier"],
)
def test_every_tile_of_the_sections_has_the_rows_that_it_counts(
    feed_of: Any,
    several_lines_store: Path,
    connection: StoreConnection,
    section: str,
    client: str | None,
    as_of: datetime | None,
    period: Period,
) -> None:
    feed_of(several_lines_store)
    view, tiles = tiles_of(section, Picked(client, period, "", as_of))
    assert len(tiles) > 5
    seen = sum(assert_rows_make(connection, tile, view) for tile in tiles)
    assert seen > 10 or client == "borealis" or section == "backlog"


def test_a_campaign_has_the_rows_that_its_tiles_count(
    feed_of: Any, several_lines_store: Path, connection: StoreConnection
) -> None:
    feed_of(several_lines_store)
    (found,) = connection.rows("SELECT client, min(campaign) AS campaign FROM dials GROUP BY client LIMIT 1", {})
    view, tiles = tiles_of("outbound", Picked(found["client"], TODAY, "", AT, found["campaign"]))
    assert sum(assert_rows_make(connection, tile, view) for tile in tiles) > 10


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_work(tmp_path_factory.mktemp("by-hand"))


@pytest.mark.parametrize("section", SECTIONS)
def test_every_tile_has_the_rows_of_each_fate(feed_of: Any, by_hand: Path, section: str) -> None:
    feed_of(by_hand)
    with reading(by_hand) as connection:
        view, tiles = tiles_of(section, Picked(None, MONTH, ""))
        for tile in tiles:
            assert_rows_make(connection, tile, view)


@pytest.mark.thorough
def test_every_part_of_every_number_is_of_something(feed_of: Any, several_lines_store: Path, by_hand: Path) -> None:
    """Guards the tests above against comparing nothing with nothing."""
    counts: dict[tuple[str, str], int] = {}
    for store, as_of, period in ((several_lines_store, AT, TODAY), (by_hand, None, MONTH)):
        feed_of(store)
        with reading(store) as connection:
            for section in SECTIONS:
                view, tiles = tiles_of(section, Picked(None, period, "", as_of))
                for tile in tiles:
                    found, at = asked_of(str(rows_address(tile, view)))
                    for part in found.behind.parts:
                        first = rows_of(connection, question(found, part, at), at)[0]
                        key = found.behind.kind, part
                        counts[key] = counts.get(key, 0) + first["things"]
    assert {kind for kind, _ in counts} == set(KINDS_OF_WORK)
    nothing = {key for key, count in counts.items() if not count}
    assert nothing == set(), sorted(nothing)


@pytest.mark.thorough
@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_shows_the_rows_of_every_number(feed_of: Any, by_hand: Path, section: str) -> None:
    feed_of(by_hand)
    view, tiles = tiles_of(section, Picked(None, MONTH, ""))
    found = {asked_of(str(rows_address(tile, view)))[0].behind.kind: tile for tile in tiles}
    for tile in found.values():
        values = dict(parse_qsl(urlsplit(str(rows_address(tile, view))).query))
        del values["as_of"]
        asked, at = asked_of(str(rows_address(tile, view)))
        for lang in ("en", "de"):
            app = board("interactions", at, **{**values, "lang": lang})
            assert not app.error
            text = text_of(app)
            assert len(app.code) == 1
            with reading(by_hand) as connection:
                first = rows_of(connection, question(asked, asked.part, at), at)[0]
            assert text.count("<tr>") == (min(first["things"], 50) + 1 if first["things"] else 0), tile.key


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> TwoStores:
    return two_stores(tmp_path_factory.mktemp("two-clients"))


@pytest.mark.parametrize("section", SECTIONS)
def test_a_team_sees_rows_of_its_own_agents_and_how_many_there_are(
    feed_of: Any, clients: TwoStores, section: str
) -> None:
    feed_of(clients.both)
    with reading(clients.both) as connection:
        (team,) = connection.rows(f"SELECT min(team) AS team FROM centre_agents WHERE client = '{SEEN}'", {})
        people = connection.rows("SELECT agent FROM centre_agents WHERE team = $team", {"team": team["team"]})
        scope = Scope.of([SEEN], teams=[team["team"]])
        view, tiles = tiles_of(section, Picked(SEEN, Period("last", 90), "", NOW - timedelta(minutes=10)))
        for tile in tiles:
            found, at = asked_of(str(rows_address(tile, view)))
            for part in found.behind.parts:
                everybody = rows_of(connection, question(found, part, at), at)
                mine = rows_of(connection, question(found, part, at, scope), at)
                agents = {row.get("agent") for row in mine} - {None}
                assert agents <= {row["agent"] for row in people}, (tile.key, part)
                assert HIDDEN not in str(mine)
                if found.behind.kind != "slots":
                    assert mine[0]["things"] == everybody[0]["things"], (tile.key, part)
                assert mine[0]["seen_things"] <= mine[0]["things"]
