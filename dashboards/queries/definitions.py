"""The queries of the definitions: the whole catalogue, and which definition is in force for each queue."""

from __future__ import annotations

from dashboards.queries.places import QUEUES
from dashboards.queries.scoped import Query, scoped
from pipeline.kpis.settings import BEHAVIOUR, DEFINITION, INCLUSIVE, SHORT_US, THRESHOLD_US

_WHOLE = """
SELECT name, title, unit, formula, description, source, higher_is_better, target, example
FROM kpi_catalogue ORDER BY title, name
"""

_VALID_FROM = "coalesce(settings.valid_from, '-infinity'::TIMESTAMPTZ)"
_VALID_TO = "coalesce(settings.valid_to, 'infinity'::TIMESTAMPTZ)"
_MICRO = "0.000001::DECIMAL(7,6)"

# Every queue that had traffic or is described. One without settings goes by the defaults.
_IN_FORCE = f"""
SELECT queues.client, queues.queue, settings.valid_from, settings.valid_to, {DEFINITION} AS definition,
  {THRESHOLD_US} * {_MICRO} AS threshold_seconds, {INCLUSIVE} AS threshold_inclusive,
  {SHORT_US} * {_MICRO} AS short_abandon_seconds, {BEHAVIOUR} AS short_abandons, settings.service_level_target,
  settings.abandonment_target, settings.client IS NOT NULL AS described,
  settings.client IS NULL OR ({_VALID_FROM} <= $at AND {_VALID_TO} > $at) AS in_force
FROM (SELECT client, queue FROM {QUEUES}
    UNION SELECT client, queue FROM {scoped("centre_queues", "queue")}) queues
  LEFT JOIN {scoped("centre_queues", "queue")} settings USING (client, queue)
WHERE ($client IS NULL OR queues.client = $client)
ORDER BY queues.client, queues.queue, settings.valid_from NULLS FIRST
"""

WHOLE = Query("catalogue_whole", _WHOLE, every_seconds=30)
IN_FORCE = Query("definitions_in_force", _IN_FORCE, every_seconds=30)

QUERIES = (WHOLE, IN_FORCE)
