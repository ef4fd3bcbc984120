"""What all commands print with, and the options they share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from pipeline.errors import CallboardError

# Into a file or a pipe a table is as wide as it is; on a terminal it folds, and nothing is cut off.
_PIPE_WIDTH = 10_000
out = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
err = Console(stderr=True, highlight=False)

StoreOption = Annotated[Path | None, typer.Option("--store", metavar="DIR", help="Folder of the store.")]
ServersOption = Annotated[
    str | None,
    typer.Option("--bootstrap-servers", metavar="HOST:PORT", help="Kafka; also KAFKA_BOOTSTRAP_SERVERS."),
]


def say(message: str) -> None:
    """A line about what is going on, on standard error: standard output belongs to data."""
    err.print(message, soft_wrap=True, markup=False)


def report_error(error: CallboardError) -> None:
    """One line."""
    err.print("error:", style="bold red", end=" ")
    err.print(str(error), soft_wrap=True, markup=False)


@contextmanager
def progress_bar(description: str, total: int | None = None) -> Iterator[tuple[Progress, TaskID]]:
    """A progress bar on standard error; nothing is drawn where that is not a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        yield progress, progress.add_task(description, total=total)
