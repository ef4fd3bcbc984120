-- Bots and menus: what they settled, what they handed over, where people gave up, and who came back.

-- One row per contact and bot (or menu), of contacts of which anything was said in [start, stop). The latest step says
-- how it ended, but what happened to the contact outweighs it: a queue or an agent after the last step is a hand-over,
-- whatever the bot says. Where the bot does not say, a queue while it still spoke is one as well, and who has gone
-- without either gave up.
CREATE MACRO step_sessions(start, stop, of_kind) AS TABLE
WITH seen AS MATERIALIZED (
  SELECT client, interaction, customer, ended_at, last_passed_at FROM contacts_seen(start, stop))
SELECT s.*,
  CASE WHEN c.last_passed_at >= s.last_step_at THEN 'handed_over'
    WHEN s.last_result <> 'continued' THEN s.last_result
    WHEN c.last_passed_at >= s.started_at THEN 'handed_over'
    WHEN c.ended_at IS NOT NULL THEN 'abandoned' ELSE 'open' END AS result,
  c.customer
FROM (
  SELECT client, interaction, bot, min(time) AS started_at, max(time) AS last_step_at, count(*) AS steps,
    arg_max(step, (time, source, id)) AS last_step, arg_max(result, (time, source, id)) AS last_result,
    arg_max(intent, (time, source, id)) FILTER (intent IS NOT NULL) AS intent,
    arg_max(reason, (time, source, id)) FILTER (result = 'handed_over' AND reason IS NOT NULL) AS handover_reason
  FROM menu_steps SEMI JOIN seen USING (client, interaction)
  WHERE kind = of_kind GROUP BY client, interaction, bot) AS s
LEFT JOIN seen AS c USING (client, interaction);

CREATE VIEW bot_sessions AS SELECT * EXCLUDE (last_step) FROM step_sessions('-infinity', 'infinity', 'bot');

-- Sessions begun in [start, stop), each with whether the customer was back within the window after the last step: the
-- same contact reopened, or another contact of the same customer on any channel.
CREATE MACRO bot_returns(start, stop, recontact_days := 7) AS TABLE
WITH sessions AS MATERIALIZED (
  SELECT * EXCLUDE (last_step), last_step_at + to_seconds(recontact_days * 86400) AS back_by
  FROM step_sessions(start, stop, 'bot')
  WHERE started_at >= start::TIMESTAMPTZ AND started_at < stop::TIMESTAMPTZ),
others AS (
  SELECT client, interaction, customer, direction, started_at
  FROM contacts_seen(start, stop, customers_since := start)),
returned AS (
  SELECT DISTINCT s.client, s.interaction, s.bot FROM sessions AS s JOIN others AS c
    ON c.client = s.client AND c.customer = s.customer AND c.interaction <> s.interaction AND c.direction = 'inbound'
      AND c.started_at > s.last_step_at AND c.started_at <= s.back_by
  UNION
  SELECT DISTINCT s.client, s.interaction, s.bot FROM sessions AS s JOIN resolution_changes AS r
    ON r.client = s.client AND r.interaction = s.interaction AND r.status = 'reopened'
      AND r.time > s.last_step_at AND r.time <= s.back_by)
SELECT s.*, r.client IS NOT NULL AS returned
FROM sessions AS s LEFT JOIN returned AS r
  ON r.client = s.client AND r.interaction = s.interaction AND r.bot = s.bot;

-- Per client, bot and intent. A session that still goes on is in no rate.
CREATE MACRO bot_intents(start, stop, recontact_days := 7) AS TABLE
SELECT client, bot, intent, count(*) AS bot_sessions, count(*) FILTER (result = 'contained') AS bot_contained,
  count(*) FILTER (result = 'handed_over') AS bot_handed_over, count(*) FILTER (result = 'abandoned') AS bot_abandoned,
  count(*) FILTER (result = 'open') AS bot_open,
  count(*) FILTER (result = 'contained' AND returned) AS bot_contained_but_back,
  count(*) FILTER (result = 'contained' AND customer IS NULL) AS bot_contained_unknown_customer,
  count(*) FILTER (result = 'contained') / nullif(count(*) FILTER (result <> 'open'), 0) AS bot_containment,
  count(*) FILTER (result = 'contained' AND NOT returned) / nullif(count(*) FILTER (result <> 'open'), 0)
    AS bot_containment_net
