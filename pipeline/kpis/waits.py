"""Exact waits as SQL: how many are within a limit, in which bucket one lies, and percentiles.

The buckets are those of ``pipeline.domain.histogram``, computed here a second time because they are computed where the
waits are read; a property test holds that both agree for every wait.
"""

from __future__ import annotations

from pipeline.domain.histogram import GAMMA, LOG_GAMMA, MILLISECOND_US, ZERO_BUCKET

#: Columns of a cell: one element per segment, shortest first, by how the wait ended.
WAITS = {"answered": "waits_answered_us", "abandoned": "waits_abandoned_us", "left": "waits_left_us"}


def wait_statements() -> list[str]:
    """The macros, in the order in which they can be created.

    Nearest rank: as the bucket grows with the wait, the bucket of the wait of that rank is the bucket of that rank, so
    one logarithm is taken and not one per wait. The value of a bucket is within 2 % of the waits in it.
    """
    # With an exponent, so that the literal is a double: without one it is a decimal and rounded once more.
    log_gamma = f"{LOG_GAMMA!r}e0"
    value = f"CASE b WHEN {ZERO_BUCKET} THEN 0 ELSE 2 * pow({GAMMA!r}, b) / ({GAMMA!r} + 1) END"
    return [
        "CREATE MACRO wait_bucket(wait_us) AS "
        f"(CASE WHEN wait_us < {MILLISECOND_US} THEN {ZERO_BUCKET} ELSE ceil(ln(wait_us / 1e6) / {log_gamma}) END"
        "::INTEGER)",
        f"CREATE MACRO bucket_seconds(b) AS ({value})",
        "CREATE MACRO wait_percentile(waits_us, share) AS (bucket_seconds(wait_bucket("
        "list_sort(waits_us)[greatest(1, ceil(share * len(waits_us)))::INTEGER])))",
        "CREATE MACRO waits_within(waits_us, limit_us) AS (len(list_filter(waits_us, lambda w: w <= limit_us)))",
        "CREATE MACRO waits_beyond(waits_us, limit_us) AS (list_filter(waits_us, lambda w: w > limit_us))",
    ]


def wait_histogram_view() -> str:
    """One row per minute, outcome and bucket, of all ended waits, whatever a definition makes of them."""
    parts = " UNION ALL ".join(
        f"SELECT client, queue, channel, direction, minute, '{outcome}' AS outcome, unnest({column}) AS wait_us "
        "FROM cell_rows"
        for outcome, column in WAITS.items()
    )
    return (
        "CREATE VIEW wait_histogram AS SELECT *, bucket_seconds(bucket) AS wait_seconds FROM ("
        "SELECT client, queue, channel, direction, minute, outcome, wait_bucket(wait_us) AS bucket, count(*) AS n "
        f"FROM ({parts}) GROUP BY ALL)"
    )
