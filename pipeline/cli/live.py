"""The command that stays connected to a running system: listen. And what ``publish --follow`` does."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.adapter_list import ListsLiveAdapters
from pipeline.cli.console import ServersOption, say
from pipeline.cli.sources import (
    CentreOption,
    CheckpointOption,
    ClientOption,
    SourceOption,
    SpoolOption,
    StateOption,
    ZoneOption,
    the_centre,
    the_door,
)
from pipeline.clock import SystemClock
from pipeline.errors import CallboardError
from pipeline.settings import load_settings

_PANEL = "Events"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=_PANEL, cls=ListsLiveAdapters)(listen)


def listen(  # noqa: PLR0913, PLR0917  each parameter is an option of the command
    adapter: Annotated[str, typer.Argument(help="What kind of system it is; the list is below.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="Where it is, such as tcp://callboard@pbx:5038.")],
    checkpoint: CheckpointOption = None,
    to: Annotated[
        str | None, typer.Option(metavar="FILE|-", help="Append JSON lines; needs no broker, remembers no place.")
    ] = None,
    zone: ZoneOption = None,
    client: ClientOption = None,
    source: SourceOption = None,
    centre: CentreOption = None,
    state: StateOption = None,
    spool: SpoolOption = None,
    bootstrap_servers: ServersOption = None,
) -> None:
    """Stay connected to a running system and publish its events, until stopped.

    The password is the setting source_password (environment CALLBOARD_SOURCE_PASSWORD), never a part of the command.
    A connection that is lost is made anew; the gap is published as well. To follow a growing file:
    callboard publish ADAPTER FILE --follow

    While Kafka is away it goes on with --spool FILE, which keeps the events and sends them later; without it, it ends
    after two minutes (exit code 2).
    """
    if "://" not in url:
        raise CallboardError(
            f"{url} is no URL, such as tcp://user@host:5038; to follow a file: callboard publish --follow"
        )
    run_live(adapter, url, checkpoint, to, zone, client, source, centre, state, spool, bootstrap_servers)


def run_live(  # noqa: PLR0913, PLR0917  the options that listen and publish --follow share
    adapter: str,
    target: str,
    checkpoint: Path | None,
    to: str | None,
    zone: str | None,
    client: str | None,
    source: str | None,
    centre: Path | None,
    state: list[str] | None,
    spool: Path | None,
    bootstrap_servers: str | None,
) -> None:
    """Follow a source until Ctrl-C or SIGTERM, and say what became of it."""
    from pipeline.cli.serve import stop_event
    from pipeline.producers.adapters.states import read_states
    from pipeline.producers.listen import ListenRequest, default_checkpoint, listen
    from pipeline.transport.connection import kafka_python_options
    from pipeline.transport.topics import ensure_topics

    settings = load_settings(bootstrap_servers=bootstrap_servers)
    if checkpoint is None and to is None:
        checkpoint = default_checkpoint(settings.checkpoints, adapter, target)
    request = ListenRequest(
        adapter,
        target,
        checkpoint=checkpoint,
        to=to,
        client=client,
        source=source,
        zone=zone,
        centre=the_centre(centre),
        door=the_door(settings),
        password=settings.source_password.get_secret_value(),
        states=read_states(state or ()),
        spool=spool,
    )
    connection = kafka_python_options(settings)
    if to is None and settings.create_topics:
        try:
            ensure_topics(connection)
        except CallboardError as error:
            if spool is None:
                raise
            # The worker makes them, too, and nothing is lost until they are there.
            say(f"{error}; events wait in {spool}")
    # What the source's reader has to say of its connection; of Kafka only what is wrong.
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    logging.getLogger("pipeline").setLevel(logging.INFO)
    stop = stop_event()
    say(f"following {adapter}; Ctrl-C stops")
    done = listen(request, SystemClock(), connection, stop.is_set)
    if spool is not None:
        where = f"safe; {done.waiting} wait in {spool} for Kafka"
    else:
        where = f"written to {to}" if to else "acknowledged by Kafka"
    say(f"{done.records} records; {done.events} events {where}")
