-- Everybody who is signed in is in the whole, so that nobody available is a 0 and not the silence of the night.
intervals AS (
  SELECT client, NULL AS queue, next_minute(started_at) AS from_minute, next_minute(ended_at) AS until_minute,
    (state = 'available')::INTEGER AS part, 1 AS whole
  FROM span_rows
  WHERE state IS NOT NULL AND started_at < $stop::TIMESTAMPTZ
    AND (ended_at IS NULL OR ended_at > $start::TIMESTAMPTZ))
