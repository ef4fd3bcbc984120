"""The catalogue as SQL: the views and macros of ``live.duckdb``.

Everything here works on three relations that the store publishes: ``segment_rows``, ``cell_rows`` and ``span_rows``,
each holding the current version of every row. Seconds leave as exact decimals; a division by nothing gives NULL.
"""

from __future__ import annotations

from pipeline.domain.histogram import GAMMA, ZERO_BUCKET
from pipeline.kpis.catalogue import Catalogue, Measure, Ratio, catalogue

DIMENSIONS = ("client", "queue", "channel", "direction")
WAIT_BUCKETS = ("wait_buckets_answered", "wait_buckets_abandoned", "wait_buckets_left")
#: View name, its time column, and the expression that gives it from the minute.
PERIODS = (
    ("kpi_minute", "minute", "minute"),
    ("kpi_15min", "quarter", "time_bucket(INTERVAL 15 MINUTE, minute)"),
    ("kpi_hour", "hour", "time_bucket(INTERVAL 1 HOUR, minute)"),
    ("kpi_day", "day", "time_bucket(INTERVAL 1 DAY, minute)"),
)
#: The classic definitions of service level; ``in_time``: within the threshold.
SERVICE_LEVELS = (
    ("abandons_negative", "answered_in_time / nullif(answered + abandoned, 0)"),
    ("abandons_ignored", "answered_in_time / nullif(answered + abandoned - abandoned_in_time, 0)"),
    ("abandons_positive", "(answered_in_time + abandoned_in_time) / nullif(answered + abandoned, 0)"),
    ("answered_only", "answered_in_time / nullif(answered, 0)"),
)
#: Rows in several currencies, or one that is mixed already, have no sum.
_MIXED_CURRENCIES = (
    "bool_or(amounts > 0 AND revenue IS NULL) OR count(DISTINCT coalesce(currency, '')) FILTER (amounts > 0) > 1"
)


def seconds(micros: str) -> str:
    """Exact decimal seconds of an integer number of microseconds."""
    return f"({micros} * 0.000001::DECIMAL(7,6))"


def money(units: str) -> str:
    """Exact decimal money of ten-thousandths."""
    return f"({units} * 0.0001::DECIMAL(5,4))"


def _measure(measure: Measure) -> str:
    if measure.how == "money":
        return f"CASE WHEN {_MIXED_CURRENCIES} THEN NULL ELSE sum({money('revenue')}) END AS {measure.name}"
    if measure.unit == "seconds":
        # Scaled before it is summed: the sum of decimals has 38 digits, so no number of calls can overflow it.
        return f"{measure.how}({seconds(measure.of)}) AS {measure.name}"
    return f"{measure.how}({measure.of})::BIGINT AS {measure.name}"


def ratio_sql(ratio: Ratio) -> str:
    """The expression of a ratio over the measures of one row."""
    if ratio.percentile is not None:
        return f"wait_percentile(wait_buckets, {ratio.percentile})"
    top, slash, bottom = ratio.formula.rpartition(" / ")
    return f"{top} / nullif({bottom}, 0)" if slash else ratio.formula


def _aggregates(cat: Catalogue) -> str:
    buckets = ", ".join(f"flatten(list({name}))" for name in WAIT_BUCKETS)
    return ",\n    ".join(
        [
            *(_measure(measure) for measure in cat.measures),
            f"CASE WHEN {_MIXED_CURRENCIES} THEN NULL ELSE max(currency) FILTER (amounts > 0) END AS currency",
            f"flatten([{buckets}]) AS wait_buckets",
        ]
    )


def period_select(keys: str, where: str = "true") -> str:
    """Measures and ratios per dimension and ``keys`` (further grouping columns, may be empty)."""
    cat = catalogue()
    ratios = ",\n  ".join(f"{ratio_sql(ratio)} AS {ratio.name}" for ratio in cat.ratios)
    group = ", ".join(DIMENSIONS)
    extra = f", {keys}" if keys else ""
    return (
        f"SELECT * EXCLUDE (wait_buckets),\n  {ratios}\nFROM (\n  SELECT {group}{extra},\n    {_aggregates(cat)}\n"
        f"  FROM cell_rows WHERE offered > 0 AND ({where})\n  GROUP BY ALL)"
    )


def percentile_macro() -> str:
    """Nearest rank over the buckets; the value of a bucket is within 2 % of the waits in it."""
    value = f"CASE b WHEN {ZERO_BUCKET} THEN 0 ELSE 2 * pow({GAMMA!r}, b) / ({GAMMA!r} + 1) END"
    return (
        f"CREATE MACRO bucket_seconds(b) AS ({value});\n"
        "CREATE MACRO wait_percentile(buckets, share) AS "
        "(bucket_seconds(list_sort(buckets)[greatest(1, ceil(share * len(buckets)))::INTEGER]))"
    )


