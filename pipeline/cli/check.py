"""Commands that ask and check: query, verify, doctor."""

from __future__ import annotations

import csv
import json
import sys
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from pipeline.cli.console import ServersOption, StoreOption, out, say
from pipeline.clock import SystemClock
from pipeline.errors import CheckFailedError
from pipeline.settings import load_settings

_PANEL = "Ask and check"


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel=_PANEL)(query)
    app.command(rich_help_panel=_PANEL)(verify)
    app.command(rich_help_panel=_PANEL)(doctor)


def query(
    sql: Annotated[str, typer.Argument(help="DuckDB SQL over the published store; - reads it from standard input.")],
    store: StoreOption = None,
    output: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.TABLE,
) -> None:
    """Ask the published store; it can be read at any moment, also while a worker writes.

    callboard query "FROM queue_now()"

    callboard query "FROM kpi_between(now() - INTERVAL 1 HOUR, now())" --format json
    """
    from pipeline.store.reader import run_query

    columns, rows = run_query(load_settings(store=store).store, sys.stdin.read() if sql == "-" else sql)
    if output is Format.JSON:
        documents = [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]
        sys.stdout.write(json.dumps(documents, ensure_ascii=False, indent=1) + "\n")
    elif output is Format.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([["" if v is None else _plain(v) for v in row] for row in rows])
    else:
        table = Table()
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*("-" if v is None else str(_plain(v)) for v in row))
        out.print(table)
        say(f"{len(rows)} row{'' if len(rows) == 1 else 's'}")


def _plain(value: Any) -> Any:
    """A value as JSON has it. Decimals become numbers, whole ones integers."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def verify(
    store: StoreOption = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write a report.")] = None,
) -> None:
    """Recompute every fact and KPI from the raw events by an independent path and compare row by row.

    Exit code 1 if a single row differs.
    """
    from pipeline.store.verify import verify as run_verify

    settings = load_settings(store=store)
    report = run_verify(settings.store, say)
    table = Table("check", "rows", "differences", "")
    for check in report.checks:
        mark = "[green]ok[/]" if check.ok else "[bold red]differs[/]"
        table.add_row(check.name, str(check.rows_compared), str(check.differences), mark)
    out.print(table)
    for check in report.checks:
        for example in check.examples:
            out.print(f"  {check.name}: {example}", markup=False)
        for note in check.notes:
            out.print(f"  {check.name}: note: {note}", markup=False)
    if json_file:
        json_file.write_bytes(_report_json(report))
    failed = [check.name for check in report.checks if not check.ok]
    if failed:
        raise CheckFailedError(f"the store differs from its events in: {', '.join(failed)}")
    say("every row equals what its events say")


def _report_json(report: Any) -> bytes:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(report), indent=1)


def doctor(
    store: StoreOption = None,
    bootstrap_servers: ServersOption = None,
    max_age_seconds: Annotated[
        float | None, typer.Option(help="Check the store only: fail if it was published longer ago than this.")
    ] = None,
) -> None:
    """Look at everything callboard needs and say what is wrong and how to mend it.

    With --max-age-seconds it is a health check: the loop turns and the data is fresh (exit code 0), or not (1).
    """
    from pipeline.doctor import check_everything, check_freshness

    settings = load_settings(store=store, bootstrap_servers=bootstrap_servers)
    clock = SystemClock()
    if max_age_seconds is not None:
        findings = [check_freshness(settings.store, clock, max_age_seconds)]
    else:
        findings = check_everything(settings, clock)
    for finding in findings:
        mark = {True: "[green]ok   [/]", False: "[bold red]wrong[/]", None: "[yellow]note [/]"}[finding.ok]
        out.print(mark, end=" ")
        out.print(f"{finding.what}: {finding.said}", markup=False, soft_wrap=True)
    if any(finding.ok is False for finding in findings):
        raise CheckFailedError("not everything is well; see above")
