-- Collections: promises to pay, whether they were kept, and what came in.

-- Every promise that is not cancelled, with its grace and what was paid on its account.
--
-- A promise is kept if its latest status says so and that came by the end of the last day of grace, in the queue's local
-- time. Said to be broken, it is broken. While nobody has said either, payments decide: those on the same account (ticket,
-- else customer, else contact) in the same currency, from the promise on until the end of its grace. Promises of an
-- account whose times overlap are a run, and the money of a run settles the one that is due first: so no payment keeps
-- two promises. A broken one asks for none of it. grace_days NULL takes the days that were in force on the day of the promise.
CREATE MACRO promises(grace_days := NULL, as_of := now()) AS TABLE
WITH promised AS (
  SELECT o.*, coalesce(grace_days, g.value, default_promise_grace_days())::INTEGER AS grace,
    o.due_on + 1 + coalesce(grace_days, g.value, default_promise_grace_days())::INTEGER AS late_from,
    o.due_on::TIMESTAMP AT TIME ZONE o.time_zone AS due_from,
    (o.due_on + 1)::TIMESTAMP AT TIME ZONE o.time_zone AS due_at,
    late_from::TIMESTAMP AT TIME ZONE o.time_zone AS late_at
  FROM outcomes_between('-infinity', 'infinity', of_kinds := ['promise']) AS o
  LEFT JOIN centre_settings AS g ON g.name = 'promise_grace_days'
    AND coalesce(g.valid_from <= o.made_at, true) AND coalesce(o.made_at < g.valid_to, true)
  WHERE o.status <> 'cancelled'),
