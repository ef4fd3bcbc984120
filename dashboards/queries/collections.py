"""The queries of collections: promises and what became of them, money by currency, and what falls due on which day.

Queues that collect are those of that line of business, and those in which promises were made or fell due: a
right-party contact of a sales campaign is no contact out of which a promise might have come.
"""

from __future__ import annotations

from dashboards.queries.scoped import Query, scoped
from dashboards.queries.totals import exact_sums, formulas, levels, sets, sums

#: Days before and after the moment for which promises are listed by the day they are due.
DAYS_BEFORE, DAYS_AFTER = 7, 14

_COUNTS = (
    "right_party_contacts", "promises", "due", "kept", "undecided", "broken", "part_kept", "due_of_made",
    "kept_of_made", "payments",
)  # fmt: skip
_AMOUNTS = (
    "amount_promised", "amount_due", "amount_kept", "amount_collected", "outstanding", "assigned",
)  # fmt: skip
#: A queue of the line of business.
OF_THE_LINE = (
    f"(client, queue) IN (SELECT (client, queue) FROM {scoped('centre_queues', 'queue')} WHERE line = 'collections')"
)

_PROMISES = f"""
SELECT *, {formulas("promise_rate", "kept_rate", "kept_rate_decided", "kept_rate_of_made")}
FROM (
  SELECT {levels("client", "queue")}, {sums(_COUNTS)}
  FROM {scoped("collections_kpis($start, $stop, as_of := $at)", "queue")}
  WHERE promises + due > 0 OR {OF_THE_LINE}
  {sets("client", "queue")})
ORDER BY client, queue
"""

_MONEY = f"""
SELECT *, {formulas("kept_amount_rate", "recovery_rate", "liquidation_rate")}
FROM (
  SELECT {levels("client", "queue")}, currency, {exact_sums(_AMOUNTS)}
  FROM {scoped("collections_amounts($start, $stop, as_of := $at)", "queue")}
  WHERE amount_promised <> 0 OR amount_due <> 0 OR outstanding <> 0 OR {OF_THE_LINE}
  GROUP BY GROUPING SETS ((client, queue, currency), (client, currency), (currency)))
ORDER BY client, queue, currency
"""

# Days are local ones of the queue. Of a past moment, promises that were made later are not told.
_DUE_DAYS = f"""
SELECT {levels("client", "due_on")}, currency, count(*) AS promises, sum(amount) AS amount,
  count(*) FILTER (is_kept) AS kept, count(*) FILTER (is_open) AS undecided,
  count(*) FILTER (NOT is_kept AND NOT is_open) AS broken, bool_and(is_due) AS is_due
FROM {scoped("promises(as_of := $at)", "queue")}
WHERE made_at < $at AND due_from >= $at::TIMESTAMPTZ - to_days({DAYS_BEFORE + 1})
  AND due_from < $at::TIMESTAMPTZ + to_days({DAYS_AFTER})
GROUP BY GROUPING SETS ((client, due_on, currency))
ORDER BY due_on, client, currency
"""

PROMISES = Query("promises_made", _PROMISES, every_seconds=30)
MONEY = Query("collected_money", _MONEY, every_seconds=30)
DUE_DAYS = Query("promises_by_day", _DUE_DAYS, every_seconds=30)

QUERIES = (PROMISES, MONEY, DUE_DAYS)
