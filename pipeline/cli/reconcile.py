"""The command that explains where another system's report differs: reconcile."""

from __future__ import annotations

import csv
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from pipeline.cli.check import Format
from pipeline.cli.console import StoreOption, out, progress_bar, say
from pipeline.errors import CheckFailedError
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from pipeline.reconcile.findings import Finding, Result
    from pipeline.reconcile.rule import Cause

_PANEL = "Ask and check"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=_PANEL)(reconcile)


def reconcile(
    report: Annotated[Path, typer.Option("--report", metavar="FILE", help="The other system's report, a CSV file.")],
    mapping: Annotated[
        str,
        typer.Option(metavar="NAME_OR_FILE", help="queue-day, queue-interval, or a YAML file of yours."),
    ] = "queue-day",
    store: StoreOption = None,
    client: Annotated[str | None, typer.Option(help="Whose queues these are; outweighs the mapping.")] = None,
    zone: Annotated[
        str | None, typer.Option(help="Whose midnight the report means, such as Europe/Berlin; outweighs the mapping.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also print the numbers that are equal.")] = False,
    output: Annotated[Format, typer.Option("--format", help="How to print the findings.")] = Format.TABLE,
) -> None:
    """Explain where another system's own report differs from the store, by cause.

    The report has one row per queue and day, or per queue and interval; the mapping says which column is what.
    callboard reconcile --report monday.csv --mapping queue-day --client acme --zone Europe/Berlin

    Causes: definition, boundary, short_abandons, callbacks, time_zone, transfer_legs, missing_records. A cause is
    named only if the report's numbers come out exactly (averages and percentages: within the digits it shows) when
    everything is counted anew under it; what no cause explains is said to be unexplained.

    Exit code 0: all numbers are equal or explained. 1: something is unexplained. 2: could not run.
    """
    from pipeline.reconcile.compare import reconcile as run
    from pipeline.reconcile.facts import facts_of
    from pipeline.reconcile.mapping import load_report_mapping
    from pipeline.reconcile.report import read_report

    read = read_report(report, load_report_mapping(mapping, client, zone))
    with progress_bar(f"reconcile {report.name}"), facts_of(load_settings(store=store).store, read) as facts:
        result = run(read, facts)
    shown = [f for f in result.findings if everything or f.status != "equal"]
    if output is Format.JSON:
        sys.stdout.write(json.dumps(_document(result, shown), ensure_ascii=False, indent=1) + "\n")
    elif output is Format.CSV:
        _print_csv(shown)
    elif shown:
        _print_table(shown)
    for note in _notes(result):
        say(note)
    say(
        f"{len(result.findings)} numbers: {result.count('equal')} equal, {result.count('explained')} explained, "
        f"{result.count('unexplained')} unexplained"
    )
    if not result.ok:
        raise CheckFailedError(
            f"{result.count('unexplained')} of the report's numbers differ and no cause explains them: "
            "docs/how-to/reconcile-with-your-report.md says where to look"
        )


def _print_table(findings: list[Finding]) -> None:
    table = Table()
    for column in ("client", "queue", "period", "measure", "report", "store", "difference", "cause"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        table.add_row(
            finding.client,
            finding.queue,
            finding.period,
            finding.measure,
            _text(finding.reported),
            _text(finding.ours),
            _text(finding.difference, sign=True),
            "\n".join(_lines(finding)),
        )
    out.print(table, markup=False)


def _lines(finding: Finding) -> list[str]:
    lines = [f"{part.kind}: {_text(part.amount, sign=True)}: {part.text}" for part in finding.parts]
    if finding.status == "unexplained":
        lines.append(f"unexplained: {_text(finding.unexplained, sign=True)}")
    return [*lines, *(f"perhaps: {hint}" for hint in finding.hints)]


def _print_csv(findings: list[Finding]) -> None:
    """A line for each part of a difference, so that they can be summed by cause."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(
        ["client", "queue", "period", "measure", "report", "store", "difference", "status", "cause", "amount", "text"]
    )
    for f in findings:
        about = [f.client, f.queue, f.period, f.measure, _plain(f.reported), _plain(f.ours), _plain(f.difference)]
        rows: list[tuple[Any, ...]] = [(part.kind, _plain(part.amount), part.text) for part in f.parts]
        if f.status == "unexplained":
            rows.append(("unexplained", _plain(f.unexplained), "; ".join(f.hints)))
        writer.writerows([[*about, f.status, *row] for row in rows or [("", "", "")]])


def _document(result: Result, findings: list[Finding]) -> dict[str, Any]:
    return {
        "summary": {
            "numbers": len(result.findings),
            **{status: result.count(status) for status in ("equal", "explained", "unexplained")},
        },
        "accepted": [
            {"for": what, "causes": _causes(causes), "would_do_as_well": [_causes(other) for other in others]}
            for what, causes, others in result.accepted
        ],
        "notes": result.notes,
        "findings": [
            {
                "client": f.client,
                "queue": f.queue,
                "period": f.period,
                "measure": f.measure,
                "report": _plain(f.reported),
                "store": _plain(f.ours),
                "difference": _plain(f.difference),
                "status": f.status,
                "causes": [{"cause": p.kind, "amount": _plain(p.amount), "text": p.text} for p in f.parts],
                "unexplained": _plain(f.unexplained),
                "perhaps": list(f.hints),
            }
            for f in findings
        ],
    }


def _causes(causes: tuple[Cause, ...]) -> list[dict[str, str]]:
    return [{"cause": cause.kind, "text": cause.text} for cause in causes]


def _notes(result: Result) -> list[str]:
    notes = []
    for what, causes, others in result.accepted:
        also = "; as well would do: " + " | ".join(_sentence(other) for other in others) if others else ""
        notes.append(f"{what}: {_sentence(causes)}{also}")
    return [*notes, *result.notes]


def _sentence(causes: tuple[Cause, ...]) -> str:
    return " and ".join(f"{cause.kind} ({cause.text})" for cause in causes)


def _plain(number: Decimal | None) -> int | float | None:
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(round(number, 6))


def _text(number: Decimal | None, sign: bool = False) -> str:
    plain = _plain(number)
    return "-" if plain is None else f"{plain:+}" if sign else str(plain)
