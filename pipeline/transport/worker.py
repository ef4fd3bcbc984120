"""A worker: broker, engine and Faust app put together, kept running, and stopped in good order.

What passes by itself (the broker is away, the topic was made anew) is waited for; what needs a person ends the worker
with one line that says what to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import duckdb
import pyarrow as pa
from faust.contrib.asgi import faust_app_running
from faust.types import TP
from kafka.errors import KafkaError

from pipeline.app import create_app
from pipeline.clock import Clock
from pipeline.errors import CallboardError
from pipeline.settings import Settings
from pipeline.store.layout import StoreLayout
from pipeline.transport.batches import BatchApp
from pipeline.transport.connection import kafka_python_options
from pipeline.transport.engine import Engine
from pipeline.transport.heartbeat import Heartbeat
from pipeline.transport.log import BrokerUnavailableError, LogProbe
from pipeline.transport.reader import LogRemadeError
from pipeline.transport.topics import ensure_topics

log = logging.getLogger(__name__)

_WATCH_SECONDS = 0.1
_RETRY_SECONDS = 1.0
_STORE_RETRY_SECONDS = 5.0
#: How long Faust may take to leave the group once everything is committed.
_LEAVE_SECONDS = 4.0
STOPPED = "stopped; everything that was read is committed"


async def run_worker(settings: Settings, clock: Clock, say: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        CallboardError: the worker cannot go on without a person.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    heartbeat = Heartbeat(StoreLayout(settings.store), clock)
    try:
        while not stop.is_set():
            try:
                await _wait_for_broker(settings, stop, say)
                if not stop.is_set():
                    await _run_once(settings, clock, heartbeat, stop, say)
            except (BrokerUnavailableError, LogRemadeError) as error:
                say(f"{error}; starting again")
            except (duckdb.Error, pa.ArrowException, OSError) as error:
                # A full disk, a folder that went away: nothing was acknowledged, and it may be mended while we wait.
                say(f"the store cannot be written ({' '.join(str(error).split())}); trying again")
                if isinstance(error, duckdb.FatalException | duckdb.InternalException):
                    _end_process(stop, say)  # DuckDB refuses everything from now on, until the process is another one
                await _pause(stop, _STORE_RETRY_SECONDS)
            await _pause(stop, _RETRY_SECONDS)
    finally:
        heartbeat.close()
    say(STOPPED)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _wait_for_broker(settings: Settings, stop: asyncio.Event, say: Callable[[str], None]) -> None:
    """Wait until the broker answers and has the topics."""
    options = kafka_python_options(settings)
    told = False
    while not stop.is_set():
        try:
            with LogProbe(options) as probe:
                await asyncio.to_thread(probe.topic_ids)
            if settings.create_topics:
                await asyncio.to_thread(ensure_topics, options)
        except (BrokerUnavailableError, KafkaError, OSError) as error:
            if not told:
                say(f"waiting for the broker: {error}")
            told = True
            await _pause(stop, _RETRY_SECONDS)
        else:
            if told:
                say("the broker is there")
            return


async def _run_once(
    settings: Settings, clock: Clock, heartbeat: Heartbeat, stop: asyncio.Event, say: Callable[[str], None]
) -> None:
    engine = Engine(settings, clock, LogProbe(kafka_python_options(settings)), heartbeat)
    app = create_app(settings, engine, _faust_folder(settings))
    engine.on_seek = _seeker(app, asyncio.get_running_loop())
    engine.start()
    running = asyncio.create_task(_run_faust(app, settings, say))
    try:
        held: set[TP] = set()
        while not stop.is_set() and engine.failure is None and not app.crashed and not running.done():
            await _pause(stop, _WATCH_SECONDS)
            if engine.partitions != held:
                held = engine.partitions
                say(f"holds {', '.join(sorted(f'{tp.topic}-{tp.partition}' for tp in held)) or 'no partition'}")
    finally:
        # First what must not be lost. Faust may be in the middle of a rebalance, which can take longer than we may.
        await asyncio.to_thread(engine.stop)
        running.cancel()
        _, hanging = await asyncio.wait({running}, timeout=_LEAVE_SECONDS)
        if hanging:
            _end_process(stop, say)
    if engine.failure is not None:
        raise engine.failure
    broke = not running.cancelled() and running.exception() is not None
    if (app.crashed or broke) and not stop.is_set():
        raise BrokerUnavailableError(f"the connection to the broker broke ({_crash_reason(app)})")


async def _run_faust(app: BatchApp, settings: Settings, say: Callable[[str], None]) -> None:
    async with faust_app_running(app, stop_timeout=_LEAVE_SECONDS):
        say(f"worker {os.getpid()} reads {settings.bootstrap_servers} into {settings.store}")
        await asyncio.Event().wait()


def _end_process(stop: asyncio.Event, say: Callable[[str], None]) -> NoReturn:
    """Faust hangs between two states, or DuckDB gave up; what was said is committed, so this process may end."""
    sys.stdout.flush()
    if stop.is_set():
        say(STOPPED)
        os._exit(0)
    say("starting again as a new process")
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def _seeker(app: BatchApp, loop: asyncio.AbstractEventLoop) -> Callable[[TP, int], None]:
    """Lets the engine's thread ask the consumer to read a partition from an offset."""

    def seek(tp: TP, offset: int) -> None:
        asyncio.run_coroutine_threadsafe(app.consumer.seek_wait({tp: offset}), loop)

    return seek


def _crash_reason(app: BatchApp) -> str:
    reason = app.crash_reason
    if isinstance(reason, CallboardError):
        return str(reason)
    return type(reason).__name__


def _faust_folder(settings: Settings) -> Path:
    # Faust insists on a folder of its own, although nothing here keeps state in it.
    folder = settings.store / "faust"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
