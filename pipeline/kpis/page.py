"""docs/reference/kpis.md, generated from the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.domain.definitions import SHORT_ABANDON_SECONDS, THRESHOLD_SECONDS
from pipeline.kpis.catalogue import Definition, Measure, Ratio, Reading, catalogue

PAGE = Path("docs/reference/kpis.md")

_HEAD = f"""# KPIs

<!-- Generated from pipeline/kpis/catalogue.yaml by `make docs`; do not edit. -->

Every number callboard shows is defined here, once. The same catalogue generates the columns of `kpi_minute`,
`kpi_15min`, `kpi_hour`, `kpi_day`, `kpi_local_hour`, `kpi_local_day`, `kpi_between(start, stop)` and
`kpi_by_...(start, stop)` in `live.duckdb`, the definitions of `service_levels(start, stop)`, and those on the board.

- Counts belong to the minute in which the segment entered the queue, so a call that spans an hour is counted once.
- No threshold is counted into a fact. Every wait is kept exactly, and what is in time is decided when it is read, under
  the settings of the queue that were in force at the queue entry. `kpi_between(start, stop, definitions_at := moment)`
  and `service_levels(..., definitions_at := moment)` read the same history under the settings of one moment.
- `kpi_as_of(start, stop, as_of)` gives a period as a board showed it at `as_of`: of the events up to that moment of
  event time. A contact that waited then is waiting, whatever became of it; `kpi_between` knows the outcome.
  `service_levels_as_of(start, stop, as_of)` does so for every definition of service level.
- Without settings the threshold is {THRESHOLD_SECONDS} s, an answer at exactly {THRESHOLD_SECONDS} s included; a short
  abandon waited at most {SHORT_ABANDON_SECONDS} s and counts like any other.
- Waiting is measured from queue entry. (Talkdesk starts its short-abandon clock when the call is initiated.)
- Ratios are computed from sums when read, so an hour's ratio is never an average of its minutes' ratios.
- Nothing below the line gives NULL, shown as "no traffic": never 0 and never 100 %.
- Any other threshold, limit or boundary: `service_levels(start, stop, threshold_seconds := 30, boundary := '<')`, from
  every single wait.
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
    parts.append(_SERVICE_LEVEL)
    parts.extend(_definition(definition) for definition in cat.definitions)
    parts.append(f"| `{cat.contract.name}` | - | {cat.contract.formula} | {cat.contract.description} | - | callboard |")
    parts.append("\nThe terms:\n\n| term | counts queued segments that were |\n|---|---|")
    parts.extend(f"| `{term.name}` | {term.description} |" for term in cat.terms)
    return "\n".join(parts) + "\n"


_SERVICE_LEVEL = """
## Definitions of service level

No two vendors agree on one, so all of them stand side by side in `service_levels(start, stop)`, per client and queue,
per client (queue NULL) and over all (both NULL): numerator, denominator, service level from 0 to 1 and the threshold
that held. What its settings say of short abandons is applied to a queue before any of these.

| `short_abandons` | what becomes of abandons within the short-abandon limit | as at |
|---|---|---|
| `counted` | abandons like any other | Asterisk, FreeSWITCH, Amazon Connect |
| `excluded` | in neither side of abandonment and service level | Google CCAI, Talkdesk, NewVoiceMedia |
| `excluded_from_service_level` | in neither side of service level; abandonment counts them | Genesys Cloud |
| `not_offered` | not counted as calls at all | Cisco ICM |

| name | variant | formula | meaning | example | source |
|---|---|---|---|---|---|"""


def _definition(definition: Definition) -> str:
    return (
        f"| `{definition.name}` | {definition.variant} | `{definition.formula}` | {definition.description} | "
        f"{definition.example.in_words} | {definition.source} |"
    )


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
