"""The paths of the receiver, as an ASGI application.

Answers are JSON. 200 ``{"events": n}``: Kafka has all of them. 4xx ``{"error": reason}``: sending it again does not
help, the reason says why and repeats nothing of the call. 503 with Retry-After: it may be sent again, and then counts
once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pipeline.clock import Clock
from pipeline.producers.adapters import RefusedCallError
from pipeline.producers.webhooks.config import WebhooksConfig
from pipeline.producers.webhooks.intake import RateLimit, TooManyCallsError, read_call
from pipeline.producers.webhooks.sources import Source
from pipeline.producers.webhooks.writer import NotNowError, Writer

log = logging.getLogger(__name__)

_RETRY_AFTER_SECONDS = 5


def make_app(config: WebhooksConfig, sources: Mapping[str, Source], writer: Writer, clock: Clock) -> Starlette:
    """The application. It starts the writer, and closes it when it ends."""
    limit = RateLimit(config.calls_per_minute)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        writer.start()
        yield
        await asyncio.to_thread(writer.close)

    async def take(request: Request) -> JSONResponse:
        source = sources[request.url.path]
        try:
            limit.check(source.name, request.client.host if request.client else "")
            call = await read_call(request, source.config, config.max_body_bytes, clock)
            source.hook.check(call, source.secret.get_secret_value())
            waiting = writer.submit(source, call, source.hook.records(call))
            events = await asyncio.wait_for(asyncio.wrap_future(waiting), config.answer_within_seconds)
        except RefusedCallError as error:
            log.warning("%s: %d, %s", source.name, error.status, error)
            after = {"retry-after": str(error.retry_after_seconds)} if isinstance(error, TooManyCallsError) else None
            return JSONResponse({"error": str(error)}, error.status, after)
        except (NotNowError, TimeoutError) as error:
            log.warning("%s: 503, %s", source.name, error if isinstance(error, NotNowError) else "not in time")
            return not_now()
        log.info("%s: 200, %d events", source.name, events)
        return JSONResponse({"events": events})

    async def health(_request: Request) -> JSONResponse:
        well = writer.is_well
        status = {"status": "ok" if well else "kafka is away", "sources": len(sources), "waiting": writer.waiting}
        return JSONResponse(status, 200 if well else 503)

    routes = [Route(path, take, methods=["POST"]) for path in sources]
    return Starlette(
        routes=[*routes, Route("/health", health, methods=["GET"])],
        lifespan=lifespan,
        exception_handlers={HTTPException: _refused, Exception: _broken},
    )


def not_now() -> JSONResponse:
    """503: the call may be sent again."""
    reason = "the events of this call are not in Kafka yet; send it again, it will count once"
    return JSONResponse({"error": reason}, 503, {"retry-after": str(_RETRY_AFTER_SECONDS)})


def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for it
    reasons = {404: "no source is called here", 405: "call this path with POST"}
    return JSONResponse({"error": reasons.get(error.status_code, error.detail)}, error.status_code, error.headers)


def _broken(_request: Request, error: Exception) -> JSONResponse:
    log.error("a call broke the receiver: %s", type(error).__name__)
    return not_now()
