"""The board in a real Chromium: numbers change by themselves, nothing flickers, and old data looks old."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from pipeline.clock import SystemClock
from pipeline.store.process import FileProcessor
from tests.browser.conftest import STALE_AFTER_SECONDS
from tests.browser.publishing import publishing
from tests.support.calls import agent, call

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Serve = Callable[[Path], str]
#: A cold page with two cores.
FIRST_MS = 30_000
#: The board is drawn every two seconds; the rest is for a busy machine.
NEXT_MS = 10_000
#: Of the live page, those of the strip of agents among them.
METRICS = 12
FEWEST_METRICS = """() => { window.fewest = 99; setInterval(() => {
  window.fewest = Math.min(window.fewest, document.querySelectorAll('[data-testid="stMetric"]').length); }, 10); }"""


def value(page: Page, label: str) -> Locator:
    """The number of the tile with that label."""
    tile = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    return tile.get_by_test_id("stMetricValue")


@pytest.fixture
def board(page: Page, serve: Serve, processor: FileProcessor, tmp_path: Path) -> str:
    """The live page with two calls waiting, one in progress and one agent free; its address."""
    now = SystemClock().now()
    lines = [
        *call(1, now - timedelta(seconds=20)),
        *call(2, now - timedelta(seconds=10)),
        *call(3, now - timedelta(seconds=60), answered_after_seconds=15),
        agent("ann", "available", now - timedelta(seconds=60)),
    ]
    processor.process(lines)
    address = serve(tmp_path / "store")
    page.goto(address)
    expect(value(page, "Waiting now")).to_have_text("2", timeout=FIRST_MS)
    return address


def test_a_number_changes_on_screen_after_new_events(page: Page, board: str, processor: FileProcessor) -> None:
    now = SystemClock().now()
    processor.process([*call(4, now), *call(5, now, answered_after_seconds=0.5)])
    expect(value(page, "Waiting now")).to_have_text("3", timeout=NEXT_MS)


def test_a_wait_grows_by_itself(page: Page, board: str, processor: FileProcessor) -> None:
    with publishing(processor):
        longest = value(page, "Longest wait now")
        before = longest.inner_text()
        expect(longest).not_to_have_text(before, timeout=NEXT_MS)
        expect(longest).to_contain_text(":")


def test_nothing_flickers_while_it_refreshes(page: Page, board: str, processor: FileProcessor) -> None:
    expect(page.get_by_test_id("stVegaLiteChart").locator(".marks")).to_have_count(2, timeout=FIRST_MS)
    probe = """
    seconds => new Promise(done => {
      const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"] .marks')];
      const tables = document.querySelectorAll('table.cb').length;
      const seen = {metrics: 99, opacity: 1, tables: 99, swapped: 0, texts: new Set(), samples: 0};
      const timer = setInterval(() => {
        const metrics = [...document.querySelectorAll('[data-testid="stMetric"]')];
        seen.samples += 1;
        seen.metrics = Math.min(seen.metrics, metrics.length);
        seen.tables = Math.min(seen.tables, document.querySelectorAll('table.cb').length);
        for (const metric of metrics)
          for (let node = metric; node instanceof Element; node = node.parentElement)
            seen.opacity = Math.min(seen.opacity, Number(getComputedStyle(node).opacity));
        seen.swapped += charts.filter(chart => !chart.isConnected).length;
        seen.texts.add(document.querySelector('.cb-status').innerText);
      }, 60);
      setTimeout(() => { clearInterval(timer); done({...seen, texts: seen.texts.size, tables_before: tables}); },
        seconds * 1000);
    })"""
    with publishing(processor):
        # The data may have grown stale while the page opened.
        expect(page.locator(".cb-status")).to_contain_text("live", timeout=NEXT_MS)
        page.wait_for_timeout(2_000)
        seen = page.evaluate(probe, 8)
    assert seen["samples"] > 40
    assert seen["texts"] >= 3, "a page that did not refresh proves nothing"
    assert seen["metrics"] == METRICS
    assert seen["tables"] == seen["tables_before"] == 1
    assert seen["opacity"] == 1
    assert seen["swapped"] == 0


def test_old_data_goes_grey_and_comes_back(page: Page, board: str, processor: FileProcessor) -> None:
    tile = page.locator('[class*="st-key-tile-hero-waiting"]').first
    banner = page.get_by_text("the worker may be down")

    with publishing(processor):
        expect(banner).to_have_count(0, timeout=NEXT_MS)
        # The style comes after what it is of.
        expect(tile).to_have_css("filter", "none", timeout=NEXT_MS)
        page.evaluate(FEWEST_METRICS)
    expect(banner).to_be_visible(timeout=STALE_AFTER_SECONDS * 1000 + NEXT_MS)
    expect(tile).to_contain_text("stale", timeout=NEXT_MS)
    expect(tile).to_have_css("filter", re.compile(r"grayscale\(1\)"), timeout=NEXT_MS)
    # The number goes back to what was last known, and stays there. That is drawn after the feed's next turn, at the
    # panel's next refresh: 3 seconds, and what a busy machine adds.
    page.wait_for_timeout(6_000)
    waits = value(page, "Longest wait now").inner_text()
    page.wait_for_timeout(2_500)
    assert value(page, "Longest wait now").inner_text() == waits
    with publishing(processor):
        expect(banner).to_have_count(0, timeout=NEXT_MS)
        expect(tile).not_to_contain_text("stale", timeout=NEXT_MS)
        expect(tile).to_have_css("filter", "none", timeout=NEXT_MS)
    assert page.evaluate("window.fewest") == METRICS, "a tile went away when the banner came or went"


def test_a_definition_opens_and_stays_open_while_the_number_changes(
    page: Page, board: str, processor: FileProcessor
) -> None:
    page.get_by_role("button", name="About Waiting now").click()
    about = page.get_by_test_id("stPopoverBody")
    expect(about).to_contain_text("Formula:", timeout=NEXT_MS)
    expect(about).to_contain_text("TIMESTAMPTZ '")
    processor.process(call(6, SystemClock().now()))
    expect(value(page, "Waiting now")).to_have_text("3", timeout=NEXT_MS)
    expect(about).to_contain_text("Shown: 3, as of", timeout=NEXT_MS)


def test_the_filter_is_kept_in_the_address_and_from_page_to_page(
    page: Page, board: str, processor: FileProcessor
) -> None:
    # A client that was not there when the page was opened.
    processor.process(call(7, SystemClock().now(), client="zenith"))
    expect(value(page, "Waiting now")).to_have_text("3", timeout=NEXT_MS)
    page.get_by_test_id("stSelectbox").first.click()
    page.get_by_role("option", name="zenith").click()
    expect(value(page, "Waiting now")).to_have_text("1", timeout=NEXT_MS)
    expect(page).to_have_url(f"{board}/?client=zenith", timeout=NEXT_MS)
    page.get_by_role("link", name="Data health").click()
    expect(value(page, "Conservation")).to_have_text("holds", timeout=NEXT_MS)
    page.get_by_role("link", name="Live").click()
    expect(value(page, "Waiting now")).to_have_text("1", timeout=NEXT_MS)
    expect(page).to_have_url(f"{board}/?client=zenith", timeout=NEXT_MS)


def test_times_are_in_the_zone_of_the_viewer(page: Page, board: str) -> None:
    expect(page.locator(".cb-status")).to_contain_text("CE", timeout=NEXT_MS)  # CET or CEST


def test_the_first_page_goes_on_by_itself_when_there_is_a_store(page: Page, serve: Serve, tmp_path: Path) -> None:
    page.goto(serve(tmp_path / "later"))
    expect(page.get_by_text("Waiting for data")).to_be_visible(timeout=FIRST_MS)
    expect(page.get_by_text("callboard demo")).to_be_visible()
    with FileProcessor(tmp_path / "later", SystemClock()) as late:
        late.process(call(1, SystemClock().now()))
    expect(value(page, "Waiting now")).to_have_text("1", timeout=NEXT_MS)
