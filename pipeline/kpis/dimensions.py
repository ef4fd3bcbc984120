"""The same KPIs by another dimension than the queue: an attribute of the queue, or the agent who answered."""

from __future__ import annotations

from pipeline.kpis.catalogue import Ratio, catalogue
from pipeline.kpis.local_time import LOCAL_COLUMNS
from pipeline.kpis.measures import money, ratio_sql, seconds, select_kpis
from pipeline.kpis.settings import join_settings, minute_of

#: Attributes of a queue that its settings give, as they were when the contact came.
QUEUE_ATTRIBUTES = ("line", "language", "skill", "site")
WINDOW = "minute >= start::TIMESTAMPTZ AND minute < stop::TIMESTAMPTZ"

#: Measures of an agent: what they are of the answered segments of the rows ``answers``.
_AGENT_MEASURES = {
    "answered": "count(*)",
    "wait_seconds_answered": f"sum({seconds('wait_us')})",
    "handled": "count(handle_ended_at)",
    "talk_seconds": f"coalesce(sum({seconds('talk_us')}), 0)",
    "hold_seconds": f"coalesce(sum({seconds('hold_us')}), 0)",
    "wrap_seconds": f"coalesce(sum({seconds('wrap_us')}), 0)",
    "held": "count(*) FILTER (holds > 0)",
    "transferred": "count(transferred_at)",
    "sales": "count(*) FILTER (list_contains(flags, 'sale'))",
}
_CURRENCIES = "count(DISTINCT coalesce(currency, '')) FILTER (amount IS NOT NULL)"


def dimension_statements() -> list[str]:
    """The macros ``kpi_by_...(start, stop)``; whole minutes of queue entry, like ``kpi_between``.

    What those over queues have in common stands in one of them, ``kpi_by``, whose ``keys`` is any struct over the
    cells, their queue's attributes and its local time: the file is written at each publication, and so should be small.
    """
    attributes = ", ".join(f"places.{name}" for name in QUEUE_ATTRIBUTES)
    cells = f"""(
    SELECT *, {LOCAL_COLUMNS}
    FROM (
      SELECT cells.*, {attributes}, coalesce(places.time_zone, 'UTC') AS time_zone
      FROM rated_cells(definitions_at) cells {join_settings("cells", "cells.minute", "places")}))"""
    return [
        "CREATE MACRO kpi_by(keys, start, stop, definitions_at := NULL) AS TABLE "
        f"SELECT unnest(place), * EXCLUDE (place) FROM ({select_kpis('keys AS place', cells, WINDOW)}) ORDER BY ALL",
        *(_by(name) for name in ("client", "channel", *QUEUE_ATTRIBUTES)),
        _by_agent("agent", "answers.client, answers.agent"),
        _by_agent("team", "answers.client, people.team"),
    ]


def _by(name: str) -> str:
    keys = ", ".join(f"'{key}': {key}" for key in dict.fromkeys(("client", name)))
    return (
        f"CREATE MACRO kpi_by_{name}(start, stop, definitions_at := NULL) AS TABLE "
        f"FROM kpi_by({{{keys}}}, start, stop, definitions_at := definitions_at)"
    )


def _by_agent(name: str, keys: str) -> str:
    """Answered segments by who answered them, or by the team that the settings say they are of (NULL: of none)."""
    answers = f"""(SELECT *, {minute_of("queued_at")} AS minute FROM segment_rows) answers
    LEFT JOIN centre_agents people ON people.client = answers.client AND people.agent = answers.agent"""
    return f"CREATE MACRO kpi_by_{name}(start, stop) AS TABLE {select_agent_kpis(keys, answers, WINDOW)} ORDER BY ALL"


def agent_kpis() -> tuple[str, ...]:
    """The names of the measures and ratios of ``select_agent_kpis``."""
    known = {*_AGENT_MEASURES, "revenue"}
    return *_AGENT_MEASURES, "revenue", *(r.name for r in _agent_ratios(known))


def _agent_ratios(known: set[str]) -> list[Ratio]:
    return [ratio for ratio in catalogue().ratios if ratio.inputs and known.issuperset(ratio.inputs)]


def select_agent_kpis(keys: str, source: str, where: str = "true") -> str:
    """All measures and ratios of agents of the segments of ``source`` that were answered, per ``keys``."""
    measures = ",\n    ".join(f"{sql} AS {measure}" for measure, sql in _AGENT_MEASURES.items())
    known = {*_AGENT_MEASURES, "revenue"}
    ratios = _agent_ratios(known)
    shown = ",\n  ".join(f"{ratio_sql(ratio)} AS {ratio.name}" for ratio in ratios)
    return f"""
SELECT *,
  {shown}
FROM (
  SELECT {keys},
    {measures},
    CASE WHEN {_CURRENCIES} <= 1 THEN coalesce(sum({money("amount")}), 0) END AS revenue,
    CASE WHEN {_CURRENCIES} = 1 THEN max(currency) FILTER (amount IS NOT NULL) END AS currency
  FROM {source}
  WHERE outcome = 'answered' AND queue IS NOT NULL AND {where}
  GROUP BY ALL)
"""
