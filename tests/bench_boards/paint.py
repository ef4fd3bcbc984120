"""How long a person waits for the live page in a real browser: from the address to the first number."""

from __future__ import annotations

import time

from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import CHROMIUM_ARGUMENTS, chromium

_NUMBER = '[data-testid="stMetricValue"]'
_WARM_VISITS = 5


def measure_paint(address: str) -> dict[str, float] | None:
    """Seconds of the first visit since the board was started, and the median of later ones; None without a browser.

    Each visit has a browser profile of its own: nothing is in a cache.
    """
    path = chromium()
    if path is None:
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        try:
            # Chromium's own start is not the board's.
            browser.new_page().goto("about:blank")
            cold, *warm = [_visit(browser, address) for _ in range(1 + _WARM_VISITS)]
        finally:
            browser.close()
    return {
        "cold_seconds": round(cold, 3),
        "warm_seconds": round(sorted(warm)[len(warm) // 2], 3),
        "warm_max_seconds": round(max(warm), 3),
    }


def _visit(browser: Browser, address: str) -> float:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        began = time.monotonic()
        page.goto(f"http://{address}/", wait_until="commit")
        page.wait_for_selector(_NUMBER, timeout=60_000)
        return time.monotonic() - began
    finally:
        context.close()
