"""docs/reference/kpis.md, generated from the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.domain.definitions import SHORT_ABANDON_SECONDS, TARGET_SECONDS
from pipeline.kpis.catalogue import Measure, Ratio, Reading, catalogue

PAGE = Path("docs/reference/kpis.md")

_HEAD = f"""# KPIs

<!-- Generated from pipeline/kpis/catalogue.yaml by `make docs`; do not edit. -->

Every number callboard shows is defined here, once. The same catalogue generates the columns of `kpi_minute`,
`kpi_15min`, `kpi_hour`, `kpi_day` and `kpi_between(start, stop)` in `live.duckdb` and the definitions on the board.

- Counts belong to the minute in which the segment entered the queue, so a call that spans an hour is counted once.
- The target is {TARGET_SECONDS} s; an answer at exactly {TARGET_SECONDS} s is within it. A short abandon waited at most
  {SHORT_ABANDON_SECONDS} s.
- Ratios are computed from sums when read, so an hour's ratio is never an average of its minutes' ratios.
- Nothing below the line gives NULL, shown as "no traffic": never 0 and never 100 %.
- Any other threshold: `service_level(start, stop, threshold_seconds := 30)`, from every single wait.
"""


def kpi_page() -> str:
    """The page's text."""
    cat = catalogue()
    parts = [_HEAD]
    sections: list[tuple[str, Sequence[Measure | Ratio | Reading]]] = [
        ("Measures", cat.measures),
        ("Ratios and percentiles", cat.ratios),
        ("Agents", cat.agents),
        ("Now", cat.now),
        ("The data itself", cat.data),
        ("Beyond the queue", cat.areas),
    ]
    for title, kpis in sections:
        parts.append(f"\n## {title}\n\n| name | title | unit | formula | up is | meaning | source |\n|{'---|' * 7}")
        parts.extend(_row(kpi) for kpi in kpis)
    return "\n".join(parts) + "\n"


def _row(kpi: Measure | Ratio | Reading) -> str:
    formula = kpi.formula or (f"percentile({kpi.percentile})" if isinstance(kpi, Ratio) else "")
    return f"| `{kpi.name}` | {kpi.title} | {kpi.unit} | `{formula}` | {kpi.up_is} | {kpi.description} | {kpi.source} |"


def check_page(folder: Path) -> list[str]:
    """A line if the page is not what the catalogue says."""
    path = folder / PAGE
    if not path.is_file() or path.read_text(encoding="utf-8") != kpi_page():
        return [f"{PAGE} is not current"]
    return []


def write_page(folder: Path) -> list[Path]:
    """Write the page if it is not current."""
    if not check_page(folder):
        return []
    path = folder / PAGE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(kpi_page(), encoding="utf-8")
    return [path]
