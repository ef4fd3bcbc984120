"""The pictures of the documentation: ``make screenshots`` writes docs/images anew, always the same.

A simulated floor of a fixed seed, at a moment that does not pass, in a browser of fixed size, zone and language.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.floor import MOMENT, make
from tests.browser.serving import ROOT, frozen_board
from tests.browser.waiting import settled
from tests.support.browser import CHROMIUM_ARGUMENTS, chromium

IMAGES = ROOT / "docs" / "images"
HOURS, SCALE = 8.0, 0.6
_WIDTH = 1440


@dataclass(frozen=True, slots=True)
class Picture:
    """``name`` of the file, ``address`` below the board's; no more of the page is shown than ``height`` pixels."""

    name: str
    address: str
    height: int = 1000
    width: int = _WIDTH
    scheme: str = "light"


PICTURES = (
    Picture("live", "live"),
    Picture("live-dark", "live", scheme="dark"),
    Picture("live-phone", "live", 932, 430),
    Picture("agents", "agents"),
    Picture("sales", "sales"),
    Picture("digital", "digital?section=backlog", 800),
    Picture("history", "history", 900),
    Picture("interactions", "interactions", 800),
    Picture("alerts", "alerts", 800),
    Picture("whatif", "whatif", 900),
    Picture("definitions", "definitions", 900),
    Picture("health", "health", 900),
    Picture("wall", "wall?wall=1", 810, scheme="dark"),
)


def main() -> None:
    """Write all of them."""
    path = chromium()
    if path is None:
        raise SystemExit("There is no Chromium on this machine: scripts/install-test-tools.sh installs it.")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        make(folder / "store", HOURS, SCALE)
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        with frozen_board(folder / "store", MOMENT, folder / "board.log") as address:
            for picture in PICTURES:
                _take(browser, address, picture)
        browser.close()


def _take(browser: Browser, address: str, picture: Picture) -> None:
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme=picture.scheme,  # type: ignore[arg-type]
        timezone_id="Europe/Berlin",
        locale="en-GB",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{address}/{picture.address}")
    settled(page)
    _without_the_note(page)
    page.screenshot(path=IMAGES / f"{picture.name}.png", animations="disabled", caret="hide")
    context.close()


def _without_the_note(page: Page) -> None:
    """That nobody has to sign in is true of the machine that takes the pictures only."""
    page.add_style_tag(content=".stElementContainer:has(.cb-open) { display: none }")
    expect(page.locator(".cb-open")).to_be_hidden()


if __name__ == "__main__":
    main()
