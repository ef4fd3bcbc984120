-- items_at() for all moments at once: after each thing that was said of an item, whether it is closed and when it is due.
known AS MATERIALIZED (
  SELECT client, interaction, queue, started_at AS received_at
  FROM contacts_seen('-infinity', 'infinity', of_channels := deferred_channels())
  WHERE list_contains(deferred_channels(), channel) AND direction <> 'outbound' AND started_at < $stop::TIMESTAMPTZ),
said AS MATERIALIZED (
  SELECT client, interaction, received_at AS time, 'received' AS what, NULL AS status, NULL::TIMESTAMPTZ AS moment,
    NULL AS source, NULL AS id FROM known
  UNION ALL
  SELECT client, interaction, ended_at, 'whole', NULL, NULL, NULL, NULL FROM segment_rows
  SEMI JOIN known USING (client, interaction) WHERE segment = '' AND ended_at IS NOT NULL
  UNION ALL
  SELECT client, interaction, began_at, 'began', NULL, NULL, NULL, NULL FROM passes
  SEMI JOIN known USING (client, interaction)
  UNION ALL
  SELECT client, interaction, over_at, 'over', NULL, began_at, NULL, NULL FROM passes
  SEMI JOIN known USING (client, interaction) WHERE over_at IS NOT NULL
  UNION ALL
  SELECT client, interaction, time, 'status', status, NULL, source, id FROM resolution_changes
  SEMI JOIN known USING (client, interaction)
  UNION ALL
  SELECT client, interaction, time, 'promised', NULL, promised_at, source, id FROM descriptions
  SEMI JOIN known USING (client, interaction) WHERE promised_at IS NOT NULL),
moments AS (SELECT DISTINCT client, interaction, time AS after FROM said),
states AS (
  SELECT m.client, m.interaction, m.after,
    max(s.time) FILTER (what = 'whole') AS whole_ended_at,
    max(s.time) FILTER (status = 'reopened') AS reopened_at,
    arg_max(status, (s.time, source, id)) FILTER (what = 'status') AS status,
    arg_max(moment, (s.time, source, id)) FILTER (what = 'promised') AS promised_at,
    -- A pass that is over before it began is over when it begins.
    count(*) FILTER (what = 'began') AS began,
    count(*) FILTER (what = 'over' AND moment <= m.after) AS over
  FROM moments AS m JOIN said AS s ON s.client = m.client AND s.interaction = m.interaction AND s.time <= m.after
  GROUP BY ALL),
judged AS (
  SELECT s.client, k.queue, after,
    lead(after) OVER (PARTITION BY s.client, s.interaction ORDER BY after) AS until,
    CASE WHEN whole_ended_at IS NOT NULL AND (reopened_at IS NULL OR reopened_at <= whole_ended_at) THEN true
      WHEN status = 'resolved' THEN true
      WHEN status IS NULL THEN began > 0 AND began = over ELSE false END AS closed,
    coalesce(promised_at, k.received_at + to_seconds(q.resolution_target_seconds)) AS due_at, k.received_at
  FROM states AS s
  JOIN known AS k ON k.client = s.client AND k.interaction = s.interaction
  LEFT JOIN centre_queues AS q ON q.client = k.client AND q.queue = k.queue
    AND (q.valid_from IS NULL OR q.valid_from <= k.received_at) AND (q.valid_to IS NULL OR q.valid_to > k.received_at)),
intervals AS (
  SELECT client, queue, greatest(minute_after(after), next_minute(due_at)) AS from_minute,
    minute_after(until) AS until_minute, 1 AS part, 1 AS whole
  FROM judged WHERE NOT closed AND due_at IS NOT NULL AND after >= received_at)
