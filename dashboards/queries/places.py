"""What a filter means in SQL, and what rows are grouped by: the same in every query over queues or agents."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.queries.scoped import scoped

#: Attributes of a queue that its settings give.
ATTRIBUTES = ("line", "language", "skill", "site")
#: What rows can be grouped by; ``all`` is one row of everything.
GROUPINGS = ("all", "queue", "client", "line", "channel", "language", "skill", "site")

#: Queues as their settings describe them at the moment.
SETTLED = f"""(
  SELECT * FROM {scoped("centre_queues", "queue")}
  WHERE coalesce(valid_from, '-infinity'::TIMESTAMPTZ) <= $at AND coalesce(valid_to, 'infinity'::TIMESTAMPTZ) > $at)"""

# A queue that came with several channels and is not described has none: it is in no channel's numbers.
_SEEN = f"""(
  SELECT client, queue, CASE WHEN count(DISTINCT channel) = 1 THEN max(channel) END AS channel, true AS seen
  FROM {scoped("cell_rows", "queue")} WHERE minute <= $at GROUP BY ALL)"""

#: Every queue at the moment, seen or described: client, queue, channel, line, language, skill, site, ``pace`` (email
#: and other deferred work is measured in hours, and shares no longest wait with calls), ``seen`` (it had traffic).
QUEUES = f"""(
  SELECT client, queue, coalesce(settled.channel, had.channel) AS channel, line, language, skill, settled.site AS site,
    CASE WHEN list_contains(deferred_channels(), coalesce(settled.channel, had.channel)) THEN 'deferred'
      ELSE 'live' END AS pace,
    coalesce(had.seen, false) AS seen
  FROM {_SEEN} had FULL JOIN {SETTLED} settled USING (client, queue))"""


def chosen(*names: str) -> str:
    """The condition of filters that are columns of the rows themselves."""
    return " AND ".join(f"(${name} IS NULL OR {name} = ${name})" for name in names)


#: The queues that the filters choose.
CHOSEN_QUEUES = f"(SELECT * FROM {QUEUES} WHERE {chosen('client', 'queue', 'channel', *ATTRIBUTES)})"

_OF_QUEUES = ("queue", "channel", "line", "language", "skill")
_NO_QUEUE_CHOSEN = " AND ".join(f"${name} IS NULL" for name in _OF_QUEUES)
_PEOPLE = scoped("centre_agents", "agent")

#: The condition of the same filters over rows with the columns client and agent: an agent is of a chosen queue who has
#: its skill, and of a site by the agent's own description.
CHOSEN_AGENTS = f"""{chosen("client")}
  AND ($site IS NULL OR (client, agent) IN (
    SELECT (places.client, places.agent) FROM {_PEOPLE} places WHERE places.site = $site))
  AND (({_NO_QUEUE_CHOSEN}) OR (client, agent) IN (
    SELECT (able.client, able.agent) FROM {_PEOPLE} able JOIN {CHOSEN_QUEUES} queues
      ON queues.client = able.client AND list_contains(able.skills, queues.skill)))"""


def groupings(*names: str) -> str:
    """A FROM item with the column ``dimension``, for a cross join."""
    listed = ", ".join(f"'{name}'" for name in names)
    return f"(SELECT unnest([{listed}]) AS dimension)"


def place_of(names: Sequence[str]) -> str:
    """The columns ``place`` (the value of what is grouped by) and ``of_client`` (a queue's name is its client's)."""
    cases = " ".join(f"WHEN '{name}' THEN {name}" for name in names if name != "all")
    place = f"CASE dimension {cases} END" if cases else "NULL::VARCHAR"
    client = "CASE WHEN dimension IN ('queue', 'client') THEN client END"
    return f"{place} AS place, {client} AS of_client"


def grouped(relation: str, columns: str, names: Sequence[str] = GROUPINGS) -> str:
    """The rows of a relation of the chosen queues, summed by each of ``names`` and by pace.

    ``columns`` are aggregates of the relation's columns. Every dimension is in one answer, so that viewers who group
    differently share it.
    """
    return f"""
SELECT dimension, {place_of(names)}, pace, {columns}
FROM {CHOSEN_QUEUES} queues LEFT JOIN {relation} facts USING (client, queue) CROSS JOIN {groupings(*names)} kinds
GROUP BY ALL
"""
