-- Schedules: what was planned, and whether agents kept to it. A schedule that changes restates the past.

CREATE VIEW schedule_in_force AS
SELECT client, agent, schedule, revision, activity, starts_at, ends_at, paid, time AS planned_at
FROM schedules
QUALIFY revision = max(revision) OVER (PARTITION BY client, agent, schedule);

-- What an activity expects of an agent; the only place that says so. An activity that is not here expects other work:
-- the agent is signed in, does no contacts, and the reason or the presence is named like the activity.
-- absent: paid or not, the agent is not expected, so it counts for shrinkage and not for adherence. nothing: a plan
-- that was taken back.
CREATE VIEW schedule_activities AS
SELECT unnest(activities) AS activity, expects FROM (VALUES
  (['work', 'on_queue', 'queue', 'contacts', 'phone', 'phones', 'calls', 'voice', 'chat', 'messaging', 'email',
    'back_office', 'outbound', 'overtime'], 'work'),
  (['break', 'coffee_break', 'lunch_break', 'short_break', 'lunch', 'meal', 'rest'], 'break'),
  (['absent', 'holiday', 'vacation', 'leave', 'sick', 'time_off'], 'absent'),
  (['off', 'cancelled', 'not_scheduled'], 'nothing')) AS known(activities, expects);

-- The plan of each agent without overlaps: where two entries hold, the one that begins later does, and of two that
-- begin together the shorter. So a break may be planned inside a shift. Clipped to [start, stop).
CREATE MACRO planned(start, stop) AS TABLE
WITH entries AS (
  SELECT client, agent, schedule, activity, paid, starts_at AS entry_starts_at, ends_at AS entry_ends_at,
    greatest(starts_at, start::TIMESTAMPTZ) AS starts_at, least(ends_at, stop::TIMESTAMPTZ) AS ends_at
  FROM schedule_in_force
  WHERE starts_at < ends_at AND starts_at < stop::TIMESTAMPTZ AND ends_at > start::TIMESTAMPTZ),
edges AS (SELECT client, agent, starts_at AS edge FROM entries UNION SELECT client, agent, ends_at FROM entries),
pieces AS (
  SELECT client, agent, edge AS starts_at, lead(edge) OVER (PARTITION BY client, agent ORDER BY edge) AS ends_at
  FROM edges),
chosen AS (
  SELECT pieces.client, pieces.agent, pieces.starts_at, pieces.ends_at,
    arg_max({'activity': activity, 'paid': paid},
      (entry_starts_at, -epoch_us(entry_ends_at), schedule, activity, paid)) AS entry
  FROM pieces JOIN entries ON entries.client = pieces.client AND entries.agent = pieces.agent
    AND entries.starts_at <= pieces.starts_at AND entries.ends_at >= pieces.ends_at
  GROUP BY ALL)
SELECT client, agent, entry.activity AS activity, coalesce(expects, 'other') AS expects, entry.paid AS paid,
  starts_at, ends_at
FROM chosen LEFT JOIN schedule_activities ON schedule_activities.activity = entry.activity
WHERE coalesce(expects, 'other') <> 'nothing';

-- The pieces of the plan in which the agent was in one state; ``fits``: the state is what the plan expects. With
-- match_reasons := false any state without contacts fits other work, for sources whose reasons have other names.
CREATE MACRO planned_states(start, stop, as_of := now(), match_reasons := true) AS TABLE
SELECT plan.client, plan.agent, plan.activity, plan.expects, plan.paid, states.state, states.reason, states.presence,
  greatest(plan.starts_at, states.started_at) AS starts_at, least(plan.ends_at, states.counted_until) AS ends_at,
  epoch_us(least(plan.ends_at, states.counted_until)) - epoch_us(greatest(plan.starts_at, states.started_at)) AS us,
  CASE plan.expects
    WHEN 'work' THEN states.state IN ('available', 'on_contact', 'wrap_up')
    WHEN 'break' THEN states.state = 'break'
      OR (states.state = 'unavailable' AND coalesce(plan.activity IN (states.reason, states.presence), false))
    WHEN 'other' THEN states.state IN ('break', 'unavailable') AND (NOT match_reasons
      OR coalesce(plan.activity = states.reason, false) OR coalesce(plan.activity = states.presence, false)
      OR (states.state = 'unavailable' AND states.reason IS NULL AND states.presence IS NULL))
    ELSE false END AS fits
