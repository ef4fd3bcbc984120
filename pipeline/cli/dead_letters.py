"""``callboard dead-letters``: look at refused events and bring mended ones back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from pipeline.cli.console import ServersOption, StoreOption, out, say
from pipeline.clock import SystemClock
from pipeline.contract.rejects import RejectReason
from pipeline.errors import CallboardError
from pipeline.settings import load_settings

app = typer.Typer(
    no_args_is_help=True,
    help="""
    Refused events: each is kept with its bytes, its reason and where it lay.

    To mend one: callboard dead-letters show calls-0-1-42 --to bad.json; edit the file;
    callboard dead-letters replay --file bad.json
    """,
)
_Id = Annotated[str, typer.Argument(metavar="ID", help="As 'list' prints it: topic-partition-epoch-offset.")]
_Reason = Annotated[RejectReason | None, typer.Option(help="Only those refused for this reason.")]


@app.command("list")
def list_letters(
    store: StoreOption = None,
    reason: _Reason = None,
    limit: Annotated[int, typer.Option(min=1, help="Most rows, newest first.")] = 50,
) -> None:
    """List dead letters. Their contents are not shown: they may hold personal data."""
    from pipeline.store.dead_letters import count_letters, find_letters

    folder = load_settings(store=store).store
    table = Table("id", "reason", "detail", "bytes", "received at")
    for letter in find_letters(folder, reason=reason, limit=limit):
        received = letter.received_at.isoformat(timespec="seconds")
        table.add_row(letter.id, letter.reason, letter.detail, str(letter.size_bytes), received)
    out.print(table)
    counts = count_letters(folder)
    say(", ".join(f"{number} {name}" for name, number in counts.items()) or "no dead letters")


@app.command()
def show(
    letter_id: _Id,
    store: StoreOption = None,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the bytes here, to be mended.")] = None,
) -> None:
    """Show one dead letter, with its original bytes (to standard output, or to a file)."""
    from pipeline.store.dead_letters import get_letter

    letter = get_letter(load_settings(store=store).store, letter_id)
    say(f"{letter.id}: {letter.reason}: {letter.detail} ({letter.size_bytes} bytes)")
    content = (letter.value or b"") + b"\n"
    if to is not None:
        to.write_bytes(content)
        say(f"written to {to}")
    else:
        sys.stdout.buffer.write(content)


@app.command()
def replay(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID...]", help="Dead letters to send again as they are.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Send the mended events of this file (JSON lines).")
    ] = None,
    reason: _Reason = None,
    limit: Annotated[int, typer.Option(min=1, help="Most events to send.")] = 1_000,
    force: Annotated[bool, typer.Option("--force", help="Send also what would be refused again.")] = False,
    store: StoreOption = None,
    bootstrap_servers: ServersOption = None,
) -> None:
    """Send dead letters again: mended ones from a file, or as they are (after a reason has gone away).

    An event that would be refused again is not sent, and named.
    """
    from pipeline.producers.publisher import Publisher
    from pipeline.store.dead_letters import find_letters, get_letter, plan_replay, read_mended
    from pipeline.transport.connection import kafka_python_options
    from pipeline.transport.topics import require_broker

    settings = load_settings(store=store, bootstrap_servers=bootstrap_servers)
    clock = SystemClock()
    if file is not None:
        letters = read_mended(file)
    elif ids:
        letters = [get_letter(settings.store, letter_id) for letter_id in ids]
    elif reason is not None:
        letters = find_letters(settings.store, reason=reason, limit=limit)
    else:
        raise CallboardError("say what to replay: IDs, --reason, or --file with mended events")
    plan = plan_replay(letters[:limit], clock.now(), force)
    for line in plan.refused:
        say(f"not sent: {line}")
    connection = kafka_python_options(settings)
    require_broker(connection)
    with Publisher(connection, clock) as publisher:
        for topic, key, value in plan.records:
            publisher.publish_raw(topic, key, value)
    say(f"{len(plan.records)} sent, {len(plan.refused)} not sent")
    if plan.refused:
        raise typer.Exit(1)
