"""The command for those who write producers: check."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from pipeline.cli.console import out, say
from pipeline.clock import SystemClock
from pipeline.errors import CheckFailedError

_PANEL = "Events"


class Output(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=_PANEL)(check)


def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An event file (JSON lines); -: standard input.")],
    output: Annotated[Output, typer.Option("--format", help="text: a line for each finding.")] = Output.TEXT,
    limit: Annotated[int, typer.Option(min=0, help="Most findings printed (0: all); all are counted.")] = 100,
) -> None:
    """Say per line of an event file what is wrong with it and how to mend it.

    Needs no broker and no store. No values are printed. Example: callboard check day.jsonl

    Exit code 1: a line would be refused, or says something else under the source and id of another.
    """
    from pipeline.producers.conformance import Conformance
    from pipeline.producers.eventfile import read_values

    conformance = Conformance()
    shown = []
    found = 0
    for finding in conformance.check(read_values(file), SystemClock().now()):
        found += 1
        if limit and found > limit:
            continue
        if output is Output.TEXT:
            out.print(str(finding), soft_wrap=True, markup=False)
        else:
            shown.append(asdict(finding))
    summary = {
        "lines": conformance.lines,
        "valid": conformance.valid,
        "refused": conformance.refused,
        "repeated": conformance.repeated,
        "conflicting": conformance.conflicting,
        "warnings": conformance.warnings,
        "findings": found,
    }
    if output is Output.JSON:
        sys.stdout.write(json.dumps({"summary": summary, "findings": shown}, ensure_ascii=False, indent=1) + "\n")
    elif limit and found > limit:
        say(f"{found - limit} more findings are not shown: --limit 0 shows all")
    say(
        f"{conformance.lines} lines: {conformance.valid} valid ({conformance.repeated} of them repeated), "
        f"{conformance.refused} refused, {conformance.conflicting} conflicting, {conformance.warnings} warnings"
    )
    if not conformance.ok:
        raise CheckFailedError("not every line is an event as the contract has it: docs/reference/events.md")
