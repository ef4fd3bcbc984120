"""The queries of the history: any period by any grain and grouping, what was corrected in it, all definitions of it.

``$grain`` (whole, quarter, hour, day, week, month) is of the clocks of ``$zone``: the hour that the clocks repeat is
two, and a day has 23, 24 or 25 hours. ``$grouping`` is all or an attribute of the rows. Ratios are of summed counts
and percentiles of all single waits, so a week's number is never an average of its days' numbers.

``$definitions_at``: the moment whose settings hold for everything, or NULL: each minute has those of its own time.
"""

from __future__ import annotations

from dashboards.queries.places import chosen
from dashboards.queries.scoped import Query, scoped
from pipeline.kpis.dimensions import select_agent_kpis
from pipeline.kpis.measures import select_kpis
from pipeline.kpis.settings import join_settings

#: By what rows of cells can be grouped, and by what answered segments can.
CELL_GROUPINGS = ("all", "client", "line", "queue", "channel", "direction", "language", "skill", "site")
AGENT_GROUPINGS = ("agent", "team")
GRAINS = ("whole", "quarter", "hour", "day", "week", "month")

_LIMITS = "minute >= $start AND minute < $stop"
_FILTERS = chosen("client", "queue", "channel", "line", "language", "skill", "site")
# A DATE at midnight of the zone; the specifier must be one that date_trunc knows even where it is not used.
_DAYS = "date_trunc(CASE WHEN $grain IN ('week', 'month') THEN $grain ELSE 'day' END, wall)"
_BUCKET = f"""CASE $grain WHEN 'whole' THEN $start
    WHEN 'quarter' THEN minute - (wall - time_bucket(INTERVAL 15 MINUTE, wall))
    WHEN 'hour' THEN minute - (wall - date_trunc('hour', wall))
    ELSE greatest({_DAYS} AT TIME ZONE $zone, $start) END"""


def _part(*names: str) -> str:
    parts = " ".join(f"WHEN '{name}' THEN {name}" for name in names)
    return f"CASE $grouping {parts} END"


def _placed(rows: str, *more: str) -> str:
    """Rows with client, queue, channel and minute: with their queue's attributes then, the filters, and the keys."""
    places = join_settings("cells", "cells.minute", "places", scoped("centre_queues", "queue"))
    part = _part(*CELL_GROUPINGS[1:], *more)
    return f"""(
  SELECT * REPLACE (CASE WHEN $grouping <> 'all' THEN client END AS client), {part} AS part, {_BUCKET} AS bucket
  FROM (
    SELECT cells.*, minute AT TIME ZONE $zone AS wall, line, language, skill, site
    FROM {rows} cells {places})
  WHERE {_FILTERS} AND {_LIMITS})"""


def _cells(rows: str) -> str:
    """One row per bucket, client and part, in their order; with no grouping the client is NULL."""
    keys = "bucket, client, part"
    return f"{select_kpis(keys, _placed(scoped(rows, 'queue')))} ORDER BY bucket, client, part"


def _answers(rows: str) -> str:
    """As ``_cells``, of answered segments by who answered, or by that person's team today."""
    people = scoped("centre_agents", "agent")
    answers = f"""(
      SELECT segments.*, date_trunc('minute', queued_at) AS minute, team
      FROM {scoped(rows, "contact")} segments LEFT JOIN {people} people
        ON people.client = segments.client AND people.agent = segments.agent)"""
    return f"{select_agent_kpis('bucket, client, part', _placed(answers, *AGENT_GROUPINGS))} ORDER BY ALL"


_CORRECTIONS = f"""
SELECT bucket, client, part, measure, count(*) AS times, sum(after - before) AS change, max(noted_at) AS noted_at
FROM {_placed(scoped("corrections", "queue"))}
GROUP BY ALL ORDER BY ALL
"""


# The macro has no attributes of queues, and its totals are of all queues: those here are of the rows that are chosen.
def _levels(macro: str) -> str:
    return f"""
SELECT definition, sum(numerator)::BIGINT AS numerator, sum(denominator)::BIGINT AS denominator,
  sum(numerator) / nullif(sum(denominator), 0) AS service_level
FROM {scoped(macro, "queue")}
WHERE queue IS NOT NULL AND {chosen("client", "queue")}
GROUP BY definition ORDER BY definition
"""


CELLS_AS_OF = Query("history_cells_as_of", _cells("rated_cells_as_of($start, $stop, $at, $definitions_at)"))
CELLS = Query("history_cells", _cells("rated_cells($definitions_at)"), past=CELLS_AS_OF)
ANSWERS_AS_OF = Query("history_answers_as_of", _answers("segments_as_of($start, $stop, $at)"))
ANSWERS = Query("history_answers", _answers("segment_rows"), past=ANSWERS_AS_OF)
CORRECTIONS = Query("history_corrections", _CORRECTIONS)
LEVELS_AS_OF = Query(
    "history_levels_as_of", _levels("service_levels_as_of($start, $stop, $at, definitions_at := $definitions_at)")
)
LEVELS = Query(
    "history_levels", _levels("service_levels($start, $stop, definitions_at := $definitions_at)"), past=LEVELS_AS_OF
)

QUERIES = (CELLS, CELLS_AS_OF, ANSWERS, ANSWERS_AS_OF, CORRECTIONS, LEVELS, LEVELS_AS_OF)
