-- Surveys: what customers say after a contact, and surveys that are the work itself.

-- One row for each survey that was sent in [start, stop). Place is that of its first event that names one, else of its segment.
CREATE MACRO surveys_between(start, stop) AS TABLE
WITH named AS (
  SELECT DISTINCT client, survey FROM survey_answers WHERE time >= start::TIMESTAMPTZ AND time < stop::TIMESTAMPTZ),
merged AS (
  SELECT client, survey, min(time) AS sent_at, arg_min(interaction, said) AS interaction,
    arg_min(segment, said) AS segment, arg_min(queue, said) AS queue, arg_min(agent, said) AS agent,
    arg_min(channel, said) AS channel, arg_max(status, said) AS status,
    bool_or(status = 'completed') AS is_completed, bool_or(status = 'refused') AS is_refused
  FROM (SELECT *, (time, source, id) AS said FROM survey_answers SEMI JOIN named USING (client, survey))
  GROUP BY client, survey),
sent AS MATERIALIZED (FROM merged WHERE sent_at >= start::TIMESTAMPTZ AND sent_at < stop::TIMESTAMPTZ),
stretches AS (
  SELECT client, interaction, segment, channel, queue, agent, first_event_at
  FROM segment_rows SEMI JOIN sent USING (client, interaction) WHERE segment <> '')
SELECT m.client, m.survey, m.sent_at, m.interaction, m.segment, coalesce(m.queue, s.queue) AS queue,
  coalesce(m.agent, s.agent) AS agent, m.channel, m.status, m.is_completed AS completed, m.is_refused AND NOT m.is_completed AS refused
FROM sent AS m
LEFT JOIN stretches AS s ON s.client = m.client AND s.interaction = m.interaction AND s.segment = m.segment
-- A contact that changed its channel may have two segments of a name: one of each topic.
QUALIFY row_number() OVER (PARTITION BY m.client, m.survey
  ORDER BY s.channel IS DISTINCT FROM m.channel, s.first_event_at, s.channel) = 1;

CREATE VIEW surveys AS FROM surveys_between('-infinity', 'infinity');

-- Of each question of a survey its latest answer, if there is one. Answers off the scale of their question are none.
CREATE VIEW survey_scores AS
WITH latest AS (
  SELECT client, survey, question, arg_max(score, (time, source, id)) AS said
  FROM survey_answers WHERE question IS NOT NULL GROUP BY client, survey, question),
judged AS (
  SELECT *, coalesce(said BETWEEN CASE question WHEN 'nps' THEN 0 ELSE 1 END
      AND CASE question WHEN 'csat' THEN 5 WHEN 'nps' THEN 10 ELSE 7 END OR question NOT IN ('csat', 'nps', 'ces'),
    false) AS on_scale
  FROM latest)
SELECT client, survey, question, CASE WHEN on_scale THEN said END AS score,
  said IS NOT NULL AND NOT on_scale AS off_scale
FROM judged;

-- Surveys sent in the period, with the answers they have had since. Rates of nps and ces in halves run from -1 to 1.
CREATE MACRO satisfaction(start, stop) AS TABLE
WITH sent AS (
  SELECT client, queue, survey, refused FROM surveys_between(start, stop)),
totals AS (
  SELECT client, queue, count(*) AS sent, count(*) FILTER (refused) AS refused FROM sent GROUP BY client, queue),
scored AS (
  SELECT client, queue, question, count(score) AS responses, count(*) FILTER (off_scale) AS off_scale,
    sum(score) AS scores,
    count(*) FILTER (score >= 4) AS at_least_4, count(*) FILTER (score >= 6) AS at_least_6,
    count(*) FILTER (score >= 9) AS at_least_9, count(*) FILTER (score <= 3) AS at_most_3,
    count(*) FILTER (score <= 6) AS at_most_6, count(*) FILTER (score BETWEEN 1 AND 6) AS from_1_to_6
  FROM sent JOIN survey_scores USING (client, survey) GROUP BY client, queue, question)
SELECT t.client, t.queue, s.question, t.sent, t.refused, coalesce(s.responses, 0) AS responses,
  coalesce(s.off_scale, 0) AS off_scale, coalesce(s.responses, 0) / t.sent AS response_rate,
  s.scores / nullif(s.responses, 0) AS score_mean,
  CASE WHEN question = 'csat' THEN at_least_4 / nullif(responses, 0) END AS csat,
  CASE WHEN question = 'csat' THEN score_mean END AS csat_mean,
  CASE WHEN question = 'nps' THEN (at_least_9 - at_most_6) / nullif(responses, 0) END AS nps,
  CASE WHEN question = 'nps' THEN (at_least_9 - from_1_to_6) / nullif(responses, 0) END AS nps_detractors_1_to_6,
  CASE WHEN question = 'ces' THEN score_mean END AS ces_mean,
  CASE WHEN question = 'ces' THEN (at_least_6 - at_most_3) / nullif(responses, 0) END AS ces_top_2_less_bottom_3
