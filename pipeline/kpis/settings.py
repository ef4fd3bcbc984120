"""Queues' settings as SQL: which are in force at a moment, and what they make of a cell's exact waits.

``centre_queues`` has a row per queue and validity period; periods of one queue never overlap. A queue without a row
has the defaults of ``pipeline.domain.definitions``.
"""

from __future__ import annotations

from pipeline.domain.definitions import (
    MICROS,
    SERVICE_LEVEL,
    SHORT_ABANDON_SECONDS,
    SHORT_ABANDONS,
    THRESHOLD_INCLUSIVE,
    THRESHOLD_SECONDS,
)

#: What a queue's settings say, with the defaults, for rows joined by ``join_settings(alias="settings")``.
THRESHOLD_US = f"coalesce(settings.threshold_us, {THRESHOLD_SECONDS * MICROS})"
INCLUSIVE = f"coalesce(settings.threshold_inclusive, {str(THRESHOLD_INCLUSIVE).lower()})"
SHORT_US = f"coalesce(settings.short_abandon_us, {SHORT_ABANDON_SECONDS * MICROS})"
BEHAVIOUR = f"coalesce(settings.short_abandons, '{SHORT_ABANDONS}')"
DEFINITION = f"coalesce(settings.service_level, '{SERVICE_LEVEL}')"


def join_settings(rows: str, moment: str, alias: str = "settings", relation: str = "centre_queues") -> str:
    """What stands after a relation of ``rows`` to give each its queue's settings in force at ``moment``.

    ``relation``: where the settings are read from, for who may see some of them only.
    """
    return (
        f"LEFT JOIN {relation} {alias} ON {alias}.client = {rows}.client AND {alias}.queue = {rows}.queue"
        f" AND coalesce({alias}.valid_from, '-infinity'::TIMESTAMPTZ) <= {moment}"
        f" AND coalesce({alias}.valid_to, 'infinity'::TIMESTAMPTZ) > {moment}"
    )


def minute_of(moment: str) -> str:
    """The minute whose settings hold for a segment: that of its cell, so that cells and segments agree."""
    return f"date_trunc('minute', {moment})"


def limit_us(threshold_us: str, inclusive: str) -> str:
    """The longest wait that is within a threshold: waits are whole microseconds, so ``<`` is ``<=`` of one less."""
    return f"({threshold_us} - ({inclusive} IS NOT true)::BIGINT)"


def rated_cells_macro() -> str:
    """The macro over the store's cells."""
    return rated_cells_of("rated_cells(definitions_at)", "cell_rows")


def rated_cells_of(signature: str, source: str) -> str:
    """A macro: the cells of ``source`` under the settings of their own minute, or under those of ``definitions_at``.

    Short abandons that a queue does not count as calls (``short_not_offered``) are in no number here; those that it
    leaves out of a ratio only are still abandons. ``kept``: the waits of abandons that are calls; ``serviced``: of
    those that count in service level.
    """
    moment = "coalesce(definitions_at::TIMESTAMPTZ, cells.minute)"
    kept = (
        f"CASE {BEHAVIOUR} WHEN 'not_offered' THEN waits_beyond(waits_abandoned_us, {SHORT_US}) "
        "ELSE waits_abandoned_us END"
    )
    serviced = (
        f"CASE {BEHAVIOUR} WHEN 'counted' THEN waits_abandoned_us ELSE waits_beyond(waits_abandoned_us, {SHORT_US}) END"
    )
    return f"""
CREATE MACRO {signature} AS TABLE
SELECT * EXCLUDE (limit_us, short_us, behaviour, kept, serviced) REPLACE (
    offered - (abandoned - len(kept)) AS offered,
    len(kept) AS abandoned,
    kept AS waits_abandoned_us,
    CASE behaviour WHEN 'not_offered' THEN coalesce(list_sum(kept), 0)::BIGINT
      ELSE wait_us_abandoned END AS wait_us_abandoned,
    CASE behaviour WHEN 'not_offered' THEN list_max([waits_answered_us[-1], kept[-1], waits_left_us[-1]])
      ELSE longest_wait_us END AS longest_wait_us),
  waits_within(kept, short_us) AS short_abandoned,
  CASE behaviour WHEN 'excluded' THEN len(kept) - len(serviced) ELSE 0 END AS short_excluded,
  abandoned - len(kept) AS short_not_offered,
  len(serviced) AS abandoned_in_service_level,
  waits_within(waits_answered_us, limit_us) AS answered_in_target,
  waits_within(serviced, limit_us) AS abandoned_in_target
FROM (
  SELECT cells.*, {limit_us(THRESHOLD_US, INCLUSIVE)} AS limit_us, {SHORT_US} AS short_us, {BEHAVIOUR} AS behaviour,
    {kept} AS kept, {serviced} AS serviced
  FROM {source} cells {join_settings("cells", moment)}
  WHERE cells.offered > 0)
"""
