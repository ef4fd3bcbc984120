"""``callboard contract``: the contract's generated files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import say
from pipeline.errors import CheckFailedError

app = typer.Typer(
    no_args_is_help=True, help="The event contract's files: JSON Schemas, AsyncAPI, reference pages (for developers)."
)
_Folder = Annotated[Path, typer.Option("--folder", metavar="DIR", help="The checkout's top folder.")]


@app.command()
def check(folder: _Folder = Path()) -> None:
    """Fail if a generated file is stale or a change breaks the released contract."""
    from pipeline.centre.page import check_centre_page
    from pipeline.contract.files import check_contract
    from pipeline.kpis.page import check_page

    problems = [*check_contract(folder), *check_page(folder), *check_centre_page(folder)]
    for problem in problems:
        say(problem)
    if problems:
        raise CheckFailedError("the contract's files are not in order; 'callboard contract write' renews them")
    say("the contract's files are current and break nothing")


@app.command()
def write(folder: _Folder = Path()) -> None:
    """Write the generated files anew."""
    from pipeline.centre.page import write_centre_page
    from pipeline.contract.files import write_contract
    from pipeline.kpis.page import write_page

    for path in [*write_contract(folder), *write_page(folder), *write_centre_page(folder)]:
        say(f"written: {path}")
