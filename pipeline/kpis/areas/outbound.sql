-- Outbound: dials, whom they reached, and the rules on dropped calls.

-- Seconds for which each agent was signed in, whatever the state. One that nothing has ended lasts until as_of, or by the
-- rule of agent_states to the last sign of life: a sign-out that is missing makes nobody work round the clock.
CREATE MACRO signed_in_time(start, stop, as_of := now()) AS TABLE
SELECT client, agent, sum(floor_seconds(us)) AS signed_in_seconds
FROM (
  SELECT client, agent, epoch_us(least(counted_until, stop::TIMESTAMPTZ))
    - epoch_us(greatest(started_at, start::TIMESTAMPTZ)) AS us
  FROM agent_states(as_of, since := start))
WHERE us > 0
GROUP BY client, agent;

-- One row for each dial made in [start, stop), with what the segments that came of it say. A segment belongs to the dial that names it, else
-- to the last dial of its contact that was picked up.
CREATE MACRO dial_attempts_between(start, stop) AS TABLE
WITH named AS (
  SELECT DISTINCT client, attempt FROM dials WHERE time >= start::TIMESTAMPTZ AND time < stop::TIMESTAMPTZ),
contacts_named AS MATERIALIZED (
  SELECT DISTINCT client, interaction FROM dials SEMI JOIN named USING (client, attempt)),
-- The other dials of the same contacts say which of them a segment belongs to.
attempts AS (SELECT DISTINCT client, attempt FROM dials SEMI JOIN contacts_named USING (client, interaction)),
merged AS (
  SELECT client, attempt, min(time) AS dialled_at, arg_max(campaign, said) AS campaign, arg_max(list, said) AS list,
    arg_max(lead, said) AS lead, arg_max(interaction, said) AS interaction, arg_max(segment, said) AS segment,
    arg_max(queue, said) AS queue, arg_max(agent, said) AS agent, arg_max(result, said) AS result,
    arg_max(rung_seconds, said) AS rung_seconds, arg_max(greeting_ended_at, said) AS greeting_ended_at,
    arg_max(connected_at, said) AS connected_at, arg_max(dropped, said) AS dropped
  FROM (SELECT *, (time, source, id) AS said FROM dials SEMI JOIN attempts USING (client, attempt))
  GROUP BY client, attempt),
placed AS (
  SELECT *, result IN ('human', 'machine') AS picked_up,
    result IN ('human', 'machine') AND row_number() OVER (
      PARTITION BY client, interaction, result IN ('human', 'machine') ORDER BY dialled_at DESC, attempt DESC) = 1
      AS is_last,
    list(segment) OVER (PARTITION BY client, interaction) AS named
  FROM merged),
joined AS (
  SELECT p.client, p.attempt, min(f.answered_at) AS answered_at,
    arg_min(f.queue, (f.began_at, f.segment)) AS queue,
    list_distinct(list(f.agent)) AS agents, list_distinct(flatten(list(f.flags))) AS flags
  FROM placed AS p
  JOIN (FROM segment_flags SEMI JOIN contacts_named USING (client, interaction)) AS f ON f.client = p.client AND f.interaction = p.interaction
    AND (f.segment = p.segment OR (p.is_last AND NOT list_contains(p.named, f.segment)))
  GROUP BY p.client, p.attempt),
known AS (
  SELECT p.client, p.campaign, p.list, p.lead, p.attempt, p.interaction, p.segment, coalesce(p.queue, j.queue) AS queue,
    p.dialled_at, p.result, p.picked_up, p.rung_seconds, p.greeting_ended_at,
    coalesce(p.connected_at, j.answered_at) AS connected_at, p.dropped,
    list_filter(list_sort(list_distinct(list_append(coalesce(j.agents, []), p.agent))), x -> x IS NOT NULL) AS agents,
    coalesce(list_sort(j.flags), []) AS flags
  FROM placed AS p LEFT JOIN joined AS j ON j.client = p.client AND j.attempt = p.attempt
  WHERE p.dialled_at >= start::TIMESTAMPTZ AND p.dialled_at < stop::TIMESTAMPTZ)
-- is_live: a person took it. What the dialler took for a person and the agent found to be a machine is none.
-- is_drop: a person was left without an agent, or got one too late. Without the end of the greeting, as reported.
SELECT k.*, list_contains(flags, 'machine') AND connected_at IS NOT NULL AS is_agent_machine,
  result = 'human' AND NOT is_agent_machine AS is_live,
  is_live AND (dropped OR coalesce(greeting_ended_at IS NOT NULL AND (connected_at IS NULL
    OR epoch_us(connected_at) - epoch_us(greeting_ended_at) > coalesce(g.connect_within_us, default_connect_within_us())
  ), false)) AS is_drop
