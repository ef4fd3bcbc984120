"""What all commands that read other systems' records share: their options, and what is made of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.errors import CallboardError

if TYPE_CHECKING:
    from pipeline.centre.model import Centre
    from pipeline.producers.door import Door
    from pipeline.settings import Settings

ClientOption = Annotated[
    str | None, typer.Option("--client", help="Whose contacts these are, where the records do not say it.")
]
SourceOption = Annotated[
    str | None, typer.Option("--source", help="Name of the system in its events, such as acme/pbx-1.")
]
ZoneOption = Annotated[
    str | None, typer.Option("--zone", help="Zone of the source's local times, such as Europe/Berlin.")
]
CheckpointOption = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        metavar="FILE",
        help="Remembers how far a source was read. Default: in .callboard/checkpoints.",
    ),
]
CentreOption = Annotated[
    Path | None, typer.Option("--centre", metavar="FILE", help="centre.yaml: what each disposition means.")
]
StateOption = Annotated[
    list[str] | None,
    typer.Option(
        "--state",
        metavar="NAME=STATE",
        help="What a source's own name of an agent's state means, such as 'Team Meeting=unavailable'; repeatable.",
    ),
]
SpoolOption = Annotated[
    Path | None,
    typer.Option(
        "--spool", metavar="FILE", help="Events are safe when they are in this file, also while Kafka is away."
    ),
]


def the_centre(file: Path | None) -> Centre | None:
    """The centre that a file describes, or None without a file. Raises CallboardError for one that is not valid."""
    from pipeline.centre.parse import read_centre
    from pipeline.centre.problems import CentreFileError

    try:
        return None if file is None else read_centre(file)[0]
    except CentreFileError as error:
        # It is not what was to be checked: what was asked for could not begin.
        more = f" (all {len(error.problems)}: callboard centre check {file})" if len(error.problems) > 1 else ""
        raise CallboardError(f"{error.lines()[0]}{more}") from None


def the_door(settings: Settings) -> Door:
    """What makes pseudonyms of callers, by the settings."""
    from pipeline.producers.door import Door

    key = settings.customer_key.get_secret_value()
    return Door(key.encode() if key else None, settings.phone_region or None)
