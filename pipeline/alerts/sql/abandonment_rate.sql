intervals AS (
  SELECT client, queue, next_minute_us(ended_us) AS from_minute,
    next_minute_us(ended_us + $window_minutes * 60000000) AS until_minute,
    (outcome = 'abandoned')::INTEGER AS part, 1 AS whole
  FROM decided WHERE ended_us IS NOT NULL AND outcome IN ('answered', 'abandoned') AND left_out IS NOT true)
