-- Interactions, from counted_events and segment_facts.

-- Money adds up only in one currency; amounts without any currency count as one, and no amounts are 0.
CREATE TEMP MACRO one_currency(amount, currency) AS
  count(DISTINCT coalesce(currency, '')) FILTER (amount IS NOT NULL) <= 1;
CREATE TEMP MACRO revenue_of(amount, currency) AS
  CASE WHEN one_currency(amount, currency) THEN coalesce(sum(amount), 0) END;
CREATE TEMP MACRO currency_of(amount, currency) AS
  CASE WHEN one_currency(amount, currency) THEN max(currency) FILTER (amount IS NOT NULL) END;

CREATE TEMP VIEW expected_interactions AS
WITH told AS (
  SELECT client, interaction, arg_min(channel, order_no) AS channel, arg_min(direction, order_no) AS direction,
    min(time_us) AS started_us, max(time_us) FILTER (kind = 'ended') AS ended_us
  FROM counted_events GROUP BY client, interaction),
sums AS (
  SELECT client, interaction, count(*) AS segments, count(queued_us) AS offered,
    count(*) FILTER (outcome = 'answered') AS answered, count(*) FILTER (outcome = 'abandoned') AS abandoned,
    count(*) FILTER (outcome = 'left') AS left_otherwise, count(*) FILTER (outcome = 'waiting') AS waiting,
    list_sort(list(DISTINCT queue) FILTER (queue IS NOT NULL)) AS queues,
    sum(wait_us) AS wait_us, sum(talk_us) AS talk_us, count(*) FILTER ('sale' IN wrap_up.flags) AS sales,
    revenue_of(wrap_up.amount, wrap_up.currency) AS revenue, currency_of(wrap_up.amount, wrap_up.currency) AS currency
  FROM segment_facts GROUP BY client, interaction)
SELECT client, interaction, channel, direction,
  CASE WHEN answered > 0 THEN 'answered' WHEN abandoned > 0 THEN 'abandoned' WHEN left_otherwise > 0 THEN 'left'
    WHEN waiting > 0 THEN 'waiting' WHEN ended_us IS NOT NULL THEN 'left_in_menu' ELSE 'in_menu' END AS outcome,
  moment(started_us) AS started_at, moment(ended_us) AS ended_at, coalesce(segments, 0) AS segments,
  coalesce(offered, 0) AS offered, coalesce(answered, 0) AS answered, coalesce(abandoned, 0) AS abandoned,
  coalesce(queues, []) AS queues, exact_seconds(coalesce(wait_us, 0)) AS wait_seconds,
  exact_seconds(coalesce(talk_us, 0)) AS talk_seconds, coalesce(sales, 0) AS sales,
  CASE WHEN segments IS NULL THEN 0 ELSE revenue END AS revenue, currency
FROM told LEFT JOIN sums USING (client, interaction);
