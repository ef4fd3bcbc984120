"""The queries of the floor: who waits, what came of the last minutes, who is free.

A query answers for all clients of the scope and for each at once (``GROUPING SETS``; the row with client NULL is all of
them), so that one run serves every viewer with that scope. Ratios are never added up: their formulas come from the KPI
catalogue and are applied to summed counts.
"""

from __future__ import annotations

from dashboards.queries.scoped import Query, scoped
from pipeline.kpis.catalogue import Ratio, catalogue
from pipeline.kpis.measures import ratio_sql, select_kpis

#: The classic definitions of service level that a viewer may choose from, the default first.
SERVICE_LEVELS = (
    "service_level_abandons_negative",
    "service_level_abandons_ignored",
    "service_level_abandons_positive",
    "service_level_answered_only",
)
#: Minutes that the headline numbers look back.
WINDOWS = (30, 60)
#: Hours in the charts.
HISTORY_HOURS = 6

_SHOWN = ("offered", "answered", "abandoned", "short_abandoned", "sales")
_RATIOS = (*SERVICE_LEVELS, "abandonment_rate", "sales_per_answered", "asa_seconds")


def _ratio_of(name: str) -> Ratio:
    kpi = catalogue()[name]
    assert isinstance(kpi, Ratio)  # noqa: S101 - the names above are ours
    return kpi


def _ratio(name: str) -> str:
    return f"{ratio_sql(_ratio_of(name))} AS {name}"


def _measures() -> list[str]:
    """What is shown and what the ratios need, each once."""
    needed = [name for ratio in _RATIOS for name in _ratio_of(ratio).inputs]
    return list(dict.fromkeys([*_SHOWN, *needed]))


def _sums() -> str:
    kinds = {name: "" if catalogue()[name].unit == "seconds" else "::BIGINT" for name in _measures()}
    return ",\n    ".join(f"sum({name}){kind} AS {name}" for name, kind in kinds.items())


def _ratios() -> str:
    return ",\n  ".join(_ratio(name) for name in _RATIOS)


_MOMENT = f"""
SELECT client, queue, sum(waiting)::BIGINT AS waiting,
  max(longest_wait_seconds) AS longest_wait_seconds, sum(in_progress)::BIGINT AS in_progress
FROM {scoped("queue_now(as_of := $at)", "queue")}
GROUP BY GROUPING SETS ((client, queue), (client), ())
"""

_AGENTS = f"""
SELECT client, state, count(*) AS agents
FROM {scoped("agent_now(as_of := $at)", "agent")}
GROUP BY GROUPING SETS ((client, state), (state))
"""


def _window(period: str) -> str:
    return f"""
SELECT client, queue, {", ".join(_measures())},
  {_ratios()}
FROM (
  SELECT client, queue,
    {_sums()}
  FROM {scoped(period, "queue")}
  GROUP BY GROUPING SETS ((client, queue), (client), ()))
"""


_OCCUPANCY = f"""
SELECT client, agents, {_ratio("occupancy")}
FROM (
  SELECT client, count(*) AS agents, sum(on_contact_seconds) AS on_contact_seconds,
    sum(wrap_up_seconds) AS wrap_up_seconds, sum(available_seconds) AS available_seconds
  FROM {scoped("occupancy($start, $stop)", "agent")}
  GROUP BY GROUPING SETS ((client), ()))
"""


def _history(cells: str) -> str:
    return f"""
SELECT client, quarter, offered, answered, abandoned,
  {", ".join(_ratio(name) for name in SERVICE_LEVELS)}
FROM (
  SELECT client, quarter,
    {_sums()}
  FROM {cells}
  WHERE quarter >= $start AND quarter < $stop
  GROUP BY GROUPING SETS ((client, quarter), (quarter)))
ORDER BY quarter
"""


# Of a past moment the quarters are made of the cells as they stood then.
_QUARTERS_AS_OF = (
    "("
    + select_kpis(
        "client, queue, time_bucket(INTERVAL 15 MINUTE, minute) AS quarter",
        scoped("rated_cells_as_of($start, $stop, $at, NULL)", "queue"),
    )
    + ")"
)

MOMENT = Query("moment", _MOMENT)
AGENTS = Query("agents", _AGENTS)
WINDOW_AS_OF = Query("window_as_of", _window("kpi_as_of($start, $stop, $at)"))
WINDOW = Query("window", _window("kpi_between($start, $stop)"), past=WINDOW_AS_OF)
OCCUPANCY = Query("occupancy", _OCCUPANCY)
HISTORY_AS_OF = Query("history_as_of", _history(_QUARTERS_AS_OF), every_seconds=5)
HISTORY = Query("history", _history(scoped("kpi_15min", "queue")), every_seconds=5, past=HISTORY_AS_OF)

QUERIES = (MOMENT, AGENTS, WINDOW, WINDOW_AS_OF, OCCUPANCY, HISTORY, HISTORY_AS_OF)
