"""Writes the tables of docs/explanation/boards-performance.md: ``python -m tests.bench_boards.page``."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from tests.bench.child import ROOT
from tests.bench.page import with_figures
from tests.bench_boards.plan import WHOLE_MINUTES
from tests.bench_boards.report import markdown

RESULTS = ROOT / "build" / "bench-boards.json"
BEGIN = "<!-- figures: written by python -m tests.bench_boards.page from build/bench-boards.json -->"
PAGE = ROOT / "docs" / "explanation" / "boards-performance.md"


def write_page(results: Path = RESULTS, page: Path = PAGE) -> None:
    """Replace the figures on the page.

    Raises:
        ValueError: the figures are those of a trial run.
    """
    measured = msgspec.json.decode(results.read_bytes())
    if measured["minutes"] < WHOLE_MINUTES or not {"few", "crowd", "paint"} <= measured.keys():
        raise ValueError(f"a run of less than {WHOLE_MINUTES:g} minutes, or of a part, is not for the page")
    page.write_text(with_figures(page.read_text(encoding="utf-8"), markdown(measured), BEGIN), encoding="utf-8")


if __name__ == "__main__":
    if not RESULTS.is_file():
        sys.exit("there are no figures yet: run make bench-boards first")
    write_page()
