"""What stands behind a tile's number, read as a viewer who follows its link reads it, and compared with the tile's."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from dashboards.access.scope import Scope
from dashboards.data.asking import Ask, Period, ask
from dashboards.data.connection import StoreConnection
from dashboards.data.single import rows_of
from dashboards.data.view import View
from dashboards.look.tiles import Tile, rows_address
from dashboards.queries.behind.page import PAGE_ROWS
from dashboards.readings.behind import Asked, asked
from dashboards.readings.interactions import before, key_of
from dashboards.sections.things_behind import MONEY
from tests.dashboards.conftest import EVERYTHING

#: Up to so many rows all pages are turned.
FEW = 2 * PAGE_ROWS + 10
#: Parts that the tile's query calls otherwise.
COLUMNS = {"silent": "agents"}
#: Kinds whose rows say how long something lasts, and count one each.
OF_THINGS = ("open", "waiting", "staff", "silent")
#: What scores are made of: their query has the score only.
SCORES = {
    "csat": {"at_least_4": 1},
    "nps": {"at_least_9": 1, "at_most_6": -1},
    "ces_mean": {"scores": 1},
}


def question(found: Asked, part: str, at: datetime, scope: Scope = EVERYTHING, **page: Any) -> Ask:
    period = None if found.start is None else Period("between", start=found.start, stop=found.stop)
    arguments = {**found.arguments, "part": part, **before(None), **page}
    return ask(found.behind.sort.query, scope, as_of=at, period=period, filters=found.filters, arguments=arguments)


def asked_of(link: str) -> tuple[Asked, datetime]:
    values = dict(parse_qsl(urlsplit(link).query))
    found = asked(values)
    assert found is not None
    return found, datetime.fromisoformat(values["as_of"])


def all_rows(connection: StoreConnection, found: Asked, part: str, at: datetime) -> list[dict[str, Any]]:
    """Every row, page after page, as a viewer would turn them."""
    shown: list[dict[str, Any]] = []
    page: dict[str, Any] = {}
    while True:
        rows = [dict(row) for row in rows_of(connection, question(found, part, at, **page), at)]
        rows = [row for row in rows if row["began_at"] is not None]
        shown += rows[:PAGE_ROWS]
        if len(rows) <= PAGE_ROWS:
            return shown
        page = before(key_of(rows[PAGE_ROWS - 1], *found.behind.sort.key))


def tile_rows(tile: Tile, view: View) -> list[dict[str, Any]]:
    """The rows of the tile's answer that it shows: several where money is of several currencies."""
    return [dict(row) for row in view.rows(tile.query) if all(row[name] == value for name, value in tile.row)]


def assert_rows_make(connection: StoreConnection, tile: Tile, view: View) -> int:
    """The rows behind a tile are as many as, or sum up to, what its query counted; returns how many there were."""
    link = rows_address(tile, view)
    assert link is not None, tile.key
    found, at = asked_of(link)
    assert at == view.answers[tile.query].at
    answers, seen, sums = tile_rows(tile, view), 0, {}
    for part in found.behind.parts:
        first = dict(rows_of(connection, question(found, part, at), at)[0])
        if first["things"] <= FEW:
            rows = all_rows(connection, found, part, at)
            assert len(rows) == first["things"] == first["seen_things"], (tile.key, part)
            assert len({tuple(map(str, list(each.values())[:4])) for each in rows}) == len(rows), "a row came twice"
            assert float(sum(each["value"] for each in rows)) == pytest.approx(float(first["total"] or 0))
        assert_counted(tile, part, found, first, answers)
        sums[part] = first["total"] or 0
        seen += first["things"]
    if tile.definition in SCORES and answers:
        score = sum(sign * sums[part] for part, sign in SCORES[tile.definition].items()) / sums["responses"]
        assert float(score) == pytest.approx(float(answers[0][tile.definition]))
    return seen


def assert_counted(tile: Tile, part: str, found: Asked, first: dict[str, Any], answers: list[dict[str, Any]]) -> None:
    """The sums of a part's rows are what the tile's query has in the column of that name."""
    if part in MONEY:
        sums = {each["currency"]: each["total"] for each in first["amounts"] or () if each["total"]}
        assert sums == {row["currency"]: row[part] for row in answers if row[part]}, (tile.key, part, sums, answers)
        return
    row = answers[0] if answers else {}
    if len(answers) > 1:
        return  # of money of several currencies nothing else is a share
    if part in SCORES.get(tile.definition, ()):
        return  # compared with the score itself
    counted = first["things"] if found.behind.kind in OF_THINGS else first["total"] or 0
    if part in ("longest_wait_seconds", "oldest_item_seconds"):
        counted = first["largest"] or 0
    assert float(counted) == pytest.approx(float(row.get(COLUMNS.get(part, part)) or 0)), (tile.key, part)
    for longest in ("longest_wait_seconds", "oldest_item_seconds"):
        if tile.columns == (longest,):
            assert first["largest"] == row.get(longest)