FROM planned(start, least(stop::TIMESTAMPTZ, as_of::TIMESTAMPTZ)) AS plan
JOIN agent_states(as_of, since := start) AS states USING (client, agent)
WHERE states.started_at < plan.ends_at AND states.counted_until > plan.starts_at;

CREATE MACRO adherence(start, stop, as_of := now(), match_reasons := true) AS TABLE
WITH plan AS (
  SELECT client, agent,
    sum(floor_seconds((epoch_us(ends_at) - epoch_us(starts_at)))) FILTER (expects <> 'absent') AS scheduled,
    sum(floor_seconds((epoch_us(ends_at) - epoch_us(starts_at)))) FILTER (expects = 'work') AS scheduled_work
  FROM planned(start, least(stop::TIMESTAMPTZ, as_of::TIMESTAMPTZ)) GROUP BY ALL),
kept AS (
  SELECT client, agent,
    sum(floor_seconds(us)) FILTER (expects <> 'absent') AS signed_in,
    sum(floor_seconds(us)) FILTER (fits) AS adherent,
    sum(floor_seconds(us)) FILTER (expects <> 'absent' AND NOT fits AND state = 'break') AS out_break,
    sum(floor_seconds(us)) FILTER (expects <> 'absent' AND NOT fits AND state = 'unavailable') AS out_unavailable,
    sum(floor_seconds(us)) FILTER (
      expects <> 'absent' AND NOT fits AND state IN ('available', 'on_contact', 'wrap_up')) AS out_working,
    sum(floor_seconds(us)) FILTER (
      expects <> 'absent' AND state IN ('available', 'on_contact', 'wrap_up')) AS worked_in_plan
  FROM planned_states(start, stop, as_of := as_of, match_reasons := match_reasons) GROUP BY ALL),
work AS (
  SELECT client, agent,
    sum(floor_seconds((epoch_us(least(counted_until, stop::TIMESTAMPTZ))
      - epoch_us(greatest(started_at, start::TIMESTAMPTZ))))) AS worked
  FROM agent_states(as_of, since := start)
  WHERE state IN ('available', 'on_contact', 'wrap_up') AND started_at < stop::TIMESTAMPTZ
    AND counted_until > start::TIMESTAMPTZ
  GROUP BY ALL),
sums AS (
  SELECT client, agent, coalesce(scheduled, 0) AS scheduled_seconds,
    coalesce(scheduled_work, 0) AS scheduled_work_seconds, coalesce(adherent, 0) AS adherent_seconds,
    coalesce(scheduled, 0) - coalesce(signed_in, 0) AS out_signed_out_seconds,
    coalesce(out_break, 0) AS out_break_seconds, coalesce(out_unavailable, 0) AS out_unavailable_seconds,
    coalesce(out_working, 0) AS out_working_seconds, coalesce(worked, 0) AS worked_seconds,
    coalesce(worked, 0) - coalesce(worked_in_plan, 0) AS unscheduled_work_seconds
  FROM plan FULL JOIN work USING (client, agent) LEFT JOIN kept USING (client, agent))
SELECT client, agent, scheduled_seconds, scheduled_work_seconds, adherent_seconds,
  scheduled_seconds - adherent_seconds AS out_of_adherence_seconds, out_signed_out_seconds, out_break_seconds,
  out_unavailable_seconds, out_working_seconds, worked_seconds, unscheduled_work_seconds,
  adherent_seconds / nullif(scheduled_seconds, 0) AS adherence,
  worked_seconds / nullif(scheduled_work_seconds, 0) AS conformance
FROM sums ORDER BY client, agent;
