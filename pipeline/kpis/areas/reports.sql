-- What sources say themselves: their own durations of a segment beside the computed ones, and what was noticed of them.

-- Of each member the latest report holds; a difference is what the source says less what follows from its events, and
-- NULL where either says nothing. A report of a segment that nothing else was said of has only its own side.
CREATE VIEW reported_differences AS
WITH reported AS (
  SELECT client, interaction, segment, min(time) AS first_reported_at,
    arg_max(channel, said) AS channel, arg_max(direction, said) AS direction,
    arg_max(queue, said) AS queue, arg_max(agent, said) AS agent, arg_max(outcome, said) AS reported_outcome,
    arg_max(wait_ms, said) * 0.001::DECIMAL(4,3) AS reported_wait_seconds,
    arg_max(ring_ms, said) * 0.001::DECIMAL(4,3) AS reported_ring_seconds,
    arg_max(talk_ms, said) * 0.001::DECIMAL(4,3) AS reported_talk_seconds,
    arg_max(hold_ms, said) * 0.001::DECIMAL(4,3) AS reported_hold_seconds,
    arg_max(wrap_ms, said) * 0.001::DECIMAL(4,3) AS reported_wrap_seconds
  FROM (SELECT *, (time, source, id) AS said FROM reports)
  GROUP BY client, interaction, segment)
SELECT r.client, r.interaction, r.segment, coalesce(s.queue, r.queue) AS queue,
  coalesce(s.channel, r.channel) AS channel, coalesce(s.direction, r.direction) AS direction,
  coalesce(s.agent, r.agent) AS agent,
  coalesce(s.queued_at, s.answered_at, s.first_event_at, r.first_reported_at) AS began_at,
  s.outcome, r.reported_outcome,
  s.wait_seconds, r.reported_wait_seconds, r.reported_wait_seconds - s.wait_seconds AS wait_difference_seconds,
  r.reported_ring_seconds,
  s.talk_seconds, r.reported_talk_seconds, r.reported_talk_seconds - s.talk_seconds AS talk_difference_seconds,
  s.hold_seconds, r.reported_hold_seconds, r.reported_hold_seconds - s.hold_seconds AS hold_difference_seconds,
  s.wrap_seconds, r.reported_wrap_seconds, r.reported_wrap_seconds - s.wrap_seconds AS wrap_difference_seconds
FROM reported AS r LEFT JOIN segments AS s USING (client, interaction, segment);

-- Per client, queue and duration, of the segments that began in [start, stop) and that their source reported: on how
-- many both sides say it, and on how many of these they are further apart than the tolerance.
CREATE MACRO reported_between(start, stop, tolerance_seconds := 1) AS TABLE
WITH sides AS (
  SELECT client, queue, unnest([
    {'duration': 'wait', 'computed': wait_seconds, 'reported': reported_wait_seconds},
    {'duration': 'talk', 'computed': talk_seconds, 'reported': reported_talk_seconds},
    {'duration': 'hold', 'computed': hold_seconds, 'reported': reported_hold_seconds},
    {'duration': 'wrap', 'computed': wrap_seconds, 'reported': reported_wrap_seconds}]) AS side
  FROM reported_differences WHERE began_at >= start::TIMESTAMPTZ AND began_at < stop::TIMESTAMPTZ),
pairs AS (
  SELECT client, queue, side.duration AS duration, side.computed AS computed, side.reported AS reported,
    side.reported - side.computed AS difference
  FROM sides)
SELECT client, queue, duration,
  count(difference) AS reported_compared,
  count(*) FILTER (abs(difference) > tolerance_seconds) AS reported_differing,
  count(*) FILTER (computed IS NULL AND reported IS NOT NULL) AS only_reported,
  count(*) FILTER (computed IS NOT NULL AND reported IS NULL) AS only_computed,
  sum(computed) FILTER (difference IS NOT NULL) AS computed_seconds,
  sum(reported) FILTER (difference IS NOT NULL) AS reported_seconds,
  sum(difference) AS reported_difference_seconds,
  max(abs(difference)) AS largest_difference_seconds
FROM pairs
GROUP BY ALL HAVING count(*) > count(*) FILTER (computed IS NULL AND reported IS NULL)
ORDER BY client, queue NULLS LAST, duration;

-- What was noticed of the sources, each thing once: notices are its events, records what they concern, and gap_seconds
-- how long it was lost for, as far as that is known.
CREATE VIEW source_health AS
SELECT client, source, adapter, kind, name, count(*) AS notices, sum("count")::BIGINT AS records,
  min(time) AS first_at, max(time) AS latest_at,
  sum(floor_seconds(greatest(0, epoch_us(time) - epoch_us(lost_from)))) FILTER (lost_from IS NOT NULL) AS gap_seconds
FROM source_notices
GROUP BY client, source, adapter, kind, name;
