"""The queries of the agents' page: who is in which state since when, what came of a period, one agent's day.

Agents without a sign of life for too long are in no number here, by the rule of the store (``agent_states``); they have
a query of their own. Ratios come from summed counts by the catalogue's formulas, never from other ratios.
"""

from __future__ import annotations

from dashboards.queries.floor import STATES as _STATES
from dashboards.queries.places import CHOSEN_AGENTS
from dashboards.queries.scoped import Query, scoped
from dashboards.queries.totals import formulas

STATES = (*_STATES, "unavailable")

_PEOPLE = scoped("centre_agents", "agent")
_TEAM = f"""($team IS NULL OR (client, agent) IN (
    SELECT (members.client, members.agent) FROM {_PEOPLE} members WHERE members.team = $team))"""
#: The condition of the page's filters over rows with the columns client and agent.
CHOSEN = f"{CHOSEN_AGENTS} AND {_TEAM}"

# One row for each agent, for each team (of its client) and for all. An agent of no team is of the team NULL.
_LEVELS = "GROUPING SETS ((client, team, agent), (client, team), ())"
_DIMENSION = """CASE grouping(client, team, agent) WHEN 0 THEN 'agent' WHEN 1 THEN 'team' ELSE 'all' END AS dimension,
  client, team, agent, CASE WHEN grouping(team) = 0 THEN any_value(site) END AS site,
  CASE WHEN grouping(team) = 0 THEN any_value(supervisor) END AS supervisor"""

_COUNTS = ", ".join(f"count(*) FILTER (state = '{state}') AS {state}" for state in STATES)

# The limits of states stand in agents_over_limit, and nowhere else.
_NOW = f"""
SELECT {_DIMENSION}, count(*) AS signed_in, {_COUNTS}, count(limit_seconds) AS over_limit,
  CASE WHEN grouping(agent) = 0 THEN any_value(state) END AS state,
  CASE WHEN grouping(agent) = 0 THEN any_value(coalesce(reason, presence)) END AS reason,
  CASE WHEN grouping(agent) = 0 THEN any_value(since) END AS since,
  CASE WHEN grouping(agent) = 0 THEN any_value(seconds_in_state) END AS seconds_in_state,
  CASE WHEN grouping(agent) = 0 THEN any_value(limit_seconds) END AS limit_seconds
FROM (SELECT * FROM {scoped("agent_now_by_rule(as_of := $at)", "agent")} WHERE {CHOSEN}) now
  LEFT JOIN (
    SELECT client, agent, limit_seconds FROM {scoped("agents_over_limit(as_of := $at)", "agent")}) over_limits
    USING (client, agent)
  LEFT JOIN {_PEOPLE} people USING (client, agent)
GROUP BY {_LEVELS}
"""

_PERIOD_COUNTS = ("handled", "answered", "sales", "agents_planned")
_PERIOD_SECONDS = (
    "available_seconds", "on_contact_seconds", "wrap_up_seconds", "talk_seconds", "hold_seconds", "wrap_seconds",
    "adherent_seconds", "scheduled_seconds", "signed_in_seconds", "left_out_seconds",
)  # fmt: skip


# Handled are contacts that ended in the period (as in agent_kpis); conversion is of those that entered a queue in it
# (as in kpi_by_agent): the catalogue says so of each.
_PERIOD = f"""
SELECT *, {formulas("occupancy_connect", "agent_aht_seconds", "adherence", "sales_per_answered")}
FROM (
  SELECT {_DIMENSION}, {", ".join(f"sum({name})::BIGINT AS {name}" for name in _PERIOD_COUNTS)},
    {", ".join(f"sum({name}) AS {name}" for name in _PERIOD_SECONDS)}
  FROM (
    SELECT client, agent, coalesce(handled, 0) AS handled, coalesce(answered, 0) AS answered,
      coalesce(sales, 0) AS sales, coalesce(scheduled_seconds > 0, false)::INT
        AS agents_planned,
      {", ".join(f"coalesce({name}, 0) AS {name}" for name in _PERIOD_SECONDS)}
    FROM (
      SELECT * EXCLUDE (answered, site, team, supervisor)
      FROM {scoped("agent_kpis($start, $stop, as_of := $at)", "agent")} WHERE {CHOSEN}) floor
      FULL JOIN (
        SELECT client, agent, adherent_seconds, scheduled_seconds
        FROM {scoped("adherence($start, $stop, as_of := $at)", "agent")} WHERE {CHOSEN}) plan USING (client, agent)
      FULL JOIN (
        SELECT client, agent, answered, sales
        FROM {scoped("kpi_by_agent($start, $stop)", "agent")} WHERE {CHOSEN}) taken USING (client, agent))
    LEFT JOIN {_PEOPLE} people USING (client, agent)
  GROUP BY {_LEVELS})
"""

