"""The queries of sales: out of what, for how much, and what was cancelled since, by queue.

Rows with ``part`` ``count`` are of all sales; rows with ``money`` are of one currency, because a sum of several means
nothing.
"""

from __future__ import annotations

from dashboards.queries.scoped import Query, scoped
from dashboards.queries.totals import formulas, levels, sets

_PER_COUNT = (
    "conversion_per_offered", "conversion_per_answered", "conversion_per_lead", "conversion_per_dial",
    "sales_cancelled_rate", "sales_per_agent_hour",
)  # fmt: skip
SOLD = "what IN ('sale', 'upsell')"

# Queues that sell: of the lines of sales, and those with a sale or a lead. A help desk's calls are no chances to sell.
# Facts are read once. An agent of two queues has hours in both, and in the total once.
#: Common table expressions: ``facts`` are single things of queues that sell. ``staff`` are who answered or sold there.
FACTS = f"""everything AS MATERIALIZED (SELECT * FROM {scoped("sales_facts($start, $stop, true)", "queue")}),
sellers AS (
  SELECT client, queue FROM {scoped("centre_queues", "queue")} WHERE line IN ('inbound-sales', 'outbound-sales')
  UNION SELECT client, queue FROM everything WHERE what NOT IN ('offered', 'answered', 'dial', 'flagged')),
facts AS MATERIALIZED (
  SELECT e.* FROM everything AS e SEMI JOIN sellers AS s
    ON s.client = e.client AND s.queue IS NOT DISTINCT FROM e.queue),
staff AS MATERIALIZED (
  SELECT DISTINCT client, queue, agent FROM facts WHERE agent IS NOT NULL AND (what = 'answered' OR {SOLD}))"""

_SALES = f"""
WITH {FACTS},
hours AS (
  SELECT level, s.client, queue, sum(signed_in_seconds) / 3600 AS agent_hours
  FROM (
    SELECT 'queue' AS level, client, queue, client AS home, agent FROM staff
    UNION SELECT 'client', client, NULL, client, agent FROM staff
    UNION SELECT 'all', NULL, NULL, client, agent FROM staff) AS s
  JOIN {scoped("signed_in_time($start, $stop, as_of := $at)", "client")} AS t ON t.client = home AND t.agent = s.agent
  GROUP BY level, s.client, queue),
counted AS (
  SELECT {levels("client", "queue")}, count(*) FILTER (what = 'offered') AS offered,
    count(*) FILTER (what = 'answered') AS answered, count(*) FILTER (what = 'dial') AS dials,
    count(*) FILTER (what = 'lead') AS leads, count(*) FILTER (what = 'sale') AS sales,
    count(*) FILTER (what = 'upsell') AS upsells, count(*) FILTER (what = 'cancelled sale') AS cancelled
  FROM facts {sets("client", "queue")}),
worked AS (
  SELECT c.*, agent_hours
  FROM counted AS c
  LEFT JOIN hours AS h ON h.level = c.level AND h.client IS NOT DISTINCT FROM c.client
    AND h.queue IS NOT DISTINCT FROM c.queue),
earned AS (
  SELECT {levels("client", "queue")}, currency, sum(amount) FILTER ({SOLD}) AS revenue,
    sum(amount) FILTER (what = 'cancelled sale') AS amount_cancelled
  FROM facts WHERE amount IS NOT NULL AND ({SOLD} OR what = 'cancelled sale')
  GROUP BY GROUPING SETS ((client, queue, currency), (client, currency), (currency)))
SELECT 'count' AS part, *, {formulas(*_PER_COUNT)} FROM worked
UNION ALL BY NAME
SELECT 'money' AS part, *, {formulas("revenue_per_answered", "revenue_per_agent_hour")}
FROM (
  -- Contacts and hours have no currency: where money of several was earned, none is a share of them.
  SELECT e.*, CASE WHEN count(*) OVER (PARTITION BY e.level, e.client, e.queue) = 1 THEN w.answered END AS answered,
    CASE WHEN count(*) OVER (PARTITION BY e.level, e.client, e.queue) = 1 THEN w.agent_hours END AS agent_hours
  FROM earned AS e
  JOIN worked AS w ON w.level = e.level AND w.client IS NOT DISTINCT FROM e.client
    AND w.queue IS NOT DISTINCT FROM e.queue)
ORDER BY part, client, queue, currency
"""

SALES = Query("sales", _SALES, every_seconds=20)

QUERIES = (SALES,)
