"""Log-spaced buckets for waiting times: they merge by adding counts, in any engine, with a relative error below 2 %."""

from __future__ import annotations

import math

#: Relative error of a percentile read from the buckets.
RELATIVE_ERROR = 0.02
GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
#: Waits below a millisecond share one bucket, whose value is 0.
ZERO_BUCKET = -32768
_MILLISECOND_US = 1000
_LOG_GAMMA = math.log(GAMMA)


def bucket(wait_us: int) -> int:
    """The bucket of a wait given in microseconds."""
    if wait_us < _MILLISECOND_US:
        return ZERO_BUCKET
    return math.ceil(math.log(wait_us / 1_000_000) / _LOG_GAMMA)


def bucket_seconds(index: int) -> float:
    """The representative wait of a bucket, in seconds."""
    return 0.0 if index == ZERO_BUCKET else 2 * GAMMA**index / (GAMMA + 1)
