# ruff: noqa: E501  a query is read best in one line
"""Each number of a line's truth with the SQL that must give the same over live.duckdb. ``$line``: the line's name.

A row of a table stands for its events, so what is asked here is asked of the views; KPI macros can take the place of
any of these queries, one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb

#: The queues of the line, and its contacts: those whose first queue is one of them, by what is known of them.
_OF_LINE = """
WITH line_queues AS (SELECT DISTINCT client, queue FROM centre_queues WHERE line = $line),
line_contacts AS (SELECT DISTINCT client, interaction FROM descriptions SEMI JOIN line_queues USING (client, queue))
"""
_LATEST_OUTCOMES = """
, latest AS (
  SELECT kind, currency, arg_max(status, (time, source, id)) AS status, arg_max(amount, (time, source, id)) AS amount
  FROM outcome_changes SEMI JOIN line_queues USING (client, queue) GROUP BY client, outcome, kind, currency)
"""
_SETTLED = """
, settled AS (
  SELECT client, interaction, arg_max(status, (time, source, id)) AS status,
    max(time) FILTER (status = 'resolved') AS resolved_at
  FROM resolution_changes SEMI JOIN line_contacts USING (client, interaction) GROUP BY ALL)
"""
_ANSWERS = """
, written AS (
  SELECT *, max(time) FILTER (sender = 'agent') OVER (PARTITION BY client, interaction ORDER BY time, source, id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS spoke,
    min(time) FILTER (sender = 'customer') OVER (PARTITION BY client, interaction) AS first_at
  FROM messages SEMI JOIN line_contacts USING (client, interaction)),
replies AS (
  SELECT r.client, r.interaction, r.time, r.first_at, min(c.time) AS asked_at
  FROM written r JOIN written c ON c.client = r.client AND c.interaction = r.interaction AND c.sender = 'customer'
    AND c.time <= r.time AND (r.spoke IS NULL OR c.time > r.spoke)
  WHERE r.sender = 'agent' GROUP BY ALL)
"""


#: Those who joined a segment besides its agent, each time with when they left.
_BESIDE = """
, beside AS (
  SELECT * FROM (
    SELECT *, lead(time) OVER (PARTITION BY client, interaction, segment, agent, role ORDER BY time, source, id) AS left_at
    FROM participations SEMI JOIN line_queues USING (client, queue))
  WHERE change = 'joined' AND left_at IS NOT NULL)
"""


def _exact_seconds(start: str, stop: str) -> str:
    return f"sum((epoch_us({stop}) - epoch_us({start})) * 0.000001::DECIMAL(7,6))"


def _by(name: str, view: str, key: str, value: str = "count(*)", where: str = "true") -> str:
    """SQL for (name.key, value) of a view's rows in the queues of the line."""
    return (
        f"{_OF_LINE} SELECT '{name}.' || {key}, {value} FROM {view} SEMI JOIN line_queues USING (client, queue) "
        f"WHERE {key} IS NOT NULL AND {where} GROUP BY ALL"
    )


def _one(name: str, select: str, more: str = "") -> str:
    return f"{_OF_LINE} {more} SELECT '{name}', {select}"


_ROWS = "SEMI JOIN line_queues USING (client, queue)"
_ENDED = "result <> 'continued'"

#: Together they must give all of ``counts``, and nothing else.
COUNTS = (
    _one("contacts", f"count(*) FROM descriptions {_ROWS}"),
    _one("customers", f"count(DISTINCT customer) FROM descriptions {_ROWS}"),
    _one("repeated_contacts", f"count(*) - count(DISTINCT customer) FROM descriptions {_ROWS}"),
    _one("audio_seconds", f"sum(audio_seconds) FROM descriptions {_ROWS}"),
    _one("items", f"sum(items) FROM descriptions {_ROWS}"),
    f"{_OF_LINE} SELECT kind || '_steps', count(*) FROM menu_steps {_ROWS} GROUP BY ALL",
    f"{_OF_LINE} SELECT kind || '_sessions', count(*) FROM menu_steps {_ROWS} WHERE {_ENDED} GROUP BY ALL",
    f"{_OF_LINE} SELECT kind || '.' || result, count(*) FROM menu_steps {_ROWS} WHERE {_ENDED} GROUP BY ALL",
    f"{_OF_LINE} SELECT kind || '_entered', count(DISTINCT (client, interaction)) FROM menu_steps {_ROWS} GROUP BY ALL",
    f"{_OF_LINE} SELECT kind || '_abandoned_at.' || step, count(*) FROM menu_steps {_ROWS} WHERE result = 'abandoned' GROUP BY ALL",
    f"{_OF_LINE} SELECT kind || '_reason.' || reason, count(*) FROM menu_steps {_ROWS} WHERE reason IS NOT NULL GROUP BY ALL",
    _one("dials", f"count(*) FROM dials {_ROWS}"),
    _by("dials", "dials", "result"),
    _one("drops", f"count(*) FROM dials {_ROWS} WHERE dropped"),
    _one("connected", f"count(*) FROM dials {_ROWS} WHERE connected_at IS NOT NULL"),
    _one("leads_dialled", f"count(DISTINCT (campaign, lead)) FROM dials {_ROWS}"),
    f"{_OF_LINE}, asked AS (SELECT DISTINCT client, callback FROM callback_changes {_ROWS} WHERE status = 'requested') "
    "SELECT 'callbacks.' || status, count(*) FROM callback_changes SEMI JOIN asked USING (client, callback) GROUP BY ALL",
    _by("surveys", "survey_answers", "status"),
    _by("answers", "survey_answers", "question"),
    _by("score", "survey_answers", "question", "sum(score)"),
    f"{_OF_LINE} SELECT 'flags.' || flag, count(*) FROM (SELECT unnest(flags) AS flag FROM segments {_ROWS}) GROUP BY ALL",
    _by("joined", "participations", "role", where="change = 'joined'"),
    _one("entries", f"count(*) FROM segments {_ROWS} WHERE queued_at IS NOT NULL"),
    f"{_OF_LINE} SELECT 'reentries', count(*) FROM (SELECT row_number() OVER (PARTITION BY client, interaction, queue "
    f"ORDER BY queued_at) AS nth FROM segments {_ROWS} WHERE queued_at IS NOT NULL) WHERE nth > 1",
    f"{_OF_LINE} SELECT 'transfers.' || json_extract_string(raw, '$.data.kind') || '.to_' || "
    "CASE WHEN json_extract_string(raw, '$.data.to_agent') IS NULL THEN 'queue' ELSE 'agent' END, count(*) "
    f"FROM events {_ROWS} WHERE type = 'interaction.transferred.v1' GROUP BY ALL",
    _one("parted", f"count(*) FROM participations {_ROWS} WHERE change = 'left'"),
    f"{_OF_LINE} {_LATEST_OUTCOMES} SELECT 'outcomes.' || kind || '.' || status, count(*) FROM latest GROUP BY ALL",
    f"{_OF_LINE} SELECT 'messages.' || sender, count(*) FROM messages SEMI JOIN line_contacts USING (client, interaction) GROUP BY ALL",
    _one("responses", "count(*) FROM replies", _ANSWERS),
    _one("first_responses", "count(DISTINCT (client, interaction)) FROM replies", _ANSWERS),
    f"{_OF_LINE} SELECT 'changes.' || status, count(*) FROM resolution_changes SEMI JOIN line_contacts USING (client, interaction) GROUP BY ALL",
    f"{_OF_LINE} {_SETTLED} SELECT 'resolution.' || status, count(*) FROM settled GROUP BY ALL",
    _one(
        "resolved_by_bot",
        "count(*) FROM resolution_changes SEMI JOIN line_contacts USING (client, interaction) "
        "WHERE status = 'resolved' AND actor = 'bot'",
    ),
)  # fmt: skip

SECONDS = (
    _one("connect_seconds", f"{_exact_seconds('greeting_ended_at', 'connected_at')} FROM dials {_ROWS}"),
    _one(
        "callback_seconds",
        f"{_exact_seconds('a.time', 'r.time')} FROM callback_changes a {_ROWS} JOIN callback_changes r "
        "ON r.client = a.client AND r.callback = a.callback AND r.status = 'reached' WHERE a.status = 'requested'",
    ),
    f"{_OF_LINE} {_BESIDE} SELECT 'joined_seconds', {_exact_seconds('time', 'left_at')} FROM beside",
    f"{_OF_LINE} {_BESIDE} SELECT 'joined_seconds.' || role, {_exact_seconds('time', 'left_at')} FROM beside GROUP BY ALL",
    _one("response_seconds", f"{_exact_seconds('asked_at', 'time')} FROM replies", _ANSWERS),
    _one(
        "first_response_seconds",
        f"{_exact_seconds('first_at', 'first_reply')} FROM (SELECT client, interaction, any_value(first_at) AS first_at, "
        "min(time) AS first_reply FROM replies GROUP BY ALL)",
        _ANSWERS,
    ),
    _one(
        "resolution_seconds",
        f"{_exact_seconds('started_at', 'resolved_at')} FROM settled JOIN interactions USING (client, interaction) "
        "WHERE status = 'resolved'",
        _SETTLED,
    ),
)
AMOUNTS = (
    f"{_OF_LINE} {_LATEST_OUTCOMES} SELECT kind || '.' || status || '.' || currency, sum(amount) FROM latest "
    "WHERE amount IS NOT NULL GROUP BY ALL",
)

#: What happened in the line's queues, from ``kpi_between`` over all time.
QUEUES = """
WITH line_queues AS (SELECT DISTINCT client, queue FROM centre_queues WHERE line = $line)
SELECT {columns} FROM kpi_between('1990-01-01 00:00:00+00', '2090-01-01 00:00:00+00') SEMI JOIN line_queues
USING (client, queue)
"""
WAITING = (
    "count(*) FILTER (outcome = 'waiting') AS waiting_at_end, "
    "count(*) FILTER (outcome = 'answered' AND handle_ended_at IS NULL) AS in_progress_at_end"
)


class Truth(NamedTuple):
    """A part of a line's truth and how to ask the store for it."""

    part: str
    queries: tuple[str, ...]
    exact: Callable[[Any], Any]


TRUTHS = (Truth("counts", COUNTS, int), Truth("seconds", SECONDS, Decimal), Truth("amounts", AMOUNTS, Decimal))


def stored(con: duckdb.DuckDBPyConnection, truth: Truth, line: str) -> dict[str, Any]:
    """What the store says, by name; what is nothing is left out, as the manifest does."""
    rows: Iterator[tuple[str, Any]] = (
        row for query in truth.queries for row in con.execute(query, {"line": line}).fetchall()
    )
    return {name: truth.exact(value) for name, value in rows if value}