# Shown apart: signed in by the last that was heard of them, and then silent for too long.
_LEFT_OUT = f"""
SELECT CASE WHEN grouping(agent) = 0 THEN 'agent' ELSE 'all' END AS dimension, client, agent, any_value(team) AS team,
  any_value(doing) AS state, any_value(since) AS since, any_value(last_event_at) AS last_event_at,
  max(open_seconds) AS open_seconds, count(*) AS agents
FROM (SELECT * FROM {scoped("unfinished(as_of := $at)", "agent")} WHERE kind = 'agent' AND {CHOSEN}) silent
  LEFT JOIN {_PEOPLE} people USING (client, agent)
GROUP BY GROUPING SETS ((client, agent), ())
ORDER BY open_seconds DESC, client, agent
"""

# Of whom a day can be shown: who is described, and who was ever signed in.
_KNOWN = f"""
SELECT client, agent, team, people.site, supervisor
FROM {_PEOPLE} people
  FULL JOIN (SELECT DISTINCT client, agent FROM {scoped("span_rows", "agent")} WHERE started_at <= $at) seen
    USING (client, agent)
ORDER BY client, agent
"""

# What the agent did, what was planned and which contacts there were, in one list of spans. A span without an end lasts
# up to the moment; ``counted_until`` is where a silent one stops being counted.
_DAY = f"""
SELECT 'state' AS lane, state AS what, coalesce(reason, presence) AS detail,
  greatest(started_at, $start::TIMESTAMPTZ) AS started_at, counted_until AS ended_at, ended_at IS NULL AS is_open, aged
FROM {scoped("agent_states(as_of := $at, since := $start)", "agent")}
WHERE client = $of_client AND agent = $agent AND counted_until > $start
UNION ALL BY NAME
SELECT 'plan' AS lane, activity AS what, expects AS detail, starts_at AS started_at, ends_at AS ended_at,
  false AS is_open, false AS aged
FROM {scoped("planned($start, $start::TIMESTAMPTZ + INTERVAL 1 DAY)", "agent")}
WHERE client = $of_client AND agent = $agent
UNION ALL BY NAME
SELECT 'contact' AS lane, channel AS what, queue AS detail, greatest(answered_at, $start::TIMESTAMPTZ) AS started_at,
  least(coalesce(handle_ended_at, $at::TIMESTAMPTZ), $at::TIMESTAMPTZ) AS ended_at,
  coalesce(handle_ended_at > $at::TIMESTAMPTZ, true) AS is_open, false AS aged
FROM {scoped("segment_rows", "contact")}
WHERE client = $of_client AND agent = $agent AND answered_at <= $at::TIMESTAMPTZ
  AND coalesce(handle_ended_at > $start::TIMESTAMPTZ, true)
ORDER BY lane, started_at
"""

NOW = Query("agents_now", _NOW, every_seconds=2)
PERIOD = Query("agents_period", _PERIOD, every_seconds=15)
LEFT_OUT = Query("agents_left_out", _LEFT_OUT, every_seconds=15)
KNOWN = Query("agents_known", _KNOWN, every_seconds=30)
DAY = Query("agents_day", _DAY, every_seconds=5)

QUERIES = (NOW, PERIOD, LEFT_OUT, KNOWN, DAY)
