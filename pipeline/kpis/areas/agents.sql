-- Agents, teams and sites over a time, and the floor now. Every number is clipped to [start, stop), and what is still
-- open to as_of. States are wall-clock time of the agent; handling is per contact, so three chats at once count thrice.

-- Seconds of each state. By rule a state without a sign of life is counted up to the last one: left_out is the rest.
-- On queue, as Genesys Cloud has it: a presence of another name than on_queue takes an agent off the queue; a contact
-- that came from no queue is on_contact for the reason communicating.
CREATE MACRO agent_state_sums(start, stop, as_of := now()) AS TABLE
WITH clipped AS (
  SELECT client, agent, state, coalesce(presence, 'on_queue') = 'on_queue' AS on_queue,
    coalesce(reason, '') = 'communicating' AS communicating,
    floor_seconds(greatest(0, epoch_us(least(counted_until, stop::TIMESTAMPTZ))
      - epoch_us(greatest(started_at, start::TIMESTAMPTZ)))) AS counted,
    floor_seconds((epoch_us(least(lasts_until, stop::TIMESTAMPTZ))
      - epoch_us(greatest(started_at, start::TIMESTAMPTZ)))) AS lasted
  FROM agent_states(as_of)
  WHERE started_at < stop::TIMESTAMPTZ AND lasts_until > start::TIMESTAMPTZ)
SELECT client, agent, sum(counted) AS signed_in,
  sum(counted) FILTER (state = 'available') AS available, sum(counted) FILTER (state = 'on_contact') AS on_contact,
  sum(counted) FILTER (state = 'wrap_up') AS wrap_up, sum(counted) FILTER (state = 'break') AS on_break,
  sum(counted) FILTER (state = 'unavailable') AS unavailable, sum(lasted - counted) AS left_out,
  sum(counted) FILTER (on_queue AND NOT communicating AND state IN ('on_contact', 'wrap_up')) AS interacting,
  sum(counted) FILTER (on_queue AND communicating AND state IN ('on_contact', 'wrap_up')) AS communicating,
  sum(counted) FILTER (on_queue AND state = 'available') AS idle
FROM clipped GROUP BY ALL;

-- Contacts of each agent. A contact is handled in the interval in which its talking ended; handling is its talk, hold
-- and wrap-up as far as they lie in the interval, also of a contact that is not over.
CREATE MACRO agent_contact_sums(start, stop, as_of := now()) AS TABLE
WITH left_out AS (
  SELECT client, interaction, segment, left_out_by FROM open_contacts(as_of)
  WHERE doing = 'in_progress' AND left_out_by IS NOT NULL),
contacts AS (
  SELECT client, agent, talk_us, hold_us, wrap_us,
    answered_at >= start::TIMESTAMPTZ AS is_answered,
    coalesce(handle_ended_at >= start::TIMESTAMPTZ
      AND handle_ended_at < least(stop::TIMESTAMPTZ, as_of::TIMESTAMPTZ), false) AS is_handled,
    coalesce(transferred_at >= start::TIMESTAMPTZ
      AND transferred_at < least(stop::TIMESTAMPTZ, as_of::TIMESTAMPTZ), false) AS is_transferred,
    greatest(answered_at, start::TIMESTAMPTZ) AS busy_from,
    CASE WHEN left_out_by IS NULL THEN least(coalesce(greatest(handle_ended_at, wrapped_up_at), as_of::TIMESTAMPTZ),
      as_of::TIMESTAMPTZ, stop::TIMESTAMPTZ) END AS busy_until
  FROM segment_rows LEFT JOIN left_out USING (client, interaction, segment)
  WHERE agent IS NOT NULL AND answered_at < least(stop::TIMESTAMPTZ, as_of::TIMESTAMPTZ))
SELECT client, agent, count(*) FILTER (is_answered) AS answered, count(*) FILTER (is_handled) AS handled,
  sum(floor_seconds(talk_us)) FILTER (is_handled) AS talk, sum(floor_seconds(hold_us)) FILTER (is_handled) AS hold,
  sum(floor_seconds(wrap_us)) FILTER (is_handled) AS wrap, count(*) FILTER (is_transferred) AS transfers_out,
  sum(floor_seconds(greatest(0, epoch_us(busy_until) - epoch_us(busy_from)))) AS handling
FROM contacts GROUP BY ALL
HAVING answered > 0 OR handled > 0 OR transfers_out > 0 OR handling > 0;

