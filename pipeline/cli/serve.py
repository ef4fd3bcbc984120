"""Commands that run until they are stopped: demo, broker, worker, dashboard."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pipeline.cli.console import ServersOption, StoreOption, report_error, say
from pipeline.clock import SystemClock
from pipeline.errors import CallboardError
from pipeline.settings import load_settings

_PANEL = "Run"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel=_PANEL)(demo)
    app.command(rich_help_panel=_PANEL)(broker)
    app.command(rich_help_panel=_PANEL)(worker)
    app.command(rich_help_panel=_PANEL)(dashboard)


def demo(
    store: Annotated[
        Path | None, typer.Option("--store", metavar="DIR", help="Default: a new folder under .callboard/.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the board.")] = 8501,
    broker_port: Annotated[int, typer.Option(help="Port of the embedded broker.")] = 9092,
    seed: Annotated[int, typer.Option(help="Seed of the simulated centre.")] = 1,
    workers: Annotated[int, typer.Option(min=1, max=4, help="How many workers share the partitions.")] = 1,
) -> None:
    """Start everything: broker, simulated centre, worker and board. Ctrl-C stops it all.

    With KAFKA_BOOTSTRAP_SERVERS set, that Kafka is used instead of the embedded broker.
    """
    from pipeline.demo import DemoPlan, run_demo

    raise typer.Exit(run_demo(DemoPlan(store, port, broker_port, seed, workers), say))


def broker(
    port: Annotated[int, typer.Option(help="Port on loopback.")] = 9092,
    log_file: Annotated[Path | None, typer.Option(help="Where the broker's own output goes.")] = None,
) -> None:
    """Run the embedded broker with callboard's topics. Its log is in memory only: for trying out, not for work."""
    from pipeline.transport.embedded import EmbeddedBroker
    from pipeline.transport.topics import ensure_topics

    stop = stop_event()
    with EmbeddedBroker(port, log_file) as running:
        made = ensure_topics({"bootstrap_servers": [running.bootstrap]})
        say(f"broker on {running.bootstrap} with topics {', '.join(made)}; its log is in memory only; Ctrl-C stops it")
        while not stop.wait(0.5):
            if not running.is_running():
                say("the broker has ended by itself")
                raise typer.Exit(2)


def worker(
    store: StoreOption = None,
    bootstrap_servers: ServersOption = None,
    group: Annotated[str | None, typer.Option(help="Consumer group that the workers of one store share.")] = None,
    batch_max_events: Annotated[int | None, typer.Option(help="Most events in one transaction.")] = None,
    reject_limit: Annotated[int | None, typer.Option(help="Stop after so many bad events in a row (0: never).")] = None,
    accept_gap: Annotated[
        list[str] | None,
        typer.Option(metavar="TOPIC-PARTITION:OFFSET", help="Go on at this offset although records before are gone."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also what Faust has to say.")] = False,
) -> None:
    """Read events from Kafka into the store and publish it, until stopped.

    Start several with the same --store and --group: they share the partitions, and when one dies the others take its
    partitions over. Ctrl-C or SIGTERM commits what was read and leaves in order.
    """
    import uvloop

    from pipeline.transport.process_memory import tune
    from pipeline.transport.worker import run_worker

    tune()
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("pipeline").setLevel(logging.INFO)
    if not verbose:
        # While a broker is away these write hundreds of lines; what a person needs to know, the worker says itself.
        for noisy in ("faust", "mode", "aiokafka", "kafka"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
    settings = load_settings(
        store=store,
        bootstrap_servers=bootstrap_servers,
        group=group,
        batch_max_events=batch_max_events,
        reject_limit=reject_limit,
        accept_gaps=accept_gap or None,
    )

    async def run_to_the_end() -> NoReturn:
        code = 0
        try:
            await run_worker(settings, SystemClock(), say)
        except CallboardError as error:
            report_error(error)
            code = error.exit_code
        # Everything is committed and closed. Tidying up Faust's tasks can hang in the middle of a rebalance.
        sys.stderr.flush()
        os._exit(code)

    uvloop.run(run_to_the_end())


def dashboard(
    store: StoreOption = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; beyond loopback it needs an access file.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the board.")] = 8501,
) -> None:
    """Serve the board over a published store.

    Without an access file (setting access_file) nobody has to sign in, and only this machine is answered.
    """
    from dashboards.run import run

    raise typer.Exit(run(load_settings(store=store), port, host))


def stop_event() -> threading.Event:
    """Set by SIGINT or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
