-- KPI cells of any period, from segment_facts: a segment counts in the period of its queue entry, in UTC.

CREATE TEMP VIEW counted AS
SELECT *, coalesce(wait_us <= 5000000, false) AS short, coalesce(wait_us <= 20000000, false) AS in_target,
  wrap_up.amount AS amount, wrap_up.currency AS currency
FROM segment_facts WHERE queued_us IS NOT NULL;

CREATE TEMP MACRO expected_kpis(period_us) AS TABLE
SELECT client, queue, channel, direction, moment(queued_us - queued_us % period_us) AS period,
  count(*) AS offered,
  count(*) FILTER (outcome = 'answered') AS answered,
  count(*) FILTER (outcome = 'abandoned') AS abandoned,
  count(*) FILTER (outcome = 'abandoned' AND short) AS short_abandoned,
  count(*) FILTER (outcome = 'left' AND left_reason = 'timeout') AS left_timeout,
  count(*) FILTER (outcome = 'left' AND left_reason = 'key') AS left_key,
  count(*) FILTER (outcome = 'left' AND left_reason = 'closed') AS left_closed,
  count(*) FILTER (outcome = 'left' AND left_reason = 'callback') AS left_callback,
  count(*) FILTER (outcome = 'answered' AND in_target) AS answered_in_target,
  count(*) FILTER (outcome = 'abandoned' AND in_target) AS abandoned_in_target,
  exact_seconds(coalesce(sum(wait_us) FILTER (outcome = 'answered'), 0)) AS wait_seconds_answered,
  exact_seconds(coalesce(sum(wait_us) FILTER (outcome = 'abandoned'), 0)) AS wait_seconds_abandoned,
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
  exact_seconds(max(wait_us)) AS longest_wait_seconds,
  revenue_of(amount, currency) AS revenue,
  currency_of(amount, currency) AS currency
FROM counted GROUP BY ALL;
