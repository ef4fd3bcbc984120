-- Outcomes: sales, orders, promises, payments, pledges, leads, activations and whatever else a contact leads to.
-- Each is counted on the day it was made, by what has become of it since: a cancellation restates the day of the sale.

-- Money of one currency has a sum, of several it has none. The amounts of rows that do not count are given as NULL.
CREATE MACRO one_currency_sum(amount, currency) AS
  CASE WHEN count(DISTINCT coalesce(currency, '')) FILTER (amount IS NOT NULL) <= 1 THEN coalesce(sum(amount), 0) END;
CREATE MACRO one_currency(amount, currency) AS
  CASE WHEN count(DISTINCT coalesce(currency, '')) FILTER (amount IS NOT NULL) = 1
    THEN max(currency) FILTER (amount IS NOT NULL) END;

-- What the wrap-up and the disposition say of a segment, as one list. Flags mean the same everywhere, codes do not.
-- Of segments of which something happened in [start, stop).
CREATE MACRO segment_flags_between(start, stop) AS TABLE
SELECT s.client, s.interaction, s.segment, s.queue, s.agent, s.outcome, s.queued_at, s.answered_at,
  coalesce(s.queued_at, s.answered_at, s.first_event_at) AS began_at,
  list_sort(list_distinct(list_concat(coalesce(s.flags, []), coalesce(d.flags, [])))) AS flags
FROM segment_rows AS s
LEFT JOIN centre_clients AS c ON c.client = s.client
LEFT JOIN centre_dispositions AS d ON d.client = coalesce(c.client, '*') AND d.disposition = s.disposition
WHERE s.segment <> '' AND s.first_event_at < stop::TIMESTAMPTZ AND s.last_event_at >= start::TIMESTAMPTZ;

CREATE VIEW segment_flags AS FROM segment_flags_between('-infinity', 'infinity');

-- Of each contact: its campaign (as described, else that of its latest dial), and the account it is about.
CREATE VIEW contact_accounts AS
WITH said AS (
  SELECT client, interaction, campaign, ticket, customer, (time, source, id) AS said FROM descriptions
  UNION ALL BY NAME
  SELECT client, interaction, campaign AS dialled, (time, source, id) AS said FROM dials)
SELECT client, interaction, coalesce(arg_max(campaign, said), arg_max(dialled, said)) AS campaign,
  coalesce(arg_max(ticket, said), arg_max(customer, said), interaction) AS account
FROM said GROUP BY client, interaction;

-- One row for each outcome of a client that was made in [start, stop), with all that became of it; of_kinds: only those
-- that were ever said to be of one of these kinds. Place and people are those of the contact in which it was made: a sale that is
-- cancelled through the service queue remains a sale of the queue that sold. An amount without a currency has the last
-- one that was said, else the client's.
CREATE MACRO outcomes_between(start, stop, of_kinds := NULL) AS TABLE
WITH named AS MATERIALIZED (
  SELECT DISTINCT client, outcome FROM outcome_changes
  WHERE time >= start::TIMESTAMPTZ AND time < stop::TIMESTAMPTZ
    AND (of_kinds IS NULL OR list_contains(of_kinds, kind))),
changes AS (
  SELECT *, (time, source, id) AS said,
    first_value(interaction) OVER (PARTITION BY client, outcome ORDER BY time, source, id) AS home
  FROM outcome_changes SEMI JOIN named USING (client, outcome)),
merged AS (
  SELECT client, outcome, arg_max(kind, said) AS kind, min(time) AS made_at,
    arg_max(status, said) AS status, max(time) AS status_at,
    min(time) FILTER (status IN ('kept', 'fulfilled')) AS first_kept_at,
    min(time) FILTER (status = 'cancelled') AS first_cancelled_at,
    arg_min({'amount': amount, 'currency': currency}, said) FILTER (amount IS NOT NULL) AS first_money,
    arg_max({'amount': amount, 'currency': currency}, said) FILTER (amount IS NOT NULL) AS last_money,
    arg_max(amount, said) FILTER (status = 'part_kept') AS part_amount,
    arg_max(currency, said) AS last_currency,
    arg_max(quantity, said) AS quantity, arg_max(due_on, said) AS due_on,
    arg_min(product, said) AS product, arg_min(campaign, said) AS campaign, arg_min(interaction, said) AS interaction,
    arg_min(segment, said) FILTER (interaction = home) AS segment,
    arg_min(queue, said) FILTER (interaction = home) AS queue,
    arg_min(agent, said) FILTER (interaction = home) AS agent,
    arg_min(queue, said) AS any_queue, arg_min(agent, said) AS any_agent,
    arg_min(channel, said) AS channel, arg_min(direction, said) AS direction
  FROM changes GROUP BY client, outcome),
made AS MATERIALIZED (FROM merged WHERE made_at >= start::TIMESTAMPTZ AND made_at < stop::TIMESTAMPTZ),
homes AS MATERIALIZED (SELECT DISTINCT client, interaction FROM made),
stretches AS (
  SELECT client, interaction, segment, channel, queue, agent, first_event_at
  FROM segment_rows SEMI JOIN homes USING (client, interaction) WHERE segment <> ''),
told AS (
  SELECT client, interaction, campaign, ticket, customer, (time, source, id) AS said
  FROM descriptions SEMI JOIN homes USING (client, interaction)
  UNION ALL BY NAME
  SELECT client, interaction, campaign AS dialled, (time, source, id) AS said
  FROM dials SEMI JOIN homes USING (client, interaction)),
