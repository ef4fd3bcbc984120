"""``callboard centre``: the description of the contact centre, checked and put in force."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli.console import StoreOption, out, say
from pipeline.clock import SystemClock
from pipeline.errors import CallboardError, CheckFailedError
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from pipeline.centre.model import Centre, QueueSettings

app = typer.Typer(
    no_args_is_help=True,
    help="""
    What the centre is: clients, sites, business hours, queues with their targets and definitions, campaigns, outcome
    codes, teams.

    Write it into a file ('callboard centre example > centre.yaml' is a start), check it, and apply it to a store.
    Workers notice it at their next publication, without a restart. Without one, every queue has the default settings.
    """,
)
_File = Annotated[Path, typer.Argument(help="The YAML file.", show_default=False)]
_NOTHING = "-"


@app.command()
def check(file: _File) -> None:
    """Say everything that is wrong with a file, each with its line and what to do. Exit code 1 if anything is.

    callboard centre check centre.yaml
    """
    centre, _ = _read(file)
    _print_queues(centre, SystemClock().now())
    say(f"{file} is valid: {centre.summary()}")


@app.command()
def apply(file: _File, store: StoreOption = None) -> None:
    """Check a file and put it in force in a store, from its next publication on. Nothing needs to be restarted.

    The store keeps a copy of it, and every earlier version in STORE/centre. To go back, apply an old version again.

    callboard centre apply centre.yaml --store DIR
    """
    from pipeline.centre.kept import apply_centre
    from pipeline.store.layout import StoreLayout
    from pipeline.store.live import publish_live

    centre, content = _read(file)
    layout = StoreLayout(load_settings(store=store).store)
    applied = apply_centre(layout, content, str(file))
    # Without a worker nobody else would publish it; where nothing was published there is nothing to renew.
    if layout.manifests():
        publish_live(layout, SystemClock().now())
    state = "is in force" if applied.changed else "was in force already"
    say(f"version {applied.version} {state} in {layout.folder}: {centre.summary()}")


@app.command()
def show(
    store: StoreOption = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="At this moment, such as 2026-07-01T00:00:00+02:00; else now.")
    ] = None,
) -> None:
    """Show what is in force in a store: each queue's hours, targets and definition, now or at another moment.

    callboard centre show --store DIR --at 2026-06-30T12:00:00Z
    """
    from pipeline.centre.kept import KeptCentre
    from pipeline.store.layout import StoreLayout

    moment = SystemClock().now() if at is None else _moment(at)
    folder = load_settings(store=store).store
    kept = KeptCentre(StoreLayout(folder))
    found = kept.current()
    if found.centre is not None:
        _print_queues(found.centre, moment)
        _print_definitions(found.centre, moment)
        say(f"version {found.version}, at {moment.isoformat()}: {found.centre.summary()}")
    elif kept.refused is None:
        raise CallboardError(
            f"{folder} has no centre.yaml, so every queue has the default settings: "
            f"put one in force with 'callboard centre apply FILE --store {folder}'"
        )
    if kept.refused is not None:
        _say_lines(kept.refused)
        raise CheckFailedError(f"{kept.refused}: what is in force is the last good version; apply a good file")


@app.command()
def example() -> None:
    """Print a commented file that passes the check, to begin with.

    callboard centre example > centre.yaml
    """
    sys.stdout.write(files("pipeline.centre").joinpath("example.yaml").read_text(encoding="utf-8"))


def _read(file: Path) -> tuple[Centre, bytes]:
    from pipeline.centre.parse import read_centre
    from pipeline.centre.problems import CentreFileError

    try:
        return read_centre(file)
    except CentreFileError as error:
        _say_lines(error)
        raise


def _say_lines(error: CallboardError) -> None:
    from pipeline.centre.problems import CentreFileError

    for line in error.lines() if isinstance(error, CentreFileError) else ():
        say(line)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise CallboardError(f"'{text}' is no moment: give a time with its offset, like 2026-07-01T00:00:00+02:00")
    return moment.astimezone(UTC)


def _print_queues(centre: Centre, moment: datetime) -> None:
    from pipeline.centre.calendars import queue_calendar
    from pipeline.centre.model import QueueSettings
    from pipeline.centre.validity import in_force, periods

    columns = ("client", "queue", "line", "channel", "time zone", "open", "threshold", "short abandons")
    table = Table(*columns, "service level", "targets", "since")
    for client, queues in centre.queues.items():
        for name, queue in queues.items():
            zone = centre.queue_zone(client, name)
            period = in_force(periods(QueueSettings, queue.settings, zone), moment)
            settings = period.settings
            calendar = queue_calendar(centre, client, name)
            table.add_row(
                *(escape(client), escape(name), queue.line, queue.channel, zone.key, calendar.name.partition(" ")[0]),
                f"{'<=' if settings.threshold_boundary == 'inclusive' else '<'} {settings.threshold_seconds:g} s",
                f"<= {settings.short_abandon_seconds:g} s {settings.short_abandons}",
                settings.service_level,
                _targets(settings),
                period.valid_from.astimezone(zone).date().isoformat() if period.valid_from else _NOTHING,
            )
    out.print(table)


def _targets(settings: QueueSettings) -> str:
    """What a queue promises, in a line."""
    promised = {
        "ASA": settings.asa_target_seconds,
        "first response": settings.first_response_target_seconds,
        "resolution": settings.resolution_target_seconds,
    }
    return ", ".join(
        [
            f"{settings.service_level_target:.4g}",
            f"abandoned {settings.abandonment_target:.4g}",
            *(f"{name} {seconds:g} s" for name, seconds in promised.items() if seconds is not None),
        ]
    )


def _print_definitions(centre: Centre, moment: datetime) -> None:
    from zoneinfo import ZoneInfo

    from pipeline.centre.model import Definitions
    from pipeline.centre.validity import in_force, periods

    period = in_force(periods(Definitions, centre.definitions, ZoneInfo("UTC")), moment)
    for name, value in period.settings.model_dump(exclude={"valid_from"}).items():
        out.print(f"{name}: {value:g}", markup=False)
