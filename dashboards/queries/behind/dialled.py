"""The rows behind numbers of outbound work: dials, what was sold of them, drops, lists."""

from __future__ import annotations

from dashboards.queries import outbound
from dashboards.queries.behind.page import things, which
from dashboards.queries.behind.sold import hours_of
from dashboards.queries.places import chosen
from dashboards.queries.scoped import Query, scoped

_PLACES = ("client", "campaign")
_CHOSEN = chosen(*_PLACES)
_DIAL = """dialled_at AS began_at, client, interaction, attempt AS thing, queue, campaign, agents[1] AS agent,
    result AS state, list AS detail, connected_at AS until"""
_DIALS = scoped("dial_attempts_between($start, $stop)", "client")
# A lead counts once, with the first of its dials.
_FIRST = "row_number() OVER (PARTITION BY client, campaign{}, lead ORDER BY dialled_at, attempt) = 1"
DIALS = {
    "dials": "true",
    "contacts": "is_live",
    "right_party_contacts": "is_live AND list_contains(flags, 'right_party')",
    "leads_dialled": "lead IS NOT NULL AND is_first",
}
#: Of campaigns that sell: besides dials, what was sold and the hours of who dialled.
SELLING = ("sales", "agent_hours")


def _sold(kinds: str, value: str = "1") -> str:
    source = scoped(f"outcomes_between($start, $stop, of_kinds := {kinds})", "client")
    return f"""
  SELECT made_at AS began_at, client, interaction, outcome AS thing, queue, campaign, agent, kind AS state,
    product AS detail, currency, {value} AS value
  FROM {source}
  WHERE status <> 'cancelled' AND campaign IS NOT NULL"""


_DIALLED = f"""(
    SELECT *, {_FIRST.format("")} AS is_first FROM {_DIALS} WHERE {_CHOSEN})"""
_SELLING_DIALS = f"""(
    WITH selling AS ({outbound.SELLING}), described AS ({outbound.DESCRIBED})
    SELECT * FROM {_DIALLED} WHERE {outbound.OF_SELLING})"""

_DIAL_ROWS = f"SELECT {_DIAL}, 1 AS value FROM {_DIALLED} dials WHERE {which(DIALS)}"
_SELLING_ROWS = f"""
  SELECT {_DIAL}, 1 AS value FROM {_SELLING_DIALS} dials WHERE coalesce({which(DIALS)}, false)
  UNION ALL BY NAME
  {_sold("['sale', 'order']")} AND $part = 'sales'
    AND (client, campaign) IN (SELECT (dials.client, dials.campaign) FROM {_SELLING_DIALS} dials)
  UNION ALL BY NAME
  {hours_of(f"SELECT DISTINCT client, unnest(agents) AS agent FROM {_SELLING_DIALS} dials")}"""
_REVENUE_ROWS = (
    f"""{_sold("['sale', 'order', 'upsell']", "amount")} AND amount IS NOT NULL AND $part = 'sales_revenue'"""
)

DROPS = {"live_answers": "is_live", "drops": "is_drop"}
_DAYS_BEFORE = f"dial_attempts_between($at::TIMESTAMPTZ - to_hours({24 * outbound.DROP_DAYS}), $at)"
_DROP_ROWS = f"""
  SELECT {_DIAL}, 1 AS value FROM {scoped(_DAYS_BEFORE, "client")} dials WHERE {which(DROPS)}"""

#: Of lists whose leads somebody counted. A list stands with all of its leads, a lead with the first of its dials.
LISTS = ("leads_dialled", "leads")
_SIZED = f"SELECT * FROM {scoped('list_penetration(as_of := $at)', 'client')} WHERE leads IS NOT NULL"
_LIST_ROWS = f"""
  SELECT {_DIAL}, 1 AS value
  FROM (
    SELECT *, {_FIRST.format(", list")} AS is_first FROM {scoped("dial_attempts_between('-infinity', $at)", "client")}
    WHERE lead IS NOT NULL) dials
  WHERE $part = 'leads_dialled' AND is_first AND (client, campaign, list) IN (
    SELECT (sized.client, sized.campaign, sized.list) FROM ({_SIZED}) sized)
  UNION ALL BY NAME
  SELECT $at::TIMESTAMPTZ AS began_at, client, campaign || ' ' || list AS thing, campaign, list AS detail,
    leads AS value
  FROM ({_SIZED}) lists
  WHERE $part = 'leads'"""

DIAL_ROWS = Query("behind_dials", things(_DIAL_ROWS, places=_PLACES))
SELLING_ROWS = Query("behind_selling", things(_SELLING_ROWS, places=("client",)))
REVENUE_ROWS = Query("behind_campaign_revenue", things(_REVENUE_ROWS, places=_PLACES))
DROP_ROWS = Query("behind_drops", things(_DROP_ROWS, places=_PLACES))
LIST_ROWS = Query("behind_lists", things(_LIST_ROWS))

QUERIES = (DIAL_ROWS, SELLING_ROWS, REVENUE_ROWS, DROP_ROWS, LIST_ROWS)
