-- Who waits: from the first minute at or after the entry to the last one before the wait ended.
intervals AS (
  SELECT client, queue, next_minute(queued_at) AS from_minute, next_minute(wait_ended_at) AS until_minute,
    1 AS part, 1 AS whole
  FROM segment_rows
  WHERE queue IS NOT NULL AND queued_at < $stop::TIMESTAMPTZ
    AND (wait_ended_at IS NULL OR wait_ended_at > $start::TIMESTAMPTZ))
