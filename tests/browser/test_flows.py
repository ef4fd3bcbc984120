"""What a supervisor does in a day: alerts, a number's rows, a worker that stops, the keyboard, the phone."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pipeline.clock import SystemClock
from pipeline.settings import Settings
from pipeline.store.layout import StoreLayout
from pipeline.store.process import FileProcessor
from tests.browser.floor import MOMENT, make
from tests.browser.publishing import publishing
from tests.browser.serving import board_over, frozen_board
from tests.browser.test_board import FIRST_MS, NEXT_MS, value
from tests.e2e.command import COMMAND, environment
from tests.e2e.topics import create_topics, send_lines
from tests.e2e.worker import Worker, wait_until
from tests.support.broker import EmbeddedBroker
from tests.support.calls import agent, call

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Serve = Callable[[Path], str]
#: An evaluator judges whole minutes: what ends now is judged when the next one has begun.
MINUTE_MS = 75_000
#: That a worker has stopped must be seen so soon: the limit of age, and the time between two looks.
SEEN_SECONDS = 5
#: Of the first tile.
FORMULA = "waiting without what is left out"
BANNER = "the worker may be down"
RULES = """
version: 1
rules:
  queue-of-calls:
    title: Two wait
    measure: waiting
    per: client
    comparison: ">="
    threshold: 2
    clear_threshold: 1
    severity: serious
"""


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A board over a busy floor, at a moment that does not pass."""
    folder = tmp_path_factory.mktemp("floor")
    make(folder / "store", hours=1, scale=0.2)
    with frozen_board(folder / "store", MOMENT, folder / "board.log") as address:
        yield address


@pytest.mark.timeout(420)
def test_an_alert_is_raised_taken_on_with_a_note_and_cleared(
    page: Page, serve: Serve, processor: FileProcessor, tmp_path: Path
) -> None:
    store, began = tmp_path / "store", SystemClock().now() - timedelta(minutes=3)
    processor.process([*call(1, began), *call(2, began), agent("ann", "available", began)])
    rules = tmp_path / "alerts.yaml"
    rules.write_text(RULES)
    page.goto(f"{serve(store)}/alerts")
    table = page.locator("table.cb").first
    with publishing(processor) as process, evaluator(store, rules, tmp_path / "alerts.log"):
        expect(table).to_contain_text("Two wait", timeout=FIRST_MS)
        expect(table).to_contain_text("nobody yet")
        page.get_by_label("Your name").fill("Dana")
        page.get_by_label("Note", exact=True).fill("Ann takes both")
        page.get_by_role("button", name="Acknowledge").click()
        expect(table).to_contain_text("Dana", timeout=NEXT_MS)
        expect(table).to_contain_text("Ann takes both")
        expect(page.get_by_text("Take an alert on")).to_have_count(0)
        # It is over when nobody waits any more.
        over = call(1, began, answered_after_seconds=175) + call(2, began, answered_after_seconds=176)
        process(over)
        expect(page.get_by_text("No alert is open")).to_be_visible(timeout=MINUTE_MS)
        page.get_by_role("radio", name="History").click()
        expect(table).to_contain_text("Two wait", timeout=NEXT_MS)
        expect(table).to_contain_text("Dana")


class evaluator:
    """``callboard alerts run`` while something is tried."""

    def __init__(self, store: Path, rules: Path, log: Path) -> None:
        self._arguments = ["alerts", "run", "--store", store, "--rules", rules, "--every-seconds", 0.5]
        self._log, self._cwd = log, store.parent

    def __enter__(self) -> None:
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [str(COMMAND), *map(str, self._arguments)],
                cwd=self._cwd, env=environment(), stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)


@pytest.mark.broker
@pytest.mark.timeout(240)
def test_a_worker_that_stops_is_seen_soon_after_the_limit_and_its_return_by_itself(
    page: Page, embedded_broker: EmbeddedBroker, tmp_path: Path
) -> None:
    store, banner = tmp_path / "store", page.get_by_text(BANNER)
    limit = Settings.model_fields["stale_after_seconds"].default
    create_topics(embedded_broker.bootstrap)
    send_lines(embedded_broker.bootstrap, call(1, SystemClock().now() - timedelta(seconds=20)))
    with Worker(store, embedded_broker.bootstrap, tmp_path / "worker.log") as worker:
        wait_until(StoreLayout(store).live.exists, lambda: "a published store")
        with board_over(store, tmp_path / "board.log") as address:
            page.goto(address)
            expect(value(page, "Waiting now")).to_have_text("1", timeout=FIRST_MS)
            # An idle worker still says that it is there: no false alarm.
            page.evaluate(
                """words => { window.seen = 0; setInterval(() =>
                { if (document.body.innerText.includes(words)) window.seen += 1; }, 100); }""",
                BANNER,
            )
            page.wait_for_timeout(3 * 1000 * limit)
            assert page.evaluate("window.seen") == 0
            worker.kill()
            stopped = time.monotonic()
            expect(banner).to_be_visible(timeout=FIRST_MS)
            took = time.monotonic() - stopped
            # The numbers are the last known ones, and say how old they are.
            expect(value(page, "Waiting now")).to_have_text("1")
            expect(page.locator(".cb-status")).to_contain_text("stale", timeout=NEXT_MS)
            with Worker(store, embedded_broker.bootstrap, tmp_path / "again.log"):
                expect(banner).to_have_count(0, timeout=60_000)
                expect(page.locator(".cb-status")).to_contain_text("live", timeout=NEXT_MS)
    assert took <= SEEN_SECONDS


