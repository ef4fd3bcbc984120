"""The queries of surveys and fund-raising: what customers say and how many say it, interviews, pledges and gifts."""

from __future__ import annotations

from dashboards.queries.scoped import Query, scoped
from dashboards.queries.totals import exact_sums, formulas, levels, sets, sums

_SCORES = ("csat", "nps", "ces_mean", "ces_top_2_less_bottom_3", "score_mean")
_INTERVIEWS = ("contacts", "completes", "refusals")
_IN_CAMPAIGNS = f"SELECT (client, campaign) FROM {scoped('centre_campaigns', 'client')} WHERE line = 'surveys'"
_IN_QUEUES = f"SELECT (client, queue) FROM {scoped('centre_queues', 'queue')} WHERE line = 'surveys'"
#: Of rows of survey_line_kpis.
OF_THE_WORK = f"""(quota IS NOT NULL
    OR (client, campaign) IN ({_IN_CAMPAIGNS})
    OR (client, queue) IN ({_IN_QUEUES}))"""
_PLEDGES = ("pledges", "fulfilled", "part_fulfilled", "cancelled", "pledges_due", "fulfilled_due")


def _over_responses(name: str) -> str:
    # A queue's score times its own denominator gives back what was counted: a quotient of sums, no mean of means.
    return f"sum({name} * responses) / nullif(sum(responses) FILTER ({name} IS NOT NULL), 0) AS {name}"


_SATISFACTION = f"""
SELECT *, {formulas("survey_response_rate")}
FROM (
  SELECT CASE grouping(client, queue) WHEN 0 THEN 'queue' WHEN 1 THEN 'client' ELSE 'all' END AS level,
    client, queue, question, {sums(("sent", "refused", "responses", "off_scale"))},
    {", ".join(map(_over_responses, _SCORES))}
  FROM {scoped("satisfaction($start, $stop)", "queue")}
  GROUP BY GROUPING SETS ((client, queue, question), (client, question), (question)))
ORDER BY client, queue, question
"""

# Interviews are work of the line of surveys, or of a campaign with a quota; elsewhere surveys follow other work.
_INTERVIEWED = f"""
WITH campaigns AS (
  SELECT client, campaign, {sums(_INTERVIEWS)}, max(quota) AS quota, max(quota_left) AS quota_left
  FROM {scoped("survey_line_kpis($start, $stop)", "queue")}
  WHERE {OF_THE_WORK}
  GROUP BY client, campaign)
SELECT *, {formulas("survey_line_response_rate", "survey_cooperation_rate")}
FROM (
  SELECT {levels("client", "campaign")}, {sums((*_INTERVIEWS, "quota", "quota_left"))}
  FROM campaigns {sets("client", "campaign")})
ORDER BY client, campaign
"""

# Counts over all currencies (part 'count'), and money by currency (part 'money').
_PLEDGED = f"""
WITH pledged AS MATERIALIZED (SELECT * FROM {scoped("fundraising_kpis($start, $stop, as_of := $at)", "queue")})
SELECT 'count' AS part, *, {formulas("fulfilment_rate", "fulfilment_rate_due")}
FROM (SELECT {levels("client", "queue")}, {sums(_PLEDGES)} FROM pledged {sets("client", "queue")})
UNION ALL BY NAME
SELECT 'money' AS part, *, {formulas("fulfilment_rate_amount")}
FROM (
  SELECT {levels("client", "queue")}, currency, {exact_sums(("amount_pledged", "amount_fulfilled"))}
  FROM pledged WHERE amount_pledged IS NOT NULL
  GROUP BY GROUPING SETS ((client, queue, currency), (client, currency), (currency)))
ORDER BY part, client, queue, currency
"""

SATISFACTION = Query("satisfaction", _SATISFACTION, every_seconds=20)
INTERVIEWS = Query("interviews", _INTERVIEWED, every_seconds=20)
PLEDGES = Query("pledges", _PLEDGED, every_seconds=30)

QUERIES = (SATISFACTION, INTERVIEWS, PLEDGES)