-- Offers are counted with the agent who was alerted, not with the one who took the contact in the end. What only an
-- earlier revision of the segment said was no offer.
CREATE MACRO agent_offer_sums(start, stop) AS TABLE
WITH alerts AS (
  SELECT client, interaction, segment, revision, type, agent FROM event_rows
  WHERE type IN ('interaction.offered.v1', 'interaction.declined.v1') AND agent IS NOT NULL
    AND time >= start::TIMESTAMPTZ AND time < stop::TIMESTAMPTZ)
SELECT client, agent, count(*) FILTER (type = 'interaction.offered.v1') AS offers,
  count(*) FILTER (type = 'interaction.declined.v1') AS declines
FROM alerts SEMI JOIN segment_rows USING (client, interaction, segment, revision)
GROUP BY ALL;

-- Paid time that was planned, and how much of it the agent was there for contacts.
CREATE MACRO agent_paid_sums(start, stop, as_of := now()) AS TABLE
WITH paid_plan AS (
  SELECT client, agent, sum(floor_seconds((epoch_us(ends_at) - epoch_us(starts_at)))) AS paid
  FROM planned(start, least(stop::TIMESTAMPTZ, as_of::TIMESTAMPTZ)) WHERE paid GROUP BY ALL),
there AS (
  SELECT client, agent, sum(floor_seconds(us)) AS for_work FROM planned_states(start, stop, as_of := as_of)
  WHERE paid AND state IN ('available', 'on_contact', 'wrap_up') GROUP BY ALL)
SELECT client, agent, paid_plan.paid AS paid, coalesce(for_work, 0) AS for_work
FROM paid_plan LEFT JOIN there USING (client, agent);

-- One place for the sums and the ratios; agent_kpis, team_kpis and site_kpis only choose what is grouped by.
CREATE MACRO floor_kpis(start, stop, as_of := now(), by_agent := true, by_team := true, by_site := true) AS TABLE
WITH states AS (FROM agent_state_sums(start, stop, as_of := as_of)),
contacts AS (FROM agent_contact_sums(start, stop, as_of := as_of)),
alerts AS (FROM agent_offer_sums(start, stop)),
plan AS (FROM agent_paid_sums(start, stop, as_of := as_of)),
people AS (
  SELECT client, agent FROM states UNION SELECT client, agent FROM contacts
  UNION SELECT client, agent FROM alerts UNION SELECT client, agent FROM plan),
sums AS (
  SELECT people.client AS client, CASE WHEN by_site THEN site END AS site, CASE WHEN by_team THEN team END AS team,
    CASE WHEN by_team THEN supervisor END AS supervisor, CASE WHEN by_agent THEN people.agent END AS agent,
    count(*) AS agents,
    coalesce(sum(signed_in), 0) AS signed_in_seconds, coalesce(sum(available), 0) AS available_seconds,
    coalesce(sum(on_contact), 0) AS on_contact_seconds, coalesce(sum(wrap_up), 0) AS wrap_up_seconds,
    coalesce(sum(on_break), 0) AS break_seconds, coalesce(sum(unavailable), 0) AS unavailable_seconds,
    coalesce(sum(left_out), 0) AS left_out_seconds, coalesce(sum(interacting), 0) AS interacting_seconds,
    coalesce(sum(communicating), 0) AS communicating_seconds, coalesce(sum(idle), 0) AS idle_seconds,
    coalesce(sum(answered), 0)::BIGINT AS answered, coalesce(sum(handled), 0)::BIGINT AS handled,
    coalesce(sum(talk), 0) AS talk_seconds, coalesce(sum(hold), 0) AS hold_seconds,
    coalesce(sum(wrap), 0) AS wrap_seconds, coalesce(sum(handling), 0) AS handling_seconds,
    coalesce(sum(transfers_out), 0)::BIGINT AS transfers_out,
    coalesce(sum(offers), 0)::BIGINT AS offers, coalesce(sum(declines), 0)::BIGINT AS declines,
    coalesce(sum(paid), 0) AS paid_seconds, coalesce(sum(for_work), 0) AS paid_for_work_seconds,
    coalesce(sum(CASE WHEN paid > 0 THEN coalesce(available, 0) + coalesce(on_contact, 0) + coalesce(wrap_up, 0) END),
      0) AS working_seconds_if_planned
  FROM people LEFT JOIN states USING (client, agent) LEFT JOIN contacts USING (client, agent)
  LEFT JOIN alerts USING (client, agent) LEFT JOIN plan USING (client, agent)
  LEFT JOIN centre_agents USING (client, agent)
  GROUP BY ALL)
