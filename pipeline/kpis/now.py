"""What is true at one moment, as SQL: queues, agents and the rolling service level, now or at any past moment.

The moment stands where it is used, not under a name of its own: only so can a macro be joined LATERAL to many moments.
"""

from __future__ import annotations

from pipeline.kpis.catalogue import catalogue
from pipeline.kpis.measures import ratio_sql, seconds
from pipeline.kpis.settings import (
    BEHAVIOUR,
    INCLUSIVE,
    SHORT_US,
    THRESHOLD_US,
    join_settings,
    limit_us,
    minute_of,
)

_MOMENT = "as_of::TIMESTAMPTZ"


def now_statements() -> list[str]:
    """The macros."""
    return [_queue_now(), _service_level_now(), _agent_now(), _occupancy()]


def _queue_now() -> str:
    return f"""
CREATE MACRO queue_now(as_of := now()) AS TABLE
SELECT client, queue, channel, direction,
  count(*) FILTER (waits) AS waiting,
  {seconds("max(waited_us) FILTER (waits)")} AS longest_wait_seconds,
  count(*) FILTER (talks) AS in_progress
FROM (
  SELECT client, queue, channel, direction, epoch_us({_MOMENT}) - epoch_us(queued_at) AS waited_us,
    queued_at <= {_MOMENT} AND (wait_ended_at IS NULL OR wait_ended_at > {_MOMENT}) AS waits,
    answered_at IS NOT NULL AND answered_at <= {_MOMENT}
      AND (handle_ended_at IS NULL OR handle_ended_at > {_MOMENT}) AS talks
  FROM segment_rows WHERE queue IS NOT NULL)
GROUP BY ALL ORDER BY waiting DESC, client, queue
"""


def _service_level_now() -> str:
    """Each contact counts when it is decided: at its answer, its abandon, or the first microsecond past its threshold.

    Who still waits past the threshold counts against, however long ago that began: a stuck queue cannot look perfect.
    """
    at = f"epoch_us({_MOMENT})"
    since = f"({at} - window_minutes * 60000000)"
    limit = limit_us(THRESHOLD_US, INCLUSIVE)
    return f"""
CREATE MACRO service_level_now(as_of := now(), window_minutes := 30) AS TABLE
SELECT client, queue,
  count(*) FILTER (completed AND in_time) AS answered_in_time,
  count(*) FILTER (completed) AS completed,
  count(*) FILTER (decided) AS decided,
  count(*) FILTER (waits_past) AS waiting_past_threshold,
  count(*) FILTER (completed AND in_time) / nullif(count(*) FILTER (decided), 0) AS service_level_with_expired,
  count(*) FILTER (completed AND in_time) / nullif(count(*) FILTER (completed), 0) AS service_level_completed
FROM (
  SELECT client, queue, outcome = 'answered' AND ended_us < expires_us AS in_time,
    coalesce(outcome IN ('answered', 'abandoned') AND ended_us > {since}, false) AS completed,
    ended_us IS NULL AND expires_us <= {at} AS waits_past,
    CASE WHEN expires_us <= {at} AND (ended_us IS NULL OR expires_us <= ended_us)
      THEN ended_us IS NULL OR expires_us > {since}
      ELSE outcome IN ('answered', 'abandoned') AND ended_us > {since} END AS decided
  FROM (
    SELECT segments.client, segments.queue, outcome, epoch_us(queued_at) + {limit} + 1 AS expires_us,
      CASE WHEN wait_ended_at <= {_MOMENT} THEN epoch_us(greatest(wait_ended_at, queued_at)) END AS ended_us,
      outcome = 'abandoned' AND wait_us <= {SHORT_US} AND {BEHAVIOUR} <> 'counted' AS left_out
    FROM segment_rows segments {join_settings("segments", minute_of("segments.queued_at"))}
    WHERE queued_at <= {_MOMENT} AND segments.queue IS NOT NULL)
  WHERE ended_us IS NULL OR NOT left_out)
WHERE completed OR decided
GROUP BY GROUPING SETS ((client, queue), (client), ())
ORDER BY client NULLS LAST, queue NULLS LAST
"""


def _agent_now() -> str:
    return f"""
CREATE MACRO agent_now(as_of := now()) AS TABLE
SELECT client, agent, state, reason, started_at AS since,
  {seconds(f"(epoch_us({_MOMENT}) - epoch_us(started_at))")} AS seconds_in_state
FROM span_rows
WHERE started_at <= {_MOMENT} AND (ended_at IS NULL OR ended_at > {_MOMENT}) AND state IS NOT NULL
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
