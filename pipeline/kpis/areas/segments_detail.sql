-- What happens between segments and beside them: transfers, re-entries, supervisors, escalations.

-- Each transfer of a contact by an agent, and where it went. The queue it came from is the segment's. What only an
-- earlier revision of the segment said was no transfer.
CREATE MACRO transfers_made(start, stop) AS TABLE
SELECT event_rows.client AS client, event_rows.interaction AS interaction, event_rows.segment AS segment,
  event_rows.time AS time, coalesce(event_rows.queue, segment_rows.queue) AS from_queue,
  coalesce(event_rows.agent, segment_rows.agent) AS from_agent,
  coalesce(json_extract_string(raw, '$.data.kind'), 'cold') AS kind,
  json_extract_string(raw, '$.data.to_queue') AS to_queue, json_extract_string(raw, '$.data.to_agent') AS to_agent
FROM event_rows JOIN segment_rows USING (client, interaction, segment, revision)
WHERE event_rows.type = 'interaction.transferred.v1'
  AND event_rows.time >= start::TIMESTAMPTZ AND event_rows.time < stop::TIMESTAMPTZ;

CREATE MACRO transfers(start, stop) AS TABLE
SELECT client, from_queue, kind,
  CASE WHEN to_agent IS NOT NULL THEN 'agent' WHEN to_queue IS NOT NULL THEN 'queue' ELSE 'not_said' END AS target,
  to_queue, count(*) AS transfers, count(DISTINCT interaction) AS contacts
FROM transfers_made(start, stop)
GROUP BY ALL ORDER BY client, from_queue NULLS LAST, kind, target, to_queue NULLS LAST;

-- Queue entries, and those of contacts that had been in the same queue before, whenever that was.
CREATE MACRO reentries(start, stop) AS TABLE
WITH entries AS (
  SELECT client, queue, interaction, queued_at,
    row_number() OVER (PARTITION BY client, interaction, queue ORDER BY queued_at, segment) > 1 AS again
  FROM segment_rows WHERE queued_at < stop::TIMESTAMPTZ AND queue IS NOT NULL AND segment <> '')
SELECT client, queue, count(*) AS entries, count(DISTINCT interaction) AS contacts,
  count(*) FILTER (again) AS reentries, count(*) FILTER (again) / nullif(count(*), 0) AS reentry_rate
FROM entries WHERE queued_at >= start::TIMESTAMPTZ
GROUP BY ALL ORDER BY client, queue;

-- Supervisors and others beside the segment's own agent, from joining to leaving. Who joins again without having left
-- was there all along; who never left is there still while the contact goes on, and was there until it was over. Of a
-- contact that is left out by rule the last event is the end, and of one that nobody reported nothing is counted.
CREATE MACRO participation_spans(as_of := now()) AS TABLE
WITH turns AS (
  SELECT client, interaction, agent, role, change, queue, time, source, id,
    lag(change) OVER (PARTITION BY client, interaction, agent, role ORDER BY time, source, id) AS change_before
  FROM participations WHERE time <= as_of::TIMESTAMPTZ),
spans AS (
  SELECT client, interaction, agent, role, queue, change, time AS joined_at,
    lead(time) OVER (PARTITION BY client, interaction, agent, role ORDER BY time, source, id) AS left_at
  FROM turns WHERE change IS DISTINCT FROM change_before),
goes_on AS (SELECT DISTINCT client, interaction, true AS is_open FROM open_contacts(as_of) WHERE left_out_by IS NULL),
over AS (
  SELECT client, interaction, max(coalesce(ended_at, handle_ended_at, last_event_at)) AS over_at
  FROM segment_rows SEMI JOIN spans USING (client, interaction) GROUP BY ALL)
SELECT client, interaction, agent, role, queue, joined_at, left_at,
  coalesce(left_at, CASE WHEN is_open THEN as_of::TIMESTAMPTZ
    ELSE greatest(joined_at, least(coalesce(over_at, joined_at), as_of::TIMESTAMPTZ)) END) AS counted_until
FROM spans LEFT JOIN over USING (client, interaction) LEFT JOIN goes_on USING (client, interaction)
WHERE change = 'joined';

-- Clipped to [start, stop); times counts those who joined in it.
CREATE MACRO supervision(start, stop, as_of := now()) AS TABLE
SELECT client, agent, role,
  count(*) FILTER (joined_at >= start::TIMESTAMPTZ) AS times, count(DISTINCT interaction) AS contacts,
  sum(floor_seconds((epoch_us(least(counted_until, stop::TIMESTAMPTZ))
    - epoch_us(greatest(joined_at, start::TIMESTAMPTZ))))) AS seconds,
  count(*) FILTER (left_at IS NULL) AS without_leaving
FROM participation_spans(as_of)
WHERE joined_at < stop::TIMESTAMPTZ AND (counted_until > start::TIMESTAMPTZ OR joined_at >= start::TIMESTAMPTZ)
GROUP BY ALL ORDER BY client, agent, role;

-- Escalations by how they were reported: as a state of the concern, or as a transfer to somebody's supervisor. A
-- contact that was both is one contact in each row, so rows of different how are not added up.
CREATE MACRO escalations_made(start, stop) AS TABLE
SELECT client, queue, how, tier, count(*) AS escalations, count(DISTINCT interaction) AS contacts
FROM (
  SELECT client, interaction, coalesce(change.queue, segment_rows.queue) AS queue, 'resolution' AS how, tier
  FROM resolution_changes AS change LEFT JOIN segment_rows USING (client, interaction, segment)
  WHERE status = 'escalated' AND time >= start::TIMESTAMPTZ AND time < stop::TIMESTAMPTZ
  UNION ALL
  SELECT client, interaction, from_queue, 'to_supervisor', NULL
  FROM transfers_made(start, stop)
  SEMI JOIN (SELECT client, supervisor AS to_agent FROM centre_agents) USING (client, to_agent))
GROUP BY ALL ORDER BY client, queue NULLS LAST, how, tier NULLS LAST;
