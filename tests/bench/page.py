"""Writes the tables of docs/explanation/performance.md from build/bench.json: ``python -m tests.bench.page``."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from tests.bench.child import ROOT
from tests.bench.report import REPLAYS, markdown

RESULTS = ROOT / "build" / "bench.json"
PAGE = ROOT / "docs" / "explanation" / "performance.md"
BEGIN = "<!-- figures: written by python -m tests.bench.page from build/bench.json -->"
END = "<!-- end of figures -->"


def with_figures(page: str, figures: str, marker: str = BEGIN) -> str:
    """The page with other figures between its two markers."""
    before, begin, rest = page.partition(marker)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError("the page has lost its markers")
    return f"{before}{marker}\n\n{figures}\n\n{END}{after}"


def write_page(results: Path = RESULTS, page: Path = PAGE) -> None:
    """Replace the figures on the page."""
    measured = msgspec.json.decode(results.read_bytes())
    missing = {*REPLAYS, "latency"} - measured.keys()
    if missing:
        raise ValueError(f"a run of only a part of the bench is not for the page: {', '.join(sorted(missing))} missing")
    figures = markdown(measured)
    page.write_text(with_figures(page.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    if not RESULTS.is_file():
        sys.exit("there are no figures yet: run make bench first")
    write_page()