FROM bot_returns(start, stop, recontact_days := recontact_days) GROUP BY client, bot, intent ORDER BY ALL;

-- Per client and bot; "not escalated" is what vendors call containment, in which who gives up counts as a success.
CREATE MACRO bot_kpis(start, stop, recontact_days := 7) AS TABLE
SELECT *, bot_contained / nullif(bot_sessions - bot_open, 0) AS bot_containment,
  (bot_contained - bot_contained_but_back) / nullif(bot_sessions - bot_open, 0) AS bot_containment_net,
  1 - bot_handed_over / nullif(bot_sessions - bot_open, 0) AS bot_not_escalated
FROM (
  SELECT client, bot, sum(bot_sessions)::BIGINT AS bot_sessions, sum(bot_contained)::BIGINT AS bot_contained,
    sum(bot_handed_over)::BIGINT AS bot_handed_over, sum(bot_abandoned)::BIGINT AS bot_abandoned,
    sum(bot_open)::BIGINT AS bot_open, sum(bot_contained_but_back)::BIGINT AS bot_contained_but_back,
    sum(bot_contained_unknown_customer)::BIGINT AS bot_contained_unknown_customer
  FROM bot_intents(start, stop, recontact_days := recontact_days) GROUP BY client, bot)
ORDER BY client, bot;

-- Hand-overs by the reason that the bot gave.
CREATE MACRO bot_handovers(start, stop) AS TABLE
SELECT client, bot, handover_reason AS reason, count(*) AS bot_handed_over
FROM step_sessions(start, stop, 'bot')
WHERE result = 'handed_over' AND started_at >= start::TIMESTAMPTZ AND started_at < stop::TIMESTAMPTZ
GROUP BY client, bot, handover_reason ORDER BY ALL;

-- Menus, per client and menu: sessions begun in [start, stop). Routed to a queue is handed over, and is what most menus
-- are for; contained is self-service. A session that still goes on is in no rate.
CREATE MACRO menu_kpis(start, stop) AS TABLE
SELECT *, menu_contained / nullif(menu_sessions - menu_open, 0) AS menu_containment,
  menu_handed_over / nullif(menu_sessions - menu_open, 0) AS menu_hand_over_rate,
  menu_abandoned / nullif(menu_sessions - menu_open, 0) AS menu_abandonment,
  menu_seconds / nullif(menu_sessions, 0) AS menu_average_seconds
FROM (
  SELECT client, bot AS menu, count(*) AS menu_sessions, count(*) FILTER (result = 'contained') AS menu_contained,
    count(*) FILTER (result = 'handed_over') AS menu_handed_over,
    count(*) FILTER (result = 'abandoned') AS menu_abandoned, count(*) FILTER (result = 'open') AS menu_open,
    sum(steps)::BIGINT AS menu_steps_taken, sum(seconds_between(started_at, last_step_at)) AS menu_seconds
  FROM step_sessions(start, stop, 'menu')
  WHERE started_at >= start::TIMESTAMPTZ AND started_at < stop::TIMESTAMPTZ
  GROUP BY client, bot)
ORDER BY client, menu;

-- The same by step: the sessions that reached it, however often, and those for which it was the last.
CREATE MACRO menu_drop_off(start, stop) AS TABLE
WITH sessions AS MATERIALIZED (
  FROM step_sessions(start, stop, 'menu')
  WHERE started_at >= start::TIMESTAMPTZ AND started_at < stop::TIMESTAMPTZ),
reached AS (
  SELECT DISTINCT client, interaction, bot, step FROM menu_steps SEMI JOIN sessions USING (client, interaction)
  WHERE kind = 'menu')
SELECT *, step_abandoned / nullif(step_reached, 0) AS step_drop_off
FROM (
  SELECT r.client, r.bot AS menu, r.step, count(*) AS step_reached,
    count(*) FILTER (last AND result = 'contained') AS step_contained,
    count(*) FILTER (last AND result = 'handed_over') AS step_handed_over,
    count(*) FILTER (last AND result = 'abandoned') AS step_abandoned
  FROM (
    SELECT reached.*, result, step IS NOT DISTINCT FROM last_step AS last
    FROM reached JOIN sessions USING (client, interaction, bot)) AS r
  GROUP BY ALL)
ORDER BY client, menu, step NULLS LAST;
