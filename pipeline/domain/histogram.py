"""Log-spaced buckets for waiting times: they merge by adding counts, in any engine, with a relative error below 2 %."""

from __future__ import annotations

import math

#: Relative error of a percentile read from the buckets.
RELATIVE_ERROR = 0.02
GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
#: Waits below a millisecond share one bucket, whose value is 0.
ZERO_BUCKET = -32768
MILLISECOND_US = 1000
#: Natural logarithm, which the SQL that finds the bucket of a wait takes from here.
LOG_GAMMA = math.log(GAMMA)


def bucket(wait_us: int) -> int:
    """The bucket of a wait given in microseconds."""
    if wait_us < MILLISECOND_US:
        return ZERO_BUCKET
    return math.ceil(math.log(wait_us / 1_000_000) / LOG_GAMMA)


def bucket_seconds(index: int) -> float:
    """The representative wait of a bucket, in seconds."""
    return 0.0 if index == ZERO_BUCKET else 2 * GAMMA**index / (GAMMA + 1)
