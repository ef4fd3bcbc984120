"""What is read of a request, and what is refused before anybody looks at it."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import ClientDisconnect, Request

from pipeline.clock import Clock
from pipeline.producers.adapters import Call, RefusedCallError
from pipeline.producers.webhooks.config import SourceConfig

#: Who sends more slowly than this only holds a place.
READ_SECONDS = 10.0
_LONGEST_WAIT_SECONDS = 60


class TooManyCallsError(RefusedCallError):
    """More calls than are allowed; ``retry_after_seconds`` says when there is room again."""

    def __init__(self, retry_after_seconds: int) -> None:
        """From one address to one source."""
        super().__init__(429, "too many calls from this address in a minute")
        self.retry_after_seconds = retry_after_seconds


class RateLimit:
    """So many calls a minute from one address to one source."""

    def __init__(self, calls_per_minute: int) -> None:
        """The counts are in this process' memory: there is one."""
        self._item = RateLimitItemPerMinute(calls_per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def check(self, source: str, address: str) -> None:
        """Count a call. Raises TooManyCallsError."""
        if not self._limiter.hit(self._item, source, address):
            reset, _ = self._limiter.get_window_stats(self._item, source, address)
            wait = math.ceil(reset - time.time())
            raise TooManyCallsError(min(max(wait, 1), _LONGEST_WAIT_SECONDS))


async def read_call(request: Request, source: SourceConfig, max_body_bytes: int, clock: Clock) -> Call:
    """The call of a request.

    Raises:
        RefusedCallError: 413 too large, 408 too slow, 400 broken off.
    """
    too_large = RefusedCallError(413, f"the body is larger than {max_body_bytes} bytes")
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > max_body_bytes:
        raise too_large
    body = bytearray()
    with _refusing():
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > max_body_bytes:
                    raise too_large
    query = request.url.query
    url = source.url or f"{request.url.scheme}://{request.url.netloc}{request.url.path}"
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Call(f"{url}?{query}" if query else url, headers, bytes(body), clock.now())


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise RefusedCallError(408, f"the body did not come within {READ_SECONDS:g} seconds") from None
    except ClientDisconnect:
        raise RefusedCallError(400, "the body was broken off") from None