accounts AS (
  SELECT client, interaction, coalesce(arg_max(campaign, said), arg_max(dialled, said)) AS campaign,
    coalesce(arg_max(ticket, said), arg_max(customer, said), interaction) AS account
  FROM told GROUP BY client, interaction),
zones AS (SELECT client, queue, max(time_zone) AS time_zone FROM centre_queues GROUP BY client, queue),
placed AS (
  SELECT m.* REPLACE (
      coalesce(m.queue, s.queue, m.any_queue) AS queue, coalesce(m.agent, s.agent, m.any_agent) AS agent,
      coalesce(m.campaign, a.campaign) AS campaign),
    coalesce(a.account, m.interaction) AS account,
    coalesce(m.last_money.currency, m.last_currency, c.currency) AS currency,
    coalesce(m.first_money.currency, m.last_currency, c.currency) AS first_currency,
    c.time_zone AS client_zone
  FROM made AS m
  LEFT JOIN stretches AS s ON s.client = m.client AND s.interaction = m.interaction AND s.segment = m.segment
  LEFT JOIN accounts AS a ON a.client = m.client AND a.interaction = m.interaction
  LEFT JOIN centre_clients AS c ON c.client = m.client
  -- A contact that changed its channel may have two segments of a name: one of each topic.
  QUALIFY row_number() OVER (PARTITION BY m.client, m.outcome
    ORDER BY s.channel IS DISTINCT FROM m.channel, s.first_event_at, s.channel) = 1)
SELECT p.client, p.outcome, p.kind, p.status, p.made_at,
  (p.made_at AT TIME ZONE coalesce(z.time_zone, p.client_zone, 'UTC'))::DATE AS day, p.status_at,
  CASE WHEN p.status IN ('kept', 'fulfilled') THEN p.first_kept_at END AS kept_at,
  CASE WHEN p.status = 'cancelled' THEN p.first_cancelled_at END AS cancelled_at,
  p.last_money.amount AS amount,
  CASE WHEN p.last_money.amount IS NOT NULL THEN p.currency END AS currency,
  -- What was said in another currency at first cannot stand beside the amount of now.
  CASE WHEN p.first_currency IS NOT DISTINCT FROM p.currency THEN p.first_money.amount END AS amount_made,
  CASE WHEN p.status IN ('kept', 'fulfilled') THEN p.last_money.amount
    WHEN p.status = 'part_kept' THEN p.part_amount END AS amount_kept,
  p.quantity, p.due_on, p.product, p.campaign, p.interaction, p.account, p.segment, p.queue, p.agent, p.channel,
  p.direction, coalesce(z.time_zone, p.client_zone, 'UTC') AS time_zone
FROM placed AS p LEFT JOIN zones AS z ON z.client = p.client AND z.queue = p.queue
-- A kind is what was said last.
WHERE of_kinds IS NULL OR list_contains(of_kinds, p.kind);

CREATE VIEW outcomes AS FROM outcomes_between('-infinity', 'infinity');

CREATE MACRO outcome_kpis(start, stop, by_product := false) AS TABLE
SELECT *, made - cancelled AS net, cancelled / nullif(made, 0) AS cancelled_rate
FROM (
  SELECT client, queue, kind, CASE WHEN by_product THEN product END AS product, currency, count(*) AS made,
    count(*) FILTER (status = 'made') AS undecided,
    count(*) FILTER (status = 'kept') AS kept, count(*) FILTER (status = 'part_kept') AS part_kept,
    count(*) FILTER (status = 'broken') AS broken, count(*) FILTER (status = 'fulfilled') AS fulfilled,
    count(*) FILTER (status = 'cancelled') AS cancelled,
    coalesce(sum(quantity) FILTER (status <> 'cancelled'), 0)::BIGINT AS net_quantity,
    sum(amount_made) AS amount_made, sum(amount) FILTER (status <> 'cancelled') AS amount_net,
    sum(amount_kept) AS amount_kept, sum(amount) FILTER (status = 'cancelled') AS amount_cancelled
  FROM outcomes_between(start, stop)
  GROUP BY ALL)
ORDER BY client, queue, kind, product, currency;

-- A pledge without a day is due at once. One that is not due yet is on neither side of the rate of those due.
CREATE MACRO fundraising_kpis(start, stop, as_of := now()) AS TABLE
SELECT *, fulfilled / nullif(pledges, 0) AS fulfilment_rate,
  fulfilled_due / nullif(pledges_due, 0) AS fulfilment_rate_due,
  amount_fulfilled / nullif(amount_pledged, 0) AS fulfilment_rate_amount
FROM (
  SELECT client, queue, currency, count(*) AS pledges, count(*) FILTER (paid) AS fulfilled,
    count(*) FILTER (status = 'part_kept') AS part_fulfilled, count(*) FILTER (status = 'cancelled') AS cancelled,
    count(*) FILTER (due) AS pledges_due, count(*) FILTER (due AND paid) AS fulfilled_due,
    sum(amount_made) AS amount_pledged, coalesce(sum(amount_kept), 0) AS amount_fulfilled
  FROM (
    SELECT *, status IN ('kept', 'fulfilled') AS paid,
      coalesce(due_on < (as_of::TIMESTAMPTZ AT TIME ZONE time_zone)::DATE, true) AS due
    FROM outcomes_between(start, stop, of_kinds := ['pledge']))
  GROUP BY ALL)
ORDER BY client, queue, currency;
