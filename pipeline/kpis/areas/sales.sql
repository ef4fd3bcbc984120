-- Sales: how many, out of what, for how much. A sale is an outcome of the kind sale or order that is not cancelled now.

-- What is counted, one row for each thing: of a queue, or with by_queue := false of the client as a whole. Beside it which
-- thing of which contact it is, and when it was.
CREATE MACRO sales_facts(start, stop, by_queue) AS TABLE
SELECT client, CASE WHEN by_queue THEN queue END AS queue, what, agent, amount, currency, quantity, interaction, thing, happened_at
FROM (
  SELECT client, queue, 'offered' AS what, agent, NULL AS amount, NULL AS currency, NULL AS quantity, interaction,
    segment AS thing, queued_at AS happened_at
  FROM segment_flags_between(start, stop)
  WHERE queued_at >= start::TIMESTAMPTZ AND queued_at < stop::TIMESTAMPTZ
  UNION ALL BY NAME
  SELECT client, queue, 'answered' AS what, agent, interaction, segment AS thing,
    coalesce(queued_at, answered_at) AS happened_at
  FROM segment_flags_between(start, stop)
  WHERE outcome = 'answered' AND coalesce(queued_at, answered_at) >= start::TIMESTAMPTZ
    AND coalesce(queued_at, answered_at) < stop::TIMESTAMPTZ
  UNION ALL BY NAME
  SELECT client, queue, 'flagged' AS what, agent, interaction, segment AS thing, began_at AS happened_at
  FROM segment_flags_between(start, stop)
  WHERE list_contains(flags, 'sale') AND began_at >= start::TIMESTAMPTZ AND began_at < stop::TIMESTAMPTZ
  UNION ALL BY NAME
  SELECT client, queue, 'dial' AS what, agents[1] AS agent, interaction, attempt AS thing, dialled_at AS happened_at
  FROM dial_attempts_between(start, stop)
  UNION ALL BY NAME
  SELECT client, queue,
    CASE WHEN status = 'cancelled' THEN 'cancelled ' ELSE '' END || CASE kind WHEN 'order' THEN 'sale' ELSE kind END AS what,
    agent, amount, currency, quantity, interaction, outcome AS thing, made_at AS happened_at
  FROM outcomes_between(start, stop, of_kinds := ['sale', 'order', 'upsell', 'lead']));

-- Hours for which the agents were signed in who answered or sold there in the period. An agent of two queues counts in
-- the row of each: hours of queues do not add up to those of the client, which by_queue := false gives.
CREATE MACRO sales_hours(start, stop, by_queue, as_of) AS TABLE
SELECT client, queue, sum(signed_in_seconds) / 3600 AS agent_hours
FROM (
  SELECT DISTINCT client, queue, agent FROM sales_facts(start, stop, by_queue)
  WHERE agent IS NOT NULL AND what IN ('answered', 'sale', 'upsell'))
JOIN signed_in_time(start, stop, as_of := as_of) USING (client, agent)
GROUP BY client, queue;

CREATE MACRO sales_kpis(start, stop, by_queue := true, as_of := now()) AS TABLE
SELECT *, sales / nullif(offered, 0) AS conversion_per_offered, sales / nullif(answered, 0) AS conversion_per_answered,
  sales / nullif(leads, 0) AS conversion_per_lead, sales / nullif(dials, 0) AS conversion_per_dial,
  upsells / nullif(sales, 0) AS upsell_rate, cancelled / nullif(sales + cancelled, 0) AS cancelled_rate,
  revenue / nullif(answered, 0) AS revenue_per_answered, revenue / nullif(agent_hours, 0) AS revenue_per_agent_hour,
  sales / nullif(agent_hours, 0) AS sales_per_agent_hour
FROM (
  SELECT f.*, h.agent_hours
  FROM (
    SELECT client, queue, count(*) FILTER (what = 'offered') AS offered, count(*) FILTER (what = 'answered') AS answered,
      count(*) FILTER (what = 'dial') AS dials, count(*) FILTER (what = 'lead') AS leads,
      count(*) FILTER (what = 'sale') AS sales, count(*) FILTER (what = 'upsell') AS upsells,
      count(*) FILTER (what = 'cancelled sale') AS cancelled, count(*) FILTER (what = 'flagged') AS flagged_sales,
      coalesce(sum(quantity) FILTER (what = 'sale'), 0)::BIGINT AS units,
      one_currency_sum(CASE WHEN what IN ('sale', 'upsell') THEN amount END, currency) AS revenue,
      one_currency(CASE WHEN what IN ('sale', 'upsell') THEN amount END, currency) AS currency
    FROM sales_facts(start, stop, by_queue) GROUP BY client, queue) AS f
  LEFT JOIN sales_hours(start, stop, by_queue, as_of) AS h
    ON h.client = f.client AND h.queue IS NOT DISTINCT FROM f.queue)
ORDER BY client, queue;

-- Money currency by currency, for where several meet.
CREATE MACRO sales_revenue(start, stop, by_queue := true, as_of := now()) AS TABLE
SELECT r.*, r.revenue / nullif(k.answered, 0) AS revenue_per_answered,
  r.revenue / nullif(k.agent_hours, 0) AS revenue_per_agent_hour
FROM (
  SELECT client, queue, currency, count(*) FILTER (what = 'sale') AS sales, count(*) FILTER (what = 'upsell') AS upsells,
    count(*) FILTER (what = 'cancelled sale') AS cancelled,
    coalesce(sum(amount) FILTER (what IN ('sale', 'upsell')), 0) AS revenue,
    coalesce(sum(amount) FILTER (what = 'cancelled sale'), 0) AS amount_cancelled
  FROM sales_facts(start, stop, by_queue)
  WHERE amount IS NOT NULL AND what IN ('sale', 'upsell', 'cancelled sale')
  GROUP BY client, queue, currency) AS r
JOIN sales_kpis(start, stop, by_queue := by_queue, as_of := as_of) AS k
  ON k.client = r.client AND k.queue IS NOT DISTINCT FROM r.queue
ORDER BY r.client, r.queue, r.currency;
