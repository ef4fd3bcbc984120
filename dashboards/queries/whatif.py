"""The queries of "what if": service level at every threshold, and the measured load that staffing is worked out of.

Thresholds are applied to the exact waits by the store's own macro. The load of the next intervals is that of the same
quarter of an hour on the same weekday of the last weeks, on the queue's own clocks; how many such days there are is
said with it, and what the last hours brought stands beside it for a queue without them.
"""

from __future__ import annotations

from dashboards.queries.places import CHOSEN_QUEUES, SETTLED
from dashboards.queries.scoped import Query, scoped

#: Seconds. The viewer chooses one; the curve has all.
THRESHOLDS = tuple(range(5, 125, 5))
#: Intervals of a quarter of an hour that staffing looks ahead.
AHEAD = 4
#: Weeks that are looked back at for the same weekday and quarter.
WEEKS = 8
#: Hours that stand in for them.
RECENT_HOURS = 3
#: Days of which handle time and patience are measured.
MEASURED_DAYS = 7

_CURVE = f"""
SELECT threshold, pace, sum(numerator)::BIGINT AS numerator, sum(denominator)::BIGINT AS denominator,
  sum(numerator) / nullif(sum(denominator), 0) AS service_level
FROM (SELECT unnest({list(THRESHOLDS)}) AS threshold) thresholds, LATERAL (
    SELECT client, queue, numerator, denominator
    FROM {scoped("service_levels($start, $stop, threshold_seconds := threshold)", "queue")}
    WHERE definition = $definition) levels
  JOIN {CHOSEN_QUEUES} queues USING (client, queue)
GROUP BY ALL ORDER BY threshold
"""

# Erlang's formulas know one contact at a time, which is answered in the order of arrival: calls, and nothing written.
_CALLS = f"""(
  SELECT client, queue, queues.channel, coalesce(time_zone, 'UTC') AS time_zone, service_level_target,
    threshold_us * 0.000001::DECIMAL(7,6) AS threshold_seconds
  FROM {CHOSEN_QUEUES} queues LEFT JOIN {SETTLED} settled USING (client, queue)
  WHERE queues.pace = 'live' AND NOT coalesce(list_contains(written_channels(), queues.channel), true))"""

# Waited: by all who waited, however it ended; in that time they could have given up.
_MEASURED = f"""
SELECT queues.*, sum(handled)::BIGINT AS handled, sum(abandoned)::BIGINT AS abandoned,
  sum(talk_seconds) + sum(hold_seconds) + sum(wrap_seconds) AS handle_seconds,
  sum(wait_seconds_answered) + sum(wait_seconds_abandoned) + sum(wait_seconds_left) AS waited_seconds
FROM {_CALLS} queues
  JOIN (
    SELECT * EXCLUDE (channel) FROM {scoped("kpi_between($start, $stop)", "queue")}) counts USING (client, queue)
WHERE direction = 'inbound'
GROUP BY ALL ORDER BY client, queue
"""

# A day counts on which the queue had any contact, and whose quarter lies behind the first that is known of the queue.
# The quarter is that of the queue's own clocks: a week with a change of the clocks is not 168 hours.
_EXPECTED = f"""
WITH calls AS (FROM {_CALLS}),
cells AS MATERIALIZED (
  SELECT client, queue, time_zone, minute, (minute AT TIME ZONE time_zone)::DATE AS day, sum(offered) AS offered
  FROM (
    SELECT client, queue, minute, offered FROM {scoped("cell_rows", "queue")}
    WHERE direction = 'inbound' AND minute < time_bucket(INTERVAL 15 MINUTE, $at::TIMESTAMPTZ)
      AND minute >= $at::TIMESTAMPTZ - INTERVAL {WEEKS * 7 + 1} DAY) counted JOIN calls USING (client, queue)
  GROUP BY ALL),
known AS (SELECT client, queue, min(minute) AS since FROM cells GROUP BY ALL),
coming AS (
  SELECT client, queue, time_zone, since,
    time_bucket(INTERVAL 15 MINUTE, $at::TIMESTAMPTZ) + unnest(range(1, {AHEAD + 1})) * INTERVAL 15 MINUTE AS quarter
  FROM calls JOIN known USING (client, queue)),
past AS (
  SELECT *, ((quarter AT TIME ZONE time_zone) - weeks * INTERVAL 7 DAY) AT TIME ZONE time_zone AS was
  FROM coming CROSS JOIN (SELECT unnest(range(1, {WEEKS + 1})) AS weeks) back),
same AS (
  SELECT past.client, past.queue, quarter, weeks,
    coalesce(sum(offered) FILTER (minute >= was AND minute < was + INTERVAL 15 MINUTE), 0) AS offered
  FROM past JOIN cells ON cells.client = past.client AND cells.queue = past.queue
    AND cells.day = (was AT TIME ZONE past.time_zone)::DATE
  WHERE was >= since GROUP BY ALL),
days AS (SELECT client, queue, quarter, count(*) AS days, sum(offered)::BIGINT AS offered FROM same GROUP BY ALL),
recent AS (
  SELECT client, queue, sum(offered)::BIGINT AS recent_offered,
    least({RECENT_HOURS * 4}, 1 + date_sub('minute', time_bucket(INTERVAL 15 MINUTE, any_value(since)),
      time_bucket(INTERVAL 15 MINUTE, $at::TIMESTAMPTZ) - INTERVAL 15 MINUTE) // 15) AS recent_quarters
  FROM cells JOIN known USING (client, queue)
  WHERE minute >= time_bucket(INTERVAL 15 MINUTE, $at::TIMESTAMPTZ) - INTERVAL {RECENT_HOURS} HOUR
  GROUP BY ALL)
SELECT client, queue, quarter, coalesce(days, 0) AS days, offered, recent_offered, recent_quarters
FROM coming LEFT JOIN days USING (client, queue, quarter) LEFT JOIN recent USING (client, queue)
ORDER BY client, queue, quarter
"""

CURVE = Query("whatif_curve", _CURVE, every_seconds=30)
MEASURED = Query("whatif_measured", _MEASURED, every_seconds=60)
EXPECTED = Query("whatif_expected", _EXPECTED, every_seconds=60)

QUERIES = (CURVE, MEASURED, EXPECTED)
