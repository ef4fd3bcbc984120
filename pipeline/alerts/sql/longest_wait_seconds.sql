-- Of those who wait, the first to have come is the one who waits longest: from when it waits and all before it are gone.
lines AS (
  SELECT client, queue, any_value(line) AS line FROM centre_queues
  WHERE coalesce(valid_to, 'infinity'::TIMESTAMPTZ) > $stop::TIMESTAMPTZ GROUP BY ALL),
waits AS (
  SELECT CASE WHEN $per <> 'whole' THEN segments.client END AS client,
    CASE $per WHEN 'line' THEN line WHEN 'queue' THEN segments.queue END AS subject, epoch_us(queued_at) AS queued_us,
    greatest(next_minute(queued_at), first_minute) AS from_minute,
    least(coalesce(next_minute(wait_ended_at), last_minute), last_minute) AS until_minute
  FROM segment_rows AS segments CROSS JOIN bounds
  LEFT JOIN lines ON lines.client = segments.client AND lines.queue = segments.queue
  WHERE segments.queue IS NOT NULL AND queued_at < $stop::TIMESTAMPTZ
    AND (wait_ended_at IS NULL OR wait_ended_at > $start::TIMESTAMPTZ) AND ($client IS NULL OR segments.client = $client)),
oldest AS (
  SELECT client, subject, queued_us, until_minute,
    greatest(from_minute, coalesce(max(until_minute) OVER (PARTITION BY client, subject ORDER BY queued_us
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)) AS from_minute
  FROM waits
  WHERE from_minute < until_minute
    AND ($per IN ('whole', 'client') OR subject IS NOT NULL) AND ($subject IS NULL OR subject = $subject))
SELECT at_minute(minute) AS moment, client, subject, (minute * 60000000 - queued_us) / 1e6 AS value
FROM (SELECT client, subject, queued_us, unnest(range(from_minute, until_minute)) AS minute FROM oldest
  WHERE from_minute < until_minute)
