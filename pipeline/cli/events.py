"""Commands that move events: simulate, publish, process."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.adapter_list import ListsAdapters
from pipeline.cli.console import ServersOption, StoreOption, progress_bar, say
from pipeline.cli.live import run_live
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
    """Add the commands."""
    app.command(rich_help_panel=_PANEL)(simulate)
    app.command(rich_help_panel=_PANEL, cls=ListsAdapters)(publish)
    app.command(rich_help_panel=_PANEL)(process)


def simulate(  # noqa: PLR0913, PLR0917  each parameter is an option of the command
    seed: Annotated[int, typer.Option(help="The same seed and start give the same events.")] = 1,
    hours: Annotated[float | None, typer.Option(help="Simulated hours; without it, until stopped.")] = None,
    start: Annotated[str, typer.Option(help="auto, now, -2h (ago), or a time such as 2026-11-20T08:00:00Z.")] = "auto",
    speed: Annotated[
        float | None,
        typer.Option(
            help="10: ten times real time; 0: as fast as possible. "
            "Default: 0 to a file; to Kafka what lies in the past at once, then real time."
        ),
    ] = None,
    to: Annotated[str | None, typer.Option(metavar="FILE|-", help="Write JSON lines instead of publishing.")] = None,
    manifest: Annotated[Path | None, typer.Option(help="Write the truth (every KPI as it must come out) here.")] = None,
    duplicates: Annotated[float, typer.Option(help="Share of events sent twice (0 to 1).")] = 0.0,
    shuffle_seconds: Annotated[float, typer.Option(help="Shuffle events within so many seconds.")] = 0.0,
    late: Annotated[float, typer.Option(help="Share of events that come late.")] = 0.0,
    late_seconds: Annotated[float, typer.Option(help="How late at most.")] = 900.0,
    bad: Annotated[float, typer.Option(help="Share of bad events added, of every reason of refusal.")] = 0.0,
    line: Annotated[
        str | None,
        typer.Option(help="A line of business, such as collections or chat; else the demo's blended centre."),
    ] = None,
    centre: Annotated[
        Path | None, typer.Option(help="Write the centre.yaml that describes the simulated centre here.")
    ] = None,
    scale: Annotated[float, typer.Option(help="Size of the centre; 1 of the blended is 11,000 contacts a day.")] = 1.0,
    bootstrap_servers: ServersOption = None,
) -> None:
    """Run a simulated contact centre whose truth is known.

    To Kafka in real time: callboard simulate. A day into a file:
    callboard simulate --start 2026-11-20T00:00:00Z --hours 24 --to day.jsonl --manifest truth.json

    A file also has what comes of its contacts in the days after: promises kept, sales cancelled. One line of business:
    callboard simulate --line collections --seed 7 --hours 8 --to collections.jsonl --centre centre.yaml
    """
    from pipeline.cli.serve import stop_event
    from pipeline.producers.publisher import Publisher
    from pipeline.simulate.default_centre import default_centre
    from pipeline.simulate.described import write_centre
    from pipeline.simulate.disturb import Disturbance
    from pipeline.simulate.lines import line_centre
    from pipeline.simulate.run import Plan, chosen_speed, parse_start, run
    from pipeline.transport.connection import kafka_python_options
    from pipeline.transport.topics import ensure_topics

    clock = SystemClock()
    begins = parse_start(start, clock.now())
    plan = Plan(
        seed=seed,
        hours=hours,
        start=begins,
        speed=chosen_speed(speed, begins, to_file=to is not None),
        disturbance=Disturbance(
            duplicates=duplicates, shuffle_seconds=shuffle_seconds, late=late, late_seconds=late_seconds, bad=bad
        ),
        centre=default_centre(scale) if line is None else line_centre(line).scaled(scale),
        aftermath=to is not None,
    )
    if centre is not None:
        write_centre(plan.centre, centre)
    stop = stop_event()
    if to is not None:
        truth = run(plan, to, clock, manifest, stopped=stop.is_set)
    else:
        settings = load_settings(bootstrap_servers=bootstrap_servers)
        connection = kafka_python_options(settings)
        if settings.create_topics:
            ensure_topics(connection)
        with Publisher(connection, clock) as publisher:
            say(f"publishing to {settings.bootstrap_servers}; Ctrl-C stops")
            truth = run(plan, publisher.publish_raw, clock, manifest, stopped=stop.is_set)
    sent = sum(topic["sent"] for topic in truth.document()["topics"].values())
    say(f"{sent} records" + (f"; the truth is in {manifest}" if manifest else ""))


def publish(  # noqa: PLR0913, PLR0917  each parameter is an option of the command
    adapter: Annotated[str, typer.Argument(help="How to read the file; the list is below.")],
    file: Annotated[Path, typer.Argument(help="The file to read; for some a folder.", exists=False)],
    mapping: Annotated[
        str | None, typer.Option(metavar="NAME_OR_FILE", help="For csv: bank-day, or a YAML file of yours.")
    ] = None,
    to: Annotated[str | None, typer.Option(metavar="FILE|-", help="Write JSON lines; needs no broker.")] = None,
    speed: Annotated[float | None, typer.Option(help="Times the events' own pace; else as fast as can be.")] = None,
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Date of times without one; of a plan: when made.")
    ] = None,
    zone: ZoneOption = None,
    client: ClientOption = None,
    source: SourceOption = None,
    centre: CentreOption = None,
    state: StateOption = None,
    all_rows: Annotated[bool, typer.Option("--all-rows", help="Publish nothing if a row cannot be read.")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with the file as it grows, until stopped.")] = False,
    checkpoint: CheckpointOption = None,
    spool: SpoolOption = None,
    bootstrap_servers: ServersOption = None,
) -> None:
    """Turn another system's records into events and publish them (or write them with --to).

    Example: callboard publish csv bank_1999-08-01.csv --mapping bank-day --to day.jsonl
    Agents' schedules: callboard publish schedule week.csv --zone Europe/Berlin --date 2026-11-01

    With --follow the file is read as it grows, over its rotation, and after a restart from where it was. The place is
    remembered in --checkpoint; with --to only if one is given. With --spool it also goes on while Kafka is away.
    """
    if follow:
        _refuse_with_follow({"--mapping": mapping, "--speed": speed, "--date": date, "--all-rows": all_rows})
        run_live(adapter, str(file), checkpoint, to, zone, client, source, centre, state, spool, bootstrap_servers)
        return
    if checkpoint is not None:
        raise CallboardError("--checkpoint goes with --follow: a file that is read whole has no place to remember")
    if spool is not None:
        raise CallboardError("--spool goes with --follow: a file that is read whole can be published again")
    from pipeline.producers.adapters.states import read_states
    from pipeline.producers.publish import PublishRequest, publish_file
    from pipeline.transport.connection import kafka_python_options
    from pipeline.transport.topics import ensure_topics

    settings = load_settings(bootstrap_servers=bootstrap_servers)
    connection = kafka_python_options(settings)
    if to is None and settings.create_topics:
        ensure_topics(connection)
    request = PublishRequest(
        adapter,
        file,
        mapping=mapping,
        date=date.date() if date else None,
        zone=zone,
        to=to,
        speed=speed,
        all_rows=all_rows,
        client=client,
        source=source,
        centre=the_centre(centre),
        door=the_door(settings),
        states=read_states(state or ()),
    )
    with progress_bar(f"{adapter} {file.name}") as (bar, task):
        summary = publish_file(
            request,
            SystemClock(),
            connection,
            lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total),
        )
    read_as = ", ".join(f"{count} {name}" for name, count in summary.read_as.items())
    where = f"written to {to}" if to else "acknowledged by Kafka"
    say(f"{summary.rows} rows{f' ({read_as})' if read_as else ''}; {summary.events} events {where}")
    summary.check()


def _refuse_with_follow(options: dict[str, object]) -> None:
    for name, value in options.items():
        if value:
            raise CallboardError(f"leave {name} out: it is for a file that is read whole, and --follow goes on with it")


def process(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Event files (JSON lines); -: standard input.")],
    store: StoreOption = None,
    reject_limit: Annotated[int | None, typer.Option(help="Stop after so many bad events in a row (0: never).")] = None,
) -> None:
    """Store event files without a broker, by the code that the worker runs, and publish the store.

    Example: callboard process day.jsonl --store demo-store
    """
    from pipeline.producers.eventfile import read_values
    from pipeline.store.process import FileProcessor

    settings = load_settings(store=store, reject_limit=reject_limit)
    with FileProcessor(settings.store, SystemClock(), settings.reject_limit, settings.hot_days) as processor:
        for file in files:
            with progress_bar(f"process {file}") as (bar, task):
                done = processor.process(
                    (value for _, value in read_values(file)), lambda count: bar.update(task, completed=count)
                )
            say(
                f"{file}: {done.lines} lines = {done.stored} stored + {done.duplicates} duplicates "
                f"+ {done.rejected} dead letters"
            )