def test_from_a_tile_to_its_definition_and_to_its_rows(page: Page, floor: str) -> None:
    page.goto(floor)
    waiting = value(page, "Waiting now")
    expect(waiting).to_be_visible(timeout=FIRST_MS)
    number = waiting.inner_text()
    page.get_by_role("button", name="About Waiting now").click()
    about = page.get_by_test_id("stPopoverBody")
    expect(about).to_contain_text(f"Shown: {number}, as of", timeout=NEXT_MS)
    with page.context.expect_page() as opened:
        about.get_by_role("link", name="The rows behind it").click()
    rows = opened.value
    expect(rows.locator("table.cb tbody tr")).to_have_count(int(number), timeout=FIRST_MS)
    rows.close()
    with page.context.expect_page() as opened:
        about.get_by_role("link", name="Its definition beside the others").click()
    expect(opened.value.get_by_text("queued_at <= now").first).to_be_visible(timeout=FIRST_MS)
    assert "/definitions?kpi=" in opened.value.url


def test_a_row_of_a_table_leads_to_one_interaction(page: Page, floor: str) -> None:
    page.goto(f"{floor}/interactions")
    first = page.locator("table.cb tbody a").first
    expect(first).to_be_visible(timeout=FIRST_MS)
    name = page.locator("table.cb tbody tr").first.locator("small").first.inner_text()
    first.click()
    expect(page.get_by_test_id("stVegaLiteChart").locator(".marks").first).to_be_visible(timeout=FIRST_MS)
    assert name in page.get_by_test_id("stMain").inner_text()


def test_the_keyboard_alone_reaches_filters_definitions_and_tables(page: Page, floor: str) -> None:
    page.goto(floor)
    expect(value(page, "Waiting now")).to_be_visible(timeout=FIRST_MS)
    expect(page.locator("table.cb").first).to_be_visible(timeout=FIRST_MS)
    reached = []
    focused = """() => { const each = document.activeElement;
      const name = each.getAttribute('aria-label') || each.innerText || each.getAttribute('name') || each.tagName;
      return name.slice(0, 80); }"""
    for _ in range(70):
        page.keyboard.press("Tab")
        reached.append(str(page.evaluate(focused)).strip())
        if reached[-1].startswith("Queues, worst first"):
            break
    order = [next((i for i, name in enumerate(reached) if part in name), -1) for part in
             ("Live", "Client", "About Waiting now", "Queues, worst first")]  # fmt: skip
    assert -1 not in order and order == sorted(order), reached
    # A definition opens by Enter and is left by Escape.
    page.get_by_role("button", name="About Waiting now").focus()
    page.keyboard.press("Enter")
    about = page.get_by_test_id("stPopoverBody")
    expect(about).to_contain_text(FORMULA, timeout=NEXT_MS)
    page.keyboard.press("Escape")
    expect(about).to_have_count(0, timeout=NEXT_MS)
    # A filter is chosen by its first letters.
    page.get_by_test_id("stSelectbox").first.locator("input").focus()
    page.keyboard.type("boreal")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{floor}/?client=borealis", timeout=NEXT_MS)


def test_a_phone_shows_the_same_and_is_worked_by_touch(browser: Browser, floor: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(floor)
    expect(value(page, "Waiting now")).to_be_visible(timeout=FIRST_MS)
    page.get_by_role("button", name="About Waiting now").tap()
    expect(page.get_by_test_id("stPopoverBody")).to_contain_text(FORMULA, timeout=NEXT_MS)
    box = page.get_by_test_id("stPopoverBody").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
    page.keyboard.press("Escape")
    page.get_by_test_id("stExpandSidebarButton").tap()
    page.get_by_role("link", name="Data health").tap()
    expect(value(page, "Conservation")).to_have_text("holds", timeout=FIRST_MS)
    context.close()


def test_a_wall_fills_the_screen_and_has_no_chrome(browser: Browser, floor: str) -> None:
    for width, height in ((1920, 1080), (3840, 2160)):
        context = browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        page.goto(f"{floor}/wall?wall=1")
        expect(page.locator(".cb-wall section")).to_have_count(6, timeout=FIRST_MS)
        expect(page.get_by_test_id("stHeader")).to_be_hidden()
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight <= innerHeight")
        # From five metres a number must be some four centimetres high, of a screen of 60.
        smallest = page.evaluate(
            """() => Math.min(...[...document.querySelectorAll('.cb-wall section b')]
            .map(each => parseFloat(getComputedStyle(each).fontSize)))"""
        )
        assert smallest >= 0.09 * height
        context.close()