FROM known AS k
LEFT JOIN centre_campaign_settings AS g ON g.client = k.client AND g.campaign = k.campaign
  AND coalesce(g.valid_from <= k.dialled_at, true) AND coalesce(k.dialled_at < g.valid_to, true);

CREATE VIEW dial_attempts AS FROM dial_attempts_between('-infinity', 'infinity');

CREATE MACRO outbound_kpis(start, stop, as_of := now()) AS TABLE
WITH dialled AS MATERIALIZED (FROM dial_attempts_between(start, stop)),
sold AS (
  SELECT client, campaign, count(*) AS sales FROM outcomes_between(start, stop, of_kinds := ['sale', 'order'])
  WHERE status <> 'cancelled' AND campaign IS NOT NULL
  GROUP BY client, campaign),
staffed AS (
  SELECT client, campaign, sum(signed_in_seconds) AS agent_seconds
  FROM (SELECT DISTINCT client, campaign, unnest(agents) AS agent FROM dialled)
  JOIN signed_in_time(start, stop, as_of := as_of) USING (client, agent)
  GROUP BY client, campaign),
counted AS (
  SELECT client, campaign, count(*) AS dials,
    count(*) FILTER (result = 'human') AS human, count(*) FILTER (result = 'machine') AS machine,
    count(*) FILTER (result = 'busy') AS busy, count(*) FILTER (result = 'no_answer') AS no_answer,
    count(*) FILTER (result = 'invalid') AS invalid, count(*) FILTER (result = 'blocked') AS blocked,
    count(*) FILTER (result = 'failed') AS failed,
    count(*) FILTER (result NOT IN ('invalid', 'blocked', 'failed')) AS connects, count(*) FILTER (picked_up) AS pickups,
    count(*) FILTER (is_live) AS contacts,
    count(*) FILTER (is_live AND list_contains(flags, 'right_party')) AS right_party_contacts,
    count(*) FILTER (list_contains(flags, 'follow_up')) AS follow_ups,
    count(*) FILTER (list_contains(flags, 'do_not_call')) AS do_not_calls,
    count(*) FILTER (is_drop) AS drops, count(DISTINCT lead) AS leads_dialled
  FROM dialled GROUP BY client, campaign),
campaigns AS (
  SELECT client, campaign FROM centre_campaigns UNION SELECT client, campaign FROM counted
  UNION SELECT client, campaign FROM sold)
SELECT *, connects / nullif(dials, 0) AS connect_rate, pickups / nullif(dials, 0) AS pickup_rate,
  contacts / nullif(dials, 0) AS contact_rate,
  right_party_contacts / nullif(dials, 0) AS right_party_per_dial,
  right_party_contacts / nullif(contacts, 0) AS right_party_per_contact,
  follow_ups / nullif(contacts, 0) AS follow_up_rate,
  sales / nullif(dials, 0) AS sales_per_dial, sales / nullif(contacts, 0) AS sales_per_contact,
  sales / nullif(leads_dialled, 0) AS sales_per_lead_dialled,
  sales / nullif(agent_hours, 0) AS sales_per_hour, contacts / nullif(agent_hours, 0) AS contacts_per_hour,
  drops / nullif(contacts, 0) AS drops_per_contact
FROM (
  SELECT client, campaign,
    coalesce(COLUMNS(c.* EXCLUDE (client, campaign)), 0), coalesce(sales, 0) AS sales, agent_seconds / 3600 AS agent_hours
  FROM campaigns
  LEFT JOIN (FROM counted) AS c USING (client, campaign)
  LEFT JOIN sold USING (client, campaign) LEFT JOIN staffed USING (client, campaign))
ORDER BY client, campaign;

CREATE MACRO list_penetration(as_of := now()) AS TABLE
WITH finished_by AS (
  SELECT DISTINCT client, interaction
  FROM outcomes_between('-infinity', as_of, of_kinds := ['sale', 'order', 'pledge', 'promise'])
  WHERE status <> 'cancelled'),
