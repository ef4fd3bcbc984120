-- What never ended: contacts without an end, agents without a sign-out. Aged and left out by one rule, and shown.

CREATE MACRO floor_seconds(us) AS (us * 0.000001::DECIMAL(7,6));

-- The limit that holds at a moment. The default is that of centre.yaml; a test holds the two equal.
CREATE MACRO aged_after(as_of := now()) AS TABLE
SELECT (coalesce(max(value), 86400) * 1000000)::BIGINT AS aged_after_us
FROM centre_settings
WHERE name = 'aged_after_seconds' AND (valid_from IS NULL OR valid_from <= as_of::TIMESTAMPTZ)
  AND (valid_to IS NULL OR valid_to > as_of::TIMESTAMPTZ);

-- Agents' states as they were known at a moment. One that nothing has ended for longer than the limit counts up to the
-- agent's last sign of life in it, and is aged if that is longer ago than the limit. What is done to an agent (alert,
-- plan) and what comes days later (outcome, survey) is no sign of life. All versions of a revised segment are.
CREATE MACRO agent_states(as_of := now()) AS TABLE
WITH known AS (
  SELECT client, agent, state, reason, presence, started_at,
    CASE WHEN ended_at <= as_of::TIMESTAMPTZ THEN ended_at END AS ended_at,
    least(coalesce(ended_at, as_of::TIMESTAMPTZ), as_of::TIMESTAMPTZ) AS lasts_until
  FROM span_rows WHERE state IS NOT NULL AND started_at <= as_of::TIMESTAMPTZ),
long_states AS (
  SELECT client, agent, started_at, lasts_until, aged_after_us
  FROM known, aged_after(as_of)
  WHERE epoch_us(lasts_until) - epoch_us(started_at) > aged_after_us),
signs AS (
  SELECT states.client, states.agent, states.started_at, max(event_rows.time) AS last_event_at
  FROM long_states AS states JOIN event_rows USING (client, agent)
  WHERE event_rows.time >= states.started_at AND event_rows.time <= states.lasts_until
    AND event_rows.type IN ('interaction.answered.v1', 'interaction.held.v1', 'interaction.resumed.v1',
      'interaction.transferred.v1', 'interaction.ended.v1', 'interaction.wrapped_up.v1',
      'interaction.message_sent.v1', 'interaction.participated.v1')
  GROUP BY ALL),
aged_states AS (
  SELECT client, agent, started_at, coalesce(signs.last_event_at, started_at) AS last_event_at
  FROM long_states LEFT JOIN signs USING (client, agent, started_at)
  WHERE epoch_us(lasts_until) - epoch_us(coalesce(signs.last_event_at, started_at)) > aged_after_us)
SELECT client, agent, state, reason, presence, started_at, ended_at, lasts_until,
  coalesce(aged_states.last_event_at, lasts_until) AS counted_until,
  aged_states.last_event_at IS NOT NULL AS aged
FROM known LEFT JOIN aged_states USING (client, agent, started_at)
WHERE aged_states.last_event_at IS NULL OR lasts_until > started_at;

-- What is not over at a moment, as it was known then, and the rule by which it is left out (NULL: it is not):
-- ended - its contact or itself is over, only the event that says how is missing; aged - no event for longer than the
-- limit, of any kind, anywhere in its contact.
CREATE MACRO open_contacts(as_of := now()) AS TABLE
WITH whole AS (
  SELECT client, interaction,
    max(ended_at) FILTER (segment = '' AND ended_at <= as_of::TIMESTAMPTZ) AS contact_ended_at,
    count(*) FILTER (segment <> '' AND first_event_at <= as_of::TIMESTAMPTZ) AS segments
  FROM segment_rows GROUP BY ALL),
