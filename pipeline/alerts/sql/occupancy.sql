-- Time in a state up to a minute is linear between changes: minutes times how many are in it, less when each began, plus
-- when each ended. A window is the difference of two such sums. Microseconds count from the first window's begin.
spans AS (
  SELECT CASE WHEN $per <> 'whole' THEN client END AS client, state <> 'available' AS busy,
    greatest(epoch_us(started_at) - origin_us, 0) AS began_us, epoch_us(ended_at) - origin_us AS ended_us
  FROM span_rows CROSS JOIN (SELECT (first_minute - $window_minutes) * 60000000 AS origin_us FROM bounds)
  WHERE state IN ('available', 'on_contact', 'wrap_up') AND started_at < $stop::TIMESTAMPTZ
    AND (ended_at IS NULL OR epoch_us(ended_at) > origin_us) AND ($client IS NULL OR client = $client)),
changes AS (
  SELECT client, minute, sum(n) AS n, sum(us) AS us, sum(n) FILTER (busy) AS busy_n, sum(us) FILTER (busy) AS busy_us
  FROM (
    SELECT client, busy, (began_us + 59999999) // 60000000 AS minute, 1 AS n, began_us AS us FROM spans
    UNION ALL
    SELECT client, busy, (ended_us + 59999999) // 60000000, -1, -ended_us FROM spans WHERE ended_us IS NOT NULL)
  GROUP BY ALL),
along AS (
  SELECT client, minute, sum(n) OVER w AS n, sum(us) OVER w AS us,
    sum(coalesce(busy_n, 0)) OVER w AS busy_n, sum(coalesce(busy_us, 0)) OVER w AS busy_us
  FROM changes WINDOW w AS (PARTITION BY client ORDER BY minute)),
clients AS (SELECT DISTINCT client, coalesce(client, '') AS client_key FROM spans),
grid AS (
  SELECT client, client_key, unnest(range(0, last_minute - first_minute + $window_minutes)) AS minute
  FROM clients CROSS JOIN bounds),
total AS (
  SELECT grid.client, grid.minute, coalesce(n * grid.minute * 60000000 - us, 0) AS whole_us,
    coalesce(busy_n * grid.minute * 60000000 - busy_us, 0) AS busy_us
  FROM grid ASOF LEFT JOIN (SELECT *, coalesce(client, '') AS client_key FROM along) AS known
    ON known.client_key = grid.client_key AND grid.minute >= known.minute),
windows AS (
  SELECT client, minute,
    whole_us - lag(whole_us, $window_minutes) OVER w AS whole_us, busy_us - lag(busy_us, $window_minutes) OVER w AS busy_us
  FROM total WINDOW w AS (PARTITION BY client ORDER BY minute))
SELECT at_minute(first_minute - $window_minutes + minute) AS moment, client, NULL::VARCHAR AS subject,
  busy_us / nullif(whole_us, 0) AS value
FROM windows CROSS JOIN bounds WHERE minute >= $window_minutes AND whole_us > 0