follows AS (
  SELECT *, coalesce(made_at >= max(late_at) OVER (
      PARTITION BY client, account, currency ORDER BY made_at, outcome
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true) AS begins
  FROM promised),
runs AS (
  SELECT *, count(*) FILTER (begins) OVER (PARTITION BY client, account, currency ORDER BY made_at, outcome) AS run
  FROM follows),
owed AS (
  SELECT *, min(made_at) OVER (PARTITION BY client, account, currency, run) AS run_from,
    sum(CASE WHEN status <> 'broken' THEN amount_made END) OVER (PARTITION BY client, account, currency, run ORDER BY due_on NULLS LAST, made_at, outcome
      ROWS UNBOUNDED PRECEDING) AS owed
  FROM runs),
paid AS (
  SELECT p.client, p.outcome, sum(m.amount) AS paid
  FROM owed AS p
  JOIN outcomes_between('-infinity', 'infinity', of_kinds := ['payment']) AS m
    ON m.client = p.client AND m.account = p.account AND m.currency = p.currency AND m.status <> 'cancelled' AND m.made_at >= p.run_from AND m.made_at < p.late_at
  GROUP BY p.client, p.outcome)
SELECT o.client, o.outcome, o.queue, o.campaign, o.agent, o.account, o.interaction, o.made_at, o.day, o.due_on, o.due_from,
  o.grace,
  o.status, o.status_at, o.kept_at, o.amount_made AS amount, o.amount_kept, o.currency,
  coalesce(o.due_at <= as_of::TIMESTAMPTZ, false) AS is_due,
  CASE WHEN o.status IN ('kept', 'fulfilled') THEN coalesce(o.kept_at < o.late_at, true)
    WHEN o.status = 'broken' THEN false
    ELSE coalesce(o.amount_made IS NOT NULL AND p.paid >= o.owed, false) END AS is_kept,
  NOT is_kept AND o.status <> 'broken' AND coalesce(o.late_at > as_of::TIMESTAMPTZ, true) AS is_open
FROM owed AS o LEFT JOIN paid AS p ON p.client = o.client AND p.outcome = o.outcome;

-- What each account owed when the period began, or when it came in if that was later; settled ones owe nothing.
CREATE MACRO balances_at(start, stop) AS TABLE
SELECT o.client, o.queue, o.agent, o.interaction, o.outcome, o.made_at, o.currency, o.amount_made AS assigned,
  CASE WHEN b.status IN ('made', 'part_kept') THEN b.amount END AS outstanding
FROM outcomes_between('-infinity', stop, of_kinds := ['balance']) AS o
JOIN (
  SELECT client, outcome,
    coalesce(arg_max(amount, said) FILTER (time < start::TIMESTAMPTZ), arg_min(amount, said)) AS amount,
    coalesce(arg_max(status, said) FILTER (time < start::TIMESTAMPTZ), 'made') AS status
  FROM (SELECT *, (time, source, id) AS said FROM outcome_changes WHERE kind = 'balance' AND time < stop::TIMESTAMPTZ)
  GROUP BY client, outcome) AS b ON b.client = o.client AND b.outcome = o.outcome
WHERE b.status <> 'cancelled';

-- What is counted, one row for each thing, which it is, and when. A promise stands twice: on the day it was made, and on
-- the day it is due.
CREATE MACRO collections_facts(start, stop, grace_days, by_queue, as_of) AS TABLE
WITH promised AS MATERIALIZED (FROM promises(grace_days := grace_days, as_of := as_of))
SELECT * REPLACE (CASE WHEN by_queue THEN queue END AS queue)
FROM (
  SELECT client, queue, 'right_party' AS what, NULL AS currency, NULL AS amount, NULL AS more, NULL AS is_due,
    NULL AS is_kept, NULL AS is_open, NULL AS status, agent, interaction, segment AS thing, began_at AS happened_at,
    NULL AS due_at
  FROM segment_flags_between(start, stop)
  WHERE list_contains(flags, 'right_party') AND began_at >= start::TIMESTAMPTZ AND began_at < stop::TIMESTAMPTZ
  UNION ALL BY NAME
  SELECT client, queue, 'promise' AS what, currency, amount, is_due, is_kept, is_open, status, agent, interaction,
    outcome AS thing, made_at AS happened_at, due_from AS due_at
  FROM promised
  WHERE made_at >= start::TIMESTAMPTZ AND made_at < stop::TIMESTAMPTZ
  UNION ALL BY NAME
  SELECT client, queue, 'due' AS what, currency, amount,
    CASE WHEN is_kept THEN coalesce(amount_kept, amount) END AS more, is_due, is_kept, is_open, status, agent,
    interaction, outcome AS thing, made_at AS happened_at, due_from AS due_at
  FROM promised
  WHERE is_due AND due_from >= start::TIMESTAMPTZ AND due_from < stop::TIMESTAMPTZ
  UNION ALL BY NAME
  SELECT client, queue, 'collected' AS what, currency, amount, agent, interaction, outcome AS thing, made_at AS happened_at
  FROM outcomes_between(start, stop, of_kinds := ['payment'])
  WHERE status <> 'cancelled'
  UNION ALL BY NAME
  SELECT client, queue, 'balance' AS what, currency, outstanding AS amount, assigned AS more, agent, interaction,
    outcome AS thing, made_at AS happened_at
  FROM balances_at(start, stop));

CREATE MACRO collections_kpis(start, stop, grace_days := NULL, by_queue := true, as_of := now()) AS TABLE
SELECT *, promises / nullif(right_party_contacts, 0) AS promise_rate, kept / nullif(due, 0) AS kept_rate,
  kept / nullif(due - undecided, 0) AS kept_rate_decided, kept_of_made / nullif(due_of_made, 0) AS kept_rate_of_made
FROM (
  SELECT client, queue, count(*) FILTER (what = 'right_party') AS right_party_contacts,
    count(*) FILTER (what = 'promise') AS promises, count(*) FILTER (what = 'due') AS due,
    count(*) FILTER (what = 'due' AND is_kept) AS kept, count(*) FILTER (what = 'due' AND is_open) AS undecided,
    due - kept - undecided AS broken,
    count(*) FILTER (what = 'due' AND status = 'part_kept' AND NOT is_kept AND NOT is_open) AS part_kept,
    count(*) FILTER (what = 'promise' AND is_due) AS due_of_made,
    count(*) FILTER (what = 'promise' AND is_due AND is_kept) AS kept_of_made,
    count(*) FILTER (what = 'collected') AS payments
  FROM collections_facts(start, stop, grace_days, by_queue, as_of) GROUP BY client, queue)
ORDER BY client, queue;

-- Money currency by currency: it is never summed over several.
CREATE MACRO collections_amounts(start, stop, grace_days := NULL, by_queue := true, as_of := now()) AS TABLE
SELECT *, amount_kept / nullif(amount_due, 0) AS kept_amount_rate,
  amount_collected / nullif(outstanding, 0) AS recovery_rate, amount_collected / nullif(assigned, 0) AS liquidation_rate
FROM (
  SELECT client, queue, currency, coalesce(sum(amount) FILTER (what = 'promise'), 0) AS amount_promised,
    coalesce(sum(amount) FILTER (what = 'due'), 0) AS amount_due,
    coalesce(sum(more) FILTER (what = 'due'), 0) AS amount_kept,
    coalesce(sum(amount) FILTER (what = 'collected'), 0) AS amount_collected,
    coalesce(sum(amount) FILTER (what = 'balance'), 0) AS outstanding,
    coalesce(sum(more) FILTER (what = 'balance'), 0) AS assigned
  FROM collections_facts(start, stop, grace_days, by_queue, as_of)
  WHERE amount IS NOT NULL OR more IS NOT NULL GROUP BY client, queue, currency)
ORDER BY client, queue, currency;
