SELECT at_minute(minute) AS moment, NULL::VARCHAR AS client, NULL::VARCHAR AS subject, lag AS value
FROM (SELECT unnest(range(first_minute, last_minute)) AS minute FROM bounds) CROSS JOIN meta
