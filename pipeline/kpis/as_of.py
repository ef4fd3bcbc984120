"""A period's numbers as a board showed them at a past moment: of the events up to it, and of nothing that came after.

A segment whose last event is not after the moment is what its row says. Of one that went on, what was known then is
told anew from its events, by the rules of ``pipeline.domain.segment`` and ``pipeline.domain.lifecycle``. The moment is
one of event time: an event that arrived late counts from when it happened, not from when it was read.
"""

from __future__ import annotations

from pipeline.domain.definitions import SALE_FLAG
from pipeline.kpis.dimensions import WINDOW
from pipeline.kpis.measures import select_kpis
from pipeline.kpis.settings import rated_cells_of

_AS_OF = "as_of::TIMESTAMPTZ"
_ENTERED = "queued_at >= start::TIMESTAMPTZ AND queued_at < stop::TIMESTAMPTZ"
#: Events before it are looked for only where there can be any, so that a long history is seldom read as a whole.
_RECENT = "(start::TIMESTAMPTZ - INTERVAL 1 DAY)"
#: Which segment it is, and what of it makes its contribution to a cell; durations in microseconds, amounts in
#: ten-thousandths.
_COLUMNS = (
    "client", "interaction", "segment", "queue", "channel", "direction", "agent", "outcome", "queued_at", "answered_at",
    "left_reason", "transferred_at", "handle_ended_at", "wait_us", "talk_us", "hold_us", "wrap_us", "alerts",
    "declines", "holds", "flags", "amount", "currency",
)  # fmt: skip
_LIFECYCLE = (
    "queued", "offered", "declined", "answered", "held", "resumed", "transferred", "abandoned", "left_queue", "ended",
    "wrapped_up",
)  # fmt: skip
#: A sum that 64 bits do not hold is unknown, as in a cell.
_STORED = "TRY_CAST(sum(amount) AS BIGINT)"


def as_of_statements() -> list[str]:
    """``segments_as_of``, the cells that are made of it, and ``kpi_as_of``, in the order in which they are created."""
    source = "cells_as_of(start, stop, as_of)"
    return [
        _segments_as_of(),
        _cells_as_of(),
        rated_cells_of("rated_cells_as_of(start, stop, as_of, definitions_at)", source),
        "CREATE MACRO kpi_as_of(start, stop, as_of, definitions_at := NULL) AS TABLE "
        + select_kpis(
            "client, queue, channel, direction", "rated_cells_as_of(start, stop, as_of, definitions_at)", WINDOW
        ),
    ]


def _told(kind: str, function: str) -> str:
    return f"{function}(time) FILTER (type = 'interaction.{kind}.v1')"


def _number(kind: str) -> str:
    return f"count(*) FILTER (type = 'interaction.{kind}.v1')"


def _latest(kind: str) -> str:
    return f"arg_max(raw, (time, source, id)) FILTER (type = 'interaction.{kind}.v1')"


def _epochs(kind: str) -> str:
    return f"coalesce(sum(epoch_us(time)) FILTER (type = 'interaction.{kind}.v1'), 0)"


def _at_least_none(micros: str) -> str:
    # greatest() would pass over a NULL.
    return f"CASE WHEN {micros} IS NOT NULL THEN greatest(0, {micros}) END"


