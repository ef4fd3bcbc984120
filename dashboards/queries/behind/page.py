"""The pages of rows behind a number: newest first, each row with the counts and the sum of all that contribute.

A number of queues or of clients counts every contact of them; whose agent is of another team is counted and not shown,
so ``things`` can be more than ``seen_things``.
"""

from __future__ import annotations

from collections.abc import Mapping

from dashboards.queries.places import chosen
from dashboards.queries.scoped import Kind, scoped

#: Rows of one page; a query gives one more where there are more.
PAGE_ROWS = 50
#: What is shown of a segment, as it is known today.
TODAY = """coalesce(segments.queued_at, first_event_at) AS began_at, segments.channel, segments.direction,
    segments.queue, segments.agent, segments.outcome, segments.disposition, wait_seconds, talk_seconds, hold_seconds,
    wrap_seconds"""
#: What a thing is that is no segment and no span of an agent: whose, when, what, and what it adds (``value``).
_THING = """NULL::TIMESTAMPTZ AS began_at, NULL::VARCHAR AS client, NULL::VARCHAR AS interaction,
    NULL::VARCHAR AS thing, NULL::VARCHAR AS queue, NULL::VARCHAR AS campaign, NULL::VARCHAR AS channel,
    NULL::VARCHAR AS agent, NULL::VARCHAR AS state, NULL::VARCHAR AS detail, NULL::TIMESTAMPTZ AS until,
    NULL::VARCHAR AS currency, NULL AS value"""
# Of each contact, the queue and the agent by whom it may be seen: the first ones.
_WHO = f"""(
    SELECT client, interaction, arg_min(queue, (first_event_at, segment)) AS queue,
      arg_min(agent, (first_event_at, segment)) AS agent
    FROM {scoped("segment_rows", "client")} WHERE segment <> '' GROUP BY ALL)"""


def which(cases: Mapping[str, str]) -> str:
    """The case of ``$part``."""
    return f"CASE $part {' '.join(f'WHEN {name!r} THEN {sql}' for name, sql in cases.items())} END"


def held_by(rows: str) -> str:
    """Rows of contacts with the agent (and the queue, if they have none) by whom each may be seen."""
    return f"""(
    SELECT told.*, who.agent, who.queue AS first_queue
    FROM {rows} told LEFT JOIN {_WHO} who ON who.client = told.client AND who.interaction = told.interaction)"""


def entries(contributing: str, row: str = TODAY) -> str:
    """Segments: client, interaction, segment and value of each that contributes.

    ``row``: what is shown of each, out of ``segments`` and the columns of ``contributing`` (``known``).
    """
    key = "began_at, client, interaction, segment"
    return f"""
WITH contributing AS MATERIALIZED ({contributing}),
seen AS MATERIALIZED (
  SELECT client, interaction, segment, {row}, value
  FROM {scoped("segments", "contact")} segments JOIN contributing known USING (client, interaction, segment)),
{_page(key)}
SELECT page.*, things, total, largest, seen_things
FROM (SELECT count(*) AS things, sum(value) AS total, max(value) AS largest FROM contributing) sums
  CROSS JOIN (SELECT count(*) AS seen_things FROM seen) known LEFT JOIN page ON true
ORDER BY {_newest(key)}
"""


def of_agents(relation: str) -> str:
    """Spans of agents: began_at, client, agent, state, reason, ended_at and value of each."""
    key = "began_at, client, agent, state"
    return f"""
WITH seen AS MATERIALIZED ({relation}),
{_page(key)}
SELECT page.*, things, total, largest, things AS seen_things
FROM (SELECT count(*) AS things, sum(value) AS total, max(value) AS largest FROM seen) sums LEFT JOIN page ON true
ORDER BY {_newest(key)}
"""


def things(relation: str, kind: Kind = "contact", places: tuple[str, ...] = ("client",)) -> str:
    """Other rows: any of the columns of ``_THING``. ``kind``: which of those that count are shown to whom.

    ``amounts``: the sum of each currency, for parts that are money.
    """
    key = "began_at, client, coalesce(interaction, ''), coalesce(thing, '')"
    return f"""
WITH contributing AS MATERIALIZED (
  SELECT * FROM (SELECT {_THING} WHERE false UNION ALL BY NAME {relation}) WHERE {chosen(*places)}),
seen AS MATERIALIZED (SELECT * FROM {scoped("contributing", kind)}),
{_page(key)}
SELECT page.*, things, total, largest, amounts, seen_things
FROM (SELECT count(*) AS things, sum(value) AS total, max(value) AS largest FROM contributing) sums
  CROSS JOIN (
    SELECT list({{'currency': currency, 'total': total}} ORDER BY currency) AS amounts
    FROM (SELECT currency, sum(value) AS total FROM contributing GROUP BY currency)) money
  CROSS JOIN (SELECT count(*) AS seen_things FROM seen) known LEFT JOIN page ON true
ORDER BY {_newest(key)}
"""


def _page(key: str) -> str:
    return f"""page AS (
  SELECT * FROM seen
  WHERE $before_at::TIMESTAMPTZ IS NULL
    OR ({key}) < ($before_at::TIMESTAMPTZ, $before_client::VARCHAR, $before_key::VARCHAR, $before_part::VARCHAR)
  ORDER BY {_newest(key)} LIMIT {PAGE_ROWS + 1})"""


def _newest(key: str) -> str:
    # Names alone: a comma within a function is none between keys.
    return key.replace(", ''", "§").replace(",", " DESC,").replace("§", ", ''") + " DESC"
