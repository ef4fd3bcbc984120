"""When a page stands: for what looks at it as a whole."""

from __future__ import annotations

from playwright.sync_api import Page, expect

#: A cold page with two busy cores.
FIRST_MS = 30_000
_RUNNING = "() => document.querySelector('[data-testid=\"stApp\"]').dataset.testScriptState !== 'running'"
#: Two looks, half a second apart, in which nothing came and nothing moved.
_STILL = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  const now = document.querySelectorAll('*').length + ':' + main.scrollHeight;
  const before = window.callboardBefore;
  window.callboardBefore = now;
  return now === before;
}"""


def settled(page: Page) -> None:
    """Until it has its status, every chart that it has is drawn, its fonts are there, and nothing comes any more."""
    expect(page.locator(".cb-status, .cb-wall").first).to_be_visible(timeout=FIRST_MS)
    page.wait_for_function(_RUNNING, timeout=FIRST_MS)
    page.wait_for_function(_STILL, polling=500, timeout=FIRST_MS)
    for chart in page.get_by_test_id("stVegaLiteChart").all():
        expect(chart.locator(".marks").first).to_be_visible(timeout=FIRST_MS)
    page.evaluate("() => document.fonts.ready.then(() => null)")
