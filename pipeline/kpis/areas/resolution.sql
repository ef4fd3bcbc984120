-- Resolution, repeated contacts, and first-contact resolution by a named window.

-- Contacts started in [start, stop), per client, queue, product and tier. Time to resolve is from the start to the
-- latest resolution. Business seconds count those resolved contacts whose queue's hours are known.
CREATE MACRO resolution_kpis(start, stop) AS TABLE
SELECT *, contacts_resolved / nullif(contacts, 0) AS resolution_rate,
  contacts_resolved_by_agent / nullif(contacts_answered, 0) AS agent_resolution_rate,
  contacts_reopened / nullif(contacts_resolved_once, 0) AS reopen_rate,
  contacts_escalated / nullif(contacts, 0) AS escalation_rate,
  contacts_transferred / nullif(contacts_answered, 0) AS contact_transfer_rate,
  resolution_seconds / nullif(contacts_resolved, 0) AS resolution_average_seconds,
  resolution_business_seconds / nullif(contacts_resolved_in_known_hours, 0) AS resolution_business_average_seconds
FROM (
  SELECT client, queue, product, tier, count(*) AS contacts, count(first_answered_at) AS contacts_answered,
    count(*) FILTER (resolved) AS contacts_resolved, count(first_resolved_at) AS contacts_resolved_once,
    count(*) FILTER (resolved_by_agent) AS contacts_resolved_by_agent,
    count(*) FILTER (reopens > 0) AS contacts_reopened, sum(reopens)::BIGINT AS reopenings,
    count(*) FILTER (escalated) AS contacts_escalated,
    count(*) FILTER (transfers > 0 AND first_answered_at IS NOT NULL) AS contacts_transferred,
    coalesce(sum(seconds_between(started_at, resolved_at)) FILTER (resolved), 0) AS resolution_seconds,
    count(business) FILTER (resolved) AS contacts_resolved_in_known_hours,
    sum(business) FILTER (resolved) AS resolution_business_seconds
  FROM (
    SELECT *, business_seconds(client, queue, started_at, resolved_at) AS business
    FROM contacts_between(start, stop))
  GROUP BY client, queue, product, tier)
ORDER BY client, queue, product, tier;

-- Each contact that an agent answered, started in [start, stop), of a customer whose key is known: the next contact of
-- the same customer with the same client within the window (and for the same reason, where both say one), and whether
-- it was itself such a next contact. Any inbound contact repeats, also one that was not answered. Windows count from
-- start to start; exactly at its end is within it.
CREATE MACRO repeat_contacts(start, stop, window_days := NULL) AS TABLE
WITH known AS (
  -- What came before the window and its days can repeat nothing. Without a setting of a time, the default holds.
  SELECT client, interaction, customer, reason, started_at, first_answered_at
  FROM contacts_seen(start, stop, customers_since := start::TIMESTAMPTZ - to_seconds(86400 * coalesce(window_days,
    greatest(default_repeat_contact_days(), (SELECT max(value) FROM centre_settings WHERE name = 'repeat_contact_days')))))
  WHERE direction = 'inbound' AND customer IS NOT NULL),
answered AS MATERIALIZED (
  SELECT c.*, coalesce(window_days, (
      SELECT any_value(value) FROM centre_settings
      WHERE name = 'repeat_contact_days' AND (valid_from IS NULL OR valid_from <= c.started_at)
        AND (valid_to IS NULL OR valid_to > c.started_at)), default_repeat_contact_days())::DOUBLE AS days
  FROM contacts_between(start, stop) AS c
  WHERE direction = 'inbound' AND customer IS NOT NULL AND first_answered_at IS NOT NULL),
pairs AS (
  SELECT a.client, a.interaction, a.days, k.interaction AS other, k.started_at AS other_started_at,
    k.first_answered_at IS NOT NULL AS other_answered,
    (k.started_at, k.interaction) > (a.started_at, a.interaction) AS later
  FROM answered AS a JOIN known AS k
    ON k.client = a.client AND k.customer = a.customer AND k.interaction <> a.interaction
      AND coalesce(k.reason = a.reason, true)
      AND k.started_at <= a.started_at + to_seconds(a.days * 86400)
      AND k.started_at >= a.started_at - to_seconds(a.days * 86400)),
found AS (
  SELECT client, interaction, arg_min(other, (other_started_at, other)) FILTER (later) AS repeated_by,
    min(other_started_at) FILTER (later) AS repeated_at, bool_or(NOT later AND other_answered) AS repeats
  FROM pairs GROUP BY client, interaction)
SELECT a.client, a.queue, a.channel, a.interaction, a.customer, a.reason, a.product, a.started_at,
  a.days AS window_days,
  'repeat_' || printf('%g', a.days) || 'd' AS definition, f.repeated_by, f.repeated_at,
  f.repeated_by IS NOT NULL AS repeated, coalesce(f.repeats, false) AS is_repeat,
  a.resolved AND a.reopens = 0 AND a.transfers = 0 AND NOT a.escalated AS resolved_at_once,
  a.resolved_by_agent AND a.reopens = 0 AS resolved_by_agent
FROM answered AS a LEFT JOIN found AS f ON f.client = a.client AND f.interaction = a.interaction
ORDER BY a.client, a.started_at, a.interaction;

-- Per client, queue and definition, which is named by its window. A first contact is no repeat itself.
CREATE MACRO fcr(start, stop, window_days := NULL) AS TABLE
SELECT client, queue, definition, count(*) AS contacts_of_known_customers,
  count(*) FILTER (repeated) AS contacts_repeated, count(*) FILTER (NOT is_repeat) AS first_contacts,
  count(*) FILTER (NOT is_repeat AND NOT repeated) AS first_contacts_not_repeated,
  count(*) FILTER (NOT is_repeat AND NOT repeated AND resolved_at_once) AS first_contacts_resolved,
  count(*) FILTER (NOT is_repeat AND NOT repeated AND resolved_by_agent) AS first_contacts_resolved_by_agent,
  count(*) FILTER (repeated) / count(*) AS repeat_rate,
  count(*) FILTER (NOT is_repeat AND NOT repeated) / nullif(count(*) FILTER (NOT is_repeat), 0) AS fcr_by_repeat,
  count(*) FILTER (NOT is_repeat AND NOT repeated AND resolved_at_once) / nullif(count(*) FILTER (NOT is_repeat), 0)
    AS fcr_by_resolution,
  first_contacts_resolved_by_agent / nullif(first_contacts, 0) AS fcr_by_agent
FROM repeat_contacts(start, stop, window_days := window_days)
GROUP BY client, queue, definition ORDER BY ALL;