SELECT *,
  (talk_seconds + hold_seconds + wrap_seconds) / nullif(handled, 0) AS agent_aht_seconds,
  (on_contact_seconds + wrap_up_seconds)
    / nullif(on_contact_seconds + wrap_up_seconds + available_seconds, 0) AS occupancy_connect,
  interacting_seconds / nullif(interacting_seconds + communicating_seconds + idle_seconds, 0) AS occupancy_genesys,
  handling_seconds / nullif(handling_seconds + available_seconds, 0) AS occupancy_textbook,
  handling_seconds / nullif(signed_in_seconds, 0) AS occupancy_of_signed_in,
  working_seconds_if_planned / nullif(paid_seconds, 0) AS utilisation_of_paid,
  (available_seconds + on_contact_seconds + wrap_up_seconds) / nullif(signed_in_seconds, 0) AS utilisation_of_signed_in,
  (paid_seconds - paid_for_work_seconds) / nullif(paid_seconds, 0) AS shrinkage,
  declines / nullif(offers, 0) AS non_response_rate,
  transfers_out / nullif(answered, 0) AS agent_transfer_rate
FROM sums;

CREATE MACRO agent_kpis(start, stop, as_of := now()) AS TABLE
SELECT * EXCLUDE (agents) FROM floor_kpis(start, stop, as_of := as_of)
ORDER BY client, agent;

CREATE MACRO team_kpis(start, stop, as_of := now()) AS TABLE
SELECT * EXCLUDE (agent, site)
FROM floor_kpis(start, stop, as_of := as_of, by_agent := false, by_site := false)
ORDER BY client, team NULLS LAST;

CREATE MACRO site_kpis(start, stop, as_of := now()) AS TABLE
SELECT * EXCLUDE (agent, team, supervisor)
FROM floor_kpis(start, stop, as_of := as_of, by_agent := false, by_team := false)
ORDER BY client, site NULLS LAST;

-- How long a state may last before somebody should look; NULL: no limit. The defaults stand here.
CREATE MACRO agents_over_limit(as_of := now(), break_limit_seconds := 1800, wrap_up_limit_seconds := 300,
  on_contact_limit_seconds := 3600, unavailable_limit_seconds := 7200) AS TABLE
SELECT client, site, team, supervisor, agent, state, reason, presence, since, seconds_in_state, limit_seconds
FROM (
  SELECT *, CASE state WHEN 'break' THEN break_limit_seconds WHEN 'wrap_up' THEN wrap_up_limit_seconds
    WHEN 'on_contact' THEN on_contact_limit_seconds WHEN 'unavailable' THEN unavailable_limit_seconds
    END AS limit_seconds
  FROM agent_now_by_rule(as_of)) LEFT JOIN centre_agents USING (client, agent)
WHERE seconds_in_state > limit_seconds
ORDER BY seconds_in_state DESC, client, agent;

-- Who is on the floor. left_out: agents in that state without a sign of life; they are in no other number of the row.
CREATE MACRO floor_now(as_of := now(), break_limit_seconds := 1800, wrap_up_limit_seconds := 300,
  on_contact_limit_seconds := 3600, unavailable_limit_seconds := 7200) AS TABLE
SELECT client, site, team, state, presence, count(*) FILTER (NOT aged) AS agents,
  floor_seconds((epoch_us(as_of::TIMESTAMPTZ) - epoch_us(min(started_at) FILTER (NOT aged))))
    AS longest_in_state_seconds,
  arg_min(agent, (started_at, agent)) FILTER (NOT aged) AS longest_in_state_agent,
  count(over_agent) AS over_limit, count(*) FILTER (aged) AS left_out
FROM (FROM agent_states(as_of) WHERE ended_at IS NULL)
LEFT JOIN centre_agents USING (client, agent)
LEFT JOIN (
  SELECT client, agent, agent AS over_agent
  FROM agents_over_limit(as_of := as_of, break_limit_seconds := break_limit_seconds,
    wrap_up_limit_seconds := wrap_up_limit_seconds, on_contact_limit_seconds := on_contact_limit_seconds,
    unavailable_limit_seconds := unavailable_limit_seconds)) AS over USING (client, agent)
GROUP BY ALL ORDER BY client, site NULLS LAST, team NULLS LAST, state, presence NULLS FIRST;
