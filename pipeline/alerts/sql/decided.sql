-- Waits as service_level_now() judges them: when each expires, when it ended, and whether a short abandon leaves it out.
-- An end that lies before its entry is one at its entry.
decided AS (
  SELECT segments.client, segments.queue, outcome, epoch_us(queued_at) + {limit} + 1 AS expires_us,
    CASE WHEN wait_ended_at IS NOT NULL THEN epoch_us(greatest(wait_ended_at, queued_at)) END AS ended_us,
    outcome = 'abandoned' AND wait_us <= {short} AND {behaviour} <> 'counted' AS left_out
  FROM segment_rows segments {settings}
  WHERE queued_at < $stop::TIMESTAMPTZ AND segments.queue IS NOT NULL
    AND (wait_ended_at IS NULL OR wait_ended_at > $start::TIMESTAMPTZ - to_minutes($window_minutes))),
