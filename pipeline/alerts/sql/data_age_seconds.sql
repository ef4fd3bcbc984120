SELECT at_minute(minute) AS moment, NULL::VARCHAR AS client, NULL::VARCHAR AS subject,
  greatest(0, minute * 60000000 - epoch_us(published_at)) / 1e6 AS value
FROM (SELECT unnest(range(first_minute, last_minute)) AS minute FROM bounds) CROSS JOIN meta
