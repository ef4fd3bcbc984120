"""The queries of work that waits: what is open by its promise, and what was closed in time."""

from __future__ import annotations

from dashboards.queries.scoped import Query, scoped
from dashboards.queries.totals import formulas, levels, sums

_OPEN = (
    "open_items", "open_under_half_of_promise", "open_half_of_promise", "open_at_risk", "open_past_promise",
    "open_without_promise", "open_due_next_hour",
)  # fmt: skip
_MOVED = (
    "items_received", "items_closed", "items_reopened", "items_first_answered", "items_closed_with_promise",
    "items_closed_within_promise", "items_due", "items_due_closed", "units_in", "units_out",
)  # fmt: skip
_SECONDS = ("item_response_seconds", "turnaround_seconds", "audio_seconds_in", "audio_seconds_out")
_RATES = (
    "item_response_average_seconds", "turnaround_average_seconds", "closed_within_promise_share",
    "due_within_promise_share", "audio_minutes_in", "audio_minutes_out",
)  # fmt: skip

_BACKLOG = f"""
WITH soon AS (
  SELECT client, queue, channel, count(*) AS open_due_next_hour
  FROM {scoped("items_at($at)", "queue")}
  WHERE closed_at IS NULL AND due_at > $at::TIMESTAMPTZ AND due_at <= $at::TIMESTAMPTZ + to_hours(1)
  GROUP BY client, queue, channel)
SELECT {levels("client", "queue", "channel")}, {sums(_OPEN)}, max(oldest_item_seconds) AS oldest_item_seconds
FROM (
  SELECT b.*, coalesce(s.open_due_next_hour, 0) AS open_due_next_hour
  FROM {scoped("backlog(as_of := $at)", "queue")} AS b
  LEFT JOIN soon AS s ON s.client = b.client AND s.queue IS NOT DISTINCT FROM b.queue AND s.channel = b.channel)
GROUP BY GROUPING SETS ((client, queue, channel), (client), ())
ORDER BY client, queue, channel
"""

# Days of backlog are of each queue: the capacities of several cannot clear each other's work.
_CLEARED = f"""
SELECT *, {formulas(*_RATES)}
FROM (
  SELECT {levels("client", "queue", "channel")}, {sums(_MOVED)},
    {", ".join(f"sum({name}) AS {name}" for name in _SECONDS)},
    CASE WHEN grouping(queue) = 0 THEN any_value(backlog_days) END AS backlog_days
  FROM {scoped("backlog_kpis($start, $stop)", "queue")}
  GROUP BY GROUPING SETS ((client, queue, channel), (client), ()))
ORDER BY client, queue, channel
"""

BACKLOG = Query("backlog", _BACKLOG, every_seconds=15)
CLEARED = Query("cleared", _CLEARED, every_seconds=30)

QUERIES = (BACKLOG, CLEARED)
