-- What the areas of conversations, resolution, backlog, bots and callbacks share: the contact as a whole.
--
-- What a macro needs of the past is named before it is read: first the contacts of the window, then all rows of these
-- (SEMI JOIN, each table once), and only those are aggregated.
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

-- When a pass through a queue keeps the contact open no longer: its end, its abandon, or after a transfer or an exit the
-- beginning of the next one.
CREATE MACRO pass_over_at(ended_at, outcome, abandoned_at, transferred_at, left_at, next_began_at) AS
  coalesce(ended_at, CASE WHEN outcome = 'abandoned' THEN abandoned_at END,
    CASE WHEN transferred_at IS NOT NULL OR left_at IS NOT NULL THEN next_began_at END);

CREATE VIEW passes AS
SELECT *, pass_over_at(ended_at, outcome, abandoned_at, transferred_at, left_at, next_began_at) AS over_at
FROM (
  SELECT client, interaction, segment, channel, direction, queue, agent, outcome, queued_at, answered_at, abandoned_at,
    left_at, transferred_at, ended_at, wrapped_up_at, handle_ended_at, last_event_at,
    coalesce(queued_at, first_event_at) AS began_at,
    lead(coalesce(queued_at, first_event_at)) OVER (
      PARTITION BY client, interaction ORDER BY coalesce(queued_at, first_event_at), segment) AS next_began_at
  FROM segment_rows WHERE segment <> '');

-- All that is said of a contact beside its segments; it is known from this where no segment event tells of it.
CREATE VIEW contact_mentions AS
SELECT client, interaction, channel, direction, queue, time, source, id, customer, language, skill, product, reason,
  ticket, campaign, tier, priority, promised_at, audio_seconds, items, NULL AS status FROM descriptions
UNION ALL BY NAME
SELECT client, interaction, channel, direction, queue, time, source, id FROM messages
UNION ALL BY NAME
SELECT client, interaction, channel, direction, queue, time, source, id FROM menu_steps
UNION ALL BY NAME
SELECT client, interaction, channel, direction, queue, time, source, id FROM callback_changes
UNION ALL BY NAME
SELECT client, interaction, channel, direction, queue, time, source, id, product, tier, status FROM resolution_changes;

-- Contacts of which anything was said in [start, stop), each with all that was ever said of it. of_channels: those that
-- ever had one of these channels; customers_since: and all other contacts of the customers who are named in these, of
-- which a customer was said from then on.
CREATE MACRO contacts_seen(start, stop, of_channels := NULL, customers_since := NULL) AS TABLE
WITH seen AS MATERIALIZED (
  SELECT client, interaction FROM segment_rows
  WHERE first_event_at >= start::TIMESTAMPTZ AND first_event_at < stop::TIMESTAMPTZ
    AND (of_channels IS NULL OR list_contains(of_channels, channel))
  UNION
  SELECT client, interaction FROM contact_mentions
  WHERE time >= start::TIMESTAMPTZ AND time < stop::TIMESTAMPTZ
    AND (of_channels IS NULL OR list_contains(of_channels, channel))),
customers AS (
  SELECT DISTINCT client, customer FROM descriptions SEMI JOIN seen USING (client, interaction)
  WHERE customer IS NOT NULL AND customers_since IS NOT NULL),
names AS MATERIALIZED (
  FROM seen UNION SELECT client, interaction FROM descriptions SEMI JOIN customers USING (client, customer)
  WHERE time >= customers_since::TIMESTAMPTZ),
stretches AS MATERIALIZED (
  SELECT s.client, interaction, segment, channel, direction, queue, agent, outcome, queued_at, answered_at, abandoned_at,
    left_at, transferred_at, ended_at, first_event_at,
    list_contains(list_concat(s.flags, d.flags), 'resolved') AS is_resolved
  FROM (FROM segment_rows SEMI JOIN names USING (client, interaction)) AS s
  LEFT JOIN centre_clients AS c ON c.client = s.client
  LEFT JOIN centre_dispositions AS d ON d.client = coalesce(c.client, '*') AND d.disposition = s.disposition),
mentions AS MATERIALIZED (
  SELECT *, (time, source, id) AS said FROM contact_mentions SEMI JOIN names USING (client, interaction)),
moved AS (
  SELECT client, interaction, min(first_event_at) AS started_at,
    arg_min(channel, (first_event_at, segment)) AS channel, arg_min(direction, (first_event_at, segment)) AS direction,
    arg_min(queue, (coalesce(queued_at, first_event_at), segment)) FILTER (queue IS NOT NULL) AS queue,
    max(ended_at) FILTER (segment = '') AS ended_at
  FROM stretches GROUP BY client, interaction),
