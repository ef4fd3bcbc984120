"""What a filter means in SQL, the same in every query over queues."""

from __future__ import annotations

from dashboards.queries.scoped import scoped

#: Attributes of a queue that its settings give.
ATTRIBUTES = ("line", "language", "skill", "site")
#: Queues as their settings describe them at the moment.
SETTLED = f"""(
  SELECT * FROM {scoped("centre_queues", "queue")}
  WHERE coalesce(valid_from, '-infinity'::TIMESTAMPTZ) <= $at AND coalesce(valid_to, 'infinity'::TIMESTAMPTZ) > $at)"""


def chosen(*names: str) -> str:
    """The condition of filters that are columns of the rows themselves."""
    return " AND ".join(f"(${name} IS NULL OR {name} = ${name})" for name in names)


#: The condition of all filters of queues, over rows with the columns client, queue and channel.
CHOSEN_QUEUES = f"""{chosen("client", "queue", "channel")}
  AND ({" AND ".join(f"${name} IS NULL" for name in ATTRIBUTES)}
    OR (client, queue) IN (SELECT (settled.client, settled.queue) FROM {SETTLED} settled
      WHERE {chosen(*ATTRIBUTES)}))"""
