"""The command line: ``callboard``. Commands are grouped by what they are for; the work is done elsewhere."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from pipeline.cli import (
    access,
    alerts,
    centre,
    check,
    conformance,
    contract,
    dead_letters,
    events,
    live,
    reconcile,
    serve,
    webhooks,
)
from pipeline.cli.console import report_error
from pipeline.errors import CallboardError

app = typer.Typer(
    name="callboard",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""
    Exact, real-time analytics for contact centres: events from Kafka, facts and KPIs in DuckDB, a live board.

    First look: 'callboard demo'. Without a broker: 'callboard simulate --hours 1 --to day.jsonl', then
    'callboard process day.jsonl --store demo-store' and 'callboard query "FROM kpi_hour" --store demo-store'.

    Exit codes: 0 ok, 1 a check failed, 2 could not run.
    """,
)
for group in (serve, events, live, webhooks, conformance, check, reconcile):
    group.register(app)
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(access.app, name="access")
app.add_typer(alerts.app, name="alerts")
app.add_typer(centre.app, name="centre")
app.add_typer(contract.app, name="contract")


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"callboard {version('callboard')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is, and stop."),
    ] = False,
) -> None:
    """What every command has."""


def main() -> None:
    """Run a command; an error that a person can act on is one line, without a stack trace."""
    try:
        app(standalone_mode=True)
    except CallboardError as error:
        report_error(error)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.filename is None:
            raise
        report_error(CallboardError(f"{error.filename}: {error.strerror}"))
        sys.exit(CallboardError.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
