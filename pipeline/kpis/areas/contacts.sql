-- What the areas of conversations, resolution, backlog, bots and callbacks share: the contact as a whole.
--
-- "Latest" and "first" go by (time, source, id) and never by the place in the log, so the order in which events arrive
-- cannot matter. Intervals are half-open.

-- Exact decimal seconds between two moments; NULL if one is not known.
CREATE MACRO seconds_between(since, until) AS ((epoch_us(until) - epoch_us(since)) * 0.000001::DECIMAL(7,6));

-- Seconds in which the queue is open, between two moments. NULL where its hours are not laid out, or not known at all.
CREATE MACRO business_seconds(of_client, of_queue, since, until) AS (
  CASE WHEN until < since THEN NULL ELSE (
    SELECT CASE WHEN count(*) = 0 THEN NULL
      ELSE coalesce(sum(seconds_between(greatest(h.opens_at, since), least(h.closes_at, until)))
        FILTER (h.opens_at < until AND h.closes_at > since), 0) END
    FROM centre_calendars AS c LEFT JOIN centre_open_hours AS h ON h.calendar = c.calendar
    WHERE c.client = of_client AND c.queue = of_queue AND c.covered_from <= since AND c.covered_to >= until) END);

-- Passes through a queue, each with the moment from which it keeps the contact open no longer: its end, its abandon, or
-- after a transfer or an exit the beginning of the next one.
CREATE VIEW passes AS
SELECT *, coalesce(ended_at, CASE WHEN outcome = 'abandoned' THEN abandoned_at END,
    CASE WHEN transferred_at IS NOT NULL OR left_at IS NOT NULL THEN next_began_at END) AS over_at
FROM (
  SELECT client, interaction, segment, channel, direction, queue, agent, outcome, queued_at, answered_at, abandoned_at,
    left_at, transferred_at, ended_at, wrapped_up_at, handle_ended_at, last_event_at,
    coalesce(queued_at, first_event_at) AS began_at,
    lead(coalesce(queued_at, first_event_at)) OVER (
      PARTITION BY client, interaction ORDER BY coalesce(queued_at, first_event_at), segment) AS next_began_at
  FROM segment_rows WHERE segment <> '');

-- Product and tier may be said with a description or with a change of the resolution.
CREATE VIEW contact_cases AS
SELECT client, interaction, product, tier, time, source, id FROM descriptions
UNION ALL
SELECT client, interaction, product, tier, time, source, id FROM resolution_changes;

-- Where a contact that no segment event tells of is known from.
CREATE VIEW contact_mentions AS
SELECT client, interaction, channel, direction, queue, time, source, id FROM descriptions
UNION ALL
SELECT client, interaction, channel, direction, queue, time, source, id FROM messages
UNION ALL
SELECT client, interaction, channel, direction, queue, time, source, id FROM menu_steps
UNION ALL
SELECT client, interaction, channel, direction, queue, time, source, id FROM callback_changes
UNION ALL
SELECT client, interaction, channel, direction, queue, time, source, id FROM resolution_changes;

CREATE VIEW contacts AS
WITH mentioned AS (
  SELECT client, interaction, min(time) AS started_at, arg_min(channel, (time, source, id)) AS channel,
    arg_min(direction, (time, source, id)) AS direction,
    arg_min(queue, (time, source, id)) FILTER (queue IS NOT NULL) AS queue
  FROM contact_mentions GROUP BY client, interaction),
moved AS (
  SELECT client, interaction, min(first_event_at) AS started_at,
    arg_min(channel, (first_event_at, segment)) AS channel, arg_min(direction, (first_event_at, segment)) AS direction,
    arg_min(queue, (coalesce(queued_at, first_event_at), segment)) FILTER (queue IS NOT NULL) AS queue,
    max(ended_at) FILTER (segment = '') AS ended_at
  FROM segment_rows GROUP BY client, interaction),
passed AS (
  SELECT client, interaction, min(queued_at) AS first_queued_at, min(answered_at) AS first_answered_at,
    count(*) FILTER (outcome = 'answered') AS answers, count(*) FILTER (transferred_at IS NOT NULL) AS transfers,
    coalesce(list_sort(list(DISTINCT agent) FILTER (agent IS NOT NULL AND answered_at IS NOT NULL)), []) AS agents,
    bool_or(outcome = 'abandoned') AND NOT bool_or(outcome = 'answered') AS abandoned,
    CASE WHEN bool_and(over_at IS NOT NULL) THEN max(over_at) END AS over_at
  FROM passes GROUP BY client, interaction),
described AS (
  SELECT client, interaction, arg_max(customer, (time, source, id)) FILTER (customer IS NOT NULL) AS customer,
    arg_max(language, (time, source, id)) FILTER (language IS NOT NULL) AS language,
    arg_max(skill, (time, source, id)) FILTER (skill IS NOT NULL) AS skill,
    arg_max(reason, (time, source, id)) FILTER (reason IS NOT NULL) AS reason,
    arg_max(ticket, (time, source, id)) FILTER (ticket IS NOT NULL) AS ticket,
    arg_max(campaign, (time, source, id)) FILTER (campaign IS NOT NULL) AS campaign,
    arg_max(priority, (time, source, id)) FILTER (priority IS NOT NULL) AS priority,
    arg_max(promised_at, (time, source, id)) FILTER (promised_at IS NOT NULL) AS promised_at,
    arg_max(audio_seconds, (time, source, id)) FILTER (audio_seconds IS NOT NULL) AS audio_seconds,
    arg_max(items, (time, source, id)) FILTER (items IS NOT NULL) AS items
  FROM descriptions GROUP BY client, interaction),
cases AS (
  SELECT client, interaction, arg_max(product, (time, source, id)) FILTER (product IS NOT NULL) AS product,
    arg_max(tier, (time, source, id)) FILTER (tier IS NOT NULL) AS tier
  FROM contact_cases GROUP BY client, interaction),
settled AS (
  SELECT client, interaction, arg_max(status, (time, source, id)) AS status,
    min(time) FILTER (status = 'resolved') AS first_resolved_at, max(time) FILTER (status = 'resolved') AS resolved_at,
    count(*) FILTER (status = 'reopened') AS reopens, bool_or(status = 'escalated') AS escalated
  FROM resolution_changes GROUP BY client, interaction)
SELECT client, interaction, coalesce(moved.channel, mentioned.channel) AS channel,
  coalesce(moved.direction, mentioned.direction) AS direction, coalesce(moved.queue, mentioned.queue) AS queue,
  least(moved.started_at, mentioned.started_at) AS started_at, first_queued_at, first_answered_at,
  -- Without a word about the whole contact it ends with the last of its passes.
  coalesce(moved.ended_at, over_at) AS ended_at, coalesce(abandoned, false) AS abandoned,
  coalesce(answers, 0) AS answers, coalesce(transfers, 0) AS transfers, coalesce(agents, []) AS agents,
  customer, language, skill, product, reason, ticket, campaign, tier, priority, promised_at, audio_seconds, items,
  status, coalesce(status = 'resolved', false) AS resolved, resolved_at, first_resolved_at,
  coalesce(reopens, 0) AS reopens, coalesce(escalated, false) AS escalated
FROM moved FULL JOIN mentioned USING (client, interaction)
LEFT JOIN passed USING (client, interaction)
LEFT JOIN described USING (client, interaction)
LEFT JOIN cases USING (client, interaction)
LEFT JOIN settled USING (client, interaction);
