"""Service level as SQL: every named definition side by side, from the exact wait of every segment."""

from __future__ import annotations

from pipeline.domain.definitions import SERVICE_LEVEL_DEFINITIONS
from pipeline.kpis.catalogue import Definition, Term, catalogue
from pipeline.kpis.settings import (
    BEHAVIOUR,
    DEFINITION,
    INCLUSIVE,
    SHORT_US,
    THRESHOLD_US,
    join_settings,
    limit_us,
    minute_of,
)

#: The four that ``service_level`` gives, with one threshold for all queues and no other setting.
CLASSIC = SERVICE_LEVEL_DEFINITIONS[:4]
ROLLING_MINUTES = 30
_ROLLING_SINCE = f"stop::TIMESTAMPTZ - INTERVAL {ROLLING_MINUTES} MINUTE"


def _counts(terms: tuple[Term, ...]) -> str:
    return ",\n    ".join(f"count(*) FILTER ({term.where}) AS {term.name}" for term in terms)


def service_level_macro() -> str:
    """The classic definitions per queue and overall (queue NULL), at one threshold, every abandon counted."""
    definitions = [d for d in catalogue().definitions if d.name in CLASSIC]
    used = {name for definition in definitions for name in definition.inputs}
    terms = tuple(term for term in catalogue().terms if term.name in used)
    rows = ", ".join(
        f"{{'definition': '{d.name}', 'service_level': ({d.numerator}) / nullif({d.denominator}, 0)}}"
        for d in definitions
    )
    return f"""
CREATE MACRO service_level(start, stop, threshold_seconds := 20) AS TABLE
WITH waits AS (
  SELECT queue, outcome, wait_us <= threshold_seconds * 1000000 AS in_time
  FROM segment_rows
  WHERE queued_at >= start::TIMESTAMPTZ AND queued_at < stop::TIMESTAMPTZ AND queue IS NOT NULL),
counts AS (
  SELECT queue, {_counts(terms)}
  FROM waits GROUP BY GROUPING SETS ((queue), ()))
SELECT queue, level.definition AS definition, level.service_level AS service_level
FROM (SELECT queue, unnest([{rows}]) AS level FROM counts)
ORDER BY queue NULLS LAST, definition
"""


def _level(definition: Definition) -> str:
    return (
        f"{{'definition': '{definition.name}', 'period': '{definition.period}', 'numerator': {definition.numerator}, "
        f"'denominator': {definition.denominator}, 'empty_is_full': {str(definition.empty_is_full).lower()}}}"
    )


def service_levels_macro() -> str:
    """Every definition per client and queue, per client (queue NULL) and over all (both NULL)."""
    return _levels_macro("service_levels(start, stop", "segment_rows")


def service_levels_as_of_macro() -> str:
    """The same as it stood at a past moment, of the segments that ``segments_as_of`` tells."""
    since = f"least(start::TIMESTAMPTZ, {_ROLLING_SINCE})"
    return _levels_macro("service_levels_as_of(start, stop, as_of", f"segments_as_of({since}, stop, as_of)")


def _levels_macro(signature: str, source: str) -> str:
    """``signature``: name and first parameters; ``source``: the segments.

    A parameter that is NULL is the queue's own setting, at the queue entry or at ``definitions_at``. A row without a
    segment stands for each queue that the settings know, and for the whole: "nothing" is said and not left out. The
    contract is each row's own definition once more, under another name.
    """
    moment = f"coalesce(definitions_at::TIMESTAMPTZ, {minute_of('segments.queued_at')})"
    at_the_end = "coalesce(definitions_at::TIMESTAMPTZ, stop::TIMESTAMPTZ - INTERVAL 1 MICROSECOND)"
    inclusive = (
        f"CASE WHEN boundary IS NULL THEN {INCLUSIVE} WHEN boundary IN ('<', '<=') THEN boundary = '<=' "
        "ELSE error('boundary is < or <=, in quotes; leave it out for the queue''s own') END"
    )
    settled = (
        f"coalesce((threshold_seconds * 1000000)::BIGINT, {THRESHOLD_US}) AS threshold_us, {inclusive} AS inclusive,\n"
        f"    coalesce((short_abandon_seconds * 1000000)::BIGINT, {SHORT_US}) AS short_us, {BEHAVIOUR} AS behaviour,\n"
        f"    {DEFINITION} AS service_level"
    )
    levels = ",\n    ".join(map(_level, catalogue().definitions))
    return f"""
CREATE MACRO {signature}, threshold_seconds := NULL, short_abandon_seconds := NULL, boundary := NULL,
  definitions_at := NULL, include_flow_outs := false, include_short_abandons := false, include_abandons := true)
AS TABLE
WITH settled AS (
  SELECT segments.client, segments.queue, outcome, left_reason, wait_us, queued_at,
    {settled}
  FROM {source} segments {join_settings("segments", moment)}
  WHERE queued_at >= least(start::TIMESTAMPTZ, {_ROLLING_SINCE}) AND queued_at < stop::TIMESTAMPTZ
    AND segments.queue IS NOT NULL
  UNION ALL
  SELECT known.client, known.queue, NULL, NULL, NULL, stop::TIMESTAMPTZ,
    {settled}
  FROM (SELECT DISTINCT client, queue FROM centre_queues UNION ALL SELECT NULL, NULL) known
    {join_settings("known", at_the_end)}
  WHERE known.client IS NULL OR settings.client IS NOT NULL),
judged AS (
  SELECT *, wait_us <= {limit_us("threshold_us", "inclusive")} AS in_time, wait_us < threshold_us AS in_less,
    coalesce(outcome = 'abandoned' AND wait_us <= short_us, false) AS short
  FROM settled),
counts AS (
  SELECT period, client, queue, service_level, threshold_us,
    {_counts(catalogue().terms)}
  FROM judged JOIN (VALUES ('window', start::TIMESTAMPTZ), ('last_30_minutes', {_ROLLING_SINCE})) periods(period, since)
    ON queued_at >= since
  WHERE NOT (short AND behaviour <> 'counted')
  GROUP BY ALL),
levels AS (
  SELECT client, queue, period AS of_period, offered, threshold_us, service_level, unnest([
    {levels}], recursive := true)
  FROM counts),
named AS (
  SELECT *, definition AS name FROM levels
  UNION ALL
  SELECT * REPLACE (CASE WHEN client IS NOT NULL THEN empty_is_full END AS empty_is_full),
    '{catalogue().contract.name}' AS name
  FROM levels WHERE definition = service_level)
SELECT client, queue, name AS definition, sum(numerator)::BIGINT AS numerator,
  sum(denominator)::BIGINT AS denominator,
  CASE WHEN sum(denominator) > 0 THEN sum(numerator) / sum(denominator)
    WHEN bool_and(empty_is_full) THEN 1 END AS service_level,
  CASE count(DISTINCT threshold_us) FILTER (offered > 0) WHEN 1 THEN max(threshold_us) FILTER (offered > 0)
    WHEN 0 THEN CASE WHEN count(DISTINCT threshold_us) = 1 THEN max(threshold_us) END END
    * 0.000001::DECIMAL(7,6) AS threshold_seconds
FROM named WHERE period = of_period
GROUP BY GROUPING SETS ((client, queue, name), (client, name), (name))
HAVING grouping(client) = 1 OR client IS NOT NULL
ORDER BY client NULLS LAST, queue NULLS LAST, definition
"""
