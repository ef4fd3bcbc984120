"""The catalogue's entries of sales, outbound, collections and surveys are what the macros compute."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from pipeline.kpis.areas import AREAS, area_text
from tests.areas.outbound_events import ask, fill, one
from tests.areas.test_collections import month
from tests.areas.test_outbound import CENTRE, campaign_day, drops_of_all_sorts
from tests.areas.test_outcomes import customer_service, pledges
from tests.areas.test_sales import sales_day
from tests.areas.test_satisfaction import asked, interviews

MINE = ("outcomes", "outbound", "sales", "collections", "satisfaction")
ENTRIES = [entry for area in MINE for entry in yaml.safe_load(area_text(area, "yaml"))]
STORE_PAGE = Path(__file__).parents[2] / "docs/reference/store.md"
#: What is asked where the entry leaves the arguments open.
PERIOD = "'2026-01-01', '2026-04-01'"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All the days of the other tests together, each under a client of its own."""
    days = [campaign_day(), drops_of_all_sorts(), customer_service(), pledges(), sales_day(), month(), interviews(),
            asked({"csat": [5, 3], "nps": [9, 1, 7], "ces": [6, 2]}, sent=4)]  # fmt: skip
    lines = [
        line.replace(b'"acme', b'"client-%d' % number if number else b'"acme')
        for number, day in enumerate(days)
        for line in day.lines
    ]
    return fill(tmp_path_factory.mktemp("store"), lines, CENTRE)


def source(entry: dict[str, str]) -> tuple[str, str]:
    """The column and the query that the entry names."""
    found = re.search(r"Read it as `(\w+)` from `(\w+)\((.*?)\)`\.$", entry["description"])
    assert found, entry["name"]
    column, macro, arguments = found.groups()
    return column, f"{macro}({PERIOD if arguments.startswith('start, stop') else ''})"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_it_can_be_read_where_it_says(store: Path, entry: dict[str, str]) -> None:
    column, query = source(entry)
    assert ask(store, f"SELECT {column} FROM {query}")


@pytest.mark.thorough
def test_a_formula_of_columns_is_what_the_column_has(store: Path) -> None:
    checked = 0
    for entry in ENTRIES:
        column, query = source(entry)
        top, slash, bottom = entry["formula"].rpartition(" / ")
        columns = {row["column_name"] for row in ask(store, f"DESCRIBE FROM {query}")}
        if set(re.findall(r"[A-Za-z_]\w*", entry["formula"])) <= columns:
            formula = f"({top}) / nullif({bottom}, 0)" if slash else entry["formula"]
            differ = f"count(*) FILTER ({column} IS DISTINCT FROM {formula})"
            row = one(store, f"SELECT {differ} AS differ, count({column}) AS known FROM {query}")
            assert row["differ"] == 0, entry["name"]
            assert row["known"] > 0, f"{entry['name']} is nowhere known, so nothing was compared"
            checked += 1
    assert checked > 30


def test_every_view_and_macro_of_these_areas_is_in_the_reference() -> None:
    page = STORE_PAGE.read_text()
    for area in MINE:
        assert area in AREAS
        for name, arguments in re.findall(
            r"^CREATE (?:VIEW|MACRO) (\w+)(.*?) AS\b", area_text(area, "sql"), re.MULTILINE
        ):
            if name.startswith(("default_", "one_currency")):
                continue
            assert f"`{name}" in page, name
            shown = re.search(rf"`{name}(\([^`]*)`", page)
            if shown:
                assert shown[1] == arguments, name
