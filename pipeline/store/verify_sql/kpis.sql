-- KPI cells of any period, from segment_facts: a segment counts in the period of its queue entry, under the settings of
-- its queue in that minute. What is in time is asked of each segment, not of the cells' lists of waits.

CREATE TEMP MACRO offset_of(us) AS
  printf('%s%02d:%02d', if(us < 0, '-', '+'), abs(us) // 3600000000, abs(us) // 60000000 % 60);

-- wall_us: what the queue's own clocks show in that minute, as if it were UTC.
CREATE TEMP VIEW counted AS
WITH entered AS (
  SELECT *, queued_us - queued_us % 60000000 AS minute_us, wrap_up.amount AS amount, wrap_up.currency AS currency
  FROM segment_facts WHERE queued_us IS NOT NULL),
ruled AS (
  SELECT e.*, coalesce(q.short_abandons, 'counted') AS short_rule, coalesce(q.time_zone, 'UTC') AS zone,
    coalesce(e.outcome = 'abandoned' AND e.wait_us <= coalesce(q.short_abandon_us, 5000000), false) AS short,
    CASE WHEN coalesce(q.threshold_inclusive, true) THEN e.wait_us <= coalesce(q.threshold_us, 20000000)
      ELSE e.wait_us < coalesce(q.threshold_us, 20000000) END AS in_target
  FROM entered e LEFT JOIN live.centre_queues q ON q.client = e.client AND q.queue = e.queue
    AND coalesce(epoch_us(q.valid_from) <= e.minute_us, true) AND coalesce(e.minute_us < epoch_us(q.valid_to), true))
SELECT *, short AND short_rule = 'not_offered' AS no_call, short AND short_rule <> 'counted' AS no_service,
  epoch_us(timezone(zone, moment(minute_us))) AS wall_us,
  {'time_zone': zone, 'local_day': make_timestamp(wall_us)::DATE} AS local_day,
  {'time_zone': zone, 'local_day': make_timestamp(wall_us)::DATE,
   'local_hour_start': moment(minute_us - wall_us % 3600000000), 'utc_offset': offset_of(wall_us - minute_us)}
    AS local_hour
FROM ruled;

CREATE TEMP MACRO period_start(at_us, period_us) AS moment(at_us - at_us % period_us);
-- ``period`` is any expression over counted, or a struct of several.
CREATE TEMP MACRO expected_kpis(period) AS TABLE
SELECT client, queue, channel, direction, period AS period,
  count(*) FILTER (NOT no_call) AS offered,
  count(*) FILTER (outcome = 'answered') AS answered,
  count(*) FILTER (outcome = 'abandoned' AND NOT no_call) AS abandoned,
  count(*) FILTER (short AND NOT no_call) AS short_abandoned,
  count(*) FILTER (short AND short_rule = 'excluded') AS short_excluded,
  count(*) FILTER (no_call) AS short_not_offered,
  count(*) FILTER (outcome = 'left' AND left_reason = 'timeout') AS left_timeout,
  count(*) FILTER (outcome = 'left' AND left_reason = 'key') AS left_key,
  count(*) FILTER (outcome = 'left' AND left_reason = 'closed') AS left_closed,
  count(*) FILTER (outcome = 'left' AND left_reason = 'callback') AS left_callback,
  count(*) FILTER (outcome = 'abandoned' AND NOT no_service) AS abandoned_in_service_level,
  count(*) FILTER (outcome = 'answered' AND in_target) AS answered_in_target,
  count(*) FILTER (outcome = 'abandoned' AND in_target AND NOT no_service) AS abandoned_in_target,
  exact_seconds(coalesce(sum(wait_us) FILTER (outcome = 'answered'), 0)) AS wait_seconds_answered,
  exact_seconds(coalesce(sum(wait_us) FILTER (outcome = 'abandoned' AND NOT no_call), 0)) AS wait_seconds_abandoned,
  exact_seconds(coalesce(sum(wait_us) FILTER (outcome = 'left'), 0)) AS wait_seconds_left,
  count(handle_us) AS handled,
  exact_seconds(coalesce(sum(talk_us), 0)) AS talk_seconds,
  exact_seconds(coalesce(sum(hold_us), 0)) AS hold_seconds,
  exact_seconds(coalesce(sum(wrap_us), 0)) AS wrap_seconds,
  count(*) FILTER (holds > 0) AS held,
  sum(alerts) AS alerts,
  sum(declines) AS declines,
  count(*) FILTER (outcome = 'answered' AND transferred_us IS NOT NULL) AS transferred,
  count(*) FILTER ('sale' IN wrap_up.flags) AS sales,
  exact_seconds(max(wait_us) FILTER (NOT no_call)) AS longest_wait_seconds,
  revenue_of(amount, currency) AS revenue,
  currency_of(amount, currency) AS currency
FROM counted GROUP BY ALL;
