"""What a report may say: measures and ratios of the catalogue, and service level under whichever definition."""

from __future__ import annotations

from pipeline.kpis.catalogue import Measure, Ratio, catalogue
from pipeline.kpis.measures import ratio_sql

SERVICE_LEVEL = "service_level"

#: Measures that ``recompute`` counts: sums of conditions and of durations, and the longest wait.
COUNTED = (
    "offered",
    "answered",
    "abandoned",
    "short_abandoned",
    "short_excluded",
    "left_timeout",
    "left_key",
    "left_closed",
    "left_callback",
    "answered_in_target",
    "wait_seconds_answered",
    "wait_seconds_abandoned",
    "wait_seconds_left",
    "handled",
    "talk_seconds",
    "hold_seconds",
    "wrap_seconds",
    "held",
    "transferred",
    "longest_wait_seconds",
)


def _known() -> dict[str, Measure | Ratio]:
    known: dict[str, Measure | Ratio] = {m.name: m for m in catalogue().measures if m.name in COUNTED}
    known |= {r.name: r for r in catalogue().ratios if r.formula and not r.definition and set(r.inputs) <= known.keys()}
    return known


_KNOWN = _known()
#: Names of all measures that a mapping may name.
MEASURES = (*_KNOWN, SERVICE_LEVEL)
#: Those that are whole numbers and must be equal exactly.
COUNTS = frozenset(name for name, kpi in _KNOWN.items() if kpi.unit == "count")
#: Those from 0 to 1.
RATIOS = frozenset({SERVICE_LEVEL, *(name for name, kpi in _KNOWN.items() if kpi.unit == "ratio")})
#: The formulas, over the columns that ``recompute`` counts.
FORMULAS = {name: ratio_sql(kpi) for name, kpi in _KNOWN.items() if isinstance(kpi, Ratio)}


def unit(name: str) -> str:
    """count, seconds or ratio."""
    return "ratio" if name == SERVICE_LEVEL else str(_KNOWN[name].unit)