FROM totals AS t
LEFT JOIN scored AS s ON s.client = t.client AND s.queue IS NOT DISTINCT FROM t.queue
ORDER BY t.client, t.queue, s.question;

-- Surveys as work: contacts that an agent talked to in the period. A contact is complete or refused by its survey, else by
-- its flags; complete outweighs refused.
CREATE MACRO survey_line_contacts(start, stop) AS TABLE
WITH named AS MATERIALIZED (
  SELECT DISTINCT client, interaction FROM segment_flags_between(start, stop)
  WHERE outcome = 'answered' AND began_at >= start::TIMESTAMPTZ AND began_at < stop::TIMESTAMPTZ),
talked AS (
  SELECT client, interaction, arg_min(queue, (began_at, segment)) AS queue,
    arg_min(agent, (began_at, segment)) AS agent, min(began_at) AS began_at,
    bool_or(list_contains(flags, 'survey_complete')) AS completed, bool_or(list_contains(flags, 'refused')) AS refused
  FROM segment_flags SEMI JOIN named USING (client, interaction)
  WHERE outcome = 'answered' GROUP BY client, interaction),
answers AS (
  -- A survey is of the contact in which it began, and completed outweighs refused.
  SELECT client, survey, arg_min(interaction, (time, source, id)) AS interaction,
    bool_or(status = 'completed') AS completed, bool_or(status = 'refused') AND NOT completed AS refused
  FROM survey_answers
  SEMI JOIN (SELECT DISTINCT client, survey FROM survey_answers SEMI JOIN named USING (client, interaction))
    USING (client, survey)
  GROUP BY client, survey),
asked AS (
  SELECT client, interaction, bool_or(completed) AS completed, bool_or(refused) AS refused
  FROM answers GROUP BY client, interaction),
told AS (
  SELECT client, interaction, campaign, (time, source, id) AS said
  FROM descriptions SEMI JOIN named USING (client, interaction)
  UNION ALL BY NAME
  SELECT client, interaction, campaign AS dialled, (time, source, id) AS said
  FROM dials SEMI JOIN named USING (client, interaction)),
campaigns AS (
  SELECT client, interaction, coalesce(arg_max(campaign, said), arg_max(dialled, said)) AS campaign
  FROM told GROUP BY client, interaction)
SELECT t.client, t.interaction, a.campaign, t.queue, t.agent, t.began_at,
  t.completed OR coalesce(s.completed, false) AS complete,
  (t.refused OR coalesce(s.refused, false)) AND NOT complete AS refusal
FROM talked AS t
LEFT JOIN asked AS s ON s.client = t.client AND s.interaction = t.interaction
LEFT JOIN campaigns AS a ON a.client = t.client AND a.interaction = t.interaction
WHERE t.began_at >= start::TIMESTAMPTZ AND t.began_at < stop::TIMESTAMPTZ;

-- The same by campaign. The quota is that of centre.yaml in force at the end of the period; quotas gives others, such as
-- MAP {'north': 200}. What is left of it is counted over the same period.
CREATE MACRO survey_line_kpis(start, stop, quotas := NULL) AS TABLE
WITH counted AS (
  SELECT client, campaign, queue, count(*) AS contacts, count(*) FILTER (complete) AS completes,
    count(*) FILTER (refusal) AS refusals
  FROM survey_line_contacts(start, stop) GROUP BY client, campaign, queue)
SELECT counted.*, completes / nullif(contacts, 0) AS response_rate,
  completes / nullif(completes + refusals, 0) AS cooperation_rate,
  coalesce(quotas[campaign]::BIGINT, survey_quota) AS quota,
  CASE WHEN quota IS NOT NULL
    THEN greatest(quota - sum(completes) OVER (PARTITION BY client, campaign), 0)::BIGINT END AS quota_left
FROM counted LEFT JOIN (
  SELECT client, campaign, survey_quota FROM centre_campaign_settings
  WHERE coalesce(valid_from < stop::TIMESTAMPTZ, true) AND coalesce(valid_to >= stop::TIMESTAMPTZ, true))
  USING (client, campaign)
ORDER BY client, campaign, queue;
