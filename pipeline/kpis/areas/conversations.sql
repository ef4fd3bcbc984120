-- Conversations in writing: who answered whom, and after how long.

-- The channels of written conversations.
CREATE MACRO written_channels() AS ['chat', 'messaging', 'social', 'sms', 'email'];

-- A contact's turns: it begins once, and again each time it is reopened. Times of response count from the turn and not
-- from the creation of the contact. Of contacts of which anything was said in [start, stop).
CREATE MACRO turns_seen(start, stop) AS TABLE
WITH written AS MATERIALIZED (
  SELECT client, interaction, channel, queue, started_at
  FROM contacts_seen(start, stop)
  WHERE list_contains(written_channels(), channel))
SELECT *, lead(began_at) OVER (PARTITION BY client, interaction ORDER BY turn) AS next_began_at
FROM (
  SELECT client, interaction, channel, queue, started_at AS began_at, 0 AS turn FROM written
  UNION ALL
  SELECT r.client, r.interaction, w.channel, w.queue, r.time,
    row_number() OVER (PARTITION BY r.client, r.interaction ORDER BY r.time, r.source, r.id)
  FROM resolution_changes AS r JOIN written AS w ON w.client = r.client AND w.interaction = r.interaction
  WHERE r.status = 'reopened');

CREATE VIEW conversation_turns AS FROM turns_seen('-infinity', 'infinity');

-- Each message from start on of the contacts seen, with the turn that it belongs to; reopenings at one moment are one
-- turn. An agent's message answers if it comes after messages of the customer that no agent has answered, and counts from
-- the first of these. What a bot writes answers nothing here. (A turn that began before start misses its first messages.)
CREATE MACRO messages_seen(start, stop) AS TABLE
SELECT client, interaction, turn, sender, time, source, id,
  CASE WHEN sender = 'agent' THEN min(time) FILTER (sender = 'customer') OVER (
    PARTITION BY client, interaction, turn, answers_before) END AS asked_at
