"""Alerts: run the evaluator, look at what it found, try rules on the past."""

from __future__ import annotations

import json
import logging
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from pipeline.cli.console import StoreOption, out, say
from pipeline.errors import CallboardError, CheckFailedError
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from pipeline.alerts.rule import RulesFile

app = typer.Typer(no_args_is_help=True, help="Rules over the store, who is told, and how often it would have been.")
RulesOption = Annotated[Path | None, typer.Option("--rules", metavar="FILE", help="alerts.yaml.")]
RulesArgument = Annotated[Path, typer.Argument(metavar="FILE", help="alerts.yaml.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command()
def run(
    store: StoreOption = None,
    rules: RulesOption = None,
    every_seconds: Annotated[float, typer.Option(min=0.2, max=60, help="Pause between two looks.")] = 5.0,
    deliver: Annotated[bool, typer.Option(help="Tell the targets; --no-deliver: the board only.")] = True,
) -> None:
    """Judge the store by the rules and tell people, until stopped. One process per store.

    Rules are those of the file, which is read anew when it changes, and those made on the board.
    """
    from pipeline.alerts.service import AlertService
    from pipeline.cli.serve import stop_event
    from pipeline.clock import SystemClock

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    stop = stop_event()
    try:
        service = AlertService(load_settings(store=store), rules, SystemClock(), say)
    except CallboardError as error:
        _say_lines(error)
        raise
    try:
        names = service.rules()
        say(f"{sum(rule.enabled for rule in names.values())} of {len(names)} rules are on; Ctrl-C stops it")
        service.run(stop, every_seconds, deliver=deliver)
    finally:
        service.close()


@app.command("list")
def list_alerts(
    store: StoreOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over, newest first.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The open alerts, the most urgent first."""
    from pipeline.alerts.reading import history, open_now
    from pipeline.alerts.state import state_folder
    from pipeline.alerts.words import limit, number, place

    folder = state_folder(load_settings(store=store))
    rows = history(folder) if everything else open_now(folder)
    if as_json:
        sys.stdout.write(json.dumps([_plain(row) for row in rows], indent=1) + "\n")
        return
    table = Table()
    for column in ("alert", "severity", "title", "where", "value", "limit", "raised", "acknowledged", "over"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(
            row["id"], row["severity"], row["title"], place(row), number(row["value"], row["unit"]), limit(row),
            row["raised_at"][:16], _acknowledged(row), (row["cleared_at"] or "")[:16],
        )  # fmt: skip
    if rows:
        out.print(table, markup=False)
    say(f"{len(rows)} alert{'' if len(rows) == 1 else 's'}")


@app.command()
def ack(
    alert: Annotated[str, typer.Argument(help="Its id, as 'callboard alerts list' has it.")],
    name: Annotated[str, typer.Option("--name", help="Who takes it on.")],
    note: Annotated[str, typer.Option("--note", help="What will be done.")] = "",
    store: StoreOption = None,
) -> None:
    """Acknowledge an open alert: it is not escalated any more."""
    from pipeline.alerts.state import FILE, AlertState, state_folder
    from pipeline.clock import SystemClock

    folder = state_folder(load_settings(store=store))
    if not name.strip():
        raise CallboardError("an acknowledgement has a name: give --name")
    if not (folder / FILE).is_file():
        raise CallboardError(f"{folder} holds no alerts: start 'callboard alerts run'")
    state = AlertState(folder)
    try:
        state.acknowledge(alert, name.strip(), note.strip(), SystemClock().now())
    finally:
        state.close()
    say(f"alert {alert} is acknowledged by {name.strip()}")


@app.command("back-test")
def back_test(
    file: RulesArgument,
    store: StoreOption = None,
    rule: Annotated[list[str] | None, typer.Option("--rule", help="Only this one; may be repeated.")] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="How far back from the last publication.")] = 90,
    as_json: JsonOption = False,
) -> None:
    """How often each rule would have told in the last days, when, and for how long."""
    from pipeline.alerts.asking import StoreQuestions
    from pipeline.alerts.back_test import back_test as run_back_test
    from pipeline.alerts.words import number

    content = _checked(file)
    if unknown := sorted(set(rule or ()) - content.rules.keys()):
        raise CallboardError(f"{file} has no rule {unknown[0]}: it has {', '.join(content.rules) or 'none'}")
    questions = StoreQuestions(load_settings(store=store).store)
    if not questions.follow():
        raise CallboardError(f"{questions.folder} holds no published store: start 'callboard worker'")
    stop = questions.published_at()
    table, document = Table(), []
    for column in ("rule", "alerts", "per day", "open for", "first", "last", "worst"):
        table.add_column(column, overflow="fold")
    for name in rule or content.rules:
        chosen = content.rules[name]
        if not chosen.has_past:
            say(f"{name}: {chosen.measure} has no past in the store")
            continue
        found = run_back_test(questions, chosen, stop - timedelta(days=days), stop)
        peaks = [alert.peak for alert in found.alerts]
        worst = (max if chosen.is_upper else min)(peaks) if peaks else None
        table.add_row(
            name, str(len(found.alerts)), f"{found.per_day:.2f}", number(found.open_seconds, "seconds"),
            f"{found.alerts[0].raised_at:%Y-%m-%d %H:%M}" if peaks else "-",
            f"{found.alerts[-1].raised_at:%Y-%m-%d %H:%M}" if peaks else "-",
            "-" if worst is None else number(worst, chosen.unit_of_value),
        )  # fmt: skip
        document.append(
            {
                "rule": name, "start": found.start.isoformat(), "stop": found.stop.isoformat(),
                "open_seconds": found.open_seconds,
                "alerts": [
                    {
                        "client": alert.subject.client, "subject": alert.subject.name,
                        "since": alert.since.isoformat(), "raised_at": alert.raised_at.isoformat(),
                        "cleared_at": alert.cleared_at and alert.cleared_at.isoformat(), "peak": alert.peak,
                    }
                    for alert in found.alerts
                ],
            }
        )  # fmt: skip
    questions.close()
    if as_json:
        sys.stdout.write(json.dumps(document, indent=1) + "\n")
    else:
        out.print(table, markup=False)


@app.command()
def check(file: RulesArgument, store: StoreOption = None) -> None:
    """Say whether a file of rules is right; with --store also whether its SQL works there."""
    content = _checked(file)
    if store is not None:
        from pipeline.alerts.asking import MINUTE, StoreQuestions, minute_of

        questions = StoreQuestions(store)
        if not questions.follow():
            raise CallboardError(f"{store} holds no published store: start 'callboard worker'")
        until = minute_of(questions.published_at() + MINUTE)
        for name, rule in content.rules.items():
            try:
                questions.runs(rule, until - 60, until)
            except CallboardError as error:
                raise CheckFailedError(f"{file}: rule {name}: {error}") from None
        questions.close()
    say(f"{file} is right: {len(content.rules)} rules, {len(content.targets)} targets")


@app.command()
def example() -> None:
    """Print an alerts.yaml to begin with."""
    from pipeline.alerts.parse import example as text

    sys.stdout.write(text())


def _checked(file: Path) -> RulesFile:
    from pipeline.alerts.parse import read_rules

    try:
        return read_rules(file)
    except CallboardError as error:
        _say_lines(error)
        raise


def _say_lines(error: CallboardError) -> None:
    from pipeline.centre.problems import CentreFileError

    if isinstance(error, CentreFileError):
        for line in error.lines():
            say(line)


def _acknowledged(row: dict[str, Any]) -> str:
    if row["acknowledged_by"] is None:
        return ""
    return f"{row['acknowledged_by']}: {row['note']}" if row["note"] else str(row["acknowledged_by"])


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "evidence": json.loads(row["evidence"])}
