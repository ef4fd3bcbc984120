-- Concurrency: how many contacts an agent has at once, and what share of the agent's slots that uses.

-- What an agent holds: a slot of the channel from the answer until the wrap-up is done. What was never ended was last
-- seen with its last event or message.
CREATE MACRO slots_between(start, stop) AS TABLE
WITH held AS MATERIALIZED (
  SELECT client, interaction, agent, channel, answered_at AS taken_at,
    greatest(handle_ended_at, wrapped_up_at) AS freed_at, last_event_at
  FROM segment_rows
  WHERE segment <> '' AND agent IS NOT NULL AND answered_at < stop::TIMESTAMPTZ
    AND coalesce(greatest(handle_ended_at, wrapped_up_at) > start::TIMESTAMPTZ, true))
SELECT h.client, h.agent, h.channel, h.taken_at, h.freed_at,
  greatest(h.last_event_at, m.last_message_at) AS last_seen_at
FROM held AS h
LEFT JOIN (
  SELECT client, interaction, max(time) AS last_message_at
  FROM messages SEMI JOIN (FROM held WHERE freed_at IS NULL) USING (client, interaction) GROUP BY ALL) AS m
  ON m.client = h.client AND m.interaction = h.interaction;

-- The parts of [start, stop) for which a slot is held. Without an end for aged_after_seconds (centre.yaml, else a day)
-- a contact is aged: its end is missing, and from when it was last seen it holds nothing.
CREATE MACRO slots_held(start, stop) AS TABLE
SELECT client, agent, channel, greatest(taken_at, start::TIMESTAMPTZ) AS taken_at,
  least(freed_at, stop::TIMESTAMPTZ) AS freed_at
FROM (
  SELECT client, agent, channel, taken_at, coalesce(freed_at, CASE
      WHEN last_seen_at + to_seconds(coalesce((
          SELECT any_value(value) FROM centre_settings
          WHERE name = 'aged_after_seconds' AND (valid_from IS NULL OR valid_from <= stop::TIMESTAMPTZ)
            AND (valid_to IS NULL OR valid_to > stop::TIMESTAMPTZ)), default_aged_after_seconds())) <= stop::TIMESTAMPTZ
        THEN last_seen_at ELSE stop::TIMESTAMPTZ END) AS freed_at
  FROM slots_between(start, stop))
WHERE freed_at > start::TIMESTAMPTZ;

-- Seconds with exactly so many contacts open at once, from one upwards, per client, agent and channel.
CREATE MACRO concurrency_levels(start, stop) AS TABLE
WITH held AS (SELECT * FROM slots_held(start, stop)),
edges AS (
  -- All that changes at one moment changes at once: one contact after another is never two.
  SELECT client, agent, channel, moment, sum(change) AS change
  FROM (
    SELECT client, agent, channel, taken_at AS moment, 1 AS change FROM held
    UNION ALL
    SELECT client, agent, channel, freed_at, -1 FROM held)
  GROUP BY client, agent, channel, moment),
levels AS (
  SELECT client, agent, channel, moment, sum(change) OVER w AS open_contacts, lead(moment) OVER w AS until
  FROM edges WINDOW w AS (PARTITION BY client, agent, channel ORDER BY moment))
SELECT client, agent, channel, open_contacts::INTEGER AS open_contacts, sum(seconds_between(moment, until)) AS seconds
FROM levels WHERE open_contacts > 0
GROUP BY client, agent, channel, open_contacts ORDER BY ALL;

-- Slot-seconds used while the agent was at work (available, on contact or in wrap-up): a conversation that stays open
-- over night uses no slot. Only a call is one at a time by nature; other capacities are known from the centre or not.
CREATE MACRO slots_used(start, stop) AS TABLE
SELECT u.client, u.agent, u.channel, sum(seconds_between(
    greatest(u.taken_at, s.started_at), least(u.freed_at, coalesce(s.ended_at, u.freed_at)))) AS used_slot_seconds,
  coalesce(any_value(a.capacity[u.channel]), CASE WHEN u.channel IN ('voice', 'video') THEN 1 END) AS capacity
FROM slots_held(start, stop) AS u JOIN agent_spans AS s
  ON s.client = u.client AND s.agent = u.agent AND s.state IN ('available', 'on_contact', 'wrap_up')
    AND s.started_at < u.freed_at AND (s.ended_at IS NULL OR s.ended_at > u.taken_at)
LEFT JOIN centre_agents AS a ON a.client = u.client AND a.agent = u.agent
GROUP BY u.client, u.agent, u.channel;

-- Per client, agent and channel.
CREATE MACRO concurrency(start, stop) AS TABLE
WITH levels AS (
  SELECT client, agent, channel, max(open_contacts) AS peak_concurrency, sum(seconds) AS busy_seconds,
    sum(seconds * open_contacts) AS contact_seconds
  FROM concurrency_levels(start, stop) GROUP BY client, agent, channel),
present AS (
  SELECT client, agent, on_contact_seconds + wrap_up_seconds + available_seconds AS staffed_seconds
  FROM occupancy(start, stop))
SELECT *, contact_seconds / nullif(busy_seconds, 0) AS average_concurrency,
  used_slot_seconds / nullif(available_slot_seconds, 0) AS slot_occupancy
FROM (
  SELECT l.client, l.agent, l.channel, l.peak_concurrency, l.busy_seconds, l.contact_seconds, u.capacity,
    coalesce(u.used_slot_seconds, 0) AS used_slot_seconds, u.capacity * p.staffed_seconds AS available_slot_seconds
  FROM levels AS l
  LEFT JOIN present AS p ON p.client = l.client AND p.agent = l.agent
  LEFT JOIN slots_used(start, stop) AS u ON u.client = l.client AND u.agent = l.agent AND u.channel = l.channel)
ORDER BY client, agent, channel;

-- Per client and agent over all channels: one call or three chats, so each contact uses its part of the agent. Beside
-- it the occupancy by the clock, for which one chat is as much as three.
CREATE MACRO concurrent_occupancy(start, stop) AS TABLE
SELECT o.client, o.agent, o.on_contact_seconds + o.wrap_up_seconds + o.available_seconds AS staffed_seconds,
  o.occupancy,
  CASE WHEN u.unknown IS NOT TRUE THEN coalesce(u.agent_seconds, 0)
    / nullif(o.on_contact_seconds + o.wrap_up_seconds + o.available_seconds, 0) END AS concurrent_occupancy
FROM occupancy(start, stop) AS o
LEFT JOIN (
  SELECT client, agent, bool_or(capacity IS NULL) AS unknown, sum(used_slot_seconds / capacity) AS agent_seconds
  FROM slots_used(start, stop) GROUP BY client, agent) AS u
  ON u.client = o.client AND u.agent = o.agent
ORDER BY o.client, o.agent;
