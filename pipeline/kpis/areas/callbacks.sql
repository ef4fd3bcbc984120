-- Callbacks: promised calls. Until one is reached it is neither answered nor abandoned.

-- One row per callback. Once reached it is reached, whatever is said at the same moment. Its wait
-- is shown with the delay that was agreed at first (until due_at) and without it.
CREATE VIEW callbacks AS
SELECT *, seconds_between(requested_at, reached_at) AS wait_seconds,
  seconds_between(greatest(requested_at, coalesce(least(due_at, reached_at), requested_at)), reached_at)
    AS wait_after_delay_seconds,
  status NOT IN ('reached', 'cancelled', 'expired') AS open
FROM (
  SELECT client, callback, arg_min(interaction, (time, source, id)) AS interaction,
    arg_min(channel, (time, source, id)) AS channel,
    arg_min(queue, (time, source, id)) FILTER (queue IS NOT NULL) AS queue,
    coalesce(min(time) FILTER (status = 'requested'), min(time)) AS requested_at,
    arg_max(due_at, (time, source, id)) FILTER (due_at IS NOT NULL) AS due_at,
    -- A result without a word of the attempt was an attempt as well.
    greatest(count(*) FILTER (status = 'attempted'), count(*) FILTER (status IN ('reached', 'not_reached')))
      AS attempts,
    min(time) FILTER (status IN ('attempted', 'reached', 'not_reached')) AS first_attempt_at,
    min(time) FILTER (status = 'reached') AS reached_at,
    CASE WHEN bool_or(status = 'reached') THEN 'reached' ELSE arg_max(status, (time, source, id)) END AS status
  FROM callback_changes GROUP BY client, callback);

-- Of the callbacks requested in [start, stop), per client and queue. On time: reached not later than due_at + grace.
-- A callback that was due by stop and not reached by then has missed its time, unless the customer cancelled it.
CREATE MACRO callback_kpis(start, stop, grace_seconds := 0) AS TABLE
SELECT *, callbacks_reached / nullif(callbacks_requested, 0) AS callback_reached_share,
  callbacks_on_time / nullif(callbacks_due, 0) AS callback_on_time_share,
  callback_wait_seconds / nullif(callbacks_reached, 0) AS callback_wait_average_seconds,
  callback_wait_after_delay_seconds / nullif(callbacks_reached, 0) AS callback_wait_after_delay_average_seconds
FROM (
  SELECT client, queue, count(*) AS callbacks_requested, sum(attempts)::BIGINT AS callback_attempts,
    count(*) FILTER (reached_at IS NOT NULL) AS callbacks_reached,
    count(*) FILTER (due AND reached_at IS NOT NULL AND reached_at <= latest_at) AS callbacks_on_time,
    count(*) FILTER (due) AS callbacks_due,
    count(*) FILTER (status = 'cancelled') AS callbacks_cancelled,
    count(*) FILTER (status = 'expired') AS callbacks_expired, count(*) FILTER (open) AS callbacks_open,
    coalesce(sum(wait_seconds), 0) AS callback_wait_seconds,
    coalesce(sum(wait_after_delay_seconds), 0) AS callback_wait_after_delay_seconds
  FROM (
    SELECT *, due_at + to_seconds(grace_seconds) AS latest_at,
      due_at IS NOT NULL AND status <> 'cancelled'
        AND (reached_at IS NOT NULL OR due_at + to_seconds(grace_seconds) < stop::TIMESTAMPTZ) AS due
    FROM callbacks WHERE requested_at >= start::TIMESTAMPTZ AND requested_at < stop::TIMESTAMPTZ)
  GROUP BY client, queue)
ORDER BY client, queue;

-- Open callbacks at a moment: those still in their delay are scheduled, the others are in the queue.
CREATE MACRO callbacks_now(as_of := now()) AS TABLE
SELECT client, queue, count(*) FILTER (due_at IS NOT NULL AND due_at > as_of::TIMESTAMPTZ) AS callbacks_scheduled,
  count(*) FILTER (due_at IS NULL OR due_at <= as_of::TIMESTAMPTZ) AS callbacks_in_queue,
  max(seconds_between(coalesce(greatest(due_at, requested_at), requested_at), as_of::TIMESTAMPTZ))
    FILTER (due_at IS NULL OR due_at <= as_of::TIMESTAMPTZ) AS callback_longest_wait_seconds
FROM (
  SELECT client, arg_min(queue, (time, source, id)) FILTER (queue IS NOT NULL) AS queue, min(time) AS requested_at,
    arg_max(due_at, (time, source, id)) FILTER (due_at IS NOT NULL) AS due_at,
    CASE WHEN bool_or(status = 'reached') THEN 'reached' ELSE arg_max(status, (time, source, id)) END AS status
  FROM callback_changes WHERE time <= as_of::TIMESTAMPTZ GROUP BY client, callback)
WHERE status NOT IN ('reached', 'cancelled', 'expired')
GROUP BY client, queue ORDER BY client, queue;
