-- The raw events read anew: one row per event, numbered in the order (time, source, id) that all definitions use.
--
-- Reads distinct_events, the rows of live.events. Members that an event's type does not have are unknown members: they
-- are ignored, whatever they hold. A raw text that is no event gives NULLs, and so differs from the stored columns.
--
-- Details stand for themselves: nothing but the tables of details is made of them (is_detail), and those read the
-- members of their own type from detail_raw.

-- Microseconds since 1970 of an RFC 3339 time: T and Z in either case or a space, any offset, any number of decimals,
-- of which those beyond the microsecond are rounded half up. NULL if it is no such time.
CREATE TEMP MACRO parts_us(parts) AS
  epoch_us(TRY_CAST(parts.day || ' ' || parts.clock AS TIMESTAMP))
  + (rpad(left(parts.decimals, 7), 7, '0')::BIGINT + 5) // 10
  - CASE parts.sign WHEN '+' THEN 60000000 WHEN '-' THEN -60000000 ELSE 0 END
    * (60 * coalesce(TRY_CAST(parts.hours AS BIGINT), 0) + coalesce(TRY_CAST(parts.minutes AS BIGINT), 0));
CREATE TEMP MACRO time_us(written) AS parts_us(regexp_extract(
  written,
  '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.]([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))$',
  ['day', 'clock', 'decimals', 'sign', 'hours', 'minutes']));

-- A line about a column that differs, or NULL.
CREATE TEMP MACRO unlike(name, expected, got) AS CASE WHEN expected IS DISTINCT FROM got THEN
  concat(name, ' expected ', coalesce(left(expected::VARCHAR, 80), 'NULL'),
    ', got ', coalesce(left(got::VARCHAR, 80), 'NULL')) END;

CREATE TEMP TABLE parsed AS
WITH documents AS (
  SELECT topic, "partition", epoch, "offset", raw,
    {'source': source, 'id': id, 'type': type, 'time': time, 'client': client, 'interaction': interaction,
     'segment': segment, 'queue': queue, 'agent': agent, 'revision': revision} AS stored,
    TRY(from_json(raw, '{
      "source": "VARCHAR", "id": "VARCHAR", "type": "VARCHAR", "time": "VARCHAR",
      "data": {
        "client": "VARCHAR", "interaction": "VARCHAR", "segment": "VARCHAR", "queue": "VARCHAR", "agent": "VARCHAR",
        "channel": "VARCHAR", "direction": "VARCHAR", "reason": "VARCHAR", "kind": "VARCHAR", "state": "VARCHAR",
        "presence": "VARCHAR", "revision": "VARCHAR",
        "disposition": "VARCHAR", "flags": "VARCHAR", "amount": "VARCHAR", "currency": "VARCHAR"}}')) AS said
  FROM distinct_events),
kinds AS (
  SELECT *, said.data AS data, split_part(said.type, '.', 2) AS kind, starts_with(said.type, 'agent.') AS about_agent,
    starts_with(said.type, 'interaction.') AS about_contact,
    said.type IN (
      'interaction.described.v1', 'interaction.menu_stepped.v1', 'interaction.message_sent.v1',
      'interaction.callback_changed.v1', 'interaction.surveyed.v1', 'interaction.outcome_changed.v1',
      'interaction.resolution_changed.v1', 'interaction.dialled.v1', 'interaction.participated.v1',
      'interaction.reported.v1', 'agent.scheduled.v1', 'source.noticed.v1') AS is_detail
  FROM documents),
members AS (
  SELECT * EXCLUDE (said, data, raw), CASE WHEN is_detail THEN raw END AS detail_raw,
    said.source AS source, said.id AS id, said.type AS type, time_us(said.time) AS time_us,
    data.client AS client,
    CASE WHEN about_contact THEN data.interaction END AS interaction,
    CASE WHEN about_contact AND kind <> 'started' THEN data.segment END AS segment,
    CASE WHEN about_contact AND kind <> 'started' THEN data.queue END AS queue,
    CASE WHEN about_agent OR about_contact AND kind <> 'started' THEN data.agent END AS agent,
    CASE WHEN about_contact AND NOT is_detail AND kind <> 'started' OR kind = 'scheduled'
      THEN coalesce(TRY_CAST(data.revision AS BIGINT), 0) END AS revision,
    CASE WHEN about_contact THEN data.channel END AS channel,
    CASE WHEN about_contact THEN data.direction END AS direction,
    CASE WHEN about_agent OR kind = 'left_queue' THEN data.reason END AS reason,
    CASE WHEN kind = 'transferred' THEN coalesce(data.kind, 'cold') END AS transfer_kind,
    CASE kind WHEN 'signed_in' THEN coalesce(data.state, 'unavailable')
      WHEN 'state_changed' THEN data.state END AS state,
    CASE WHEN kind IN ('signed_in', 'state_changed') THEN data.presence END AS presence,
    CASE WHEN kind = 'wrapped_up' THEN {
      'disposition': data.disposition,
      'flags': coalesce(TRY(from_json(data.flags, '["VARCHAR"]')), []),
      'amount': TRY_CAST(data.amount AS DECIMAL(18, 4)),
      'currency': data.currency} END AS wrap_up
  FROM kinds)
SELECT * EXCLUDE (stored, source, id, type),
  row_number() OVER (ORDER BY time_us, source, id) AS order_no,
  list_filter([
    unlike('topic', CASE WHEN NOT about_contact THEN 'agents'
      WHEN channel IN ('chat', 'messaging', 'social', 'sms') THEN 'chats'
      WHEN channel IN ('email', 'letter', 'fax', 'work_item') THEN 'emails' ELSE 'calls' END, topic),
    unlike('source', source, stored.source), unlike('id', id, stored.id), unlike('type', type, stored.type),
    unlike('time', make_timestamptz(time_us), stored.time), unlike('client', client, stored.client),
    unlike('interaction', interaction, stored.interaction), unlike('segment', segment, stored.segment),
    unlike('queue', queue, stored.queue), unlike('agent', agent, stored.agent),
    unlike('revision', revision, stored.revision),
    CASE WHEN NOT is_detail AND type NOT IN (
      'interaction.started.v1', 'interaction.queued.v1', 'interaction.offered.v1', 'interaction.declined.v1',
      'interaction.answered.v1', 'interaction.held.v1', 'interaction.resumed.v1', 'interaction.transferred.v1',
      'interaction.abandoned.v1', 'interaction.left_queue.v1', 'interaction.ended.v1', 'interaction.wrapped_up.v1',
      'agent.signed_in.v1', 'agent.state_changed.v1', 'agent.signed_out.v1') THEN 'type is not one of version 1' END
  ], line -> line IS NOT NULL) AS wrong
FROM members;

-- Of a segment, and of what is said of a contact as a whole, only the events of the highest revision count; that a
-- contact began has no revision, and counts with any.
CREATE TEMP TABLE counted_events AS
WITH revised AS (
  SELECT client, interaction, coalesce(segment, '') AS part, max(revision) AS highest
  FROM parsed WHERE about_contact AND NOT is_detail GROUP BY ALL HAVING highest > 0)
SELECT p.* FROM parsed p ANTI JOIN revised r ON r.client = p.client AND r.interaction = p.interaction
  AND r.part = coalesce(p.segment, '') AND p.revision < r.highest
WHERE p.about_contact AND NOT p.is_detail;
