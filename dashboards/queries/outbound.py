"""The queries of outbound: campaigns and their conversion, drops against the rule, and how far lists are used.

A campaign is of a client as a whole: it has dials that never reach a queue or an agent. So a scope of clients bounds
it, and scopes of sites and teams do not.
"""

from __future__ import annotations

from dashboards.queries.scoped import Query, scoped
from dashboards.queries.totals import formulas, levels, sums

#: Days over which drops are counted, and the hours of the reasoned estimate.
DROP_DAYS = 30

_COUNTS = (
    "dials", "human", "machine", "busy", "no_answer", "invalid", "blocked", "failed", "connects", "contacts",
    "right_party_contacts", "follow_ups", "do_not_calls", "leads_dialled", "sales",
)  # fmt: skip
_LEADS = ("leads", "leads_dialled", "leads_contacted", "leads_finished")
_RATES = (
    "connect_rate", "pickup_rate", "contact_rate", "right_party_per_dial", "right_party_per_contact", "follow_up_rate",
    "sales_per_dial", "sales_per_dial_contact", "sales_per_lead_dialled", "outbound_sales_per_hour",
    "outbound_contacts_per_hour",
)  # fmt: skip

SELLING = f"""SELECT client, campaign FROM {scoped("centre_campaigns", "client")}
  GROUP BY client, campaign HAVING bool_or(line IN ('outbound-sales', 'inbound-sales'))"""
DESCRIBED = f"SELECT client, campaign FROM {scoped('centre_campaigns', 'client')}"
#: Over ``selling`` and ``described``: whether a campaign is to sell, or nobody said what it is for.
OF_SELLING = """(client, campaign) IN (SELECT (client, campaign) FROM selling)
      OR campaign IS NULL OR (client, campaign) NOT IN (SELECT (client, campaign) FROM described)"""

# Part 'dialled' has all campaigns that were dialled in the period, 'selling' those of them that are to sell (or of
# which nobody said what they are for): calls of collections and of surveys are no calls that might have sold.
# What was sold without a dial, an answer to a mailing for instance, is 'undialled' and no conversion of dials.
# Hours of campaigns do not add up where an agent works for two: totals count each agent once.
_CAMPAIGNS = f"""
WITH selling AS MATERIALIZED ({SELLING}),
described AS MATERIALIZED ({DESCRIBED}),
base AS (
  SELECT *, CASE WHEN dials = 0 THEN ['undialled']
    WHEN {OF_SELLING}
    THEN ['dialled', 'selling'] ELSE ['dialled'] END AS parts
  FROM {scoped("outbound_kpis($start, $stop, as_of := $at)", "client")}),
staff AS (
  SELECT DISTINCT a.client, a.campaign, unnest(a.agents) AS agent
  FROM {scoped("dial_attempts_between($start, $stop)", "client")} AS a),
worked AS MATERIALIZED (
  SELECT unnest(parts) AS part, b.client, b.campaign, agent
  FROM staff AS s JOIN base AS b ON b.client = s.client AND b.campaign IS NOT DISTINCT FROM s.campaign),
hours AS (
  SELECT part, level, w.client, campaign, sum(signed_in_seconds) / 3600 AS agent_hours
  FROM (
    SELECT part, 'campaign' AS level, client, campaign, client AS home, agent FROM worked
    UNION SELECT part, 'client', client, NULL, client, agent FROM worked
    UNION SELECT part, 'all', NULL, NULL, client, agent FROM worked) AS w
  JOIN {scoped("signed_in_time($start, $stop, as_of := $at)", "client")} AS t ON t.client = home AND t.agent = w.agent
  GROUP BY part, level, w.client, campaign),
counted AS (
  SELECT part, {levels("client", "campaign")}, {sums(_COUNTS)}
  FROM (SELECT *, unnest(parts) AS part FROM base)
  GROUP BY GROUPING SETS ((part, client, campaign), (part, client), (part)))
SELECT *, {formulas(*_RATES)}
FROM (
  SELECT c.*, agent_hours
  FROM counted AS c
  LEFT JOIN hours AS h ON h.part = c.part AND h.level = c.level AND h.client IS NOT DISTINCT FROM c.client
    AND h.campaign IS NOT DISTINCT FROM c.campaign)
ORDER BY part, client, campaign
"""

# Money stands by currency: it is never summed over several.
_REVENUE = f"""
SELECT {levels("client", "campaign")}, currency, count(*) AS sales, sum(amount) AS sales_revenue
FROM (
  SELECT client, campaign, amount, currency
  FROM {scoped("outcomes_between($start, $stop, of_kinds := ['sale', 'order', 'upsell'])", "client")}
  WHERE status <> 'cancelled' AND campaign IS NOT NULL AND amount IS NOT NULL)
GROUP BY GROUPING SETS ((client, campaign, currency), (client, currency), (currency))
ORDER BY client, campaign, currency
"""

_DROPS = f"""
SELECT client, campaign, drop_rule, since, live_answers, drops, untimed, drop_rate AS drop_rate_30d,
  drop_rate_limit::DOUBLE AS drop_rate_limit, drops_left, within_limit, drops_last_day, projected_drop_rate
FROM {scoped(f"drop_rate(as_of := $at, days := {DROP_DAYS})", "client")}
ORDER BY client, campaign
"""

_ESTIMATED_DROPS = f"""
SELECT client, campaign, drops, estimated_drops, live_calls, agent_machines, drop_rate AS drop_rate_ofcom
FROM {scoped("drop_rate_ofcom($start, $stop)", "client")}
ORDER BY client, campaign
"""

# A list of which nobody said how many leads it has has no share, and is in no total.
_LISTS = f"""
WITH lists AS MATERIALIZED (SELECT * FROM {scoped("list_penetration(as_of := $at)", "client")}),
counted AS (
  SELECT 'campaign' AS level, client, campaign, list, leads, leads_dialled, leads_contacted, leads_finished FROM lists
  UNION ALL BY NAME
  SELECT CASE grouping(client) WHEN 0 THEN 'client' ELSE 'all' END AS level, client, {sums(_LEADS)}
  FROM lists WHERE leads IS NOT NULL GROUP BY GROUPING SETS ((client), ()))
SELECT *, {formulas("list_penetration", "list_contacted_rate", "list_finished_rate")} FROM counted
ORDER BY client, campaign, list
"""

CAMPAIGNS = Query("campaigns", _CAMPAIGNS, every_seconds=20)
CAMPAIGN_REVENUE = Query("campaign_revenue", _REVENUE, every_seconds=30)
#: A limit of the law: the freshest of the heavy ones.
DROPS = Query("drops", _DROPS, every_seconds=10)
ESTIMATED_DROPS = Query("estimated_drops", _ESTIMATED_DROPS, every_seconds=30)
LISTS = Query("lists", _LISTS, every_seconds=30)

QUERIES = (CAMPAIGNS, CAMPAIGN_REVENUE, DROPS, ESTIMATED_DROPS, LISTS)