FROM (
  SELECT *, count(*) FILTER (sender = 'agent') OVER (
    PARTITION BY client, interaction, turn ORDER BY time, source, id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS answers_before
  FROM (
    SELECT m.client, m.interaction, m.sender, m.time, m.source, m.id, max(t.turn) AS turn
    FROM messages AS m JOIN turns_seen(start, stop) AS t
      ON t.client = m.client AND t.interaction = m.interaction AND t.began_at <= m.time
    WHERE m.time >= start::TIMESTAMPTZ
    GROUP BY ALL));

CREATE VIEW conversation_messages AS FROM messages_seen('-infinity', 'infinity');

CREATE VIEW agent_responses AS
SELECT client, interaction, turn, asked_at, time AS responded_at, seconds_between(asked_at, time) AS response_seconds
FROM conversation_messages WHERE asked_at IS NOT NULL;

-- One row per turn begun in [start, stop) with its first responses. The first turn is timed from the customer's first
-- message, or from the start if the customer had written nothing before; a later one from the reopening.
CREATE MACRO responses_between(start, stop) AS TABLE
WITH said AS (
  SELECT client, interaction, turn, count(*) FILTER (sender = 'customer') AS customer_messages,
    count(*) FILTER (sender = 'agent') AS agent_messages, count(*) FILTER (sender = 'bot') AS bot_messages,
    count(*) FILTER (sender = 'system') AS system_messages,
    min(time) FILTER (sender = 'customer') AS customer_at, min(time) FILTER (sender = 'agent') AS agent_at,
    min(time) FILTER (sender = 'bot') AS bot_at,
    count(asked_at) AS agent_responses, sum(seconds_between(asked_at, time)) AS response_seconds
  FROM messages_seen(start, stop) GROUP BY client, interaction, turn)
SELECT t.client, t.interaction, t.channel, t.queue, t.turn, t.began_at,
  coalesce(customer_messages, 0) AS customer_messages, coalesce(agent_messages, 0) AS agent_messages,
  coalesce(bot_messages, 0) AS bot_messages, coalesce(system_messages, 0) AS system_messages,
  agent_at AS agent_responded_at,
  seconds_between(CASE WHEN t.turn = 0 AND customer_at <= agent_at THEN customer_at ELSE t.began_at END, agent_at)
    AS first_response_seconds,
  seconds_between(CASE WHEN t.turn = 0 AND customer_at <= bot_at THEN customer_at ELSE t.began_at END, bot_at)
    AS bot_first_response_seconds,
  coalesce(agent_responses, 0) AS agent_responses, coalesce(response_seconds, 0) AS response_seconds
FROM turns_seen(start, stop) AS t
LEFT JOIN said AS s ON s.client = t.client AND s.interaction = t.interaction AND s.turn = t.turn
-- Reopened twice at one moment is reopened once.
WHERE (t.next_began_at IS NULL OR t.next_began_at > t.began_at)
  AND t.began_at >= start::TIMESTAMPTZ AND t.began_at < stop::TIMESTAMPTZ;

CREATE VIEW conversation_responses AS FROM responses_between('-infinity', 'infinity');

-- Turns begun in [start, stop), with all that came of them: per client, queue and channel. Resolution and abandonment
-- are those of the contacts started in [start, stop).
CREATE MACRO conversation_kpis(start, stop) AS TABLE
WITH turned AS (
  SELECT client, queue, channel, count(*) FILTER (turn = 0) AS conversations,
    count(*) FILTER (turn > 0) AS conversations_reopened, sum(customer_messages)::BIGINT AS customer_messages,
    sum(agent_messages)::BIGINT AS agent_messages, sum(bot_messages)::BIGINT AS bot_messages,
    sum(system_messages)::BIGINT AS system_messages, count(first_response_seconds) AS first_responses,
    coalesce(sum(first_response_seconds), 0) AS first_response_seconds,
    quantile_disc(first_response_seconds, 0.5) AS first_response_p50_seconds,
    quantile_disc(first_response_seconds, 0.9) AS first_response_p90_seconds,
    quantile_disc(first_response_seconds, 0.95) AS first_response_p95_seconds,
    count(*) FILTER (first_response_seconds < 3600) AS first_response_under_1h,
    count(*) FILTER (first_response_seconds >= 3600 AND first_response_seconds < 14400) AS first_response_1h_to_4h,
    count(*) FILTER (first_response_seconds >= 14400 AND first_response_seconds < 28800) AS first_response_4h_to_8h,
    count(*) FILTER (first_response_seconds >= 28800 AND first_response_seconds < 86400) AS first_response_8h_to_24h,
    count(*) FILTER (first_response_seconds >= 86400) AS first_response_24h_or_more,
    count(bot_first_response_seconds) AS bot_first_responses,
    coalesce(sum(bot_first_response_seconds), 0) AS bot_first_response_seconds,
    sum(agent_responses)::BIGINT AS agent_responses, sum(response_seconds) AS agent_response_seconds
  FROM responses_between(start, stop)
  GROUP BY client, queue, channel),
botted AS (
  SELECT client, interaction, bool_or(result = 'handed_over') AS handed_over,
    bool_or(result = 'abandoned') AND NOT bool_or(result = 'handed_over') AS abandoned_in_bot
  FROM step_sessions(start, stop, 'bot') GROUP BY client, interaction),
begun AS (
  SELECT client, queue, channel, count(*) FILTER (resolved) AS conversations_resolved,
    coalesce(sum(seconds_between(started_at, resolved_at)) FILTER (resolved), 0) AS conversation_resolution_seconds,
    count(first_resolved_at) AS conversations_resolved_once,
    coalesce(sum(seconds_between(started_at, first_resolved_at)), 0) AS conversation_first_resolution_seconds,
    count(handed_over) AS conversations_with_bot, count(*) FILTER (handed_over) AS conversations_handed_over,
    count(*) FILTER (abandoned_in_bot) AS abandoned_in_bot,
    count(*) FILTER (handed_over AND abandoned) AS abandoned_after_bot,
    count(*) FILTER (handed_over IS NULL AND abandoned) AS abandoned_without_bot
  FROM contacts_between(start, stop) LEFT JOIN botted USING (client, interaction)
  WHERE list_contains(written_channels(), channel)
  GROUP BY client, queue, channel)
SELECT t.*,
  -- Where a reopening is all there was, no contact began.
  coalesce(b.conversations_resolved, 0) AS conversations_resolved,
  coalesce(b.conversation_resolution_seconds, 0) AS conversation_resolution_seconds,
  coalesce(b.conversations_resolved_once, 0) AS conversations_resolved_once,
  coalesce(b.conversation_first_resolution_seconds, 0) AS conversation_first_resolution_seconds,
  coalesce(b.conversations_with_bot, 0) AS conversations_with_bot,
  coalesce(b.conversations_handed_over, 0) AS conversations_handed_over,
  coalesce(b.abandoned_in_bot, 0) AS abandoned_in_bot,
  coalesce(b.abandoned_after_bot, 0) AS abandoned_after_bot,
  coalesce(b.abandoned_without_bot, 0) AS abandoned_without_bot,
  first_response_seconds / nullif(first_responses, 0) AS first_response_average_seconds,
  bot_first_response_seconds / nullif(bot_first_responses, 0) AS bot_first_response_average_seconds,
  agent_response_seconds / nullif(agent_responses, 0) AS agent_response_average_seconds,
  conversation_resolution_seconds / nullif(conversations_resolved, 0) AS conversation_resolution_average_seconds,
  abandoned_in_bot / nullif(conversations_with_bot, 0) AS abandonment_in_bot,
  abandoned_after_bot / nullif(conversations_handed_over, 0) AS abandonment_after_bot
FROM turned AS t LEFT JOIN begun AS b
  ON b.client = t.client AND b.queue IS NOT DISTINCT FROM t.queue AND b.channel = t.channel
ORDER BY t.client, t.queue, t.channel;
