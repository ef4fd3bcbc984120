-- Bots: what they settled, what they handed over, and who came back.

-- One row per contact and bot. The latest step says how it ended, but what happened to the contact outweighs it: a
-- queue or an agent after the last step is a hand-over, whatever the bot says. Where the bot does not say, a queue
-- while it still spoke is one as well, and who has gone without either gave up.
CREATE VIEW bot_sessions AS
SELECT s.*,
  CASE WHEN c.last_passed_at >= s.last_step_at THEN 'handed_over'
    WHEN s.last_result <> 'continued' THEN s.last_result
    WHEN c.last_passed_at >= s.started_at THEN 'handed_over'
    WHEN c.ended_at IS NOT NULL THEN 'abandoned' ELSE 'open' END AS result,
  c.customer
FROM (
  SELECT client, interaction, bot, min(time) AS started_at, max(time) AS last_step_at, count(*) AS steps,
    arg_max(result, (time, source, id)) AS last_result,
    arg_max(intent, (time, source, id)) FILTER (intent IS NOT NULL) AS intent,
    arg_max(reason, (time, source, id)) FILTER (result = 'handed_over' AND reason IS NOT NULL) AS handover_reason
  FROM menu_steps WHERE kind = 'bot' GROUP BY client, interaction, bot) AS s
LEFT JOIN (
  SELECT client, interaction, customer, ended_at, last_passed_at
  FROM contacts LEFT JOIN (
    SELECT client, interaction, max(greatest(queued_at, answered_at)) AS last_passed_at FROM passes GROUP BY ALL)
    USING (client, interaction)) AS c
  USING (client, interaction);

-- Sessions begun in [start, stop), each with whether the customer was back within the window after the last step: the
-- same contact reopened, or another contact of the same customer on any channel.
CREATE MACRO bot_returns(start, stop, recontact_days := 7) AS TABLE
WITH sessions AS (
  SELECT *, last_step_at + to_seconds(recontact_days * 86400) AS back_by FROM bot_sessions
  WHERE started_at >= start::TIMESTAMPTZ AND started_at < stop::TIMESTAMPTZ),
returned AS (
  SELECT DISTINCT s.client, s.interaction, s.bot FROM sessions AS s JOIN contacts AS c
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
FROM bot_sessions
WHERE result = 'handed_over' AND started_at >= start::TIMESTAMPTZ AND started_at < stop::TIMESTAMPTZ
GROUP BY client, bot, handover_reason ORDER BY ALL;
