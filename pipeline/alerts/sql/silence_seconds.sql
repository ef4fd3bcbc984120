newest AS (
  SELECT CASE WHEN $per <> 'whole' THEN client END AS client, greatest(next_minute(time), first_minute) AS minute,
    max(epoch_us(time)) AS newest_us
  FROM event_rows CROSS JOIN bounds
  WHERE time < $stop::TIMESTAMPTZ AND ($client IS NULL OR client = $client) GROUP BY ALL),
steps AS (
  SELECT client, minute, max(newest_us) OVER w AS newest_us, lead(minute, 1, last_minute) OVER w AS until_minute
  FROM newest CROSS JOIN bounds WINDOW w AS (PARTITION BY client ORDER BY minute))
SELECT at_minute(minute) AS moment, client, NULL::VARCHAR AS subject, (minute * 60000000 - newest_us) / 1e6 AS value
FROM (SELECT client, newest_us, unnest(range(minute, until_minute)) AS minute FROM steps)
