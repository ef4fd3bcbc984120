"""The queries that every page asks: what the numbers mean, what there is to choose from, how new the data is."""

from __future__ import annotations

from dashboards.queries.scoped import Query, scoped

_CATALOGUE = "SELECT name, title, unit, formula, description, source, higher_is_better, target FROM kpi_catalogue"

# Of what happened and of what the centre's description names, for a queue may be new, or quiet.
_PLACES = f"""
SELECT client, queue, any_value(channel) AS channel, any_value(line) AS line, any_value(language) AS language,
  any_value(skill) AS skill, any_value(site) AS site
FROM (
  SELECT client, queue, channel, NULL AS line, NULL AS language, NULL AS skill, NULL AS site
  FROM {scoped("queue_now(as_of := $at)", "queue")}
  UNION ALL BY NAME
  SELECT client, queue, channel, line, language, skill, site FROM {scoped("centre_queues", "queue")}
  WHERE valid_to IS NULL OR valid_to > $at)
GROUP BY client, queue ORDER BY client, queue
"""

_ZONES = f"SELECT client, title, time_zone, currency FROM {scoped('centre_clients', 'client')} ORDER BY client"

_SITES = f"SELECT site, title, time_zone FROM {scoped('centre_sites', 'site')} ORDER BY site"

_PEOPLE = f"SELECT client, agent, team, site FROM {scoped('centre_agents', 'agent')} ORDER BY ALL"

_NEWEST = f"SELECT max(last_event_at) AS newest_event_at FROM {scoped('segments', 'contact')}"

CATALOGUE = Query("catalogue", _CATALOGUE, every_seconds=30)
PLACES = Query("places", _PLACES, every_seconds=5)
ZONES = Query("zones", _ZONES, every_seconds=30)
SITES = Query("sites", _SITES, every_seconds=30)
PEOPLE = Query("people", _PEOPLE, every_seconds=30)
#: An interaction that still is in the menu has no queue: a scope of sites does not see it.
NEWEST = Query("newest", _NEWEST, every_seconds=15)

QUERIES = (CATALOGUE, PLACES, ZONES, SITES, PEOPLE, NEWEST)
