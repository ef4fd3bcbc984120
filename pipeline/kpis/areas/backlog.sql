-- Work that waits: emails, letters, faxes and work items. What was open at a moment is told from what had happened by
-- then, whatever became of it later.

CREATE MACRO deferred_channels() AS ['email', 'letter', 'fax', 'work_item'];

-- One row per item received before the moment. Its resolution decides whether it is closed; if nobody speaks of one, it
-- is closed with its last pass; the end of the whole contact closes it in any case. A reopening after that opens it.
-- Its promise is what was promised last, else the queue's target for resolution at the time it came; in calendar time.
CREATE MACRO items_at(as_of) AS TABLE
WITH known AS MATERIALIZED (
  SELECT client, interaction, channel, queue, started_at AS received_at, audio_seconds, items
  FROM contacts_seen('-infinity', 'infinity', of_channels := deferred_channels())
  WHERE list_contains(deferred_channels(), channel) AND direction <> 'outbound' AND started_at < as_of::TIMESTAMPTZ),
whole AS (
  SELECT client, interaction, max(ended_at) AS ended_at FROM segment_rows SEMI JOIN known USING (client, interaction)
  WHERE segment = '' AND ended_at < as_of::TIMESTAMPTZ GROUP BY client, interaction),
passed AS (
  SELECT client, interaction, CASE WHEN bool_and(over_at < as_of::TIMESTAMPTZ) IS TRUE AND count(over_at) = count(*)
      THEN max(over_at) END AS over_at
  FROM passes WHERE began_at < as_of::TIMESTAMPTZ GROUP BY client, interaction),
settled AS (
  SELECT client, interaction, arg_max(status, (time, source, id)) AS status,
    max(time) FILTER (status = 'resolved') AS resolved_at, max(time) FILTER (status = 'reopened') AS reopened_at,
    count(*) FILTER (status = 'reopened') AS reopens
  FROM resolution_changes SEMI JOIN known USING (client, interaction) WHERE time < as_of::TIMESTAMPTZ GROUP BY client, interaction),
promised AS (
  SELECT client, interaction, arg_max(promised_at, (time, source, id)) AS promised_at
  FROM descriptions SEMI JOIN known USING (client, interaction) WHERE promised_at IS NOT NULL AND time < as_of::TIMESTAMPTZ GROUP BY client, interaction),
answered AS (
  SELECT client, interaction, min(time) AS responded_at FROM messages SEMI JOIN known USING (client, interaction)
  WHERE sender = 'agent' AND time < as_of::TIMESTAMPTZ GROUP BY client, interaction)
SELECT k.client, k.queue, k.channel, k.interaction, k.received_at, a.responded_at,
  CASE
    WHEN w.ended_at IS NOT NULL AND (s.reopened_at IS NULL OR s.reopened_at <= w.ended_at)
      THEN CASE WHEN s.status = 'resolved' THEN least(w.ended_at, s.resolved_at) ELSE w.ended_at END
    WHEN s.status = 'resolved' THEN s.resolved_at
    WHEN s.status IS NULL THEN p.over_at END AS closed_at,
  coalesce(d.promised_at, k.received_at + to_seconds(q.resolution_target_seconds)) AS due_at,
  coalesce(s.reopens, 0) AS reopens, coalesce(k.items, 1) AS items, coalesce(k.audio_seconds, 0) AS audio_seconds
FROM known AS k
LEFT JOIN whole AS w ON w.client = k.client AND w.interaction = k.interaction
LEFT JOIN passed AS p ON p.client = k.client AND p.interaction = k.interaction
LEFT JOIN settled AS s ON s.client = k.client AND s.interaction = k.interaction
LEFT JOIN promised AS d ON d.client = k.client AND d.interaction = k.interaction
LEFT JOIN answered AS a ON a.client = k.client AND a.interaction = k.interaction
LEFT JOIN centre_queues AS q ON q.client = k.client AND q.queue = k.queue
  AND (q.valid_from IS NULL OR q.valid_from <= k.received_at) AND (q.valid_to IS NULL OR q.valid_to > k.received_at);

-- Open items with their age and the share of their promise that is used.
CREATE MACRO open_items(as_of := now()) AS TABLE
SELECT *, seconds_between(received_at, as_of::TIMESTAMPTZ) AS age_seconds,
  CASE WHEN due_at <= as_of::TIMESTAMPTZ THEN 1
    ELSE seconds_between(received_at, as_of::TIMESTAMPTZ) / nullif(seconds_between(received_at, due_at), 0)
    END AS used
FROM items_at(as_of) WHERE closed_at IS NULL;

-- The same per client, queue and channel. At risk: three quarters of the promise are used.
CREATE MACRO backlog(as_of := now()) AS TABLE
SELECT client, queue, channel, count(*) AS open_items, max(age_seconds) AS oldest_item_seconds,
  sum(age_seconds) AS open_item_age_seconds, count(*) FILTER (used < 0.5) AS open_under_half_of_promise,
  count(*) FILTER (used >= 0.5 AND used < 0.75) AS open_half_of_promise,
  count(*) FILTER (used >= 0.75 AND used < 1) AS open_at_risk, count(*) FILTER (used >= 1) AS open_past_promise,
  count(*) FILTER (used IS NULL) AS open_without_promise
FROM open_items(as_of)
GROUP BY client, queue, channel ORDER BY client, queue, channel;

-- Days on which a queue works: local days on which its calendar opens, or NULL if its hours are not known.
CREATE MACRO working_days(start, stop) AS TABLE
SELECT c.client, c.queue, CASE WHEN bool_and(c.calendar = 'always')
    THEN any_value(date_diff('day', start::TIMESTAMPTZ, stop::TIMESTAMPTZ))
    ELSE count(DISTINCT (h.opens_at AT TIME ZONE q.time_zone)::DATE) END AS days
