"""All SQL of the board: a closed registry of named queries over the published views.

No text from outside ever becomes SQL; moments are parameters. A query answers for all clients and for each at once
(``GROUPING SETS``; the row with client NULL is all of them), so that one run serves every viewer, whatever the filter.
Ratios are never added up: their formulas come from the KPI catalogue and are applied to summed counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.kpis.catalogue import Ratio, catalogue
from pipeline.kpis.measures import ratio_sql

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
LATEST_ROWS = 15

_SHOWN = ("offered", "answered", "abandoned", "short_abandoned", "sales")
_RATIOS = (*SERVICE_LEVELS, "abandonment_rate", "sales_per_answered", "asa_seconds")


@dataclass(frozen=True, slots=True)
class Query:
    """``parameters`` are the names of its moments; a query without any changes only when the store does."""

    name: str
    sql: str
    parameters: tuple[str, ...] = ()


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


_META = "SELECT published_at, generation, callboard_version, newest_event_at, corrections, lag FROM meta"

_CATALOGUE = "SELECT name, title, unit, formula, description, source, higher_is_better, target FROM kpi_catalogue"

_MOMENT = """
SELECT client, queue, sum(waiting)::BIGINT AS waiting,
  max(longest_wait_seconds) AS longest_wait_seconds, sum(in_progress)::BIGINT AS in_progress
FROM queue_now(as_of := $at)
GROUP BY GROUPING SETS ((client, queue), (client), ())
"""

_AGENTS = """
SELECT client, state, count(*) AS agents
FROM agent_now(as_of := $at)
GROUP BY GROUPING SETS ((client, state), (state))
"""

_WINDOW = f"""
SELECT client, queue, {", ".join(_measures())},
  {_ratios()}
FROM (
  SELECT client, queue,
    {_sums()}
  FROM kpi_between($start, $stop)
  GROUP BY GROUPING SETS ((client, queue), (client), ()))
"""  # noqa: S608

_OCCUPANCY = f"""
SELECT client, agents, {_ratio("occupancy")}
FROM (
  SELECT client, count(*) AS agents, sum(on_contact_seconds) AS on_contact_seconds,
    sum(wrap_up_seconds) AS wrap_up_seconds, sum(available_seconds) AS available_seconds
  FROM occupancy($start, $stop)
  GROUP BY GROUPING SETS ((client), ()))
"""  # noqa: S608

_HISTORY = f"""
SELECT client, quarter, offered, answered, abandoned,
  {", ".join(_ratio(name) for name in SERVICE_LEVELS)}
FROM (
  SELECT client, quarter,
    {_sums()}
  FROM kpi_15min
  WHERE quarter >= $start AND quarter < $stop
  GROUP BY GROUPING SETS ((client, quarter), (quarter)))
ORDER BY quarter
"""  # noqa: S608

_PARTITIONS = """
SELECT topic, "partition", epoch, first_offset, next_offset, log_end_offset, lag, stored, duplicates, rejected,
  next_offset - first_offset AS consumed,
  next_offset - first_offset = stored + duplicates + rejected AS holds,
  watermark AS newest_event_at, published_at
FROM offsets
ORDER BY topic, "partition", epoch
"""

_DUPLICATES = """
SELECT count(*) AS duplicates, count(*) FILTER (conflicting) AS conflicting FROM duplicates
"""

_REJECT_REASONS = """
SELECT reason, count(*) AS rejected, max(received_at) AS latest_at FROM rejects
GROUP BY reason ORDER BY rejected DESC, reason
"""

# Neither key nor value: the board shows what is wrong with a record, never what is in it.
_REJECTS = f"""
SELECT received_at, reason, detail, topic, "partition", epoch, "offset", size_bytes
FROM rejects ORDER BY received_at DESC, topic, "partition", epoch DESC, "offset" DESC LIMIT {LATEST_ROWS}
"""  # noqa: S608

_CORRECTIONS = f"""
SELECT noted_at, client, queue, minute, measure, before, after, late_by_seconds
FROM corrections ORDER BY noted_at DESC, minute DESC, client, queue, measure LIMIT {LATEST_ROWS}
"""  # noqa: S608


# Gaps first: what is unknown was left out, what is lost is lost. ``things`` counts what the limit leaves out as well.
_SOURCES = f"""
SELECT client, source, adapter, kind, name, records, gap_seconds, latest_at, count(*) OVER () AS things
FROM source_health
ORDER BY kind <> 'gap', latest_at DESC, client, source, adapter, kind, name LIMIT {LATEST_ROWS}
"""  # noqa: S608


def window(minutes: int) -> str:
    """The name of the query for the last ``minutes``."""
    return f"window_{minutes}"


def occupancy(minutes: int) -> str:
    """The name of the occupancy query for the last ``minutes``."""
    return f"occupancy_{minutes}"


def _registry() -> Mapping[str, Query]:
    queries = [
        Query("meta", _META),
        Query("catalogue", _CATALOGUE),
        Query("moment", _MOMENT, ("at",)),
        Query("agents", _AGENTS, ("at",)),
        Query("history", _HISTORY, ("start", "stop")),
        Query("partitions", _PARTITIONS),
        Query("duplicates", _DUPLICATES),
        Query("reject_reasons", _REJECT_REASONS),
        Query("rejects", _REJECTS),
        Query("corrections", _CORRECTIONS),
        Query("sources", _SOURCES),
    ]
    for minutes in WINDOWS:
        queries.append(Query(window(minutes), _WINDOW, ("start", "stop")))
        queries.append(Query(occupancy(minutes), _OCCUPANCY, ("start", "stop")))
    return MappingProxyType({query.name: Query(query.name, query.sql.strip(), query.parameters) for query in queries})


#: Every query of the board by name.
QUERIES: Mapping[str, Query] = _registry()
