"""The command that receives the calls of systems that push."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import ServersOption, say
from pipeline.cli.sources import CentreOption, the_centre, the_door
from pipeline.clock import SystemClock
from pipeline.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Run")(webhooks)


def webhooks(  # noqa: PLR0913, PLR0917  each parameter is an option of the command
    config: Annotated[Path, typer.Option(metavar="FILE", help="What is to be received.")] = Path("webhooks.yaml"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8088,
    state: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of the checkpoints: what is known of open contacts.")
    ] = Path(".callboard/webhooks"),
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="Beyond loopback without TLS: a proxy has it, and only it gets here.")
    ] = False,
    tls_certificate: Annotated[Path | None, typer.Option(metavar="FILE", help="Certificate chain (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key (PEM).")] = None,
    centre: CentreOption = None,
    bootstrap_servers: ServersOption = None,
) -> None:
    """Receive what other systems push, and answer when Kafka has it.

    webhooks.yaml has, under 'sources:', each system by name, adapter, client and secret_env:

    {name: main, adapter: twilio, client: acme, secret_env: TWILIO_AUTH_TOKEN,
    url: "https://hooks.example.org/twilio/main"} receives POST /twilio/main.

    GET /health says whether Kafka is there. Ctrl-C or SIGTERM answers the calls under way and ends.
    """
    from pipeline.cli.serve import stop_event
    from pipeline.producers.webhooks.config import read_config
    from pipeline.producers.webhooks.server import Listen, Receiving, serve
    from pipeline.transport.connection import kafka_python_options
    from pipeline.transport.topics import ensure_topics

    logging.basicConfig(level=logging.ERROR, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("pipeline.producers.webhooks").setLevel(logging.INFO)
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # the writer says what a person needs to know
    settings = load_settings(bootstrap_servers=bootstrap_servers)
    connection = kafka_python_options(settings)
    receiving = Receiving(
        read_config(config),
        Listen(host, port, behind_proxy, tls_certificate, tls_key),
        state,
        connection,
        lambda: ensure_topics(connection) if settings.create_topics else None,
        the_centre(centre),
        the_door(settings),
    )
    # The server ends in order by itself and then raises the signal again, for us: there is nothing left to do.
    stop_event()
    serve(receiving, SystemClock(), say)
