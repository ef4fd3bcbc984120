-- The limits are the defaults of agents_over_limit(). A state longer than the limit of aging counts only within that
-- time of a sign of life of its agent, as in agent_states().
spans AS (
  SELECT client, agent, started_at, ended_at, aged_after_us, to_microseconds(aged_after_us) AS aged_after,
    started_at + to_seconds(CASE state WHEN 'break' THEN 1800 WHEN 'wrap_up' THEN 300 WHEN 'on_contact' THEN 3600
      WHEN 'unavailable' THEN 7200 END) AS over_at
  FROM span_rows, aged_after($stop)
  WHERE state IN ('break', 'wrap_up', 'on_contact', 'unavailable') AND started_at < $stop::TIMESTAMPTZ
    AND (ended_at IS NULL OR ended_at > $start::TIMESTAMPTZ)),
signs AS (
  SELECT client, agent, started_at, ended_at, aged_after, started_at AS seen_at FROM spans
  WHERE epoch_us(coalesce(ended_at, $stop::TIMESTAMPTZ)) - epoch_us(started_at) > aged_after_us
  UNION
  SELECT spans.client, spans.agent, started_at, ended_at, aged_after, event_rows.time
  FROM spans JOIN event_rows ON event_rows.client = spans.client AND event_rows.agent = spans.agent
    AND event_rows.time >= started_at AND event_rows.time <= coalesce(ended_at, $stop::TIMESTAMPTZ)
  WHERE epoch_us(coalesce(ended_at, $stop::TIMESTAMPTZ)) - epoch_us(started_at) > aged_after_us
    AND event_rows.type IN ('interaction.answered.v1', 'interaction.held.v1', 'interaction.resumed.v1',
      'interaction.transferred.v1', 'interaction.ended.v1', 'interaction.wrapped_up.v1',
      'interaction.message_sent.v1', 'interaction.participated.v1')),
silences AS (
  SELECT client, agent, started_at, seen_at + aged_after AS aged_at,
    lead(seen_at, 1, ended_at) OVER (PARTITION BY client, agent, started_at ORDER BY seen_at) AS seen_again_at
  FROM signs),
intervals AS (
  SELECT client, NULL AS queue, minute_after(over_at) AS from_minute, next_minute(ended_at) AS until_minute,
    1 AS part, 1 AS whole
  FROM spans WHERE ended_at IS NULL OR over_at < ended_at
  UNION ALL
  SELECT client, NULL, minute_after(greatest(aged_at, over_at)), next_minute(seen_again_at), -1, -1
  FROM silences JOIN spans USING (client, agent, started_at)
  WHERE seen_again_at IS NULL OR seen_again_at > greatest(aged_at, over_at))
