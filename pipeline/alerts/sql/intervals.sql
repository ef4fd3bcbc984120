-- Each interval adds to the minutes in [from_minute, until_minute); what changes in a minute is summed up along time.
lines AS (
  SELECT client, queue, any_value(line) AS line FROM centre_queues
  WHERE coalesce(valid_to, 'infinity'::TIMESTAMPTZ) > $stop::TIMESTAMPTZ GROUP BY ALL),
keyed AS (
  SELECT CASE WHEN $per <> 'whole' THEN intervals.client END AS client,
    CASE $per WHEN 'line' THEN line WHEN 'queue' THEN intervals.queue WHEN 'campaign' THEN intervals.queue END AS subject,
    greatest(from_minute, first_minute) AS from_minute,
    least(coalesce(until_minute, last_minute), last_minute) AS until_minute, part, whole
  FROM intervals CROSS JOIN bounds
  LEFT JOIN lines ON lines.client = intervals.client AND lines.queue = intervals.queue
  WHERE $client IS NULL OR intervals.client = $client),
changes AS (
  SELECT client, subject, minute, sum(part) AS part, sum(whole) AS whole
  FROM (
    SELECT client, subject, from_minute AS minute, part, whole FROM keyed WHERE from_minute < until_minute
    UNION ALL
    SELECT client, subject, until_minute, -part, -whole FROM keyed WHERE from_minute < until_minute)
  WHERE ($per IN ('whole', 'client') OR subject IS NOT NULL) AND ($subject IS NULL OR subject = $subject)
  GROUP BY ALL),
steps AS (
  SELECT client, subject, minute, lead(minute, 1, last_minute) OVER along AS until_minute,
    sum(part) OVER along AS part, sum(whole) OVER along AS whole
  FROM changes CROSS JOIN bounds
  WINDOW along AS (PARTITION BY client, subject ORDER BY minute))
SELECT at_minute(unnest(range(minute, until_minute))) AS moment, client, subject, {value} AS value
FROM steps WHERE whole > 0
