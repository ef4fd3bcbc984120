"""The rows behind numbers of agents: their spans, what was planned of them, the contacts that they had."""

from __future__ import annotations

from dashboards.queries.agents import CHOSEN
from dashboards.queries.behind.page import entries, of_agents, which
from dashboards.queries.floor import STATES
from dashboards.queries.places import CHOSEN_QUEUES
from dashboards.queries.scoped import Query, scoped
from pipeline.kpis.measures import seconds

#: Of this moment: a state, or whatever lasts for too long.
STAFF = (*STATES, "unavailable")
OVER_LIMIT = "over_limit"
SILENT = "silent"
SPANS = {"on_contact_seconds": "on_contact", "wrap_up_seconds": "wrap_up", "available_seconds": "available"}
#: Of a plan: what of it counts.
PLAN = ("adherent_seconds", "scheduled_seconds")

_PEOPLE = scoped("centre_agents", "agent")
_OF_PACE = f"""($pace IS NULL OR (client, agent) IN (
      SELECT (able.client, able.agent) FROM {_PEOPLE} able JOIN {CHOSEN_QUEUES} queues
        ON queues.client = able.client AND list_contains(able.skills, queues.skill) WHERE queues.pace = $pace))"""

_STAFF_ROWS = f"""
  SELECT since AS began_at, client, agent, state, reason, NULL::TIMESTAMPTZ AS ended_at, seconds_in_state AS value
  FROM (SELECT * FROM {scoped("agent_now_by_rule(as_of := $at)", "agent")} WHERE {CHOSEN}) people
  WHERE {_OF_PACE}
    AND CASE $part WHEN 'unavailable' THEN state NOT IN {STATES}
      WHEN '{OVER_LIMIT}' THEN (client, agent) IN (
        SELECT (late.client, late.agent) FROM {scoped("agents_over_limit(as_of := $at)", "agent")} late)
      ELSE state = $part END"""

_SILENT_ROWS = f"""
  SELECT since AS began_at, client, agent, doing AS state, NULL::VARCHAR AS reason, last_event_at AS ended_at,
    open_seconds AS value
  FROM {scoped("unfinished(as_of := $at)", "agent")}
  WHERE kind = 'agent' AND {CHOSEN}"""

_OF_SPANS = which({name: repr(state) for name, state in SPANS.items()})


# A span counts with the part of it that lies in the period.
def _clipped(ended: str) -> str:
    return seconds(f"(epoch_us(least({ended}, $stop)) - epoch_us(greatest(started_at, $start)))")


_SPAN_ROWS = f"""
  SELECT started_at AS began_at, client, agent, state, reason, ended_at,
    {_clipped("coalesce(ended_at, $stop)")} AS value
  FROM (SELECT * FROM {scoped("agent_spans", "agent")} WHERE {CHOSEN}) spans
  WHERE state = {_OF_SPANS} AND started_at < $stop AND (ended_at IS NULL OR ended_at > $start)"""

# By the rule that a silent agent counts up to the last sign of life.
_STATE_ROWS = f"""
  SELECT started_at AS began_at, client, agent, state, coalesce(reason, presence) AS reason, ended_at,
    {_clipped("counted_until")} AS value
  FROM (SELECT * FROM {scoped("agent_states(as_of := $at, since := $start)", "agent")} WHERE {CHOSEN}) spans
  WHERE state = {_OF_SPANS} AND started_at < $stop AND counted_until > $start"""

_PLAN_ROWS = f"""
  SELECT starts_at AS began_at, client, agent, activity AS state, state AS reason, ends_at AS ended_at, value
  FROM (
    SELECT client, agent, activity, NULL::VARCHAR AS state, starts_at, ends_at,
      {seconds("(epoch_us(ends_at) - epoch_us(starts_at))")} AS value
    FROM {scoped("planned($start, least($stop, $at))", "agent")}
    WHERE $part = 'scheduled_seconds' AND expects <> 'absent'
    UNION ALL BY NAME
    SELECT client, agent, activity, state, starts_at, ends_at, {seconds("us")} AS value
    FROM {scoped("planned_states($start, $stop, as_of := $at)", "agent")}
    WHERE $part = 'adherent_seconds' AND fits) plan
  WHERE {CHOSEN}"""

_HANDLED = """agent IS NOT NULL AND answered_at < least($stop, $at) AND handle_ended_at >= $start
    AND handle_ended_at < least($stop, $at)"""
_TAKEN = """outcome = 'answered' AND queue IS NOT NULL AND date_trunc('minute', queued_at) >= $start
    AND date_trunc('minute', queued_at) < $stop"""
#: Contacts of agents: which count in each part, and what one of them adds.
CONTACTS = {
    "handled": (_HANDLED, "1"),
    "talk_seconds": (f"{_HANDLED} AND talk_us > 0", seconds("talk_us")),
    "hold_seconds": (f"{_HANDLED} AND hold_us > 0", seconds("hold_us")),
    "wrap_seconds": (f"{_HANDLED} AND wrap_us > 0", seconds("wrap_us")),
    "answered": (_TAKEN, "1"),
    "sales": (f"{_TAKEN} AND list_contains(flags, 'sale')", "1"),
}

_CONTACT_ROWS = f"""
  SELECT client, interaction, segment, {which({name: value for name, (_, value) in CONTACTS.items()})} AS value
  FROM {scoped("segment_rows", "agent")}
  WHERE {CHOSEN}
    AND {which({name: f"({condition})" for name, (condition, _) in CONTACTS.items()})}"""

STAFF_ROWS = Query("behind_staff", of_agents(_STAFF_ROWS))
SILENT_ROWS = Query("behind_silent", of_agents(_SILENT_ROWS))
SPAN_ROWS = Query("behind_spans", of_agents(_SPAN_ROWS))
STATE_ROWS = Query("behind_states", of_agents(_STATE_ROWS))
PLAN_ROWS = Query("behind_plan", of_agents(_PLAN_ROWS))
CONTACT_ROWS = Query("behind_contacts", entries(_CONTACT_ROWS))

QUERIES = (STAFF_ROWS, SILENT_ROWS, SPAN_ROWS, STATE_ROWS, PLAN_ROWS, CONTACT_ROWS)