def kpi_statements() -> list[str]:
    """The KPI views and macros, in the order in which they can be created."""
    statements = percentile_macro().split(";\n")
    for view, column, expression in PERIODS:
        statements.append(f"CREATE VIEW {view} AS {period_select(f'{expression} AS {column}')}")
    statements.append(
        "CREATE MACRO kpi_between(start, stop) AS TABLE "
        + period_select("", "minute >= start::TIMESTAMPTZ AND minute < stop::TIMESTAMPTZ")
    )
    statements.append(_service_level())
    statements.append(_queue_now())
    statements.append(_agent_now())
    statements.append(_occupancy())
    return statements


def _service_level() -> str:
    rows = ", ".join(f"{{'definition': '{name}', 'service_level': {formula}}}" for name, formula in SERVICE_LEVELS)
    return f"""
CREATE MACRO service_level(start, stop, threshold_seconds := 20) AS TABLE
WITH waits AS (
  SELECT queue, outcome, wait_us <= threshold_seconds * 1000000 AS in_time
  FROM segment_rows
  WHERE queued_at >= start::TIMESTAMPTZ AND queued_at < stop::TIMESTAMPTZ AND queue IS NOT NULL),
counts AS (
  SELECT queue, count(*) FILTER (outcome = 'answered') AS answered,
    count(*) FILTER (outcome = 'abandoned') AS abandoned,
    count(*) FILTER (outcome = 'answered' AND in_time) AS answered_in_time,
    count(*) FILTER (outcome = 'abandoned' AND in_time) AS abandoned_in_time
  FROM waits GROUP BY GROUPING SETS ((queue), ()))
SELECT queue, level.definition AS definition, level.service_level AS service_level
FROM (SELECT queue, unnest([{rows}]) AS level FROM counts)
ORDER BY queue NULLS LAST, definition
"""


def _queue_now() -> str:
    # The moment stands where it is used, not under a name of its own: only so can the macro be joined LATERAL to many.
    moment = "as_of::TIMESTAMPTZ"
    return f"""
CREATE MACRO queue_now(as_of := now()) AS TABLE
SELECT client, queue, channel, direction,
  count(*) FILTER (waits) AS waiting,
  {seconds("max(waited_us) FILTER (waits)")} AS longest_wait_seconds,
  count(*) FILTER (talks) AS in_progress
FROM (
  SELECT client, queue, channel, direction, epoch_us({moment}) - epoch_us(queued_at) AS waited_us,
    queued_at <= {moment} AND (wait_ended_at IS NULL OR wait_ended_at > {moment}) AS waits,
    answered_at IS NOT NULL AND answered_at <= {moment}
      AND (handle_ended_at IS NULL OR handle_ended_at > {moment}) AS talks
  FROM segment_rows WHERE queue IS NOT NULL)
GROUP BY ALL ORDER BY waiting DESC, client, queue
"""


def _agent_now() -> str:
    return f"""
CREATE MACRO agent_now(as_of := now()) AS TABLE
SELECT client, agent, state, reason, started_at AS since,
  {seconds("(epoch_us(as_of::TIMESTAMPTZ) - epoch_us(started_at))")} AS seconds_in_state
FROM span_rows
WHERE started_at <= as_of::TIMESTAMPTZ AND (ended_at IS NULL OR ended_at > as_of::TIMESTAMPTZ) AND state IS NOT NULL
ORDER BY client, agent
"""


def _occupancy() -> str:
    def total(state: str) -> str:
        return f"coalesce(sum({seconds('us')}) FILTER (state = '{state}'), 0)"

    ((ratio),) = (kpi for kpi in catalogue().agents if kpi.name == "occupancy")
    return f"""
CREATE MACRO occupancy(start, stop) AS TABLE
SELECT *, {ratio_sql(ratio)} AS occupancy FROM (
  SELECT client, agent, {total("on_contact")} AS on_contact_seconds, {total("wrap_up")} AS wrap_up_seconds,
    {total("available")} AS available_seconds
  FROM (
    SELECT client, agent, state,
      epoch_us(least(coalesce(ended_at, stop::TIMESTAMPTZ), stop::TIMESTAMPTZ))
        - epoch_us(greatest(started_at, start::TIMESTAMPTZ)) AS us
    FROM span_rows
    WHERE state IS NOT NULL AND started_at < stop::TIMESTAMPTZ
      AND (ended_at IS NULL OR ended_at > start::TIMESTAMPTZ))
  GROUP BY ALL)
ORDER BY client, agent
"""
