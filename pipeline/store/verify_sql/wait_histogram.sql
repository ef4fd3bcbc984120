-- Ended waits by bucket, from counted. A bucket holds the waits x seconds with the same ceil(ln(x) / ln(gamma)),
-- gamma = 1.02 / 0.98; below a millisecond it is -32768. Two engines may disagree about the logarithm of a wait on the
-- very border of two buckets: it may lie in either (lowest, highest).

CREATE TEMP MACRO bucket_of(x) AS ceil(ln(x) / ln(1.02::DOUBLE / 0.98::DOUBLE))::INTEGER;

CREATE TEMP TABLE bucketed AS
SELECT client, queue, channel, direction, moment(queued_us - queued_us % 60000000) AS minute, outcome,
  CASE WHEN wait_us < 1000 THEN -32768 ELSE bucket_of(wait_us / 1e6 * (1 - 1e-9)) END AS lowest,
  CASE WHEN wait_us < 1000 THEN -32768 ELSE bucket_of(wait_us / 1e6 * (1 + 1e-9)) END AS highest
FROM counted WHERE wait_us IS NOT NULL;

-- Per bucket: n_least waits are surely in it, n_most may be.
CREATE TEMP VIEW expected_buckets AS
SELECT client, queue, channel, direction, minute, outcome, bucket,
  count(*) FILTER (lowest = highest) AS n_least, count(*) AS n_most
FROM (SELECT *, unnest(CASE WHEN lowest = highest THEN [lowest] ELSE range(lowest, highest + 1) END) AS bucket
  FROM bucketed)
GROUP BY ALL;
CREATE TEMP VIEW expected_waits AS
SELECT client, queue, channel, direction, minute, outcome, count(*) AS n FROM bucketed GROUP BY ALL;
