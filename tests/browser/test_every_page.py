"""Every page at the widths of a phone, a desk and a wall, light and dark: whole, quiet, and open to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from dashboards.access.pages import PAGES
from tests.browser.floor import MOMENT, make
from tests.browser.serving import frozen_board
from tests.browser.waiting import settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDTHS = ((430, 932), (1440, 900), (3840, 2160))
#: What axe finds in Streamlit's own parts, which no style or setting of ours reaches: rule, part of the page, reason.
STREAMLITS_OWN: tuple[tuple[str, str, str], ...] = ()
#: Where text must be seen whole: our tiles and headings, the bar of the pages, buttons, the wall.
WHOLE = """() => {
  const found = [], root = document.documentElement, main = document.querySelector('[data-testid="stMain"]');
  for (const each of [root, main])
    if (each.scrollWidth > each.clientWidth) found.push(`${each.tagName} scrolls: ${each.scrollWidth}`);
  const whole = '[class*="st-key-tile-"], [class*="st-key-tile-"] *, h1, h2, h3, .cb-status *, .cb-wall *, ' +
    '[data-testid="stTopNavLink"] *, [data-testid="stButtonGroup"] button *';
  for (const each of document.querySelectorAll(whole)) {
    const style = getComputedStyle(each);
    // What only a screen reader reads, and lines within a block, have no width of their own.
    if (style.position === 'absolute' || style.display === 'inline' || !each.clientWidth) continue;
    if (each.closest('svg, [class*="st-key-about-"] button')) continue;
    if (each.scrollWidth > each.clientWidth + 1)
      found.push(`${each.className || each.tagName}: ${each.innerText.slice(0, 60)}`);
  }
  return found;
}"""
#: Nothing but our words stands in an error's place.
BROKEN = '[data-testid="stException"], [data-testid="stAlertContentError"]'


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A busy floor with open alerts."""
    folder = tmp_path_factory.mktemp("floor")
    make(folder / "store", hours=2, scale=0.2)
    with frozen_board(folder / "store", MOMENT, folder / "board.log") as address:
        yield address


class Listener:
    """What a page said in the console, and whom it asked."""

    def __init__(self, page: Page, board: str) -> None:
        self.said: list[str] = []
        self._own = (board, board.replace("http", "ws", 1), "data:", "blob:")
        page.on("console", lambda line: self._hear(line.type, line.text, str(line.location.get("url"))))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url))

    def _hear(self, kind: str, text: str, url: str) -> None:
        if kind == "error":
            self.said.append(f"{text} ({url})")

    def _asked(self, url: str) -> None:
        if not url.startswith(self._own):
            self.said.append(f"asked another host: {url}")


def violations(page: Page) -> list[str]:
    """What axe finds that keeps people out, without what is Streamlit's own."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    found = []
    for rule in Axe().run(page, options=options).response["violations"]:
        if rule["impact"] not in {"serious", "critical"}:
            continue
        for node in rule["nodes"]:
            own = any(rule["id"] == name and part in str(node["target"]) for name, part, _ in STREAMLITS_OWN)
            if not own:
                found.append(f"{rule['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}")
    return found


@pytest.mark.thorough
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("stem", [page.stem for page in PAGES])
def test_a_page_is_whole_quiet_and_open_to_everybody(browser: Browser, board: str, stem: str, scheme: str) -> None:
    context = browser.new_context(timezone_id="Europe/Berlin", locale="en-GB", color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    listener = Listener(page, board)
    wrong = []
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        if page.url == "about:blank":
            page.goto(f"{board}/{stem}")
        settled(page)
        expect(page.locator(BROKEN)).to_have_count(0)
        wrong += [f"{width}: {each}" for each in page.evaluate(WHOLE)]
        wrong += [f"{width}: {each}" for each in violations(page)]
    wrong += listener.said
    context.close()
    assert not wrong, "\n".join(dict.fromkeys(wrong))


@pytest.mark.thorough
def test_from_page_to_page_by_the_bar_nothing_is_said_in_the_console(page: Page, board: str) -> None:
    page.set_viewport_size({"width": 2200, "height": 1200})
    listener = Listener(page, board)
    page.goto(board)
    settled(page)
    links = page.get_by_test_id("stTopNavLink").all()
    for link, one in zip(links, PAGES, strict=True):
        link.click()
        # Else the page before would be found settled.
        expect(page).to_have_title(f"{one.title} · callboard")
        settled(page)
    assert page.url == f"{board}/{PAGES[-1].stem}"
    assert listener.said == []


def test_the_document_says_its_language_to_a_screen_reader(page: Page, board: str) -> None:
    page.goto(f"{board}/health?lang=de")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.goto(f"{board}/health?lang=en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
