intervals AS (
  -- Ended before its threshold passed: counts for as long as that end lies in the window.
  SELECT client, queue, next_minute_us(ended_us) AS from_minute,
    next_minute_us(ended_us + $window_minutes * 60000000) AS until_minute,
    (outcome = 'answered')::INTEGER AS part, 1 AS whole
  FROM decided WHERE ended_us < expires_us AND outcome IN ('answered', 'abandoned') AND left_out IS NOT true
  UNION ALL
  -- Its threshold passed while it waited: counts against while it goes on to wait, and while that lies in the window.
  SELECT client, queue, next_minute_us(expires_us),
    next_minute_us(CASE WHEN left_out THEN ended_us
      ELSE greatest(ended_us, expires_us + $window_minutes * 60000000) END), 0, 1
  FROM decided WHERE ended_us IS NOT NULL AND expires_us <= ended_us
  UNION ALL
  SELECT client, queue, next_minute_us(expires_us), NULL, 0, 1 FROM decided WHERE ended_us IS NULL)