worked AS (
  SELECT client, campaign, list, NULL::BIGINT AS leads, lead, is_live AS reached,
    result = 'invalid' OR f.interaction IS NOT NULL OR list_has_any(flags, ['sale', 'promise', 'pledge', 'refused',
      'not_interested', 'do_not_call', 'survey_complete', 'unworkable']) AS finished
  FROM dial_attempts_between('-infinity', as_of) LEFT JOIN finished_by AS f USING (client, interaction)
  UNION ALL
  SELECT client, campaign, list, leads, NULL, false, false FROM centre_campaigns WHERE list IS NOT NULL)
SELECT *, leads_dialled / nullif(leads, 0) AS penetration, leads_contacted / nullif(leads, 0) AS contacted_rate,
  leads_finished / nullif(leads, 0) AS finished_rate
FROM (
  SELECT client, campaign, list, max(leads) AS leads, count(DISTINCT lead) AS leads_dialled,
    count(DISTINCT lead) FILTER (reached) AS leads_contacted, count(DISTINCT lead) FILTER (finished) AS leads_finished
  FROM worked GROUP BY client, campaign, list)
ORDER BY client, campaign, list;

-- The rule of FTC and FCC: of the calls that a person answered in the last 30 days, at most 3 % may be dropped. For a
-- younger campaign that is the time since its start. Shares of whole numbers are compared exactly, without floats.
CREATE MACRO drop_rate(as_of := now(), days := 30) AS TABLE
WITH recent AS (
  SELECT *, dialled_at >= as_of::TIMESTAMPTZ - to_hours(24) AS last_day,
    dialled_at >= as_of::TIMESTAMPTZ - to_hours(24 * days) + to_hours(24) AS stays
  FROM dial_attempts_between(as_of::TIMESTAMPTZ - to_hours(24 * days), as_of)),
campaigns AS (
  SELECT client, campaign, max(drop_rule) AS drop_rule
  FROM (SELECT client, campaign, drop_rule FROM centre_campaigns UNION ALL SELECT client, campaign, NULL FROM recent)
  GROUP BY client, campaign),
counted AS (
  SELECT client, campaign, any_value(drop_rule) AS drop_rule, min(dialled_at) AS since,
    count(*) FILTER (is_live) AS live_answers, count(*) FILTER (is_drop) AS drops,
    count(*) FILTER (is_live AND greeting_ended_at IS NULL) AS untimed,
    count(*) FILTER (is_live AND last_day) AS live_answers_last_day,
    count(*) FILTER (is_drop AND last_day) AS drops_last_day,
    count(*) FILTER (is_live AND stays) AS staying_answers, count(*) FILTER (is_drop AND stays) AS staying_drops
  FROM campaigns LEFT JOIN recent USING (client, campaign) GROUP BY client, campaign)
SELECT c.client, c.campaign, drop_rule, since, live_answers, drops, untimed, drops / nullif(live_answers, 0) AS drop_rate,
  coalesce(g.drop_rate_limit::DECIMAL(9,6), default_drop_rate_limit()) AS drop_rate_limit,
  CASE WHEN live_answers > 0 THEN floor(live_answers * coalesce(g.drop_rate_limit::DECIMAL(9,6),
    default_drop_rate_limit()))::BIGINT - drops END AS drops_left,
  drops_left >= 0 AS within_limit, live_answers_last_day, drops_last_day,
  (staying_drops + drops_last_day) / nullif(staying_answers + live_answers_last_day, 0) AS projected_drop_rate
FROM counted AS c
LEFT JOIN centre_campaign_settings AS g ON g.client = c.client AND g.campaign = c.campaign
  AND coalesce(g.valid_from <= as_of::TIMESTAMPTZ, true) AND coalesce(as_of::TIMESTAMPTZ < g.valid_to, true)
ORDER BY c.client, c.campaign;

-- Some drops were machines that were taken for persons: as large a share as agents found among the calls they got.
CREATE MACRO drop_rate_ofcom(start, stop) AS TABLE
WITH dialled AS MATERIALIZED (FROM dial_attempts_between(start, stop))
SELECT *, estimated_drops / nullif(estimated_drops + live_calls, 0) AS drop_rate
FROM (
  SELECT *, drops - coalesce(drops * agent_machines / nullif(agent_machines + live_calls, 0), 0) AS estimated_drops
  FROM (
    SELECT client, campaign, count(*) FILTER (is_drop) AS drops, count(*) FILTER (is_live AND NOT is_drop) AS live_calls,
      count(*) FILTER (is_agent_machine) AS agent_machines
    FROM (SELECT client, campaign FROM centre_campaigns UNION SELECT client, campaign FROM dialled)
    LEFT JOIN dialled USING (client, campaign)
    GROUP BY client, campaign))
ORDER BY client, campaign;
