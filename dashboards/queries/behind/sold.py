"""The rows behind numbers of outcomes: sales and what they are of, promises and money, pledges."""

from __future__ import annotations

from dashboards.queries import collections, sales
from dashboards.queries.behind.page import things, which
from dashboards.queries.places import chosen
from dashboards.queries.scoped import Query, scoped
from pipeline.kpis.measures import seconds

#: Of the facts of sales: which count in a part.
SALES = {
    "sales": "what = 'sale'",
    "offered": "what = 'offered'",
    "answered": "what = 'answered'",
    "leads": "what = 'lead'",
    "cancelled": "what = 'cancelled sale'",
    "revenue": f"{sales.SOLD} AND amount IS NOT NULL",
    "agent_hours": "false",
}


def hours_of(staff: str) -> str:
    """Time for which agents were signed in, as ``signed_in_time`` counts it; ``staff`` gives client and agent."""
    spent = "epoch_us(least(counted_until, $stop)) - epoch_us(greatest(started_at, $start))"
    return f"""
  SELECT greatest(started_at, $start) AS began_at, client, agent AS thing, agent, state,
    least(counted_until, $stop) AS until, ({seconds(f"({spent})")} / 3600)::DECIMAL(38,9) AS value
  FROM {scoped("agent_states($at, since := $start)", "client")} SEMI JOIN ({staff}) staff USING (client, agent)
  WHERE $part = 'agent_hours' AND {spent} > 0"""


_SALES = f"""
  SELECT happened_at AS began_at, client, interaction, thing, queue, agent, what AS state, currency,
    CASE $part WHEN 'revenue' THEN amount ELSE 1 END AS value
  FROM (WITH {sales.FACTS} SELECT * FROM facts) sold
  WHERE {which(SALES)}
  UNION ALL BY NAME
  {hours_of(f"WITH {sales.FACTS} SELECT DISTINCT client, agent FROM staff WHERE {chosen('client')}")}"""

#: Of the facts of collections: which count in a part.
PROMISES = {
    "promises": "what = 'promise'",
    "due": "what = 'due'",
    "kept": "what = 'due' AND is_kept",
    "undecided": "what = 'due' AND is_open",
    "broken": "what = 'due' AND NOT is_kept AND NOT is_open",
}
#: The same of money, with what one of them adds.
COLLECTED = {
    "amount_promised": ("what = 'promise'", "amount"),
    "amount_due": ("what = 'due'", "amount"),
    "amount_kept": ("what = 'due'", "more"),
    "amount_collected": ("what = 'collected'", "amount"),
    "outstanding": ("what = 'balance'", "amount"),
}
_FACTS = scoped("collections_facts($start, $stop, NULL, true, $at)", "queue")
# Queues that collect, and currencies in which they do: as in the queries of the board.
_SOME = " OR ".join(
    f"coalesce(sum(amount) FILTER (what = '{what}') OVER (PARTITION BY client, queue, currency), 0) <> 0"
    for what in ("promise", "due", "balance")
)


def _collections(collects: str, condition: str, value: str) -> str:
    return f"""
  SELECT happened_at AS began_at, client, interaction, thing, queue, agent, coalesce(status, what) AS state,
    due_at AS until, currency, {value} AS value
  FROM (SELECT *, {collects} AS collects FROM {_FACTS})
  WHERE {condition} AND {value} IS NOT NULL AND (collects OR {collections.OF_THE_LINE})"""


_PROMISES = _collections(
    "count(*) FILTER (what IN ('promise', 'due')) OVER (PARTITION BY client, queue) > 0", which(PROMISES), "1"
)
_COLLECTED = _collections(
    _SOME,
    which({name: condition for name, (condition, _) in COLLECTED.items()}),
    which({name: value for name, (_, value) in COLLECTED.items()}),
)

_PAID = "status IN ('kept', 'fulfilled')"
_DUE = "coalesce(due_on < ($at::TIMESTAMPTZ AT TIME ZONE time_zone)::DATE, true)"
PLEDGES = {
    "pledges": "true",
    "pledges_due": _DUE,
    "fulfilled_due": f"{_DUE} AND {_PAID}",
    "amount_pledged": "amount_made IS NOT NULL",
}
_PLEDGES = f"""
  SELECT made_at AS began_at, client, interaction, outcome AS thing, queue, agent, status AS state,
    due_on::TIMESTAMP AT TIME ZONE time_zone AS until, currency,
    CASE $part WHEN 'amount_pledged' THEN amount_made ELSE 1 END AS value
  FROM {scoped("outcomes_between($start, $stop, of_kinds := ['pledge'])", "queue")}
  WHERE {which(PLEDGES)}"""

SALE_ROWS = Query("behind_sales", things(_SALES))
PROMISE_ROWS = Query("behind_promises", things(_PROMISES))
MONEY_ROWS = Query("behind_collected", things(_COLLECTED))
PLEDGE_ROWS = Query("behind_pledges", things(_PLEDGES))

QUERIES = (SALE_ROWS, PROMISE_ROWS, MONEY_ROWS, PLEDGE_ROWS)