def _segments_as_of() -> str:
    """The segments that had entered their queue in [start, stop), as the events up to the moment tell them.

    Of a row whose record came anew later, only its events say what was known: its columns are of the last revision.
    """
    columns = ", ".join(_COLUMNS)
    types = ", ".join(f"'interaction.{kind}.v1'" for kind in _LIFECYCLE)
    on_hold = "resumed_us + (holds - resumes)::HUGEINT * epoch_us(handle_ended_at) - held_us"
    return f"""
CREATE MACRO segments_as_of(start, stop, as_of) AS TABLE
WITH went_on AS (
  SELECT client, interaction, segment, revision > 0 OR first_event_at < {_RECENT} AS began_early FROM segment_rows
  WHERE last_event_at > {_AS_OF} AND segment <> '' AND (revision > 0 OR queued_at <= {_AS_OF} AND {_ENTERED})),
said AS (
  FROM (
    SELECT event_rows.* FROM event_rows SEMI JOIN went_on USING (client, interaction, segment)
    WHERE time <= {_AS_OF} AND time >= {_RECENT} AND type IN ({types})
    UNION ALL
    SELECT event_rows.* FROM event_rows
      SEMI JOIN (FROM went_on WHERE began_early) early USING (client, interaction, segment)
    WHERE time <= {_AS_OF} AND time < {_RECENT} AND type IN ({types}))
  QUALIFY revision = max(revision) OVER (PARTITION BY client, interaction, segment)),
told AS (
  SELECT client, interaction, segment,
    arg_min(raw, (time, source, id)) AS first_raw,
    arg_min(queue, (time, source, id)) FILTER (queue IS NOT NULL) AS queue,
    arg_max(agent, (time, source, id)) FILTER (type = 'interaction.answered.v1') AS agent,
    {_told("queued", "min")} AS queued_at, {_told("answered", "min")} AS answered_at,
    {_told("abandoned", "min")} AS abandoned_at, {_told("left_queue", "min")} AS left_at,
    json_extract_string({_latest("left_queue")}, '$.data.reason') AS left_reason,
    {_told("transferred", "min")} AS transferred_at, {_told("ended", "max")} AS ended_at,
    {_told("wrapped_up", "max")} AS wrapped_up_at, {_latest("wrapped_up")} AS wrap_up,
    {_number("offered")} AS alerts, {_number("declined")} AS declines,
    {_number("held")} AS holds, {_number("resumed")} AS resumes,
    {_epochs("held")} AS held_us, {_epochs("resumed")} AS resumed_us
  FROM said GROUP BY client, interaction, segment),
ends AS (
  SELECT *, coalesce(answered_at, abandoned_at, left_at) AS wait_ended_at,
    CASE WHEN answered_at IS NOT NULL THEN 'answered' WHEN abandoned_at IS NOT NULL THEN 'abandoned'
      WHEN left_at IS NOT NULL THEN 'left' ELSE 'waiting' END AS outcome,
    CASE WHEN answered_at IS NOT NULL THEN coalesce(ended_at, transferred_at) END AS handle_ended_at
  FROM told WHERE queue IS NOT NULL AND {_ENTERED}),
lengths AS (
  SELECT *, {_at_least_none("(epoch_us(wait_ended_at) - epoch_us(queued_at))")} AS wait_us,
    {_at_least_none("(epoch_us(handle_ended_at) - epoch_us(answered_at))")} AS handle_us,
    {_at_least_none("(epoch_us(wrapped_up_at) - epoch_us(handle_ended_at))")} AS wrap_us
  FROM ends),
holding AS (
  SELECT *, CASE WHEN handle_us IS NULL THEN NULL WHEN holds < resumes THEN 0
    ELSE greatest(0, least({on_hold}, handle_us))::BIGINT END AS hold_us
  FROM lengths)
SELECT {columns} FROM segment_rows
WHERE {_ENTERED} AND last_event_at <= {_AS_OF} AND queue IS NOT NULL
UNION ALL BY NAME
SELECT {columns} FROM (
  SELECT *, handle_us - hold_us AS talk_us,
    json_extract_string(first_raw, '$.data.channel') AS channel,
    json_extract_string(first_raw, '$.data.direction') AS direction,
    coalesce(from_json(json_extract(wrap_up, '$.data.flags'), '["VARCHAR"]'), []) AS flags,
    (json_extract_string(wrap_up, '$.data.amount')::DECIMAL(38,4) * 10000)::BIGINT AS amount,
    json_extract_string(wrap_up, '$.data.currency') AS currency
  FROM holding)
"""


def _cells_as_of() -> str:
    """Those segments as cells: what ``pipeline.domain.contribution`` adds up, in SQL, with the same columns."""

    def when(condition: str) -> str:
        return f"count(*) FILTER ({condition})"

    def total(column: str, condition: str = "true") -> str:
        return f"coalesce(sum({column}) FILTER ({condition}), 0)::BIGINT"

    def waits(outcome: str) -> str:
        return f"coalesce(list_sort(list(wait_us) FILTER (outcome = '{outcome}')), [])"

    def left(reason: str) -> str:
        return when(f"outcome = 'left' AND left_reason = '{reason}'")

    def waited(outcome: str) -> str:
        return total("wait_us", f"outcome = '{outcome}'")

    ended = ("answered", "abandoned", "left")
    reasons = ", ".join(f"{left(reason)} AS left_{reason}" for reason in ("timeout", "key", "closed", "callback"))
    sums = ",\n  ".join(f"{waited(outcome)} AS wait_us_{outcome}" for outcome in ended)
    lists = ",\n  ".join(f"{waits(outcome)} AS waits_{outcome}_us" for outcome in ended)
    currencies = "count(DISTINCT coalesce(currency, '')) FILTER (amount IS NOT NULL)"
    return f"""
CREATE MACRO cells_as_of(start, stop, as_of) AS TABLE
SELECT client, queue, channel, direction, date_trunc('minute', queued_at) AS minute,
  count(*) AS offered, {when("outcome = 'answered'")} AS answered, {when("outcome = 'abandoned'")} AS abandoned,
  {reasons},
  {sums},
  {when("handle_ended_at IS NOT NULL")} AS handled,
  {total("talk_us")} AS talk_us, {total("hold_us")} AS hold_us, {total("wrap_us")} AS wrap_us,
  {when("holds > 0")} AS held, {total("alerts")} AS alerts, {total("declines")} AS declines,
  {when("outcome = 'answered' AND transferred_at IS NOT NULL")} AS transferred,
  {when(f"list_contains(flags, '{SALE_FLAG}')")} AS sales,
  max(wait_us) AS longest_wait_us, count(amount) AS amounts,
  CASE WHEN count(amount) = 0 THEN 0 WHEN {currencies} = 1 THEN {_STORED} END AS revenue,
  CASE WHEN {currencies} = 1 AND {_STORED} IS NOT NULL THEN max(currency) FILTER (amount IS NOT NULL) END AS currency,
  {lists}
FROM segments_as_of(start, stop, as_of)
GROUP BY ALL
"""