FROM centre_calendars AS c
JOIN (SELECT client, queue, any_value(time_zone) AS time_zone FROM centre_queues GROUP BY client, queue) AS q
  ON q.client = c.client AND q.queue = c.queue
LEFT JOIN centre_open_hours AS h ON h.calendar = c.calendar
  AND h.opens_at >= start::TIMESTAMPTZ AND h.opens_at < stop::TIMESTAMPTZ
WHERE c.covered_from <= start::TIMESTAMPTZ AND c.covered_to >= stop::TIMESTAMPTZ
GROUP BY c.client, c.queue;

-- Items received, answered and closed in [start, stop), each counted where it happened, as known at stop. A day's
-- capacity is the mean number of items closed on the working days of the 28 days before stop: days on which the queue's
-- calendar opens or, if its hours are not known, UTC days on which something was closed.
CREATE MACRO backlog_kpis(start, stop) AS TABLE
WITH known AS MATERIALIZED (SELECT * FROM items_at(stop)),
reopened AS (
  SELECT k.client, k.queue, k.channel, count(*) AS reopened
  FROM resolution_changes AS r JOIN known AS k ON k.client = r.client AND k.interaction = r.interaction
  WHERE r.status = 'reopened' AND r.time >= start::TIMESTAMPTZ AND r.time < stop::TIMESTAMPTZ
  GROUP BY k.client, k.queue, k.channel),
timed AS (
  SELECT *, received_at >= start::TIMESTAMPTZ AS came, closed_at >= start::TIMESTAMPTZ AS went,
    responded_at >= start::TIMESTAMPTZ AS was_answered,
    due_at >= start::TIMESTAMPTZ AND due_at < stop::TIMESTAMPTZ AS fell_due,
    closed_at >= stop::TIMESTAMPTZ - INTERVAL 28 DAY AS went_lately,
    CASE WHEN responded_at >= start::TIMESTAMPTZ THEN business_seconds(client, queue, received_at, responded_at) END
      AS response_business_seconds,
    CASE WHEN closed_at >= start::TIMESTAMPTZ THEN business_seconds(client, queue, received_at, closed_at) END
      AS turnaround_business_seconds
  FROM known),
counted AS (
  SELECT client, queue, channel, count(*) FILTER (came) AS items_received, count(*) FILTER (went) AS items_closed,
    coalesce(sum(items) FILTER (came), 0)::BIGINT AS units_in,
    coalesce(sum(items) FILTER (went), 0)::BIGINT AS units_out,
    coalesce(sum(audio_seconds) FILTER (came), 0)::BIGINT AS audio_seconds_in,
    coalesce(sum(audio_seconds) FILTER (went), 0)::BIGINT AS audio_seconds_out,
    count(*) FILTER (was_answered) AS items_first_answered,
    coalesce(sum(seconds_between(received_at, responded_at)) FILTER (was_answered), 0) AS item_response_seconds,
    count(response_business_seconds) AS items_first_answered_in_known_hours,
    sum(response_business_seconds) AS item_response_business_seconds,
    coalesce(sum(seconds_between(received_at, closed_at)) FILTER (went), 0) AS turnaround_seconds,
    count(turnaround_business_seconds) AS items_closed_in_known_hours,
    sum(turnaround_business_seconds) AS turnaround_business_seconds,
    count(*) FILTER (went AND due_at IS NOT NULL) AS items_closed_with_promise,
    count(*) FILTER (went AND closed_at <= due_at) AS items_closed_within_promise,
    count(*) FILTER (fell_due) AS items_due, count(*) FILTER (fell_due AND closed_at <= due_at) AS items_due_closed,
    count(*) FILTER (closed_at IS NULL) AS open_items, count(*) FILTER (went_lately) AS closed_lately,
    count(DISTINCT (closed_at AT TIME ZONE 'UTC')::DATE) FILTER (went_lately) AS days_closed
  FROM timed GROUP BY client, queue, channel)
SELECT *, (audio_seconds_in / 60::DECIMAL(3,0))::DECIMAL(24,2) AS audio_minutes_in,
  (audio_seconds_out / 60::DECIMAL(3,0))::DECIMAL(24,2) AS audio_minutes_out,
  item_response_seconds / nullif(items_first_answered, 0) AS item_response_average_seconds,
  item_response_business_seconds / nullif(items_first_answered_in_known_hours, 0)
    AS item_response_business_average_seconds,
  turnaround_seconds / nullif(items_closed, 0) AS turnaround_average_seconds,
  turnaround_business_seconds / nullif(items_closed_in_known_hours, 0) AS turnaround_business_average_seconds,
  items_closed_within_promise / nullif(items_closed_with_promise, 0) AS closed_within_promise_share,
  items_due_closed / nullif(items_due, 0) AS due_within_promise_share,
  open_items / nullif(items_closed_per_day, 0) AS backlog_days
FROM (
  SELECT c.* EXCLUDE (closed_lately, days_closed), coalesce(r.reopened, 0) AS items_reopened,
    closed_lately / nullif(coalesce(d.days, days_closed), 0) AS items_closed_per_day
  FROM counted AS c
  LEFT JOIN reopened AS r
    ON r.client = c.client AND r.queue IS NOT DISTINCT FROM c.queue AND r.channel = c.channel
  LEFT JOIN working_days(stop::TIMESTAMPTZ - INTERVAL 28 DAY, stop::TIMESTAMPTZ) AS d
    ON d.client = c.client AND d.queue = c.queue)
ORDER BY client, queue, channel;
