"""The queries of chat and messaging: who waits, how quickly agents answer, how many contacts an agent holds at once."""

from __future__ import annotations

from dashboards.queries.scoped import Query, scoped
from dashboards.queries.totals import formulas, levels, sets, sums

#: Written, and answered at once: email and other work that may wait is of ``backlog``.
LIVE = "list_contains(written_channels(), channel) AND NOT list_contains(deferred_channels(), channel)"

_WAITING = f"""
SELECT {levels("client", "queue")}, any_value(channel) AS channel,
  {sums(("waiting", "in_progress"))}, max(longest_wait_seconds) AS longest_wait_seconds
FROM {scoped("queue_now_by_rule(as_of := $at)", "queue")}
WHERE {LIVE} {sets("client", "queue")}
ORDER BY client, queue
"""

# Percentiles are of all turns of a row together: those of queues cannot be put together.
_RESPONSES = f"""
SELECT *, {formulas("first_response_average_seconds", "agent_response_average_seconds")}
FROM (
  SELECT {levels("client", "queue")}, any_value(channel) AS channel, count(*) FILTER (turn = 0) AS conversations,
    count(*) FILTER (turn > 0) AS conversations_reopened, count(first_response_seconds) AS first_responses,
    sum(first_response_seconds) AS first_response_seconds,
    quantile_disc(first_response_seconds, 0.5) AS first_response_p50_seconds,
    quantile_disc(first_response_seconds, 0.9) AS first_response_p90_seconds,
    sum(agent_responses)::BIGINT AS agent_responses, sum(response_seconds) AS agent_response_seconds,
    {sums(("customer_messages", "agent_messages", "bot_messages"))}
  FROM {scoped("responses_between($start, $stop)", "queue")}
  WHERE {LIVE} {sets("client", "queue")})
ORDER BY client, queue
"""

# Slots of those whose capacity is known; what others hold is in no share.
_CONCURRENCY = f"""
SELECT *, {formulas("average_concurrency", "slot_occupancy")}
FROM (
  SELECT {levels("client", "channel")}, max(peak_concurrency) AS peak_concurrency,
    sum(contact_seconds) AS contact_seconds, sum(busy_seconds) AS busy_seconds,
    sum(used_slot_seconds) FILTER (available_slot_seconds IS NOT NULL) AS used_slot_seconds,
    sum(available_slot_seconds) AS available_slot_seconds
  FROM {scoped("concurrency($start, $stop)", "agent")}
  WHERE {LIVE} {sets("client", "channel")})
ORDER BY client, channel
"""

# Slots now: of the agents at work with a capacity for the channel.
_SLOTS = f"""
WITH held AS (
  SELECT client, agent, channel, count(*) AS held
  FROM {scoped("open_contacts($at)", "contact")}
  WHERE doing = 'in_progress' AND left_out_by IS NULL GROUP BY client, agent, channel),
able AS (
  SELECT client, agent, entry.key AS channel, entry.value AS capacity
  FROM (SELECT client, agent, unnest(map_entries(capacity)) AS entry FROM {scoped("centre_agents", "agent")})
  SEMI JOIN (
    SELECT client, agent FROM {scoped("agent_now(as_of := $at)", "agent")}
    WHERE state IN ('available', 'on_contact', 'wrap_up')) USING (client, agent))
SELECT {levels("client", "channel")}, count(*) AS agents, sum(capacity)::BIGINT AS slots,
  sum(coalesce(held, 0))::BIGINT AS slots_used, count(*) FILTER (held >= capacity) AS agents_full
FROM able LEFT JOIN held USING (client, agent, channel)
WHERE {LIVE} {sets("client", "channel")}
ORDER BY client, channel
"""

WAITING = Query("digital_waiting", _WAITING, every_seconds=2)
RESPONSES = Query("responses", _RESPONSES, every_seconds=15)
CONCURRENCY = Query("concurrency", _CONCURRENCY, every_seconds=15)
SLOTS = Query("slots", _SLOTS, every_seconds=5)

QUERIES = (WAITING, RESPONSES, CONCURRENCY, SLOTS)
