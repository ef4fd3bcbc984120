"""The catalogue's entries of these areas are true of the SQL: what they say can be read can be read there."""

from __future__ import annotations

import re

import pytest
import yaml

from pipeline.kpis.areas import area_text
from tests.areas.digital_events import Store

AREAS = ("contacts", "bots", "conversations", "concurrency", "resolution", "backlog", "callbacks", "reports")
ENTRIES = [entry for area in AREAS for entry in yaml.safe_load(area_text(area, "yaml"))]
#: Of a macro's parameters those without a default are given.
CALL = re.compile(r"\b([a-z_]+)\((start, stop|as_of)\b[^)]*\)")


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    store = Store(tmp_path_factory.mktemp("store"), [])
    found = {}
    for name, given in {call for entry in ENTRIES for call in CALL.findall(entry["description"])}:
        arguments = "'2026-11-02', '2026-11-03'" if given == "start, stop" else ""
        found[name] = {row[0] for row in store.rows(f"DESCRIBE FROM {name}({arguments})")}
    return found


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["name"] for entry in ENTRIES])
def test_a_kpi_is_a_column_of_the_macro_that_it_names(entry: dict[str, str], columns: dict[str, set[str]]) -> None:
    named = [name for name, _ in CALL.findall(entry["description"])]
    assert named, "the description names no macro"
    assert any(entry["name"] in columns[name] for name in named), f"{entry['name']} is in none of {named}"


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["name"] for entry in ENTRIES])
def test_the_measures_of_a_plain_formula_stand_beside_it(entry: dict[str, str], columns: dict[str, set[str]]) -> None:
    terms = re.fullmatch(r"([a-z_]+) / ([a-z_]+)", entry["formula"])
    if terms is not None:
        names = [name for name, _ in CALL.findall(entry["description"])]
        assert any(set(terms.groups()) <= columns[name] for name in names), terms.groups()