steps AS (
  SELECT client, interaction, segment, channel, direction, queue, agent, contact_ended_at,
    CASE WHEN segment = '' THEN CASE WHEN segments = 0 THEN 'in_menu' END
      WHEN answered_at <= as_of::TIMESTAMPTZ
        THEN CASE WHEN handle_ended_at IS NULL OR handle_ended_at > as_of::TIMESTAMPTZ THEN 'in_progress' END
      WHEN wait_ended_at <= as_of::TIMESTAMPTZ THEN NULL
      WHEN queued_at <= as_of::TIMESTAMPTZ THEN 'waiting'
      WHEN offered_at <= as_of::TIMESTAMPTZ THEN 'alerting' END AS doing,
    CASE WHEN segment = '' THEN first_event_at WHEN answered_at <= as_of::TIMESTAMPTZ THEN answered_at
      ELSE coalesce(queued_at, offered_at) END AS since,
    CASE WHEN ended_at <= as_of::TIMESTAMPTZ THEN ended_at END AS ended_at
  FROM segment_rows JOIN whole USING (client, interaction)
  WHERE first_event_at <= as_of::TIMESTAMPTZ),
open_steps AS (
  SELECT *, epoch_us(as_of::TIMESTAMPTZ) - epoch_us(since) AS open_us,
    coalesce(ended_at >= since OR contact_ended_at >= since, false) AS over
  FROM steps
  WHERE doing IS NOT NULL AND (doing <> 'in_menu' OR (ended_at IS NULL AND contact_ended_at IS NULL))),
alive AS (
  SELECT DISTINCT event_rows.client, event_rows.interaction
  FROM event_rows, aged_after(as_of)
  WHERE event_rows.interaction IS NOT NULL AND event_rows.time <= as_of::TIMESTAMPTZ
    AND epoch_us(event_rows.time) >= epoch_us(as_of::TIMESTAMPTZ) - aged_after_us)
SELECT client, interaction, segment, channel, direction, queue, agent, doing, since, open_us,
  CASE WHEN over THEN 'ended' WHEN open_us > aged_after_us AND alive.client IS NULL THEN 'aged' END AS left_out_by
FROM open_steps LEFT JOIN alive USING (client, interaction), aged_after(as_of);

-- Everything that is left out by rule, for a person to look into.
CREATE MACRO unfinished(as_of := now()) AS TABLE
WITH last_events AS (
  SELECT event_rows.client, event_rows.interaction, max(event_rows.time) AS last_event_at
  FROM event_rows SEMI JOIN (FROM open_contacts(as_of) WHERE left_out_by IS NOT NULL) USING (client, interaction)
  WHERE event_rows.time <= as_of::TIMESTAMPTZ GROUP BY ALL)
SELECT 'contact' AS kind, client, interaction, segment, queue, agent, doing, left_out_by, since, last_event_at,
  floor_seconds(open_us) AS open_seconds
FROM open_contacts(as_of) JOIN last_events USING (client, interaction) WHERE left_out_by IS NOT NULL
UNION ALL
SELECT 'agent', client, NULL, NULL, NULL, agent, state, 'aged', started_at, counted_until,
  floor_seconds((epoch_us(lasts_until) - epoch_us(started_at)))
FROM agent_states(as_of) WHERE aged AND ended_at IS NULL
ORDER BY kind, open_seconds DESC, client, interaction, agent;

-- queue_now() without what is left out by rule, and how much that is.
CREATE MACRO queue_now_by_rule(as_of := now()) AS TABLE
SELECT client, queue, channel, direction,
  count(*) FILTER (doing = 'waiting' AND left_out_by IS NULL) AS waiting,
  floor_seconds(max(open_us) FILTER (doing = 'waiting' AND left_out_by IS NULL)) AS longest_wait_seconds,
  count(*) FILTER (doing = 'in_progress' AND left_out_by IS NULL) AS in_progress,
  count(*) FILTER (doing = 'waiting' AND left_out_by IS NOT NULL) AS waiting_left_out,
  count(*) FILTER (doing = 'in_progress' AND left_out_by IS NOT NULL) AS in_progress_left_out
FROM open_contacts(as_of) WHERE queue IS NOT NULL AND doing IN ('waiting', 'in_progress')
GROUP BY ALL ORDER BY waiting DESC, client, queue, channel, direction;

-- agent_now() without agents who are left out by rule; floor_now() says how many those are.
CREATE MACRO agent_now_by_rule(as_of := now()) AS TABLE
SELECT client, agent, state, reason, presence, started_at AS since,
  floor_seconds((epoch_us(as_of::TIMESTAMPTZ) - epoch_us(started_at))) AS seconds_in_state
FROM agent_states(as_of) WHERE ended_at IS NULL AND NOT aged
ORDER BY client, agent;