passed AS (
  SELECT client, interaction, min(queued_at) AS first_queued_at, min(answered_at) AS first_answered_at,
    max(greatest(queued_at, answered_at)) AS last_passed_at,
    -- The last agent's word, by wrap-up or disposition.
    arg_max(coalesce(is_resolved, false), (answered_at, segment)) FILTER (answered_at IS NOT NULL) AS resolved_by_agent,
    count(*) FILTER (outcome = 'answered') AS answers, count(*) FILTER (transferred_at IS NOT NULL) AS transfers,
    coalesce(list_sort(list(DISTINCT agent) FILTER (agent IS NOT NULL AND answered_at IS NOT NULL)), []) AS agents,
    bool_or(outcome = 'abandoned') AND NOT bool_or(outcome = 'answered') AS abandoned,
    CASE WHEN bool_and(over_at IS NOT NULL) THEN max(over_at) END AS over_at
  FROM (
    SELECT *, pass_over_at(ended_at, outcome, abandoned_at, transferred_at, left_at,
      lead(coalesce(queued_at, first_event_at)) OVER (
        PARTITION BY client, interaction ORDER BY coalesce(queued_at, first_event_at), segment)) AS over_at
    FROM stretches WHERE segment <> '')
  GROUP BY client, interaction),
mentioned AS (
  SELECT client, interaction, min(time) AS started_at, arg_min(channel, said) AS channel,
    arg_min(direction, said) AS direction, arg_min(queue, said) FILTER (queue IS NOT NULL) AS queue,
    arg_max(customer, said) FILTER (customer IS NOT NULL) AS customer,
    arg_max(language, said) FILTER (language IS NOT NULL) AS language,
    arg_max(skill, said) FILTER (skill IS NOT NULL) AS skill,
    arg_max(product, said) FILTER (product IS NOT NULL) AS product,
    arg_max(reason, said) FILTER (reason IS NOT NULL) AS reason,
    arg_max(ticket, said) FILTER (ticket IS NOT NULL) AS ticket,
    arg_max(campaign, said) FILTER (campaign IS NOT NULL) AS campaign,
    arg_max(tier, said) FILTER (tier IS NOT NULL) AS tier,
    arg_max(priority, said) FILTER (priority IS NOT NULL) AS priority,
    arg_max(promised_at, said) FILTER (promised_at IS NOT NULL) AS promised_at,
    arg_max(audio_seconds, said) FILTER (audio_seconds IS NOT NULL) AS audio_seconds,
    arg_max(items, said) FILTER (items IS NOT NULL) AS items,
    arg_max(status, said) FILTER (status IS NOT NULL) AS status,
    min(time) FILTER (status = 'resolved') AS first_resolved_at, max(time) FILTER (status = 'resolved') AS resolved_at,
    count(*) FILTER (status = 'reopened') AS reopens, bool_or(status = 'escalated') AS escalated
  FROM mentions GROUP BY client, interaction)
SELECT client, interaction, coalesce(moved.channel, mentioned.channel) AS channel,
  coalesce(moved.direction, mentioned.direction) AS direction, coalesce(moved.queue, mentioned.queue) AS queue,
  least(moved.started_at, mentioned.started_at) AS started_at, first_queued_at, first_answered_at,
  last_passed_at,
  -- Without a word about the whole contact it ends with the last of its passes.
  coalesce(moved.ended_at, over_at) AS ended_at, coalesce(abandoned, false) AS abandoned,
  coalesce(answers, 0) AS answers, coalesce(transfers, 0) AS transfers, coalesce(agents, []) AS agents,
  customer, language, skill, product, reason, ticket, campaign, tier, priority, promised_at, audio_seconds, items,
  status, coalesce(status = 'resolved', false) AS resolved, resolved_at, first_resolved_at,
  coalesce(resolved_by_agent, false) AS resolved_by_agent,
  coalesce(reopens, 0) AS reopens, coalesce(escalated, false) AS escalated
FROM moved FULL JOIN mentioned USING (client, interaction)
LEFT JOIN passed USING (client, interaction);

CREATE VIEW contacts AS SELECT * EXCLUDE (last_passed_at) FROM contacts_seen('-infinity', 'infinity');

-- Contacts that began in [start, stop): of which nothing was said before.
CREATE MACRO contacts_between(start, stop) AS TABLE
SELECT * EXCLUDE (last_passed_at) FROM contacts_seen(start, stop)
WHERE started_at >= start::TIMESTAMPTZ AND started_at < stop::TIMESTAMPTZ;
