"""The documentation is held against the project: tests that it names exist, links lead somewhere, commands are real."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from dashboards.access.pages import PAGES as BOARDS
from pipeline.centre.page import centre_page
from pipeline.centre.tables import SCHEMAS
from pipeline.kpis.catalogue import catalogue
from pipeline.kpis.page import kpi_page
from pipeline.settings import Settings
from pipeline.store.details import DETAIL_KINDS

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_tests_that_a_page_names_exist(page: Path) -> None:
    for file, _, name in re.findall(r"`(tests/[\w/]+\.py)(::(\w+))?`", page.read_text()):
        assert (ROOT / file).is_file(), f"{page.name} names {file}"
        if name:
            assert re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_a_page_names_exist(page: Path) -> None:
    from pipeline.cli import app

    commands = get_command(app).commands  # type: ignore[attr-defined]
    # A command is meant where it stands in code; "callboard keeps" in a sentence is not one.
    for name in re.findall(r"(?:^|`)callboard ([a-z][a-z-]+)", page.read_text(), re.MULTILINE):
        assert name in commands, f"{page.name} names callboard {name}"


def test_the_kpi_page_is_current() -> None:
    assert (ROOT / "docs/reference/kpis.md").read_text() == kpi_page()


def test_the_centre_page_is_current() -> None:
    assert (ROOT / "docs/reference/centre.md").read_text() == centre_page()


def test_every_view_and_macro_is_in_the_reference() -> None:
    text = (ROOT / "docs/reference/store.md").read_text()
    names = (
        "events segments interactions agent_spans kpi_minute kpi_15min kpi_hour kpi_day rejects duplicates offsets "
        "corrections meta kpi_between service_level queue_now agent_now occupancy wait_histogram kpi_catalogue "
        "kpi_local_hour kpi_local_day kpi_by kpi_by_client kpi_by_line kpi_by_channel kpi_by_language kpi_by_skill "
        "kpi_by_site kpi_by_agent kpi_by_team service_levels service_level_now centre_queues centre_agents"
    )
    for name in [*names.split(), *SCHEMAS, *(table.name for table in DETAIL_KINDS.values())]:
        assert f"`{name}" in text, name


def test_every_setting_explains_itself() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_every_kpi_has_a_source_and_a_sentence() -> None:
    for kpi in catalogue().all():
        assert kpi.source, kpi.name
        assert kpi.description.rstrip('"').endswith("."), kpi.name


def test_every_page_of_the_boards_has_its_section_and_its_picture() -> None:
    text = (ROOT / "docs/reference/boards.md").read_text()
    sections = {part.partition("\n")[0]: part for part in text.split("\n## ")[1:]}
    for page in BOARDS:
        assert f"](../images/{page.stem}.png)" in sections[page.title], page.title


def test_every_picture_is_taken_by_make_screenshots_and_shown() -> None:
    from tests.browser.pictures import PICTURES

    shown = {name for page in PAGES for name in re.findall(r"images/([\w-]+)\.png\)", page.read_text())}
    kept = {file.stem for file in (ROOT / "docs/images").iterdir()}
    assert kept == {picture.name for picture in PICTURES} == shown
