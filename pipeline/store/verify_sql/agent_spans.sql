-- Agents' spans, from parsed: each event but a sign-out begins one, which ends at the agent's next event of any kind.
-- A plan is no event of an agent's day.

CREATE TEMP VIEW expected_agent_spans AS
WITH turns AS (
  SELECT client, agent, kind, state, reason, presence, time_us,
    lead(time_us) OVER (PARTITION BY client, agent ORDER BY order_no) AS next_us
  FROM parsed WHERE about_agent AND NOT is_detail)
SELECT client, agent, state, reason, presence, moment(time_us) AS started_at, moment(next_us) AS ended_at,
  exact_seconds(next_us - time_us) AS seconds
FROM turns WHERE kind <> 'signed_out';
