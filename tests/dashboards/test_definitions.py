"""Every tile opens a definition, and those that count over time come from the store's catalogue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from dashboards.data.connection import Rows
from dashboards.data.feed import Feed
from dashboards.data.view import View
from dashboards.look.definitions import definitions
from dashboards.look.tiles import Tile
from dashboards.queries import common, health
from dashboards.queries.floor import DEFINITIONS
from dashboards.queries.registry import QUERIES
from dashboards.readings.floor import limits_of
from dashboards.readings.health import health_readings
from dashboards.readings.live import INTERVAL, TODAY, Choice, live_tiles
from dashboards.readings.places import Terms
from pipeline.kpis.catalogue import catalogue
from tests.dashboards.conftest import NOW, view_of

EIGHTY_IN_TWENTY = Terms(frozenset({0.8}), frozenset({20.0}))


@pytest.fixture
def view(feed_of: Callable[[Path], Feed], centre_store: Path) -> View:
    return view_of(feed_of(centre_store), common.CATALOGUE, *health.QUERIES)


@pytest.fixture
def stored(view: View) -> Rows:
    return view.rows("catalogue")


@pytest.fixture
def tiles(view: View) -> list[Tile]:
    choices = [Choice(definition=definition) for definition in DEFINITIONS]
    live_ones = [tile for choice in choices for tile in live_tiles(choice, "live", EIGHTY_IN_TWENTY)]
    return [*live_ones, *(tile for tile, _ in health_readings(view, UTC))]


def test_every_tile_has_a_whole_definition_and_a_query(stored: Rows, tiles: list[Tile]) -> None:
    known = definitions(stored)
    assert len(tiles) == len(DEFINITIONS) * 9 + 6
    for tile in tiles:
        definition = known[tile.definition]
        assert all((definition.title, definition.unit, definition.formula, definition.description, definition.source))
        assert tile.query in {*QUERIES, INTERVAL, TODAY}


def test_every_tile_is_defined_by_the_catalogue(stored: Rows, tiles: list[Tile]) -> None:
    names = {row["name"] for row in stored}
    assert names == {kpi.name for kpi in catalogue().all()}
    assert {tile.definition for tile in tiles} <= names


def test_keys_of_tiles_are_unique_and_do_not_change_with_the_choice() -> None:
    chosen = [Choice(definition=name, as_of=as_of) for name in DEFINITIONS for as_of in (None, NOW)]
    keys = [tuple(tile.key for tile in live_tiles(choice, "live", EIGHTY_IN_TWENTY)) for choice in chosen]
    keys.append(tuple(tile.key for tile in live_tiles(chosen[0], "deferred", Terms(frozenset(), frozenset()))))
    assert len(set(keys)) == 1
    assert len(set(keys[0])) == len(keys[0])


def test_targets_of_the_catalogue_judge_the_tiles(stored: Rows) -> None:
    known = definitions(stored)
    assert limits_of(known["contract"]).target == 0.8
    assert not limits_of(known["abandonment_rate"]).higher_is_better
    assert limits_of(known["occupancy"]).serious == pytest.approx(0.95)
