-- Details and plans, from parsed: one row per event, with the members of its type, read from the raw text once more.
-- Moments come as text and become UTC as the events' own times do; days, counts and truths are JSON's own.

CREATE TEMP MACRO told(raw, members) AS
  from_json(raw, '{"source": "VARCHAR", "id": "VARCHAR", "data": {' || members || '}}');
CREATE TEMP MACRO said_moment(written) AS make_timestamptz(time_us(written));

CREATE TEMP VIEW details AS
SELECT topic, "partition", epoch, "offset", kind, moment(time_us) AS time, detail_raw FROM parsed WHERE is_detail;

CREATE TEMP VIEW expected_descriptions AS
WITH documents AS (
  SELECT *, told(detail_raw, '
    "client": "VARCHAR", "interaction": "VARCHAR", "channel": "VARCHAR", "direction": "VARCHAR",
    "segment": "VARCHAR", "queue": "VARCHAR", "agent": "VARCHAR", "customer": "VARCHAR", "language": "VARCHAR",
    "skill": "VARCHAR", "product": "VARCHAR", "reason": "VARCHAR", "ticket": "VARCHAR", "campaign": "VARCHAR",
    "tier": "BIGINT", "priority": "BIGINT", "promised_at": "VARCHAR", "audio_seconds": "BIGINT",
    "items": "BIGINT"') AS said
  FROM details WHERE kind = 'described')
SELECT topic, "partition", epoch, "offset", said.source, said.id, time,
  d.client, d.interaction, d.channel, d.direction, d.segment, d.queue, d.agent, d.customer, d.language,
  d.skill, d.product, d.reason, d.ticket, d.campaign, d.tier, d.priority,
  said_moment(d.promised_at) AS promised_at, d.audio_seconds, d.items
FROM (SELECT *, said.data AS d FROM documents);

CREATE TEMP VIEW expected_menu_steps AS
WITH documents AS (
  SELECT *, told(detail_raw, '
    "client": "VARCHAR", "interaction": "VARCHAR", "channel": "VARCHAR", "direction": "VARCHAR",
    "segment": "VARCHAR", "queue": "VARCHAR", "agent": "VARCHAR", "bot": "VARCHAR", "kind": "VARCHAR",
    "step": "VARCHAR", "intent": "VARCHAR", "result": "VARCHAR", "reason": "VARCHAR"') AS said
  FROM details WHERE kind = 'menu_stepped')
SELECT topic, "partition", epoch, "offset", said.source, said.id, time,
  d.client, d.interaction, d.channel, d.direction, d.segment, d.queue, d.agent, d.bot,
  coalesce(d.kind, 'menu') AS kind, d.step, d.intent, coalesce(d.result, 'continued') AS result, d.reason
FROM (SELECT *, said.data AS d FROM documents);

CREATE TEMP VIEW expected_messages AS
WITH documents AS (
  SELECT *, told(detail_raw, '
    "client": "VARCHAR", "interaction": "VARCHAR", "channel": "VARCHAR", "direction": "VARCHAR",
    "segment": "VARCHAR", "queue": "VARCHAR", "agent": "VARCHAR", "sender": "VARCHAR"') AS said
  FROM details WHERE kind = 'message_sent')
SELECT topic, "partition", epoch, "offset", said.source, said.id, time,
  d.client, d.interaction, d.channel, d.direction, d.segment, d.queue, d.agent, d.sender
FROM (SELECT *, said.data AS d FROM documents);

CREATE TEMP VIEW expected_callback_changes AS
WITH documents AS (
  SELECT *, told(detail_raw, '
    "client": "VARCHAR", "interaction": "VARCHAR", "channel": "VARCHAR", "direction": "VARCHAR",
    "segment": "VARCHAR", "queue": "VARCHAR", "agent": "VARCHAR", "callback": "VARCHAR", "status": "VARCHAR",
    "due_at": "VARCHAR"') AS said
  FROM details WHERE kind = 'callback_changed')
SELECT topic, "partition", epoch, "offset", said.source, said.id, time,
  d.client, d.interaction, d.channel, d.direction, d.segment, d.queue, d.agent, d.callback, d.status,
  said_moment(d.due_at) AS due_at
FROM (SELECT *, said.data AS d FROM documents);

CREATE TEMP VIEW expected_survey_answers AS
WITH documents AS (
  SELECT *, told(detail_raw, '
    "client": "VARCHAR", "interaction": "VARCHAR", "channel": "VARCHAR", "direction": "VARCHAR",
    "segment": "VARCHAR", "queue": "VARCHAR", "agent": "VARCHAR", "survey": "VARCHAR", "status": "VARCHAR",
    "question": "VARCHAR", "score": "BIGINT"') AS said
  FROM details WHERE kind = 'surveyed')
SELECT topic, "partition", epoch, "offset", said.source, said.id, time,
  d.client, d.interaction, d.channel, d.direction, d.segment, d.queue, d.agent, d.survey, d.status, d.question,
  d.score
FROM (SELECT *, said.data AS d FROM documents);

CREATE TEMP VIEW expected_outcome_changes AS
WITH documents AS (
  SELECT *, told(detail_raw, '
    "client": "VARCHAR", "interaction": "VARCHAR", "channel": "VARCHAR", "direction": "VARCHAR",
    "segment": "VARCHAR", "queue": "VARCHAR", "agent": "VARCHAR", "outcome": "VARCHAR", "kind": "VARCHAR",
    "status": "VARCHAR", "amount": "VARCHAR", "currency": "VARCHAR", "quantity": "BIGINT", "due_on": "VARCHAR",
    "product": "VARCHAR", "campaign": "VARCHAR"') AS said
  FROM details WHERE kind = 'outcome_changed')
SELECT topic, "partition", epoch, "offset", said.source, said.id, time,
  d.client, d.interaction, d.channel, d.direction, d.segment, d.queue, d.agent, d.outcome, d.kind,
  coalesce(d.status, 'made') AS status, TRY_CAST(d.amount AS DECIMAL(18, 4)) AS amount, d.currency,
  coalesce(d.quantity, 1) AS quantity, TRY_CAST(d.due_on AS DATE) AS due_on, d.product, d.campaign
FROM (SELECT *, said.data AS d FROM documents);

CREATE TEMP VIEW expected_resolution_changes AS
WITH documents AS (
  SELECT *, told(detail_raw, '
    "client": "VARCHAR", "interaction": "VARCHAR", "channel": "VARCHAR", "direction": "VARCHAR",
    "segment": "VARCHAR", "queue": "VARCHAR", "agent": "VARCHAR", "status": "VARCHAR", "actor": "VARCHAR",
    "tier": "BIGINT", "product": "VARCHAR"') AS said
  FROM details WHERE kind = 'resolution_changed')
SELECT topic, "partition", epoch, "offset", said.source, said.id, time,
  d.client, d.interaction, d.channel, d.direction, d.segment, d.queue, d.agent, d.status,
  coalesce(d.actor, 'agent') AS actor, d.tier, d.product
FROM (SELECT *, said.data AS d FROM documents);

CREATE TEMP VIEW expected_dials AS
WITH documents AS (
  SELECT *, told(detail_raw, '
    "client": "VARCHAR", "interaction": "VARCHAR", "channel": "VARCHAR", "direction": "VARCHAR",
    "segment": "VARCHAR", "queue": "VARCHAR", "agent": "VARCHAR", "attempt": "VARCHAR", "campaign": "VARCHAR",
    "list": "VARCHAR", "lead": "VARCHAR", "result": "VARCHAR", "rung_seconds": "BIGINT",
    "greeting_ended_at": "VARCHAR", "connected_at": "VARCHAR", "dropped": "BOOLEAN"') AS said
  FROM details WHERE kind = 'dialled')
SELECT topic, "partition", epoch, "offset", said.source, said.id, time,
  d.client, d.interaction, d.channel, d.direction, d.segment, d.queue, d.agent, d.attempt, d.campaign,
  d."list", d.lead, d.result, d.rung_seconds, said_moment(d.greeting_ended_at) AS greeting_ended_at,
  said_moment(d.connected_at) AS connected_at, coalesce(d.dropped, false) AS dropped
FROM (SELECT *, said.data AS d FROM documents);

CREATE TEMP VIEW expected_participations AS
WITH documents AS (
  SELECT *, told(detail_raw, '
    "client": "VARCHAR", "interaction": "VARCHAR", "channel": "VARCHAR", "direction": "VARCHAR",
    "segment": "VARCHAR", "queue": "VARCHAR", "agent": "VARCHAR", "role": "VARCHAR", "change": "VARCHAR"') AS said
  FROM details WHERE kind = 'participated')
SELECT topic, "partition", epoch, "offset", said.source, said.id, time,
  d.client, d.interaction, d.channel, d.direction, d.segment, d.queue, d.agent, d.role, d.change
FROM (SELECT *, said.data AS d FROM documents);

CREATE TEMP VIEW expected_schedules AS
WITH documents AS (
  SELECT *, told(detail_raw, '
    "client": "VARCHAR", "agent": "VARCHAR", "schedule": "VARCHAR", "revision": "BIGINT",
    "activity": "VARCHAR", "starts_at": "VARCHAR", "ends_at": "VARCHAR", "paid": "BOOLEAN"') AS said
  FROM details WHERE kind = 'scheduled')
SELECT topic, "partition", epoch, "offset", said.source, said.id, time,
  d.client, d.agent, d.schedule, coalesce(d.revision, 0) AS revision, d.activity,
  said_moment(d.starts_at) AS starts_at, said_moment(d.ends_at) AS ends_at, coalesce(d.paid, true) AS paid
FROM (SELECT *, said.data AS d FROM documents);

CREATE TEMP VIEW expected_reports AS
WITH documents AS (
  SELECT *, told(detail_raw, '
    "client": "VARCHAR", "interaction": "VARCHAR", "channel": "VARCHAR", "direction": "VARCHAR",
    "segment": "VARCHAR", "queue": "VARCHAR", "agent": "VARCHAR", "wait_ms": "BIGINT", "ring_ms": "BIGINT",
    "talk_ms": "BIGINT", "hold_ms": "BIGINT", "wrap_ms": "BIGINT", "outcome": "VARCHAR"') AS said
  FROM details WHERE kind = 'reported')
SELECT topic, "partition", epoch, "offset", said.source, said.id, time,
  d.client, d.interaction, d.channel, d.direction, d.segment, d.queue, d.agent, d.wait_ms, d.ring_ms, d.talk_ms,
  d.hold_ms, d.wrap_ms, d.outcome
FROM (SELECT *, said.data AS d FROM documents);

CREATE TEMP VIEW expected_source_notices AS
WITH documents AS (
  SELECT *, told(detail_raw, '
    "client": "VARCHAR", "adapter": "VARCHAR", "kind": "VARCHAR", "name": "VARCHAR", "count": "BIGINT",
    "lost_from": "VARCHAR"') AS said
  FROM details WHERE kind = 'noticed')
SELECT topic, "partition", epoch, "offset", said.source, said.id, time,
  d.client, d.adapter, d.kind, d.name, coalesce(d."count", 1) AS "count", said_moment(d.lost_from) AS lost_from
FROM (SELECT *, said.data AS d FROM documents);
