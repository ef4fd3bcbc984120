"""Every tile opens a definition, and those that count over time come from the store's catalogue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from dashboards.data.asking import last
from dashboards.data.connection import Rows
from dashboards.data.feed import Feed, View
from dashboards.look.definitions import definitions
from dashboards.look.tiles import Tile
from dashboards.queries import common, health, live
from dashboards.queries.live import SERVICE_LEVELS, WINDOWS
from dashboards.queries.registry import QUERIES
from dashboards.readings.health import health_readings
from dashboards.readings.live import Choice, limits_of, live_tiles
from pipeline.kpis.catalogue import catalogue
from tests.dashboards.conftest import view_of


@pytest.fixture
def view(feed_of: Callable[[Path], Feed], centre_store: Path) -> View:
    return view_of(
        feed_of(centre_store), common.CATALOGUE, *health.QUERIES, live.MOMENT, live.WINDOW, live.OCCUPANCY, live.AGENTS,
        period=last(30),
    )  # fmt: skip


@pytest.fixture
def stored(view: View) -> Rows:
    return view.rows("catalogue")


@pytest.fixture
def tiles(view: View, stored: Rows) -> list[Tile]:
    choices = [Choice(None, minutes, level) for minutes in WINDOWS for level in SERVICE_LEVELS]
    live_ones = [tile for choice in choices for tile in live_tiles(choice, definitions(stored))]
    return [*live_ones, *(tile for tile, _ in health_readings(view, UTC))]


def test_every_tile_has_a_whole_definition_and_a_query(stored: Rows, tiles: list[Tile]) -> None:
    known = definitions(stored)
    assert len(tiles) == 2 * 4 * 8 + 6
    for tile in tiles:
        definition = known[tile.definition]
        assert all((definition.title, definition.unit, definition.formula, definition.description, definition.source))
        assert tile.query in QUERIES


def test_every_tile_is_defined_by_the_catalogue(stored: Rows, tiles: list[Tile]) -> None:
    names = {row["name"] for row in stored}
    assert names == {kpi.name for kpi in catalogue().all()}
    assert {tile.definition for tile in tiles} <= names


def test_keys_of_tiles_are_unique_and_do_not_change_with_the_choice(stored: Rows) -> None:
    known = definitions(stored)
    keys = [tuple(tile.key for tile in live_tiles(Choice("a", 60, level), known)) for level in SERVICE_LEVELS]
    assert len(set(keys)) == 1
    assert len(set(keys[0])) == len(keys[0])


def test_targets_of_the_catalogue_judge_the_tiles(stored: Rows) -> None:
    known = definitions(stored)
    assert limits_of(known[SERVICE_LEVELS[0]]).target == 0.8
    assert not limits_of(known["abandonment_rate"]).higher_is_better
    assert limits_of(known["occupancy"]).serious == pytest.approx(0.95)
