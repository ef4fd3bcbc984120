"""A viewer's browser says which words, numbers and colours the board has; its address says otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboards.look.theme import DARK, LIGHT, Palette
from pipeline.clock import SystemClock
from pipeline.store.process import FileProcessor
from tests.browser.test_board import FIRST_MS, value
from tests.support.calls import call

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Serve = Callable[[Path], str]
Open = Callable[..., Page]
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def look(browser: Browser) -> Iterator[Open]:
    """Opens an address in a browser of its own."""
    contexts = []

    def open_page(address: str, locale: str, scheme: str) -> Page:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900},
            locale=locale,
            color_scheme=scheme,  # type: ignore[arg-type]
            timezone_id="Europe/Berlin",
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def address(serve: Serve, processor: FileProcessor, tmp_path: Path) -> str:
    """A board whose service level of the last half hour is five of six."""
    start = SystemClock().now() - timedelta(minutes=10)
    answered = [call(number, start, answered_after_seconds=5, ended_after_seconds=60) for number in range(5)]
    lines = [line for each in answered for line in each]
    processor.process([*lines, *call(9, start, answered_after_seconds=40, ended_after_seconds=60)])
    return serve(tmp_path / "store")


def colour_of(page: Page, selector: str, property_name: str) -> str:
    script = "([selector, name]) => getComputedStyle(document.querySelector(selector))[name]"
    return str(page.evaluate(script, [selector, property_name]))


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


def test_a_german_browser_sees_german_and_the_address_comes_first(look: Open, address: str) -> None:
    page = look(address, "de-DE", "dark")
    expect(value(page, "Service Level")).to_have_text(f"83,3{NBSP}%", timeout=FIRST_MS)
    expect(value(page, "Jetzt wartend")).to_have_text("0")
    expect(page.get_by_text("Warteschlangen, schlechteste zuerst")).to_be_visible()
    # MEZ in winter, MESZ in summer.
    expect(page.locator(".cb-status")).to_contain_text(re.compile(r"Stand \d\d\.\d\d\.\d{4} .* MES?Z"))
    page.goto(f"{address}/?lang=en")
    expect(value(page, "Service level")).to_have_text(f"83.3{NBSP}%", timeout=FIRST_MS)
    page.get_by_role("link", name="Data health").click()
    expect(page.get_by_text("Dead letters", exact=True)).to_be_visible(timeout=FIRST_MS)
    assert "lang=en" in page.url


def test_an_english_browser_may_ask_for_german(look: Open, address: str) -> None:
    page = look(f"{address}/?lang=de", "en-GB", "light")
    expect(value(page, "Abbruchquote")).to_have_text(f"0,0{NBSP}%", timeout=FIRST_MS)


@pytest.mark.parametrize(("scheme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_light_and_dark_are_the_browsers_choice(look: Open, address: str, scheme: str, palette: Palette) -> None:
    page = look(address, "en-US", scheme)
    expect(value(page, "Waiting now")).to_have_text("0", timeout=FIRST_MS)
    assert colour_of(page, ".stApp", "backgroundColor") == rgb(palette.background)
    assert colour_of(page, '[class*="st-key-tile-"]', "backgroundColor") == rgb(palette.panel)
    assert colour_of(page, ".cb-status b", "color") == rgb(palette.text)
    assert colour_of(page, '[data-testid="stMetricValue"]', "color") == rgb(palette.text)


def test_a_wall_chooses_light_or_dark_by_its_address(look: Open, address: str) -> None:
    page = look(f"{address}/?embed_options=light_theme", "en-US", "dark")
    expect(value(page, "Waiting now")).to_have_text("0", timeout=FIRST_MS)
    assert colour_of(page, ".stApp", "backgroundColor") == rgb(LIGHT.background)
    assert colour_of(page, '[class*="st-key-tile-"]', "backgroundColor") == rgb(LIGHT.panel)
