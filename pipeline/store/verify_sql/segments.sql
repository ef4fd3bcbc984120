-- Segments, from counted_events: first what their events say, then what that amounts to. Times are microseconds since 1970.

CREATE TEMP TABLE segment_facts AS
WITH told AS (
  SELECT client, interaction, segment,
    arg_min(channel, order_no) AS channel,
    arg_min(direction, order_no) AS direction,
    arg_min(queue, order_no) FILTER (queue IS NOT NULL) AS queue,
    arg_max(agent, order_no) FILTER (kind = 'answered') AS agent,
    min(time_us) FILTER (kind = 'queued') AS queued_us,
    min(time_us) FILTER (kind = 'offered') AS offered_us,
    min(time_us) FILTER (kind = 'answered') AS answered_us,
    min(time_us) FILTER (kind = 'abandoned') AS abandoned_us,
    min(time_us) FILTER (kind = 'left_queue') AS left_us,
    arg_max(reason, order_no) FILTER (kind = 'left_queue') AS left_reason,
    min(time_us) FILTER (kind = 'transferred') AS transferred_us,
    arg_max(transfer_kind, order_no) FILTER (kind = 'transferred') AS transfer_kind,
    max(time_us) FILTER (kind = 'ended') AS ended_us,
    max(time_us) FILTER (kind = 'wrapped_up') AS wrapped_up_us,
    arg_max(wrap_up, order_no) FILTER (kind = 'wrapped_up') AS wrap_up,
    count(*) FILTER (kind = 'offered') AS alerts,
    count(*) FILTER (kind = 'declined') AS declines,
    count(*) FILTER (kind = 'held') AS holds,
    count(*) FILTER (kind = 'resumed') AS resumes,
    coalesce(sum(time_us) FILTER (kind = 'held'), 0) AS held_us_sum,
    coalesce(sum(time_us) FILTER (kind = 'resumed'), 0) AS resumed_us_sum,
    max(revision) AS revision,
    min(time_us) AS first_us,
    max(time_us) AS last_us
  FROM counted_events WHERE segment IS NOT NULL
  GROUP BY client, interaction, segment),
ends AS (
  SELECT *,
    CASE WHEN answered_us IS NOT NULL THEN 'answered' WHEN abandoned_us IS NOT NULL THEN 'abandoned'
      WHEN left_us IS NOT NULL THEN 'left' WHEN queued_us IS NOT NULL THEN 'waiting' ELSE 'not_queued' END AS outcome,
    coalesce(answered_us, abandoned_us, left_us) AS wait_ended_us,
    CASE WHEN answered_us IS NOT NULL THEN coalesce(ended_us, transferred_us) END AS handle_ended_us
  FROM told),
lengths AS (
  -- In each of these, NULL where an end is missing: greatest() and least() would pass over a NULL.
  SELECT *,
    CASE WHEN wait_ended_us - queued_us IS NOT NULL THEN greatest(0, wait_ended_us - queued_us) END AS wait_us,
    CASE WHEN handle_ended_us - answered_us IS NOT NULL
      THEN greatest(0, handle_ended_us - answered_us) END AS handle_us,
    CASE WHEN wrapped_up_us - handle_ended_us IS NOT NULL
      THEN greatest(0, wrapped_up_us - handle_ended_us) END AS wrap_us,
    CASE WHEN holds < resumes THEN 0
      ELSE resumed_us_sum + (holds - resumes)::HUGEINT * handle_ended_us - held_us_sum END AS on_hold_us
  FROM ends),
holds AS (
  SELECT *, CASE WHEN handle_us IS NOT NULL THEN greatest(0, least(on_hold_us, handle_us))::BIGINT END AS hold_us
  FROM lengths)
SELECT * EXCLUDE (on_hold_us), handle_us - hold_us AS talk_us FROM holds;

CREATE TEMP MACRO moment(us) AS make_timestamptz(us);
CREATE TEMP MACRO exact_seconds(us) AS us::DECIMAL(24, 0) * 0.000001::DECIMAL(7, 6);

CREATE TEMP VIEW expected_segments AS
SELECT client, interaction, segment, channel, direction, queue, agent, outcome,
  moment(queued_us) AS queued_at, moment(offered_us) AS offered_at, moment(answered_us) AS answered_at,
  moment(abandoned_us) AS abandoned_at, moment(left_us) AS left_at, left_reason,
  moment(transferred_us) AS transferred_at, transfer_kind, moment(ended_us) AS ended_at,
  moment(wrapped_up_us) AS wrapped_up_at, moment(wait_ended_us) AS wait_ended_at,
  moment(handle_ended_us) AS handle_ended_at, exact_seconds(wait_us) AS wait_seconds,
  exact_seconds(talk_us) AS talk_seconds, exact_seconds(hold_us) AS hold_seconds,
  exact_seconds(wrap_us) AS wrap_seconds, alerts, declines, holds, resumes, wrap_up.disposition AS disposition,
  coalesce(wrap_up.flags, []) AS flags, wrap_up.amount AS amount, wrap_up.currency AS currency, revision,
  moment(first_us) AS first_event_at, moment(last_us) AS last_event_at
FROM segment_facts;
