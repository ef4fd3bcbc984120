"""Light and dark: readable in both, and one set of colours for Streamlit's parts and for ours."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest

import dashboards
from dashboards.look import charts, theme, viewer
from dashboards.look.theme import DARK, LIGHT, Palette

#: WCAG 2.2, success criterion 1.4.3 (text) and 1.4.11 (what is no text).
TEXT_CONTRAST = 4.5
MARK_CONTRAST = 3.0


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("colour", ["text", "muted", "blue", "amber", "red"])
@pytest.mark.parametrize("ground", ["background", "panel"])
def test_text_can_be_read(palette: Palette, colour: str, ground: str) -> None:
    assert contrast(getattr(palette, colour), getattr(palette, ground)) >= TEXT_CONTRAST


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_bars_stand_out_from_what_they_stand_on(palette: Palette) -> None:
    for colour in (palette.blue, palette.amber, palette.red, palette.text):
        assert contrast(colour, palette.dim) >= MARK_CONTRAST


@pytest.mark.parametrize(("name", "palette"), [("dark", DARK), ("light", LIGHT)])
def test_streamlits_parts_have_the_same_colours(name: str, palette: Palette) -> None:
    config = tomllib.loads((Path(dashboards.__file__).parent / ".streamlit/config.toml").read_text())
    written = config["theme"][name]
    assert {
        "primaryColor": palette.blue,
        "backgroundColor": palette.background,
        "secondaryBackgroundColor": palette.panel,
        "textColor": palette.text,
        "borderColor": palette.line,
        "orangeColor": palette.amber,
        "redColor": palette.red,
    }.items() <= written.items()
    assert "base" not in config["theme"], "the browser chooses"
    assert contrast(written["grayColor"], palette.panel) >= TEXT_CONTRAST


def test_the_style_sheet_names_colours_and_has_none_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr("streamlit.html", written.append)
    theme.style()
    (sheet,) = written
    variables, rest = sheet.split(".stMainBlockContainer", 1)
    assert not re.search(r"#[0-9a-f]{3,6}\b", rest)
    assert set(re.findall(r"var\(--cb-(\w+)\)", rest)) <= set(asdict(DARK))
    for name, colour in asdict(LIGHT).items():
        assert f"--cb-{name}: light-dark({colour}, {asdict(DARK)[name]})" in variables


@pytest.mark.parametrize(("scheme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_charts_and_logo_have_the_colours_of_the_viewer(
    monkeypatch: pytest.MonkeyPatch, scheme: str, palette: Palette
) -> None:
    info = SimpleNamespace(color_scheme=scheme, locale="")
    monkeypatch.setattr(viewer, "get_script_run_ctx", lambda **_: SimpleNamespace(query_string="", context_info=info))
    for spec in (charts.service_level_spec(0.8), charts.volume_spec()):
        drawn = json.dumps(theme.in_colours(spec))
        assert "var(" not in drawn
        assert palette.muted in drawn
    assert palette.text in theme.logo()


def test_charts_are_drawn_through_the_theme_only() -> None:
    folder = Path(dashboards.__file__).parent
    drawing = {path.name for path in folder.rglob("*.py") if ".vega_lite_chart(" in path.read_text()}
    assert drawing == {"charts.py"}
