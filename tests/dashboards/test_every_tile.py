"""Every tile of every page shows what ``callboard query`` answers to the tile's own SQL, of the same moment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from dashboards.access import pages
from dashboards.data.feed import Feed
from dashboards.data.view import View
from dashboards.look import formats, tiles
from dashboards.look.definitions import definitions
from dashboards.look.tiles import Reading, Tile
from dashboards.queries.registry import QUERIES
from dashboards.readings.kinds import KINDS, WITHOUT_ROWS
from pipeline.cli import app as commands
from tests.dashboards.outbound_store import APP, AT, LATER, several_lines_store

__all__ = ["several_lines_store"]

FeedOf = Callable[[Path], Feed]
Drawn = list[tuple[Tile, Reading, View]]
#: Page, address, and the fewest tiles it has.
VIEWS = (
    ("live", {}, 9),
    ("live", {"client": "borealis", "period": "60", "definition": "answered_only"}, 9),
    ("agents", {}, 4),
    ("sales", {"section": "outbound"}, 3),
    ("sales", {"section": "sales", "client": "aurora"}, 3),
    ("sales", {"section": "collections", "period": "week", "as_of": LATER.isoformat()}, 3),
    ("sales", {"section": "surveys"}, 3),
    ("digital", {"section": "chat"}, 3),
    ("digital", {"section": "bots", "client": "aurora"}, 3),
    ("digital", {"section": "backlog"}, 3),
    ("health", {}, 5),
)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """Every tile that is drawn from now on."""
    found: Drawn = []
    draw = tiles.draw

    def noted(tile: Tile, reading: Reading, view: View, *more: Any, **others: Any) -> Any:
        found.append((tile, reading, view))
        return draw(tile, reading, view, *more, **others)

    monkeypatch.setattr(tiles, "draw", noted)
    return found


def queried(sql: str, store: Path) -> list[dict[str, Any]]:
    done = CliRunner().invoke(commands, ["query", sql, "--store", str(store), "--format", "json"])
    assert done.exit_code == 0, done.output
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def texts_of(value: Any) -> Iterator[str]:
    """The ways in which a board writes a value. A count of nothing where nothing was may be said in words."""
    if not value:
        yield formats.nothing()
    if value is None:
        return
    if isinstance(value, bool):
        yield "holds" if value else "does not hold"
        return
    number = Decimal(str(value))
    yield formats.count(number)
    yield formats.percent(number)
    yield formats.duration(number)
    yield formats.age(float(number))
    yield from (formats.decimal(number, digits) for digits in (0, 1, 2))
    yield formats.count(number * 100)  # NPS, from -100 to 100
    yield from (formats.money(number, currency) for currency in (None, "EUR", "GBP"))


def is_number(value: Any) -> bool:
    if isinstance(value, str):
        try:
            Decimal(value)
        except ArithmeticError:
            return False
    return True


@pytest.mark.parametrize(("page", "address", "fewest"), VIEWS, ids=lambda value: str(value) if value != {} else "")
def test_a_tile_shows_what_its_sql_gives(
    feed_of: FeedOf, several_lines_store: Path, drawn: Drawn, page: str, address: dict[str, str], fewest: int
) -> None:
    feed_of(several_lines_store)
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in ({"as_of": AT.isoformat()} | address).items():
        app.query_params[name] = value
    app.switch_page(f"boards/{page}.py").run()
    assert not app.exception
    assert not app.error
    assert len(drawn) >= fewest
    for tile, _, view in drawn:
        assert_leads_to_its_rows(tile, view)
    with_numbers = 0
    for tile, reading, view in drawn:
        if not tile.columns:
            continue  # the data's own age: there is nothing to ask
        values = [v for row in queried(tiles.sql_of(tile, view), several_lines_store) for v in row.values()]
        numbers = [value for value in values if is_number(value)] or [None]
        shown = [text for _, text in reading.parts] or [reading.text]
        for text, value in zip(shown, numbers, strict=False):
            in_words = value is None and not any(letter.isdigit() for letter in text)  # "none", "none due", "by client"
            assert in_words or text in set(texts_of(value)), (tile.definition, tile.name, text, value)
        with_numbers += any(value is not None for value in numbers)
        assert tile.definition in definitions(view.rows("catalogue"))
    assert with_numbers >= fewest // 2, "a page of no traffic proves nothing"


def assert_leads_to_its_rows(tile: Tile, view: View) -> None:
    """A tile has a link to the rows that it counts, or its query is among those that count none, with the reason."""
    asked = view.asks[tile.query].query.name
    if asked in WITHOUT_ROWS:
        assert tiles.rows_address(tile, view) is None, tile.key
    else:
        assert tiles.rows_address(tile, view) is not None, f"{tile.key}, {asked}: add it to KINDS or to WITHOUT_ROWS"


def test_a_tile_of_what_if_leads_to_its_rows(feed_of: FeedOf, several_lines_store: Path, drawn: Drawn) -> None:
    feed_of(several_lines_store)
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["as_of"] = AT.isoformat()
    app.switch_page("boards/whatif.py").run()
    assert not app.exception
    assert len(drawn) >= 2
    for tile, _, view in drawn:
        assert_leads_to_its_rows(tile, view)


def test_queries_without_rows_have_a_reason_and_no_kind() -> None:
    assert set(WITHOUT_ROWS) <= set(QUERIES)
    assert not {name for kind in KINDS.values() for name in kind.of} & set(WITHOUT_ROWS)
    assert {name for kind in KINDS.values() for name in kind.of} <= set(QUERIES)
    assert all(WITHOUT_ROWS.values())


def test_every_page_with_tiles_is_walked() -> None:
    """A new page comes into ``VIEWS``, or says here that it has no tiles."""
    without = {"history", "interactions", "alerts", "whatif", "definitions", "wall"}
    assert {page.stem for page in pages.built()} - without <= {page for page, _, _ in VIEWS}
